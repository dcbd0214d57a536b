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
	for _, n := range []int{1, 2, 3, 7, 8, 17, 67} {
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

func TestMoments(t *testing.T) {
	for _, c := range gaussianCases() {
		first, second, squares := make([]float64, c.d), make([]float64, c.d*c.d), make([]float64, c.d)
		wantMass, wantFirst, wantSecond := 0.0, make([]float64, c.d), make([]float64, c.d*c.d)
		for a := range c.d {
			first[a], wantFirst[a], squares[a] = 2, 2, 3
			for b := range c.d {
				second[a*c.d+b], wantSecond[a*c.d+b] = 1, 1
			}
		}
		for i, w := range c.weights {
			wantMass += w
			for a := range c.d {
				wantFirst[a] += w * c.at(i, a)
				for b := range a + 1 { // above the diagonal nothing is added
					wantSecond[a*c.d+b] += w * c.at(i, a) * c.at(i, b)
				}
			}
		}
		wantSquares := make([]float64, c.d)
		for a := range c.d {
			wantSquares[a] = wantSecond[a*c.d+a] + 2
		}
		what := fmt.Sprintf("n = %d, d = %d", c.n, c.d)
		m := NewMoments(c.d, c.n+1)
		mass := m.Products(c.weights, c.columns, first, second)
		equalWithin(t, what+": mass", []float64{mass}, []float64{wantMass}, 1e-13)
		equalWithin(t, what+": first", first, wantFirst, 1e-13)
		equalWithin(t, what+": second", second, wantSecond, 1e-13)
		for a := range c.d {
			first[a] = 2
		}
		mass = m.Squares(c.weights, c.columns, first, squares)
		equalWithin(t, what+": mass", []float64{mass}, []float64{wantMass}, 1e-13)
		equalWithin(t, what+": first", first, wantFirst, 1e-13)
		equalWithin(t, what+": squares", squares, wantSquares, 1e-13)
	}
}

// The bound is that of the comment on exponential.
func TestExponential(t *testing.T) {
	const steps = 200_000
	for i := range steps + 1 {
		v := -700 * math.Pow(float64(i)/steps, 3)
		got, want := exponential(v), math.Exp(v) // the latter wrong by 2^-53
		if !(math.Abs(got-want) <= 0x1p-51*want) {
			t.Fatalf("e^%v: got %v, want %v", v, got, want)
		}
	}
	if exponential(0) != 1 {
		t.Errorf("e^0: got %v", exponential(0))
	}
}

func TestPosteriors(t *testing.T) {
	const n, k = 29, 3
	random := rng.Stream(5, 5)
	constants, squared := []float64{-1, 2, 0.5}, make([]float64, k*n)
	for i := range squared {
		squared[i] = math.Ldexp(random.Float64(), random.IntN(12)-2)
	}
	for c, special := range [][]float64{
		{0, 1e4, 0, 1e299, math.Inf(1), math.NaN(), 4},
		{0, 1e4 + 2, 1400, 1e300, math.Inf(1), 0, 90.1},
		{0, 1e4 + 81, 0, 0, math.Inf(1), 3, 3},
	} {
		copy(squared[c*n+7:], special)
	}
	logs, total := make([]float64, k*n), make([]float64, n)
	for at, v := range squared {
		if !(v < 1e300) {
			v = 1e300
		}
		logs[at] = constants[at/n] - v/2
	}
	Posteriors(constants, squared, total, make([]float64, n+1))
	for i := range n {
		largest, sum := math.Inf(-1), 0.0
		for c := range k {
			largest = max(largest, logs[c*n+i])
		}
		for c := range k {
			sum += math.Exp(logs[c*n+i] - largest)
		}
		for c := range k {
			want := math.Exp(logs[c*n+i]-largest) / sum
			if got := squared[c*n+i]; !(math.Abs(got-want) <= 1e-15) || got != 0 && logs[c*n+i] < largest-40 {
				t.Errorf("point %d, component %d: posterior %v, want %v", i, c, got, want)
			}
		}
		if want := largest + math.Log(sum); !(math.Abs(total[i]-want) <= 1e-14*(1+math.Abs(want))) {
			t.Errorf("point %d: the logarithm of the sum is %v, want %v", i, total[i], want)
		}
	}
	if squared[n+13] != 0 {
		t.Errorf("a density e^41 times smaller counts with %v, want 0", squared[n+13])
	}
}

// What single points get, the plain twin computes.
func TestGaussiansOfManyPointsAreThoseOfEach(t *testing.T) {
	const k = 3
	for _, n := range []int{1, 3, 4, 5, 8, 9, 17, 31, 33, 70} {
		columns, constants, squared := rough(n*2, 1, false), rough(k, 2, false), make([]float64, k*n)
		lower, room, total := []float64{1.5, 0, -0.3, 0.7}, make([]float64, n), make([]float64, n)
		centred, weighted := make([]float64, 2*n), make([]float64, 2*n)
		Subtract(centred, columns, 1.1)
		Multiply(weighted, centred, columns)
		for c := range k {
			squared[c*n] = float64(20 * c)
			AddLowerSquares(lower, weighted, room, squared[c*n:(c+1)*n])
		}
		Posteriors(constants, squared, total, room)
		for i := range n {
			point, alone, sum := make([]float64, 2), make([]float64, k), make([]float64, 1)
			for j := range point {
				v := columns[j*n+i]
				point[j] = (v - 1.1) * v
			}
			for c := range k {
				if i == 0 {
					alone[c] = float64(20 * c)
				}
				lowerSquaresPlain(lower, point, 0, room[:1], alone[c:c+1])
			}
			Posteriors(constants, alone, sum, room[:1])
			for c := range k {
				if alone[c] != squared[c*n+i] || sum[0] != total[i] {
					t.Fatalf("n = %d, point %d, component %d: %v and %v alone, %v and %v in the block", n, i, c, alone[c], sum[0], squared[c*n+i], total[i])
				}
			}
		}
	}
}

func BenchmarkGaussian(b *testing.B) {
	const n, d = 256, 10
	columns, lower, weights := coarse(n, d, 1), coarse(d, d, 2), coarse(n, 1, 3)
	room, squared, first, second := make([]float64, n), make([]float64, n), make([]float64, d), make([]float64, d*d)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
	run("AddLowerSquares", func() { AddLowerSquares(lower, columns, room, squared) })
	moments := NewMoments(d, n)
	run("Moments.Products", func() { moments.Products(weights, columns, first, second) })
	constants, many, total := make([]float64, 8), make([]float64, 8*n), make([]float64, n)
	run("Posteriors", func() {
		copy(many, columns[:8*n])
		Posteriors(constants, many, total, room)
	})
}
