package segment

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// improve tries to better a partition by swaps, as many as there were restarts:
// it draws rows far from their centres, puts a centre there in place of the one
// that is missed least, and iterates from that. Restarts alone stay stuck where
// one centre serves two groups and two centres share a third. Lattanzi and
// Sohler, "A better k-means++ algorithm via local search", ICML 2019.
func (m *kmeans) improve(ctx context.Context, p *partition) (*partition, error) {
	if p.k < 2 || p.inertia == 0 {
		return p, nil
	}
	random := m.random(p.k, m.restarts)
	s := newSwap(m)
	for range m.restarts {
		if err := s.measure(ctx, p); err != nil {
			return nil, err
		}
		best := exchange{cost: math.Inf(1)}
		for range trials(p.k) {
			e, err := s.cheapest(ctx, p, draw(s.first, p.inertia, random.Float64()))
			if err != nil {
				return nil, err
			}
			if e.cost < best.cost {
				best = e
			}
		}
		centres := slices.Clone(p.centres)
		copy(centres[best.centre*m.d:], m.row(best.row))
		next, err := m.lloyd(ctx, centres, m.maxIterations, m.tolerance)
		if err != nil {
			return nil, err
		}
		if next.inertia < p.inertia {
			p = next
		}
	}
	return p, nil
}

// swap holds what the search for the cheapest exchange needs to know of each
// row: the weighted squared distances from its nearest and its second nearest
// centre.
type swap struct {
	*kmeans
	first, second []float64
}

// exchange puts a row in place of a centre, and costs the inertia that follows
// before any iteration.
type exchange struct {
	centre, row int
	cost        float64
}

func newSwap(m *kmeans) *swap {
	return &swap{m, make([]float64, m.n), make([]float64, m.n)}
}

func (s *swap) measure(ctx context.Context, p *partition) error {
	block := kernel.NewBlock(p.centres, s.d)
	return par.Chunks(ctx, s.inner, s.n, chunkSize(s.n), func(_, low, high int) error {
		distances := make([]float64, block.Width())
		for i := low; i < high; i++ {
			_, first, second := block.NearestTwo(s.row(i), distances)
			s.first[i], s.second[i] = s.weight(i)*first, s.weight(i)*second
		}
		return nil
	})
}

// cheapest returns the exchange of the given row for the centre that is missed
// least.
func (s *swap) cheapest(ctx context.Context, p *partition, row int) (exchange, error) {
	x := s.row(row)
	// Each chunk has what its rows cost, and what they miss of each centre.
	chunks := make([][]float64, par.Count(s.n, chunkSize(s.n)))
	err := par.Chunks(ctx, s.inner, s.n, chunkSize(s.n), func(chunk, low, high int) error {
		costs := make([]float64, p.k+1)
		for i := low; i < high; i++ {
			squared := s.weight(i) * kernel.SquaredDistance(x, s.row(i))
			stay := min(s.first[i], squared)
			costs[p.k] += stay
			costs[p.labels[i]] += min(s.second[i], squared) - stay
		}
		chunks[chunk] = costs
		return nil
	})
	if err != nil {
		return exchange{}, err
	}
	costs := make([]float64, p.k+1)
	for _, c := range chunks {
		for i, v := range c {
			costs[i] += v
		}
	}
	centre := 0
	for c, missed := range costs[:p.k] {
		if missed < costs[centre] {
			centre = c
		}
	}
	return exchange{centre, row, costs[p.k] + costs[centre]}, nil
}
