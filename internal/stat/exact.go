package stat

import (
	"math"
	"math/bits"
)

// Exact adds values in fixed point. The sum is the same in whatever order values
// are added and parts are merged, to the last bit.
type Exact struct {
	// unit is a power of two: what one count stands for.
	unit float64
	high int64
	low  uint64
}

// NewExact returns an empty sum for values of at most the given magnitude, which
// must be finite. A value is rounded to 2^-60 of that magnitude; fewer than 2^63
// values may be added.
func NewExact(extent float64) Exact {
	_, exponent := math.Frexp(extent)
	return Exact{unit: math.Ldexp(1, max(exponent-61, -1074))}
}

// Add adds a value.
func (e *Exact) Add(v float64) {
	count := int64(math.RoundToEven(v / e.unit))
	var carry uint64
	e.low, carry = bits.Add64(e.low, uint64(count), 0)
	e.high += count>>63 + int64(carry)
}

// Merge adds another sum of the same extent.
func (e *Exact) Merge(o Exact) {
	var carry uint64
	e.low, carry = bits.Add64(e.low, o.low, 0)
	e.high += o.high + int64(carry)
}

// Over returns the sum divided by n.
func (e Exact) Over(n float64) float64 {
	sign, high, low := 1.0, uint64(e.high), e.low
	if e.high < 0 {
		var borrow uint64
		sign = -1
		low, borrow = bits.Sub64(0, low, 0)
		high, _ = bits.Sub64(0, high, borrow)
	}
	return sign * (float64(high)*0x1p64 + float64(low)) / n * e.unit
}
