package stat

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Gram accumulates the means of a set of columns and the matrix S of their
// centred products, the sum over rows of (x - mean)(x - mean)^T: all that least
// squares and correlation need to know of the rows. The first columns hold
// numbers. The others are indicators, 0 or 1, which come as the positions of the
// ones: what a row costs depends on the number of categories, not of their
// levels.
//
// Parts are merged as in Chan, Golub and LeVeque, "Algorithms for computing the
// sample variance", 1983. Each part is measured from a row of its own, so that a
// large common offset costs no accuracy.
type Gram struct {
	numbers, dim int
	rows         int
	origin       []float64 // of the number columns
	mean         []float64 // measured from origin
	s            []float64 // upper triangle, row by row
}

// Block is a set of rows for [Gram.Add], column by column.
type Block struct {
	// Numbers holds the number columns; none may be NaN.
	Numbers [][]float64
	// Next holds the columns of a block to come, if any, which are brought nearer
	// from memory meanwhile.
	Next [][]float64
	// Centred has room for them less their means, or more. It may be Numbers.
	Centred [][]float64
	// Levels holds for each category the column in which a row has its 1, or
	// -1. The columns of one category precede those of the next.
	Levels [][]int32
}

// NewGram returns an empty accumulator of dim columns, the first of which hold
// numbers.
func NewGram(numbers, dim int) *Gram {
	return &Gram{
		numbers: numbers, dim: dim,
		origin: make([]float64, numbers), mean: make([]float64, dim), s: make([]float64, dim*(dim+1)/2),
	}
}

// Reset empties the accumulator.
func (g *Gram) Reset() {
	g.rows = 0
	clear(g.mean)
	clear(g.s)
}

// Rows returns the number of rows.
func (g *Gram) Rows() int { return g.rows }

// Dim returns the number of columns.
func (g *Gram) Dim() int { return g.dim }

// Mean returns the mean of a column.
func (g *Gram) Mean(i int) float64 {
	if i < g.numbers {
		return g.origin[i] + g.mean[i]
	}
	return g.mean[i]
}

// At returns an element of S.
func (g *Gram) At(i, j int) float64 { return g.row(min(i, j))[max(i, j)-min(i, j)] }

// Constant reports whether the values of a column differ by no more than
// rounding can explain.
func (g *Gram) Constant(i int) bool {
	const epsilon = 0x1p-52
	noise := 4 * epsilon * g.Mean(i)
	return g.At(i, i) <= float64(g.rows)*noise*noise
}

// row returns S[i][i:].
func (g *Gram) row(i int) []float64 {
	at := i*g.dim - i*(i-1)/2
	return g.s[at : at+g.dim-i]
}

// Add adds the rows of a block, whose Centred it overwrites. Cost is quadratic in
// numbers and in categories.
func (g *Gram) Add(b Block) {
	if g.rows > 0 {
		part := NewGram(g.numbers, g.dim)
		part.Add(b)
		g.Merge(part)
		return
	}
	if g.rows = b.rows(); g.rows == 0 {
		return
	}
	for i, x := range b.Numbers {
		g.origin[i], g.mean[i] = kernel.Centre(b.Centred[i], x)
	}
	g.addProducts(b.Centred, b.Next)
	for i, x := range b.Centred {
		for _, levels := range b.Levels {
			sumByLevel(g.row(i), levels, x, i)
		}
	}
	for i, a := range b.Levels {
		for _, b := range b.Levels[i:] {
			g.countPairs(a, b)
		}
	}
	g.centreCounts()
}

func (b Block) rows() int {
	if len(b.Numbers) > 0 {
		return len(b.Numbers[0])
	}
	if len(b.Levels) > 0 {
		return len(b.Levels[0])
	}
	return 0
}

// tileRows is the number of rows that a tile is summed over at a time: the
// columns of its one side then stay in the first cache.
const tileRows = 1024

