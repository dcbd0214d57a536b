package predict

import (
	"fmt"
	"math"

	"github.com/sajari/regression"
	"gonum.org/v1/gonum/floats"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// leastSquares is an ordinary least-squares fit from the sums of products g, in
// which column 0 is the target.
type leastSquares struct {
	g            *stat.Gram
	factor       factor
	coefficients []float64 // by encoded column, 0 where set aside
	aside        []setAside
}

// setAside is an encoded column that takes no part: a constant, or, up to
// rounding, a combination of the parts kept before it.
type setAside struct {
	column int
	parts  []int
}

// factor is the upper triangular R with R^T R the correlation matrix of the kept
// columns, stored by column.
type factor struct {
	kept    []int
	columns [][]float64
}

// fit checks the rank of the columns in order, so that of several that determine
// each other the later ones are set aside, and solves for those kept. Of n rows,
// n - 1 columns determine all others.
//
// Normal equations square the condition number. Here they are in correlation
// form, and a column of which less than 1e-10 of the variance is its own is set
// aside, which leaves at least five digits in the worst case and nearly all in
// the usual one.
func fit(g *stat.Gram) (*leastSquares, error) {
	m := &leastSquares{g: g, coefficients: make([]float64, g.Dim()-1)}
	for i := 1; i < g.Dim(); i++ {
		if constant(g, i) {
			m.aside = append(m.aside, setAside{column: i})
			continue
		}
		r, own := m.factor.project(g, i)
		weights := m.factor.backSolve(r)
		if own <= rankTolerance(g.Dim(), weights) {
			m.aside = append(m.aside, setAside{i, m.factor.largest(weights)})
			continue
		}
		m.factor.add(i, r, own)
	}
	return m, m.solve()
}

// rankTolerance is the share of a column's variance below which it counts as a
// combination of others with these weights (in correlation form): 1e-10, or what
// rounding in the correlations may amount to if that is more.
func rankTolerance(dim int, weights []float64) float64 {
	const epsilon = 0x1p-52
	return max(1e-10, 64*epsilon*float64(dim)*(1+floats.Dot(weights, weights)))
}

// solve finds the coefficients. The rows of R, each with its negative so that
// their mean is zero, are a data set with the same least-squares solution as all
// rows of the table, and small.
func (m *leastSquares) solve() error {
	k := len(m.factor.kept)
	if k == 0 || constant(m.g, 0) {
		return nil
	}
	y, own := m.factor.project(m.g, 0)
	y = append(y, math.Sqrt(max(0, own)))
	var r regression.Regression
	for i, observed := range y {
		row, negative := make([]float64, k), make([]float64, k)
		for j := i; j < k; j++ {
			row[j] = m.factor.columns[j][i]
			negative[j] = -row[j]
		}
		r.Train(regression.DataPoint(observed, row), regression.DataPoint(-observed, negative))
	}
	if err := r.Run(); err != nil {
		return fmt.Errorf("predict: least squares: %w", err)
	}
	target := scale(m.g, 0)
	for i, column := range m.factor.kept {
		m.coefficients[column-1] = r.Coeff(i+1) * target / scale(m.g, column)
	}
	return nil
}

// constant reports whether a column varies too little to compute with.
func constant(g *stat.Gram, i int) bool {
	const least = 1e-140 // its square has all digits
	return g.Constant(i) || scale(g, i) < least
}

// scale returns the root of the sum of squared deviations of a column.
func scale(g *stat.Gram, i int) float64 { return math.Sqrt(g.At(i, i)) }

// project returns the coordinates of a column's correlations in terms of R, and
// the share of its variance that lies outside the kept columns.
func (f *factor) project(g *stat.Gram, column int) (r []float64, own float64) {
	r = make([]float64, len(f.kept), len(f.kept)+1)
	for i, other := range f.kept {
		r[i] = g.At(column, other) / (scale(g, column) * scale(g, other))
	}
	f.forwardSolve(r)
	return r, 1 - floats.Dot(r, r)
}

func (f *factor) add(column int, r []float64, own float64) {
	f.kept = append(f.kept, column)
	f.columns = append(f.columns, append(r, math.Sqrt(own)))
}

// forwardSolve replaces b with the solution x of R^T x = b.
func (f *factor) forwardSolve(b []float64) {
	for i, column := range f.columns {
		b[i] = (b[i] - floats.Dot(column[:i], b[:i])) / column[i]
	}
}

// backSolve returns the solution x of R x = b.
func (f *factor) backSolve(b []float64) []float64 {
	x := append([]float64(nil), b...)
	for i := len(x) - 1; i >= 0; i-- {
		column := f.columns[i]
		x[i] /= column[i]
		floats.AddScaled(x[:i], -x[i], column[:i])
	}
	return x
}

// largest returns the kept columns whose weights are not negligible.
func (f *factor) largest(weights []float64) []int {
	limit := 0.0
	for _, w := range weights {
		limit = max(limit, 1e-6*math.Abs(w))
	}
	var columns []int
	for i, w := range weights {
		if math.Abs(w) > limit {
			columns = append(columns, f.kept[i])
		}
	}
	return columns
}
