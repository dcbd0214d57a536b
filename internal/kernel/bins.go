package kernel

import (
	"math"
	"math/bits"
)

// Bins adds up rows exactly, so that a sum depends on the rows alone, and not on
// the order in which they are added, taken away and merged. Each value is cut
// into parts, the highest of 30 bits and the others of 31, counted from the largest
// magnitude of its column. There are so many parts that the last bit of the least
// magnitude has its place, so nothing is rounded. Sums of up to 2^22 such parts
// are exact in float64. This is the summation of Demmel and Nguyen, "Fast
// reproducible floating-point summation", ARITH 2013, with bins whose place is
// known from the start.
type Bins struct {
	// levels is the number of parts of a value: three for most data.
	d, width, levels int
	// magic rounds to a bin when it is added and taken away: the highest ones of
	// all columns, then the next. Columns are filled up to a multiple of four.
	magic []float64
	// unit is what the last bit of each bin stands for, a power of two, and
	// exponent that of the highest bin of each column.
	unit     []float64
	exponent []int
}

const (
	highBits = 30
	lowBits  = 31
	// leastExponent is that of the least number above 0.
	leastExponent = -1074
	// maxLevels is enough for the least and the greatest number in one column.
	maxLevels = 68
)

// NewBins returns bins for columns whose values have magnitudes of at most
// extents, below 1e290, and of at least leasts, unless they are 0.
func NewBins(extents, leasts []float64) *Bins {
	b := &Bins{d: len(extents), width: fours(len(extents)), exponent: make([]int, len(extents))}
	for j, extent := range extents {
		_, exponent := math.Frexp(extent)
		below := max(0, (exponent-highBits-lastBit(leasts[j])+lowBits-1)/lowBits)
		b.exponent[j] = max(exponent-highBits, leastExponent+below*lowBits)
		b.levels = max(b.levels, 1+below)
	}
	b.magic, b.unit = make([]float64, b.size()), make([]float64, b.size())
	for bin := range b.unit {
		b.unit[bin] = 1
		if j := bin % b.width; j < b.d && b.exponent[j]-bin/b.width*lowBits >= leastExponent {
			b.unit[bin] = math.Ldexp(1, b.exponent[j]-bin/b.width*lowBits)
			b.magic[bin] = 0x1.8p52 * b.unit[bin]
		}
	}
	return b
}

// lastBit returns the exponent of the last bit of a number, 0 for an infinity.
func lastBit(v float64) int {
	if math.IsInf(v, 0) {
		return 0
	}
	_, exponent := math.Frexp(v)
	return max(exponent-53, leastExponent)
}

// size is the number of bins of a segment.
func (b *Bins) size() int { return b.levels * b.width }

// Sums returns empty sums of k segments.
func (b *Bins) Sums(k int) []float64 { return make([]float64, b.size()*k) }

// Totals returns room for the totals of k segments.
func (b *Bins) Totals(k int) []int64 { return make([]int64, b.size()*k) }

// Move takes rows of x from the sums of one segment, none if that is negative, and
// adds them to those of another.
func (b *Bins) Move(x []float64, rows, from, to []int32, sums []float64) {
	from, to = from[:len(rows)], to[:len(rows)]
	for i, row := range rows {
		_, _ = x[int(row)*b.d:int(row+1)*b.d], b.of(to[i], sums)
		if from[i] >= 0 {
			_ = b.of(from[i], sums)
		}
	}
	b.move(x, rows, from, to, sums)
}

// of returns the sums of a segment.
func (b *Bins) of(segment int32, sums []float64) []float64 {
	return sums[b.size()*int(segment) : b.size()*int(segment+1)]
}

func (b *Bins) movePlain(x []float64, rows, from, to []int32, sums []float64) {
	for i, row := range rows {
		values := x[int(row)*b.d : int(row+1)*b.d]
		if from[i] >= 0 {
			b.addPlain(values, -1, b.of(from[i], sums))
		}
		b.addPlain(values, 1, b.of(to[i], sums))
	}
}

// addPlain adds a row so many times.
func (b *Bins) addPlain(row []float64, times float64, sums []float64) {
	for j, rest := range row {
		for bin := j; bin < len(sums); bin += b.width {
			part := (rest + b.magic[bin]) - b.magic[bin]
			sums[bin] += times * part
			rest -= part
		}
	}
}

// AddTo adds sums to totals, which hold up to 2^32 rows.
func (b *Bins) AddTo(totals []int64, sums []float64) {
	for at := 0; at < len(totals); at += b.size() {
		for bin, unit := range b.unit {
			totals[at+bin] += int64(sums[at+bin] / unit)
		}
	}
}

// Total returns the sum of a column over the rows of a segment, rounded once.
func (b *Bins) Total(totals []int64, segment, column int) float64 {
	var digits [maxLevels]int64
	for level := range b.levels {
		digits[level] = totals[b.size()*segment+level*b.width+column]
	}
	if carry(digits[:b.levels]); digits[0] >= 0 {
		return round(digits[:b.levels], b.exponent[column])
	}
	for level, digit := range digits {
		digits[level] = -digit
	}
	carry(digits[:b.levels])
	return -round(digits[:b.levels], b.exponent[column])
}

// carry leaves from 0 to 2^31-1 in all digits but the highest, the first.
func carry(digits []int64) {
	for level := len(digits) - 1; level > 0; level-- {
		digits[level-1] += digits[level] >> lowBits
		digits[level] &= 1<<lowBits - 1
	}
}

// round returns a number given by its digits, of which the first counts so many
// powers of two. What is too low for 64 bits only matters for the last of them,
// by whether there is any.
func round(digits []int64, exponent int) float64 {
	head, rest := uint64(digits[0]), uint64(0)
	for _, digit := range digits[1:] {
		taken := min(bits.LeadingZeros64(head), lowBits)
		head = head<<taken | uint64(digit)>>(lowBits-taken)
		exponent -= taken
		rest |= uint64(digit) & (1<<(lowBits-taken) - 1)
	}
	if rest > 0 {
		head |= 1
	}
	return math.Ldexp(float64(head), exponent)
}

// fours returns the least multiple of four that is not below n.
func fours(n int) int { return (n + 3) &^ 3 }
