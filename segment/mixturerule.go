package segment

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
)

// mostLikely is the rule of a mixture: the component of the greatest posterior
// probability, the first of equals.
type mostLikely struct {
	*gaussians
	// ids has the segment of each component.
	ids []int
}

func newMostLikely(g *gaussians) *mostLikely {
	r := &mostLikely{g, make([]int, g.k)}
	for c := range r.ids {
		r.ids[c] = c
	}
	return r
}

func (r *mostLikely) assign(x []float64, labels []int32) {
	r.eachBlock(x, func(low int, b *block) {
		for i := range b.n {
			labels[low+i] = int32(r.ids[b.likeliest(i)])
		}
	})
}

// eachBlock calls do with scaled rows whose posteriors are known, and the number
// of the first of them.
func (r *mostLikely) eachBlock(x []float64, do func(low int, b *block)) {
	n := len(x) / r.d
	b := newBlock(r.k, r.d, min(n, rowsPerBlock))
	for low := 0; low < n; low += rowsPerBlock {
		b.load(x[low*r.d : min(low+rowsPerBlock, n)*r.d])
		b.evaluate(r.gaussians)
		do(low, b)
	}
}

// renumbered keeps the order of the components, so that ties fall as they did.
func (r *mostLikely) renumbered(ids []int) rule {
	s := &mostLikely{r.gaussians, make([]int, r.k)}
	for c, id := range r.ids {
		s.ids[c] = ids[id]
	}
	return s
}

// Probabilities returns for each row of a table the posterior probability of each
// segment, or nil for a row that lacks a feature. Only a mixture has them: other
// models give an error. A row so far out that every density is 0 belongs to all
// segments alike. The table needs the features only. The cost of a row is that of
// k densities, k d^2 at most.
func (m *Model) Probabilities(t *datasource.Table) ([][]float64, error) {
	r, ok := m.rule.(*mostLikely)
	if !ok {
		return nil, fmt.Errorf("segment: probabilities: only a model of algorithm %q has them, this one is of %q", GMM, m.algorithm)
	}
	out := make([][]float64, t.Rows())
	err := m.eachChunk(context.Background(), t, func(rows []int, x []float64) error {
		all := make([]float64, len(rows)*r.k)
		r.eachBlock(x, func(low int, b *block) {
			for i := range b.n {
				at := low + i
				out[rows[at]] = all[at*r.k : (at+1)*r.k : (at+1)*r.k]
				b.probabilities(i, r.ids, out[rows[at]])
			}
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("segment: probabilities: %w", err)
	}
	return out, nil
}
