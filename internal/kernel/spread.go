package kernel

import "math"

// Spread holds for each column the sum of its values, that of their squares, the
// largest magnitude, and the least above 0, +Inf for none.
type Spread struct {
	d, width int
	sums     []float64
}

// NewSpread returns an empty spread of d columns.
func NewSpread(d int) *Spread {
	s := &Spread{d, fours(d), make([]float64, 4*fours(d))}
	for j := range s.width {
		s.sums[3*s.width+j] = math.Inf(1)
	}
	return s
}

// Add adds rows.
func (s *Spread) Add(x []float64) { addSpread(x, s.d, s.width, s.sums) }

// Column returns what is known of a column.
func (s *Spread) Column(j int) (sum, squares, largest, least float64) {
	return s.sums[j], s.sums[s.width+j], s.sums[2*s.width+j], s.sums[3*s.width+j]
}

func addSpreadPlain(x []float64, d, width int, sums []float64) {
	for ; len(x) >= d; x = x[d:] {
		for j, v := range x[:d] {
			sums[j] += v
			sums[width+j] += float64(v * v)
			sums[2*width+j] = max(sums[2*width+j], math.Abs(v))
			if v != 0 {
				sums[3*width+j] = min(sums[3*width+j], math.Abs(v))
			}
		}
	}
}