// addProducts adds the products of centred columns, tile by tile.
func (g *Gram) addProducts(columns, next [][]float64) {
	tile := 0
	for low := 0; low < g.rows; low += tileRows {
		high := min(low+tileRows, g.rows)
		for i := 0; i < len(columns); i += kernel.TileWidth {
			x := side(columns[i:], low, high)
			for j := i; j < len(columns); j += kernel.TileWidth {
				y := side(columns[j:], low, high)
				g.addTile(kernel.ProductsAhead(&x, &y, piece(next, tile)), i, j)
				tile++
			}
		}
	}
}

// piece returns the rows of the columns to come that one tile is enough for: those
// of the first column first.
func piece(columns [][]float64, i int) []float64 {
	if len(columns) == 0 {
		return nil
	}
	rows := len(columns[0])
	pieces := (rows + tileRows - 1) / tileRows
	if i >= pieces*len(columns) {
		return nil
	}
	low := i % pieces * tileRows
	return columns[i/pieces][low:min(low+tileRows, rows)]
}

// side returns some rows of the first columns; the last stands in for those
// that a tile would have beyond it.
func side(columns [][]float64, low, high int) (s [kernel.TileWidth][]float64) {
	for i := range s {
		s[i] = columns[min(i, len(columns)-1)][low:high]
	}
	return s
}

// addTile adds the sums of a tile whose first pair of columns is i, j.
func (g *Gram) addTile(t kernel.Tile, i, j int) {
	for a := range min(kernel.TileWidth, g.numbers-i) {
		row := g.row(i + a)[:g.numbers-i-a]
		for b := range t[a] {
			if at := j + b - i - a; at >= 0 && at < len(row) {
				row[at] += t[a][b]
			}
		}
	}
}

// sumByLevel adds each value to the element of its row's level; row is S[i][i:].
func sumByLevel(row []float64, levels []int32, x []float64, i int) {
	for at, level := range levels {
		if level >= 0 {
			row[int(level)-i] += x[at]
		}
	}
}

// countPairs counts how often two levels occur together.
func (g *Gram) countPairs(a, b []int32) {
	for at, i := range a {
		if j := b[at]; i >= 0 && j >= 0 {
			g.row(int(i))[j-i]++
		}
	}
}

// centreCounts turns the counts of pairs of levels into centred products.
func (g *Gram) centreCounts() {
	for i := g.numbers; i < g.dim; i++ {
		g.mean[i] = g.row(i)[0] / float64(g.rows)
	}
	for i := g.numbers; i < g.dim; i++ {
		count := g.row(i)[0]
		for j, row := i, g.row(i); j < g.dim; j++ {
			row[j-i] -= count * g.mean[j]
		}
	}
}

// Merge adds what other holds; both have the same columns. Other stays as it is.
func (g *Gram) Merge(other *Gram) {
	if other.rows == 0 {
		return
	}
	if g.rows == 0 {
		g.rows = other.rows
		copy(g.origin, other.origin)
		copy(g.mean, other.mean)
		copy(g.s, other.s)
		return
	}
	share := float64(other.rows) / float64(g.rows+other.rows)
	weight := float64(g.rows) * share
	delta := g.meansBetween(other)
	for i, d := range delta {
		row, from := g.row(i), other.row(i)
		floats.Add(row, from)
		if d != 0 {
			floats.AddScaled(row, weight*d, delta[i:])
		}
	}
	floats.AddScaled(g.mean, share, delta)
	g.rows += other.rows
}

// meansBetween returns the differences of the means, other's less g's.
func (g *Gram) meansBetween(other *Gram) []float64 {
	delta := make([]float64, g.dim)
	floats.SubTo(delta, other.mean, g.mean)
	for i := range g.numbers {
		delta[i] += other.origin[i] - g.origin[i]
	}
	return delta
}

// Finite reports whether the sums of a column are finite; they are not when its
// values differ by more than about 1e150.
func (g *Gram) Finite(i int) bool {
	sums := math.Abs(g.Mean(i)) + g.At(i, i)
	return !math.IsInf(sums, 0) && !math.IsNaN(sums)
}

// Empty returns an empty accumulator of the same columns.
func (g *Gram) Empty() *Gram { return NewGram(g.numbers, g.dim) }
