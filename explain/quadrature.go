package explain

import "gonum.org/v1/gonum/integrate/quad"

// quadrature is Gauss-Legendre quadrature from 0 to 1, by which Shapley values of
// a leaf are computed. The leaf of a tree is a game of the columns on its path:
// it is reached by a row when the row satisfies the conditions on each of them,
// so its worth is value * product over the columns of z (column unknown) or o
// (known). The Shapley value of column j is
//
//	value * ∫ (o_j - z_j) * product over i≠j of (z_i (1-t) + o_i t) dt,   t from 0 to 1
//
// (Owen 1972). The integrand is a polynomial of a degree below the number of
// columns m, so that m/2 points integrate it exactly. All its factors are
// positive and at most 1: nothing cancels and nothing overflows at any depth,
// which is what expanding such polynomials into coefficients suffers from.
type quadrature struct {
	points, weights []float64
}

// newQuadrature returns the quadrature that is exact for games of the given
// number of players.
func newQuadrature(players int) quadrature {
	n := max(1, (players+1)/2)
	q := quadrature{points: make([]float64, n), weights: make([]float64, n)}
	quad.Legendre{}.FixedLocations(q.points, q.weights, 0, 1)
	return q
}
