package stat_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// design is a random table: number columns, and categories as the columns of
// their levels, without the first one.
type design struct {
	numbers [][]float64
	levels  [][]int32
	dim     int
}

func newDesign(rows, numbers int, categories []int, offset float64, seed uint64) design {
	random := rand.New(rand.NewPCG(seed, 1))
	d := design{dim: numbers}
	for i := range numbers {
		x := make([]float64, rows)
		for row := range x {
			x[row] = offset*float64(i+1) + random.NormFloat64()*float64(i+1)
			if i > 0 {
				x[row] += d.numbers[i-1][row] / 2
			}
		}
		d.numbers = append(d.numbers, x)
	}
	for _, levels := range categories {
		column := make([]int32, rows)
		for row := range column {
			column[row] = -1
			if level := random.IntN(levels); level > 0 {
				column[row] = int32(d.dim + level - 1)
			}
		}
		d.levels = append(d.levels, column)
		d.dim += levels - 1
	}
	return d
}

func (d design) rows() int {
	if len(d.numbers) > 0 {
		return len(d.numbers[0])
	}
	return len(d.levels[0])
}

// gram adds up the rows from low to high.
func (d design) gram(low, high int) *stat.Gram {
	g := stat.NewGram(len(d.numbers), d.dim)
	g.Add(d.block(low, high))
	return g
}

func (d design) block(low, high int) stat.Block {
	var b stat.Block
	for _, x := range d.numbers {
		b.Numbers = append(b.Numbers, x[low:high])
		b.Centred = append(b.Centred, make([]float64, high-low+1))
	}
	for _, levels := range d.levels {
		b.Levels = append(b.Levels, levels[low:high])
	}
	return b
}

// exact returns means and centred products in 300-bit arithmetic.
func (d design) exact() (means []float64, products [][]float64) {
	n, dense := d.rows(), d.dense()
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	centred := make([][]*big.Float, d.dim)
	means, products = make([]float64, d.dim), make([][]float64, d.dim)
	for i, x := range dense {
		mean := number(0)
		for _, v := range x {
			mean.Add(mean, number(v))
		}
		mean.Quo(mean, number(float64(n)))
		means[i], _ = mean.Float64()
		for _, v := range x {
			centred[i] = append(centred[i], new(big.Float).Sub(number(v), mean))
		}
	}
	for i := range products {
		products[i] = make([]float64, d.dim)
		for j := range products[i] {
			sum := number(0)
			for row := range n {
				sum.Add(sum, new(big.Float).Mul(centred[i][row], centred[j][row]))
			}
			products[i][j], _ = sum.Float64()
		}
	}
	return means, products
}

func (d design) dense() [][]float64 {
	dense := append([][]float64(nil), d.numbers...)
	for len(dense) < d.dim {
		dense = append(dense, make([]float64, d.rows()))
	}
	for _, levels := range d.levels {
		for row, at := range levels {
			if at >= 0 {
				dense[at][row] = 1
			}
		}
	}
	return dense
}

// check compares with the exact sums; products by the scale of their columns.
func (d design) check(t *testing.T, g *stat.Gram, tolerance float64) {
	t.Helper()
	means, products := d.exact()
	for i := range d.dim {
		if diff := math.Abs(g.Mean(i) - means[i]); diff > 1e-15*math.Abs(means[i])+tolerance {
			t.Errorf("mean %d = %v, want %v", i, g.Mean(i), means[i])
		}
		for j := range d.dim {
			scale := math.Sqrt(products[i][i] * products[j][j])
			if diff := math.Abs(g.At(i, j) - products[i][j]); diff > tolerance*scale {
				t.Errorf("product %d, %d = %v, want %v (off by %.1e of the scale)", i, j, g.At(i, j), products[i][j], diff/scale)
			}
		}
	}
	if g.Rows() != d.rows() {
		t.Errorf("%d rows, want %d", g.Rows(), d.rows())
	}
}

func TestGramMergesToTheExactSums(t *testing.T) {
	shapes := []struct {
		numbers    int
		categories []int
	}{{3, nil}, {2, []int{4}}, {1, []int{3, 2, 5}}, {0, []int{2, 3}}}
	for _, shape := range shapes {
		for _, offset := range []float64{0, 1e9, -1e13} {
			d := newDesign(257, shape.numbers, shape.categories, offset, 1)
			tolerance := 1e-13
			for _, parts := range []int{1, 2, 3, 17, 64} {
				t.Run(fmt.Sprint(shape, offset, parts), func(t *testing.T) {
					g := stat.NewGram(shape.numbers, d.dim)
					for i := range parts {
						g.Merge(d.gram(i*257/parts, (i+1)*257/parts))
					}
					d.check(t, g, tolerance)
				})
			}
		}
	}
}

func TestGramAddsToWhatItHolds(t *testing.T) {
	d := newDesign(100, 2, []int{3}, 5, 2)
	g := d.gram(0, 30)
	g.Add(d.block(30, 30))
	g.Add(d.block(30, 100))
	d.check(t, g, 1e-13)
}

func TestMergeLeavesTheOtherAsItIs(t *testing.T) {
	d := newDesign(60, 2, []int{3}, 5, 3)
	g, other := stat.NewGram(2, d.dim), d.gram(0, 30)
	before := other.At(0, 1)
	g.Merge(other)
	g.Merge(d.gram(30, 60))
	g.Merge(g.Empty())
	if other.Rows() != 30 || other.At(0, 1) != before {
		t.Error("merging changed the part that was merged")
	}
	d.check(t, g, 1e-13)
	g.Reset()
	g.Add(d.block(0, 60))
	d.check(t, g, 1e-13)
}

func TestConstantColumns(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   bool
	}{
		{"equal", []float64{0.1, 0.1, 0.1}, true},
		{"equal up to rounding", []float64{0.30000000000000004, 0.3, 0.3}, true},
		{"small but real", []float64{1e-200, 3e-100, 2e-100}, false},
		{"far from zero", []float64{1e9, 1e9 + 1e-3, 1e9}, false},
		{"one row", []float64{4}, true},
	}
	for _, tt := range tests {
		g := stat.NewGram(1, 1)
		for _, v := range tt.values {
			x := [][]float64{{v}}
			g.Add(stat.Block{Numbers: x, Centred: x})
		}
		if g.Constant(0) != tt.want {
			t.Errorf("%s: constant is %v, want %v", tt.name, g.Constant(0), tt.want)
		}
	}
}

func TestSumsThatOverflowAreNotFinite(t *testing.T) {
	g := stat.NewGram(3, 3)
	x := [][]float64{{1, 2}, {1e200, 0}, {1.7e308, -1.7e308}}
	g.Add(stat.Block{Numbers: x, Centred: x})
	for i, want := range []bool{true, false, false} {
		if g.Finite(i) != want {
			t.Errorf("column %d: finite is %v, want %v", i, g.Finite(i), want)
		}
	}
}

func BenchmarkGram(b *testing.B) {
	d := newDesign(stat.ChunkRows, 5, []int{9}, 0, 1)
	g := stat.NewGram(5, d.dim)
	block := d.block(0, stat.ChunkRows)
	b.SetBytes(stat.ChunkRows * (5*8 + 4))
	for b.Loop() {
		g.Reset()
		g.Add(block)
	}
}
