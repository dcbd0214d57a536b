package segment

import (
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// tiny is ten times the distance from 1 to the next larger float. Added to each
// mass, as scikit-learn does, it spares a component without rows a division by 0.
const tiny = 10 * 0x1p-52

// mixtureSums are what a maximisation needs to know of the rows. Coordinates are
// taken from the means of the expectation, so that no digits are lost to a
// component far from the origin.
type mixtureSums struct {
	shape         Covariance
	d             int
	logLikelihood float64
	mass          []float64 // k: sums of posteriors
	first         []float64 // k x d: weighted sums of coordinates
	// second has weighted sums of products of coordinates: the lower triangle
	// of d x d for each component or, if tied, for all; or d squares.
	second []float64
}

func newMixtureSums(shape Covariance, k, d int) *mixtureSums {
	s := &mixtureSums{shape: shape, d: d, mass: make([]float64, k), first: make([]float64, k*d)}
	switch shape {
	case FullCovariance:
		s.second = make([]float64, k*d*d)
	case TiedCovariance:
		s.second = make([]float64, d*d)
	default:
		s.second = make([]float64, k*d)
	}
	return s
}

func (s *mixtureSums) reset() {
	s.logLikelihood = 0
	clear(s.mass)
	clear(s.first)
	clear(s.second)
}

// add takes in points by columns, with their weights in component c.
func (s *mixtureSums) add(c int, weights, columns []float64, moments *kernel.Moments) {
	first := s.first[c*s.d : (c+1)*s.d]
	if s.shape.correlates() {
		s.mass[c] += moments.Products(weights, columns, first, s.block(c))
	} else {
		s.mass[c] += moments.Squares(weights, columns, first, s.block(c))
	}
}

// block returns the second moments that component c adds to.
func (s *mixtureSums) block(c int) []float64 {
	size := s.d
	switch s.shape {
	case TiedCovariance:
		return s.second
	case FullCovariance:
		size = s.d * s.d
	}
	return s.second[c*size : (c+1)*size]
}

func (s *mixtureSums) merge(o *mixtureSums) {
	s.logLikelihood += o.logLikelihood
	addTo(s.mass, o.mass)
	addTo(s.first, o.first)
	addTo(s.second, o.second)
}

func addTo(to, values []float64) {
	for i, v := range values {
		to[i] += v
	}
}

// maximise returns the components of the greatest likelihood under the posteriors
// that were summed up around the given means. A component that has no row keeps
// its mean, with next to no weight.
func (s *mixtureSums) maximise(means []float64, regularisation float64) (*gaussians, error) {
	k := len(s.mass)
	total := 0.0
	weights, shifts, moved := make([]float64, k), make([]float64, k*s.d), make([]float64, k*s.d)
	for c, mass := range s.mass {
		weights[c] = mass + tiny
		total += weights[c]
		for j := c * s.d; j < (c+1)*s.d; j++ {
			shifts[j] = s.first[j] / weights[c]
			moved[j] = means[j] + shifts[j]
		}
	}
	covariances := s.covariances(weights, shifts, total, regularisation)
	for c := range weights {
		weights[c] /= total
	}
	return s.firm(weights, moved, covariances)
}

// firm makes components of covariances that rounding may have robbed of their
// definiteness, as it can where the regularisation is next to nothing and the
// features are collinear: it adds to the diagonals, tenfold at each trial, until
// they are definite.
func (s *mixtureSums) firm(weights, means, covariances []float64) (*gaussians, error) {
	const trials = 20
	added := 0x1p-52 * slices.Max(covariances)
	for range trials {
		if g, err := newGaussians(s.shape, weights, means, covariances); err == nil {
			return g, nil
		}
		for at := range covariances {
			if at%(s.d*s.d)%(s.d+1) == 0 {
				covariances[at] += added
			}
		}
		added *= 10
	}
	return nil, fmt.Errorf("segment: fitting a mixture of %d components: Regularisation is too large for a covariance to be inverted", len(weights))
}

// covariances returns those around means that have shifted.
func (s *mixtureSums) covariances(masses, shifts []float64, total, regularisation float64) []float64 {
	switch s.shape {
	case FullCovariance:
		return s.full(masses, shifts, regularisation)
	case TiedCovariance:
		return s.tied(masses, shifts, total, regularisation)
	case SphericalCovariance:
		return averaged(s.diagonal(masses, shifts, 0), s.d, regularisation)
	default:
		return s.diagonal(masses, shifts, regularisation)
	}
}

func (s *mixtureSums) full(masses, shifts []float64, regularisation float64) []float64 {
	out := make([]float64, len(s.second))
	for c, mass := range masses {
		at, shift := out[c*s.d*s.d:(c+1)*s.d*s.d], shifts[c*s.d:(c+1)*s.d]
		for i := range s.d {
			for j := range i + 1 {
				v := s.block(c)[i*s.d+j]/mass - shift[i]*shift[j]
				at[i*s.d+j], at[j*s.d+i] = v, v
			}
			at[i*s.d+i] += regularisation
		}
	}
	return out
}

func (s *mixtureSums) tied(masses, shifts []float64, total, regularisation float64) []float64 {
	out := make([]float64, len(s.second))
	for i := range s.d {
		for j := range i + 1 {
			v := s.second[i*s.d+j]
			for c, mass := range masses {
				v -= mass * shifts[c*s.d+i] * shifts[c*s.d+j]
			}
			out[i*s.d+j], out[j*s.d+i] = v/total, v/total
		}
		out[i*s.d+i] += regularisation
	}
	return out
}

func (s *mixtureSums) diagonal(masses, shifts []float64, regularisation float64) []float64 {
	out := make([]float64, len(s.second))
	for i := range out {
		out[i] = max(0, s.second[i]/masses[i/s.d]-shifts[i]*shifts[i]) + regularisation
	}
	return out
}

// averaged returns the mean of each d values, plus the regularisation.
func averaged(variances []float64, d int, regularisation float64) []float64 {
	out := make([]float64, len(variances)/d)
	for i, v := range variances {
		out[i/d] += v / float64(d)
	}
	for c := range out {
		out[c] += regularisation
	}
	return out
}
