package kernel

import "math"

// Bins adds up rows exactly, so that a sum depends on the rows alone, and not on
// the order in which they are added, taken away and merged. Each value is cut
// into a high part of 30 bits and a low part of 31, counted from the largest
// magnitude of its column; what is smaller than the last of these bits is
// rounded. Sums of up to 2^22 such parts are exact in float64. This is the
// summation of Demmel and Nguyen, "Fast reproducible floating-point summation",
// ARITH 2013, with two bins whose place is known from the start.
type Bins struct {
	d, width int
	// magic rounds to a bin when it is added and taken away: the high ones of
	// all columns, then the low ones. Columns are filled up to a multiple of
	// four.
	magic []float64
	// unit is what the last bit of each bin stands for, perUnit its inverse.
	unit, perUnit []float64
}

const (
	highBits = 30
	lowBits  = 31
)

// NewBins returns bins for columns whose values have at most the given
// magnitudes, below 1e301.
func NewBins(extents []float64) *Bins {
	b := &Bins{d: len(extents), width: fours(len(extents))}
	b.magic, b.unit, b.perUnit = make([]float64, 2*b.width), make([]float64, 2*b.width), make([]float64, 2*b.width)
	for j, extent := range extents {
		_, exponent := math.Frexp(extent)
		exponent = max(exponent, -900)
		b.place(j, exponent-highBits)
		b.place(b.width+j, exponent-highBits-lowBits)
	}
	return b
}

// place has the last bit of a bin stand for a power of two.
func (b *Bins) place(bin, exponent int) {
	b.unit[bin], b.perUnit[bin] = math.Ldexp(1, exponent), math.Ldexp(1, -exponent)
	b.magic[bin] = 0x1.8p52 * b.unit[bin]
}

// Sums returns empty sums of k segments.
func (b *Bins) Sums(k int) []float64 { return make([]float64, 2*b.width*k) }

// Totals returns room for the totals of k segments.
func (b *Bins) Totals(k int) []int64 { return make([]int64, 2*b.width*k) }

// Move takes rows of x from the sums of one segment, none if that is negative, and
// adds them to those of another.
func (b *Bins) Move(x []float64, rows, from, to []int32, sums []float64) {
	from, to = from[:len(rows)], to[:len(rows)]
	for i, row := range rows {
		_, _ = x[int(row)*b.d:int(row+1)*b.d], sums[2*b.width*int(to[i]):2*b.width*int(to[i]+1)]
		if from[i] >= 0 {
			_ = sums[2*b.width*int(from[i]) : 2*b.width*int(from[i]+1)]
		}
	}
	b.move(x, rows, from, to, sums)
}

func (b *Bins) movePlain(x []float64, rows, from, to []int32, sums []float64) {
	for i, row := range rows {
		values := x[int(row)*b.d : int(row+1)*b.d]
		if from[i] >= 0 {
			b.addPlain(values, -1, sums[2*b.width*int(from[i]):][:2*b.width])
		}
		b.addPlain(values, 1, sums[2*b.width*int(to[i]):][:2*b.width])
	}
}

// addPlain adds a row so many times.
func (b *Bins) addPlain(row []float64, times float64, sums []float64) {
	for j, v := range row {
		high := (v + b.magic[j]) - b.magic[j]
		low := ((v - high) + b.magic[b.width+j]) - b.magic[b.width+j]
		sums[j] += times * high
		sums[b.width+j] += times * low
	}
}

// AddTo adds sums to totals, which hold up to 2^32 rows.
func (b *Bins) AddTo(totals []int64, sums []float64) {
	for at := 0; at < len(totals); at += 2 * b.width {
		for j, perUnit := range b.perUnit {
			totals[at+j] += int64(sums[at+j] * perUnit)
		}
	}
}

// Total returns the sum of a column over the rows of a segment, rounded once.
func (b *Bins) Total(totals []int64, segment, column int) float64 {
	at := 2*b.width*segment + column
	return float64(totals[at])*b.unit[column] + float64(totals[at+b.width])*b.unit[b.width+column]
}

// fours returns the least multiple of four that is not below n.
func fours(n int) int { return (n + 3) &^ 3 }
