package segment

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// scorer scores segments and takes scores apart, for one goroutine at a time.
type scorer interface {
	// score sets to[id] to how well segment id suits a scaled row: the segment of
	// the greatest score is the row's.
	score(x, to []float64)
	// split sets to[j] to what feature j adds to the difference of the scores of
	// two segments, and returns what the features do not add.
	split(x []float64, own, next int, to []float64) (offset float64)
}

// newScorer returns the scorer that a rule decides by, if it compares segments.
func newScorer(r rule) (scorer, bool) {
	switch r := r.(type) {
	case *nearestCentre:
		return r, true
	case *mostLikely:
		return &densities{r, make([]float64, r.d), make([]float64, r.d)}, true
	}
	return nil, false
}

// score takes the squared distance from each centre, less being better.
func (r *nearestCentre) score(x, to []float64) {
	for id := range to {
		to[id] = -kernel.SquaredDistance(x, r.centre(id, len(x)))
	}
}

// split multiplies differences of squares out, so that a row far from both centres
// loses no digits.
func (r *nearestCentre) split(x []float64, own, next int, to []float64) float64 {
	a, b := r.centre(own, len(x)), r.centre(next, len(x))
	for j, v := range x {
		to[j] = (a[j] - b[j]) * ((v - a[j]) + (v - b[j]))
	}
	return 0
}

func (r *nearestCentre) centre(id, d int) []float64 { return r.centres[id*d : (id+1)*d] }

// densities compares the components of a mixture by weight and density at a row.
type densities struct {
	*mostLikely
	deviation, whitened []float64 // d
}

func (s *densities) score(x, to []float64) {
	for c, id := range s.ids {
		s.whiten(c, x)
		to[id] = s.constants[c]
		for _, v := range s.whitened {
			to[id] -= v * v / 2
		}
	}
}

func (s *densities) split(x []float64, own, next int, to []float64) float64 {
	a, b := slices.Index(s.ids, own), slices.Index(s.ids, next)
	clear(to)
	s.addShares(a, x, -0.5, to)
	s.addShares(b, x, 0.5, to)
	return s.constants[a] - s.constants[b]
}

// whiten sets the deviation of a row from the mean of a component, and its product
// with the factor of the inverse covariance. The square of the product's length is
// that of the row's distance in standard deviations.
func (s *densities) whiten(c int, x []float64) {
	for j, mean := range s.mean(c) {
		s.deviation[j] = x[j] - mean
	}
	copy(s.whitened, s.deviation)
	s.multiply(c, blas.NoTrans)
}

// addShares adds to each feature its share of the squared distance, times scale:
// its deviation times that entry of the inverse covariance times the deviations.
// The covariance of two features is halved between them, which is Shapley's share
// of it.
func (s *densities) addShares(c int, x []float64, scale float64, to []float64) {
	s.whiten(c, x)
	s.multiply(c, blas.Trans)
	for j, v := range s.whitened {
		to[j] += scale * s.deviation[j] * v
	}
}

// multiply multiplies the whitened deviations by the factor of a component, or by
// its transpose.
func (s *densities) multiply(c int, transposed blas.Transpose) {
	factor := s.factor(c)
	if !s.shape.correlates() {
		for j := range s.whitened {
			s.whitened[j] *= factor[j]
		}
		return
	}
	lower := blas64.Triangular{N: s.d, Stride: s.d, Data: factor, Uplo: blas.Lower, Diag: blas.NonUnit}
	blas64.Trmv(transposed, lower, blas64.Vector{N: s.d, Inc: 1, Data: s.whitened})
}
