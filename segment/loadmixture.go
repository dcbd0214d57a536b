package segment

import (
	"fmt"
	"math"
)

func (s *savedMixture) rule(centres []float64, d int) (rule, error) {
	k := len(centres) / d
	if err := isPermutation("mixture.segments", s.Segments, k); err != nil {
		return nil, err
	}
	if err := s.checkWeights(k); err != nil {
		return nil, err
	}
	covariances, err := s.joinedCovariances(k, d)
	if err != nil {
		return nil, err
	}
	means := make([]float64, 0, len(centres))
	for _, id := range s.Segments {
		means = append(means, centres[id*d:(id+1)*d]...)
	}
	g, err := newGaussians(s.Covariance, s.Weights, means, covariances)
	if err != nil {
		return nil, fmt.Errorf("mixture.covariances: %w", err)
	}
	for c, v := range g.constants {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("mixture.covariances: that of component %d of %d has no finite determinant", c+1, k)
		}
	}
	return &mostLikely{g, s.Segments}, nil
}

func isPermutation(name string, ids []int, k int) error {
	seen := make([]bool, k)
	if len(ids) != k {
		return fmt.Errorf("%s: must be as many as segments, %d, got %d", name, k, len(ids))
	}
	for i, id := range ids {
		if id < 0 || id >= k || seen[id] {
			return fmt.Errorf("%s[%d]: must be from 0 to %d, each once, got %d", name, i, k-1, id)
		}
		seen[id] = true
	}
	return nil
}

func (s *savedMixture) checkWeights(k int) error {
	if len(s.Weights) != k {
		return fmt.Errorf("mixture.weights: must be as many as segments, %d, got %d", k, len(s.Weights))
	}
	sum := 0.0
	for i, w := range s.Weights {
		if w <= 0 || w > 1 {
			return fmt.Errorf("mixture.weights[%d]: must be more than 0 and at most 1, got %v", i, w)
		}
		sum += w
	}
	if math.Abs(sum-1) > 1e-9 {
		return fmt.Errorf("mixture.weights: must sum to 1, got %v", sum)
	}
	return nil
}

func (s *savedMixture) joinedCovariances(k, d int) ([]float64, error) {
	count, size := k, d
	switch s.Covariance {
	case FullCovariance:
		size = d * d
	case TiedCovariance:
		count, size = 1, d*d
	case DiagonalCovariance:
	case SphericalCovariance:
		size = 1
	default:
		return nil, fmt.Errorf("mixture.covariance: must be one of %q, got %q",
			[]Covariance{FullCovariance, TiedCovariance, DiagonalCovariance, SphericalCovariance}, s.Covariance)
	}
	if len(s.Covariances) != count {
		return nil, fmt.Errorf("mixture.covariances: must be %d, got %d", count, len(s.Covariances))
	}
	for c, block := range s.Covariances {
		if err := s.checkBlock(c, block, size, d); err != nil {
			return nil, err
		}
	}
	return joined("mixture.covariances", s.Covariances, size)
}

// checkBlock expects variances to be positive, matrices to be symmetric and
// correlations to be from -1 to 1, but for rounding.
func (s *savedMixture) checkBlock(c int, block []float64, size, d int) error {
	if len(block) != size {
		return fmt.Errorf("mixture.covariances[%d]: must have %d values, got %d", c, size, len(block))
	}
	for i, v := range block {
		row, column := i/d, i%d
		switch {
		case !s.Covariance.correlates() || row == column:
			if v <= 0 {
				return fmt.Errorf("mixture.covariances[%d][%d]: a variance must be more than 0, got %v", c, i, v)
			}
		case v != block[column*d+row]:
			return fmt.Errorf("mixture.covariances[%d][%d]: a matrix must be symmetric, got %v and %v", c, i, v, block[column*d+row])
		case math.Abs(v) > (1+1e-6)*math.Sqrt(block[row*d+row])*math.Sqrt(block[column*d+column]):
			return fmt.Errorf("mixture.covariances[%d][%d]: a covariance must be within the product of the two standard deviations, got %v", c, i, v)
		}
	}
	return nil
}
