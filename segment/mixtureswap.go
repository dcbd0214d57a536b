package segment

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// The moves of a component that follow each start. Expectation-maximisation moves
// components a little at a time, and stays where two of them share one group and
// a third spans two others; a jump gets it out of there. After Zhao, Hautamäki,
// Kärkkäinen and Fränti, "Random swap EM algorithm for Gaussian mixture models",
// Pattern Recognition Letters 33 (2012).
const (
	// mostSwaps bounds the swaps after each start, swapRows the rows to spend on
	// them: among many rows a start rarely ends in a poor place, and a swap is
	// dear.
	mostSwaps, swapRows = 6, 20_000
	// drawn is the number of rows of which a component takes the one that the
	// mixture describes worst.
	drawn = 4
	// moved is the variance of a component that has moved, in scaled units.
	moved = 0.1
	// refinement is how much finer the tolerance is of what a swap has to beat.
	refinement = 0.1
)

// swaps returns the number of swaps that follow each start: the more components,
// the more ways there are to misplace one.
func (m *mixtures) swaps(k int) int {
	if m.c.Restarts == 1 {
		return 0
	}
	return min(k-1, mostSwaps, swapRows/m.n)
}

// explore follows a start by swaps, and keeps those that raise the likelihood.
func (m *mixtures) explore(ctx context.Context, e *expectation, best *mixtureFit, restart int) (*mixtureFit, error) {
	random := rng.Stream(m.c.Seed, streamSwap, uint64(best.k), uint64(restart))
	best, err := m.iterate(ctx, e, best, m.c.MaxIterations, m.c.Tolerance*refinement)
	if err != nil {
		return nil, err
	}
	for range m.swaps(best.k) {
		g, err := relocate(m.points, best.gaussians, random)
		if err != nil {
			return nil, err
		}
		next, err := m.iterate(ctx, e, unfinished(g), m.c.MaxIterations, m.c.Tolerance)
		if err != nil {
			return nil, err
		}
		if next.logLikelihood <= best.logLikelihood {
			continue
		}
		if best, err = m.iterate(ctx, e, next, m.c.MaxIterations, m.c.Tolerance*refinement); err != nil {
			return nil, err
		}
	}
	return best, nil
}

// relocate moves one component, drawn at random, to a row that the mixture
// describes badly. All weights become equal.
func relocate(p points, g *gaussians, random *rand.Rand) (*gaussians, error) {
	c := random.IntN(g.k)
	weights, means, covariances := slices.Clone(g.weights), slices.Clone(g.means), slices.Clone(g.covariances)
	for i := range weights {
		weights[i] = 1 / float64(g.k)
	}
	copy(means[c*g.d:], worst(p, g, random))
	if g.shape != TiedCovariance {
		size := len(covariances) / g.k
		own := covariances[c*size : (c+1)*size]
		clear(own)
		step := 1
		if g.shape == FullCovariance {
			step = g.d + 1
		}
		for j := 0; j < size; j += step {
			own[j] = moved
		}
	}
	return newGaussians(g.shape, weights, means, covariances)
}

// worst draws a few rows and returns the one of least density.
func worst(p points, g *gaussians, random *rand.Rand) []float64 {
	b := newBlock(g.k, g.d, 1)
	var at []float64
	least := math.Inf(1)
	for range drawn {
		x := p.row(random.IntN(p.n))
		b.load(x)
		if density := b.evaluate(g); density < least {
			at, least = x, density
		}
	}
	return at
}
