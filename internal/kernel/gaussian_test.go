package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// gaussianCase is a block of points by columns, with weights and a triangular
// matrix.
type gaussianCase struct {
	n, d                    int
	columns, weights, lower []float64
}

func gaussianCases() []gaussianCase {
	var cases []gaussianCase
	for _, n := range []int{1, 2, 3, 7, 8, 17} {
		for _, d := range []int{1, 2, 3, 4, 5, 9} {
			random := rng.Stream(uint64(n), uint64(d))
			c := gaussianCase{n, d, make([]float64, n*d), make([]float64, n), make([]float64, d*d)}
			for i := range c.columns {
				c.columns[i] = random.NormFloat64()
			}
			for i := range c.weights {
				c.weights[i] = random.Float64()
			}
			for i := range d {
				for j := range d {
					// What stands above the diagonal must not count.
					c.lower[i*d+j] = 100 + random.NormFloat64()
					if j <= i {
						c.lower[i*d+j] -= 100
					}
				}
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func (c gaussianCase) at(i, j int) float64 { return c.columns[j*c.n+i] }

func equalWithin(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestAddLowerSquares(t *testing.T) {
	for _, c := range gaussianCases() {
		got, want := make([]float64, c.n), make([]float64, c.n)
		for i := range c.n {
			got[i], want[i] = float64(i), float64(i)
			for row := range c.d {
				v := 0.0
				for j := range row + 1 {
					v += c.lower[row*c.d+j] * c.at(i, j)
				}
				want[i] += v * v
			}
		}
		AddLowerSquares(c.lower, c.columns, make([]float64, c.n+3), got)
		equalWithin(t, fmt.Sprintf("n = %d, d = %d", c.n, c.d), got, want, 1e-13)
	}
}

// A point must get the same bits in a block of any size: a row that is scored
// alone belongs where it belonged when the model was fitted.
func TestAddLowerSquaresOfOnePointIsThatOfMany(t *testing.T) {
	for _, c := range gaussianCases() {
		all, room := make([]float64, c.n), make([]float64, c.n)
		AddLowerSquares(c.lower, c.columns, room, all)
		for i := range c.n {
			point, alone := make([]float64, c.d), make([]float64, 1)
			for j := range point {
				point[j] = c.at(i, j)
			}
			AddLowerSquares(c.lower, point, room, alone)
			if alone[0] != all[i] {
				t.Fatalf("n = %d, d = %d: point %d alone has %v, in its block %v", c.n, c.d, i, alone[0], all[i])
			}
		}
	}
}

func TestAddScaledSquares(t *testing.T) {
	for _, c := range gaussianCases() {
		scale, got, want := c.lower[:c.d], make([]float64, c.n), make([]float64, c.n)
		for i := range c.n {
			got[i], want[i] = 2, 2
			for j, s := range scale {
				want[i] += math.Pow(s*c.at(i, j), 2)
			}
		}
		AddScaledSquares(scale, c.columns, got)
		equalWithin(t, fmt.Sprintf("n = %d, d = %d", c.n, c.d), got, want, 1e-13)
	}
}

func TestAddGram(t *testing.T) {
	for _, c := range gaussianCases() {
		got, want := make([]float64, c.d*c.d), make([]float64, c.d*c.d)
		squares, diagonal := make([]float64, c.d), make([]float64, c.d)
		for a := range c.d {
			squares[a], diagonal[a] = 3, 3
			for b := range c.d {
				got[a*c.d+b], want[a*c.d+b] = 1, 1
				if b > a {
					continue // above the diagonal nothing is added
				}
				for i := range c.n {
					want[a*c.d+b] += c.weights[i] * c.at(i, a) * c.at(i, b)
				}
			}
			diagonal[a] += want[a*c.d+a] - 1
		}
		AddGram(c.weights, c.columns, make([]float64, c.n+1), got)
		equalWithin(t, fmt.Sprintf("n = %d, d = %d: gram", c.n, c.d), got, want, 1e-13)
		AddSquares(c.weights, c.columns, squares)
		equalWithin(t, fmt.Sprintf("n = %d, d = %d: squares", c.n, c.d), squares, diagonal, 1e-13)
	}
}

func TestPosteriors(t *testing.T) {
	logs := [][]float64{ // by component, then by point
		{0, -1, -5000, 700, 1e300, -3},
		{0, -2, -5001, -700, 1e300, -43.1},
		{0, -3, -5040.5, 690, -1e300, -4},
	}
	var flat []float64
	for _, column := range logs {
		flat = append(flat, column...)
	}
	total := make([]float64, 6)
	Posteriors(flat, total, make([]float64, 6))
	for i := range total {
		largest, sum := math.Inf(-1), 0.0
		for _, column := range logs {
			largest = max(largest, column[i])
		}
		for _, column := range logs {
			sum += math.Exp(column[i] - largest)
		}
		for c, column := range logs {
			want := math.Exp(column[i]-largest) / sum
			if got := flat[c*6+i]; !(math.Abs(got-want) <= 1e-15) {
				t.Errorf("point %d, component %d: posterior %v, want %v", i, c, got, want)
			}
		}
		if want := largest + math.Log(sum); !(math.Abs(total[i]-want) <= 1e-14*math.Abs(want)) {
			t.Errorf("point %d: the logarithm of the sum is %v, want %v", i, total[i], want)
		}
	}
	if flat[6+5] != 0 {
		t.Errorf("a density e^40.1 times smaller counts with %v, want 0", flat[6+5])
	}
}

func BenchmarkGaussian(b *testing.B) {
	const n, d = 256, 10
	columns, lower, weights := coarse(n, d, 1), coarse(d, d, 2), coarse(n, 1, 3)
	room, squared, gram := make([]float64, n), make([]float64, n), make([]float64, d*d)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
	run("AddLowerSquares", func() { AddLowerSquares(lower, columns, room, squared) })
	run("AddGram", func() { AddGram(weights, columns, room, gram) })
	logs, total := make([]float64, 8*n), make([]float64, n)
	run("Posteriors", func() {
		copy(logs, columns[:8*n])
		Posteriors(logs, total, room)
	})
}
