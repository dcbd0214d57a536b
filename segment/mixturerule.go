package segment

import (
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

func (r *mostLikely) assign(x []float64) int {
	b := newBlock(r.k, r.d, 1)
	b.load(x)
	b.evaluate(r.gaussians)
	return r.ids[b.likeliest(0)]
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
	b := newBlock(r.k, r.d, rowsPerBlock)
	var x []float64
	var rows []int
	flush := func() {
		b.load(x)
		b.evaluate(r.gaussians)
		all := make([]float64, len(rows)*r.k)
		for i, row := range rows {
			out[row] = all[i*r.k : (i+1)*r.k : (i+1)*r.k]
			b.probabilities(i, r.ids, out[row])
		}
		x, rows = x[:0], rows[:0]
	}
	err := m.eachRow(t, func(i int, row []float64) {
		if row == nil {
			return
		}
		x, rows = append(x, row...), append(rows, i)
		if len(rows) == rowsPerBlock {
			flush()
		}
	})
	if err != nil {
		return nil, fmt.Errorf("segment: probabilities: %w", err)
	}
	flush()
	return out, nil
}
