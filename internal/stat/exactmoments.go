package stat

import (
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// ExactMoments accumulates count, mean, variance and range of finite numbers. The
// sums of values and of squares are exact, whatever the numbers are, so that they
// do not depend on the order of values or on how parts are merged. The zero value
// is empty; equal contents are equal by ==.
//
// Sums are integers of fixed point, wide enough for 2^63 numbers: of 2^-1074, the
// least positive float64, and of its square.
type ExactMoments struct {
	n         int
	low, high float64
	sum       [34]uint64 // two's complement
	squares   [67]uint64
}

// Tally adds up mantissas and their squares by sign and exponent: a value costs a
// few integer operations, and the wide sums of [ExactMoments] are touched once
// for many values. The zero value is empty.
type Tally [1 << 12]tallied

type tallied struct{ sum, squares [2]uint64 }

// tallyLimit is how many values a tally is for: the sum of their squares must fit
// into 128 bits.
const tallyLimit = 1 << 20

const (
	mantissaBits = 52
	mantissaMask = 1<<mantissaBits - 1
	exponentMask = 1<<11 - 1
)

// Add adds finite values. It leaves the tally, its scratch space, empty.
func (m *ExactMoments) Add(values []float64, scratch *Tally) {
	for part := range slices.Chunk(values, tallyLimit) {
		m.addPart(part, scratch)
	}
}

func (m *ExactMoments) addPart(values []float64, scratch *Tally) {
	scratch.add(values)
	low, high := values[0], values[0]
	for _, v := range values { // branches, which are seldom taken, cost less than min and max
		if v < low {
			low = v
		} else if v > high {
			high = v
		}
	}
	m.extend(len(values), low, high)
	for at := range scratch {
		if scratch[at] != (tallied{}) {
			m.addTallied(at, &scratch[at])
			scratch[at] = tallied{}
		}
	}
}

func (t *Tally) add(values []float64) {
	for _, v := range values {
		b := math.Float64bits(v)
		at := b >> mantissaBits
		mantissa := b & mantissaMask
		if at&exponentMask != 0 {
			mantissa |= 1 << mantissaBits
		}
		e := &t[at]
		var carry uint64
		e.sum[0], carry = bits.Add64(e.sum[0], mantissa, 0)
		e.sum[1] += carry
		high, low := bits.Mul64(mantissa, mantissa)
		e.squares[0], carry = bits.Add64(e.squares[0], low, 0)
		e.squares[1] += high + carry
	}
}

// addTallied adds what was tallied for a sign and an exponent.
func (m *ExactMoments) addTallied(at int, t *tallied) {
	shift := max(at&exponentMask, 1) - 1
	sum := shiftLeft(t.sum, shift%64)
	if at > exponentMask {
		subtractAt(m.sum[:], shift/64, sum)
	} else {
		addAt(m.sum[:], shift/64, sum)
	}
	addAt(m.squares[:], 2*shift/64, shiftLeft(t.squares, 2*shift%64))
}

func shiftLeft(words [2]uint64, by int) [3]uint64 {
	return [3]uint64{words[0] << by, words[1]<<by | words[0]>>(64-by), words[1] >> (64 - by)}
}

func addAt(to []uint64, at int, words [3]uint64) {
	var carry uint64
	for i := at; i < len(to); i++ {
		var word uint64
		if i-at < len(words) {
			word = words[i-at]
		} else if carry == 0 {
			return
		}
		to[i], carry = bits.Add64(to[i], word, carry)
	}
}

func subtractAt(from []uint64, at int, words [3]uint64) {
	var borrow uint64
	for i := at; i < len(from); i++ {
		var word uint64
		if i-at < len(words) {
			word = words[i-at]
		} else if borrow == 0 {
			return
		}
		from[i], borrow = bits.Sub64(from[i], word, borrow)
	}
}

func (m *ExactMoments) extend(n int, low, high float64) {
	if m.n == 0 {
		m.low, m.high = low+0, high+0 // no negative zero
	}
	m.n += n
	m.low, m.high = min(m.low, low)+0, max(m.high, high)+0
}

// Merge adds what other holds.
func (m *ExactMoments) Merge(other *ExactMoments) {
	if other.n == 0 {
		return
	}
	m.extend(other.n, other.low, other.high)
	var carry uint64
	for i := range m.sum {
		m.sum[i], carry = bits.Add64(m.sum[i], other.sum[i], carry)
	}
	carry = 0
	for i := range m.squares {
		m.squares[i], carry = bits.Add64(m.squares[i], other.squares[i], carry)
	}
}

// Count returns the number of values.
func (m *ExactMoments) Count() int { return m.n }

// Range returns the smallest and the largest value, NaN without values.
func (m *ExactMoments) Range() (low, high float64) {
	if m.n == 0 {
		return math.NaN(), math.NaN()
	}
	return m.low, m.high
}

// Mean returns the mean, NaN without values. It is the exact one, rounded.
func (m *ExactMoments) Mean() float64 {
	if m.n == 0 {
		return math.NaN()
	}
	mean := quotient(m.wholeSum(), big.NewInt(int64(m.n)))
	v, _ := mean.SetMantExp(mean, -unitBits).Float64()
	return v
}

// unitBits is the number of binary places of a sum; squares have twice as many.
const unitBits = 1074

// Std returns the standard deviation, the sum of squared deviations from the mean
// taken over n - ddof; it is NaN when that is not positive.
func (m *ExactMoments) Std(ddof int) float64 {
	if m.n <= ddof {
		return math.NaN()
	}
	over := new(big.Int).Mul(big.NewInt(int64(m.n)), big.NewInt(int64(m.n-ddof)))
	variance := quotient(m.spread(), over)
	std := variance.Sqrt(variance)
	v, _ := std.SetMantExp(std, -unitBits).Float64()
	return v
}

// spread returns n times the sum of squared deviations.
func (m *ExactMoments) spread() *big.Int {
	n := big.NewInt(int64(m.n))
	sum := m.wholeSum()
	return n.Sub(n.Mul(n, fromWords(m.squares[:])), sum.Mul(sum, sum))
}

func quotient(a, b *big.Int) *big.Float {
	const precision = 128
	x, y := new(big.Float).SetInt(a), new(big.Float).SetInt(b)
	return new(big.Float).SetPrec(precision).Quo(x, y)
}

// wholeSum returns the sum in its unit.
func (m *ExactMoments) wholeSum() *big.Int {
	words := m.sum
	negative := words[len(words)-1]>>63 == 1
	if negative {
		words = [len(words)]uint64{}
		subtractWords(words[:], m.sum[:])
	}
	sum := fromWords(words[:])
	if negative {
		sum.Neg(sum)
	}
	return sum
}

func subtractWords(from, words []uint64) {
	var borrow uint64
	for i := range from {
		from[i], borrow = bits.Sub64(from[i], words[i], borrow)
	}
}

func fromWords(words []uint64) *big.Int {
	bytes := make([]byte, 0, 8*len(words))
	for i := len(words) - 1; i >= 0; i-- {
		for shift := 56; shift >= 0; shift -= 8 {
			bytes = append(bytes, byte(words[i]>>shift))
		}
	}
	return new(big.Int).SetBytes(bytes)
}
