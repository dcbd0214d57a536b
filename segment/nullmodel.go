package segment

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// drawer makes data without structure from the data. The idea of a reference
// distribution is that of Tibshirani, Walther and Hastie, "Estimating the number
// of clusters via the gap statistic", J. R. Statist. Soc. B 63 (2001).
type drawer interface {
	draw(random *rand.Rand) points
}

// shuffle permutes each feature on its own: the same columns with nothing
// between them. One feature on its own would not change by that, so it is drawn
// anew, evenly between its least and its greatest value.
type shuffle struct{ points }

func newShuffle(p points) shuffle { return shuffle{p} }

func (s shuffle) draw(random *rand.Rand) points {
	n := min(s.n, referenceRows)
	q := points{n: n, d: s.d, x: make([]float64, n*s.d)}
	if s.d == 1 {
		low, high := slices.Min(s.x), slices.Max(s.x)
		for i := range q.x {
			q.x[i] = low + (high-low)*random.Float64()
		}
		return q
	}
	for j := range s.d {
		for i, v := range s.someOf(j, n, random) {
			q.x[i*s.d+j] = v
		}
	}
	return q
}

// someOf returns n values of a feature, drawn without putting them back, in
// random order.
func (p points) someOf(feature, n int, random *rand.Rand) []float64 {
	column := make([]float64, p.n)
	for i := range column {
		column[i] = p.x[i*p.d+feature]
	}
	for i := range n {
		other := i + random.IntN(p.n-i)
		column[i], column[other] = column[other], column[i]
	}
	return column[:n]
}

// correlated permutes each feature so that the features still rise and fall
// together as they do in the data: a Gaussian copula with the margins of the
// data. Without it, a cloud that is merely stretched would count as groups.
type correlated struct {
	points
	factor mat.TriDense // lower, of the correlation of normal scores
}

// related is the correlation above which two features are worth a comparison of
// their own: below it, the draws are hardly other than those of shuffle.
const related = 0.1

// newCorrelated returns nil where no two features are related.
func newCorrelated(p points, seed uint64) *correlated {
	if p.d < 2 {
		return nil
	}
	rows := sampleRows(p.n, seed)
	scores := mat.NewDense(len(rows), p.d, nil)
	for j := range p.d {
		for i, score := range normalScores(p, rows, j) {
			scores.Set(i, j, score)
		}
	}
	r := mat.NewSymDense(p.d, nil)
	r.SymOuterK(1, scores.T())
	strongest := 0.0
	scaled := mat.NewSymDense(p.d, nil)
	for i := range p.d {
		for j := range i {
			v := r.At(i, j) / math.Sqrt(r.At(i, i)*r.At(j, j))
			strongest = max(strongest, math.Abs(v))
			scaled.SetSym(i, j, v)
		}
		scaled.SetSym(i, i, 1+1e-9) // features may follow from one another
	}
	c := &correlated{points: p}
	var cholesky mat.Cholesky
	if !(strongest > related) || !cholesky.Factorize(scaled) {
		return nil
	}
	cholesky.LTo(&c.factor)
	return c
}

// normalScores returns the normal quantiles of the ranks of a feature, equal
// values at their mean rank.
func normalScores(p points, rows []int, feature int) []float64 {
	value := func(i int) float64 { return p.x[rows[i]*p.d+feature] }
	order := sortedBy(len(rows), value)
	scores := make([]float64, len(rows))
	for low := 0; low < len(order); {
		high := low + 1
		for high < len(order) && value(order[high]) == value(order[low]) {
			high++
		}
		share := float64(low+high+1) / 2 / float64(len(order)+1)
		score := distuv.UnitNormal.Quantile(share)
		for _, i := range order[low:high] {
			scores[i] = score
		}
		low = high
	}
	return scores
}

// sortedBy returns the numbers from 0 to n-1, sorted by value.
func sortedBy(n int, value func(i int) float64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
	return order
}

func (c *correlated) draw(random *rand.Rand) points {
	n := min(c.n, referenceRows)
	normal, factor := make([]float64, n*c.d), c.factor.RawTriangular()
	independent := make([]float64, c.d)
	for i := range n {
		for j := range independent {
			independent[j] = random.NormFloat64()
		}
		for j := range c.d {
			for l, weight := range factor.Data[j*factor.Stride:][:j+1] {
				normal[i*c.d+j] += weight * independent[l]
			}
		}
	}
	q := points{n: n, d: c.d, x: make([]float64, n*c.d)}
	for j := range c.d {
		values := c.someOf(j, n, random)
		slices.Sort(values)
		for place, i := range sortedBy(n, func(i int) float64 { return normal[i*c.d+j] }) {
			q.x[i*c.d+j] = values[place]
		}
	}
	return q
}
