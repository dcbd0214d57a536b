package predict

import (
	"math"
	"slices"
)

// place is where the encoded columns of a feature stand: from low on, before
// high.
type place struct {
	name      string
	category  bool
	low, high int
}

// places returns those of all features, in order.
func (e *encoder) places() []place {
	var out []place
	for i, name := range e.numerical {
		out = append(out, place{name, false, i, i + 1})
	}
	at := len(e.numerical)
	for _, c := range e.categories {
		next := at + max(0, len(c.levels)-e.dropped())
		out = append(out, place{c.name, true, at, next})
		at = next
	}
	return out
}

// encodeRow sets dst to the encoded columns of a row. A number that is missing is
// NaN; so are all indicators of a category whose level is missing or unknown.
func (e *encoder) encodeRow(dst []float64, f features, row int) {
	for j, x := range f.numbers {
		dst[j] = x[row]
	}
	at := len(e.numerical)
	for j, codes := range f.codes {
		at += e.indicate(dst[at:], j, codes[row])
	}
}

// indicate sets the indicators of a category, which dst starts with, and returns
// their number.
func (e *encoder) indicate(dst []float64, category int, code int32) int {
	n := max(0, len(e.categories[category].levels)-e.dropped())
	for i := range dst[:n] {
		dst[i] = indicator(code, i+e.dropped())
	}
	return n
}

func indicator(code int32, level int) float64 {
	switch {
	case code < 0:
		return math.NaN()
	case int(code) == level:
		return 1
	}
	return 0
}

// encodeColumns returns the encoded columns of all rows; numbers are not copied.
func (e *encoder) encodeColumns(f features, rows int) [][]float64 {
	out := slices.Clone(f.numbers)
	for j, codes := range f.codes {
		for level := e.dropped(); level < len(e.categories[j].levels); level++ {
			column := make([]float64, rows)
			for row, code := range codes {
				column[row] = indicator(code, level)
			}
			out = append(out, column)
		}
	}
	return out
}
