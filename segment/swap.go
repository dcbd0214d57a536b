package segment

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
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
		s.measure(p)
		best := exchange{cost: math.Inf(1)}
		for range trials(p.k) {
			if e := s.cheapest(p, draw(s.first, p.inertia, random.Float64())); e.cost < best.cost {
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
// row: the squared distances from its nearest and its second nearest centre.
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

func (s *swap) measure(p *partition) {
	for i := range s.n {
		_, s.first[i], s.second[i] = kernel.NearestTwo(s.row(i), p.centres)
	}
}

// cheapest returns the exchange of the given row for the centre that is missed
// least.
func (s *swap) cheapest(p *partition, row int) exchange {
	x := s.row(row)
	missed := make([]float64, p.k)
	total := 0.0
	for i, label := range p.labels {
		squared := kernel.SquaredDistance(x, s.row(i))
		stay := min(s.first[i], squared)
		total += stay
		missed[label] += min(s.second[i], squared) - stay
	}
	centre := 0
	for c, m := range missed {
		if m < missed[centre] {
			centre = c
		}
	}
	return exchange{centre, row, total + missed[centre]}
}
