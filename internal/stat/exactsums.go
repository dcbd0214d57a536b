package stat

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Sums returns the sum of values and that of squares, exactly, as numbers of
// hexadecimal digits with a binary exponent. [ExactMomentsOf] reads them.
func (m *ExactMoments) Sums() (sum, squares string) {
	return hexadecimal(m.wholeSum(), unitBits), hexadecimal(fromWords(m.squares[:]), 2*unitBits)
}

func hexadecimal(whole *big.Int, places int) string {
	precision := uint(max(whole.BitLen(), 1))
	f := new(big.Float).SetPrec(precision).SetInt(whole)
	return f.SetMantExp(f, -places).Text('p', 0)
}

// ExactMomentsOf returns the moments of n values with that range and those sums,
// or an error that names what no values can have.
func ExactMomentsOf(n int, low, high float64, sum, squares string) (ExactMoments, error) {
	m := ExactMoments{n: n, low: low, high: high}
	switch {
	case n < 0:
		return m, fmt.Errorf("count: must not be negative, got %d", n)
	case low > high || n == 0 && (low != 0 || high != 0):
		return m, fmt.Errorf("range: not one of %d values: from %v to %v", n, low, high)
	}
	if err := m.read(m.sum[:], sum, unitBits); err != nil {
		return m, fmt.Errorf("sum: %w", err)
	}
	if err := m.read(m.squares[:], squares, 2*unitBits); err != nil {
		return m, fmt.Errorf("squares: %w", err)
	}
	if m.squares[len(m.squares)-1]>>63 == 1 || m.spread().Sign() < 0 || n == 0 && (m.sum[0] != 0 || m != ExactMoments{}) {
		return m, errors.New("squares: not those of any values with this sum")
	}
	if mean := m.Mean(); n > 0 && (mean < low || mean > high) {
		return m, fmt.Errorf("sum: a mean of %v is not within %v and %v", mean, low, high)
	}
	if again, squaresAgain := m.Sums(); again != sum || squaresAgain != squares {
		return m, errors.New("sum: written in another way than it should be")
	}
	return m, nil
}

// read sets words to a number in its unit, in two's complement.
func (m *ExactMoments) read(words []uint64, text string, places int) error {
	const longest = 1200
	if len(text) > longest {
		return fmt.Errorf("must have at most %d digits, got %d", longest, len(text))
	}
	f, _, err := big.ParseFloat(text, 0, uint(64*len(words)), big.ToZero)
	if err != nil {
		return err
	}
	f.SetMantExp(f, places)
	if f.IsInf() || f.MantExp(nil) > 64*len(words)-1 || !f.IsInt() {
		return fmt.Errorf("%.40s is out of range", text)
	}
	whole, _ := f.Int(nil)
	magnitude := new(big.Int).Abs(whole).FillBytes(make([]byte, 8*len(words)))
	for i := range words {
		for _, b := range magnitude[len(magnitude)-8*(i+1) : len(magnitude)-8*i] {
			words[i] = words[i]<<8 | uint64(b)
		}
	}
	if whole.Sign() < 0 {
		copied := slices.Clone(words)
		clear(words)
		subtractWords(words, copied)
	}
	return nil
}
