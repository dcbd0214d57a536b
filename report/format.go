package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// notAvailable stands for NaN.
const notAvailable = "n/a"

// count writes a whole number with separators: 1,234.
func count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	return sign + grouped(s)
}

// grouped puts commas between the thousands of a string of digits.
func grouped(digits string) string {
	first := (len(digits)-1)%3 + 1
	var b strings.Builder
	b.WriteString(digits[:first])
	for rest := digits[first:]; rest != ""; rest = rest[3:] {
		b.WriteByte(',')
		b.WriteString(rest[:3])
	}
	return b.String()
}

// number writes a quantity with the decimals that its size deserves: 108,998,
// 770.9, 57.01, 0.0123. Very large and very small numbers are written with an
// exponent.
func number(v float64) string {
	size := math.Abs(v)
	switch {
	case !finite(v):
		return notAvailable
	case v == 0:
		return "0"
	case size >= 1e15 || size < 1e-6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case size >= 1000:
		return decimals(v, 0)
	case size >= 100:
		return decimals(v, 1)
	case size >= 1:
		return decimals(v, 2)
	}
	return decimals(v, 2-int(math.Floor(math.Log10(size))))
}

// observed writes a value as it may stand in the data: whole numbers without
// decimals.
func observed(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return decimals(v, 0)
	}
	return number(v)
}

// years reports whether a column whose values lie within the limits may hold
// years.
func (l limits) years() bool { return l.low >= 1800 && l.high < 2200 }

// write leaves a figure as it is, but without separators where it may be a year:
// nobody was born in 1,957.
func (l limits) write(figure string) string {
	if l.years() {
		return strings.ReplaceAll(figure, ",", "")
	}
	return figure
}

// number and observed write a value of a column with these limits.
func (l limits) number(v float64) string   { return l.write(number(v)) }
func (l limits) observed(v float64) string { return l.write(observed(v)) }

// signed writes a quantity with a plus before what is more than 0.
func signed(v float64) string {
	if v > 0 {
		return "+" + number(v)
	}
	return number(v)
}

// given writes a parameter as somebody set it.
func given(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// decimals writes a number with separators and a fixed number of decimals.
func decimals(v float64, places int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', places, 64)
	whole, fraction, found := strings.Cut(s, ".")
	s = grouped(whole)
	if found {
		s += "." + fraction
	}
	if noMinusZero(v, places) < 0 {
		s = "-" + s
	}
	return s
}

// noMinusZero turns a negative number that would be shown as -0 into 0.
func noMinusZero(v float64, places int) float64 {
	if v < 0 && v > -0.5*math.Pow10(-places) {
		return 0
	}
	return v
}

// percent writes a share of 0 to 1 as 12.3%.
func percent(share float64) string {
	if !finite(share) {
		return notAvailable
	}
	return decimals(100*share, 1) + "%"
}

// percentOf writes n out of total as a share.
func percentOf(n, total int) string {
	if total == 0 {
		return notAvailable
	}
	return percent(float64(n) / float64(total))
}

// score writes a figure such as R squared or the silhouette with three decimals.
func score(v float64) string {
	if !finite(v) {
		return notAvailable
	}
	if math.Abs(v) >= 1000 {
		return number(v)
	}
	return decimals(v, 3)
}

// probability writes a p-value.
func probability(p float64) string {
	switch {
	case !finite(p):
		return notAvailable
	case p < 0.001:
		return "< 0.001"
	}
	return decimals(p, 3)
}

// counted writes a number with its noun: 1 row, 2 rows.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// enumerated joins parts of a sentence: a, b and c.
func enumerated(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// largest returns the items with the largest values, at most so many, the
// largest first and equals in their order.
func largest[T any](items []T, most int, value func(T) float64) []T {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(value(b), value(a)) })
	return sorted[:min(most, len(sorted))]
}
