package segment

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// gaussians are the components of a mixture, made ready for densities. They are
// immutable.
type gaussians struct {
	shape   Covariance
	k, d    int
	weights []float64 // k
	means   []float64 // k x d
	// covariances has one block for each component, or one for all if they are
	// tied: d x d if full or tied, d variances if diagonal, one if spherical.
	covariances []float64
	// factors has the inverse of the lower Cholesky factor of each covariance,
	// d x d, or the inverses of d standard deviations.
	factors []float64
	// constants has for each component the logarithm of its weight and of its
	// density at the mean.
	constants []float64
}

// newGaussians takes ownership of its arguments. It refuses covariances that are
// not positive definite.
func newGaussians(shape Covariance, weights, means, covariances []float64) (*gaussians, error) {
	k := len(weights)
	g := &gaussians{
		shape: shape, k: k, d: len(means) / k, weights: weights, means: means,
		covariances: covariances, constants: make([]float64, k),
	}
	logDeterminants, err := g.factorise()
	if err != nil {
		return nil, err
	}
	for c, weight := range weights {
		g.constants[c] = math.Log(weight) + logDeterminants[c%len(logDeterminants)] -
			float64(g.d)*math.Log(2*math.Pi)/2
	}
	return g, nil
}

// factorise sets the factors. It returns the logarithms of their determinants.
func (g *gaussians) factorise() ([]float64, error) {
	if !g.shape.correlates() {
		return g.invertVariances(), nil
	}
	size := g.d * g.d
	g.factors = make([]float64, len(g.covariances))
	logs := make([]float64, len(g.covariances)/size)
	for c := range logs {
		factor := g.factors[c*size : (c+1)*size]
		if !invertCholesky(g.covariances[c*size:(c+1)*size], factor, g.d) {
			return nil, fmt.Errorf("segment: the covariance of component %d of %d is not positive definite", c+1, g.k)
		}
		for j := range g.d {
			logs[c] += math.Log(factor[j*g.d+j])
		}
	}
	return logs, nil
}

func (g *gaussians) invertVariances() []float64 {
	g.factors = make([]float64, g.k*g.d)
	logs := make([]float64, g.k)
	each := len(g.covariances) / g.k
	for c := range g.k {
		for j := range g.d {
			variance := g.covariances[c*each+j%each]
			g.factors[c*g.d+j] = 1 / math.Sqrt(variance)
			logs[c] -= math.Log(variance) / 2
		}
	}
	return logs
}

// invertCholesky sets to the inverse of the lower Cholesky factor of a d x d
// matrix, and reports whether the matrix is positive definite.
func invertCholesky(matrix, to []float64, d int) bool {
	copy(to, matrix)
	symmetric := blas64.Symmetric{N: d, Stride: d, Data: to, Uplo: blas.Lower}
	factor, ok := lapack64.Potrf(symmetric)
	return ok && lapack64.Trtri(factor)
}

// correlates reports whether components have covariances between features.
func (s Covariance) correlates() bool { return s == FullCovariance || s == TiedCovariance }

// factor returns the factor of component c.
func (g *gaussians) factor(c int) []float64 {
	switch g.shape {
	case FullCovariance:
		return g.factors[c*g.d*g.d : (c+1)*g.d*g.d]
	case TiedCovariance:
		return g.factors
	default:
		return g.factors[c*g.d : (c+1)*g.d]
	}
}

func (g *gaussians) mean(c int) []float64 { return g.means[c*g.d : (c+1)*g.d] }

// parameters is the number of free parameters.
func (g *gaussians) parameters() int {
	free := g.k*g.d + g.k - 1
	switch g.shape {
	case FullCovariance:
		return free + g.k*g.d*(g.d+1)/2
	case TiedCovariance:
		return free + g.d*(g.d+1)/2
	case DiagonalCovariance:
		return free + g.k*g.d
	default:
		return free + g.k
	}
}
