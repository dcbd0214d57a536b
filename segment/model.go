package segment

import (
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Model is a fitted segmentation: a scaler, and a rule that finds the segment of
// a scaled row. It is immutable and safe for concurrent use.
type Model struct {
	algorithm Algorithm
	scaler    *Scaler
	centres   []float64 // k x d, by segment ID, in scaled units
	rule      rule
}

// rule finds segments. A rule is immutable.
type rule interface {
	// assign returns the segment of a scaled row, or Noise.
	assign(x []float64) int
	// renumbered returns the rule that says ids[i] where this one says i.
	renumbered(ids []int) rule
}

func newModel(a Algorithm, s *Scaler, p *partition, ids []int) *Model {
	d := len(s.columns)
	return &Model{a, s, reordered(p.centres, d, ids), p.rule.renumbered(ids)}
}

// reordered moves block i of d values to place ids[i].
func reordered(blocks []float64, d int, ids []int) []float64 {
	out := make([]float64, len(blocks))
	for from, to := range ids {
		copy(out[to*d:(to+1)*d], blocks[from*d:])
	}
	return out
}

// nearestCentre is the rule of k-means: the nearest centre, the first of equals.
type nearestCentre struct{ centres []float64 }

func (r *nearestCentre) assign(x []float64) int {
	label, _ := kernel.Nearest(x, r.centres)
	return label
}

func (r *nearestCentre) renumbered(ids []int) rule {
	return &nearestCentre{reordered(r.centres, len(r.centres)/len(ids), ids)}
}

// Algorithm returns the algorithm that the model was fitted with.
func (m *Model) Algorithm() Algorithm { return m.algorithm }

// K returns the number of segments.
func (m *Model) K() int { return len(m.centres) / len(m.scaler.columns) }

// Scaler returns the scaling of the features that the model was fitted with.
func (m *Model) Scaler() *Scaler { return m.scaler }

// Centre returns the centre of a segment in the units of the features, in the
// order of [Scaler.Columns]: the mean of its rows, or of its component for a
// mixture.
func (m *Model) Centre(segment int) []float64 {
	d := len(m.scaler.columns)
	c := slices.Clone(m.centres[segment*d : (segment+1)*d])
	for j := range c {
		c[j] = c[j]*m.scaler.std[j] + m.scaler.mean[j]
	}
	return c
}

// Assign returns for each row of a table its segment, or [Noise] for a row that
// lacks a feature or, with DBSCAN, is not near any core row. K-means takes the
// nearest centre, a mixture the component of the greatest posterior probability,
// DBSCAN the segment of the nearest core row within Epsilon; each the first of
// equals. The table needs the features only. Cost is linear in rows.
func (m *Model) Assign(t *datasource.Table) ([]int, error) {
	labels := make([]int, t.Rows())
	err := m.eachRow(t, func(i int, x []float64) {
		labels[i] = Noise
		if x != nil {
			labels[i] = m.rule.assign(x)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("segment: assigning: %w", err)
	}
	return labels, nil
}

// eachRow calls do with each scaled row of a table, nil for one that lacks a
// feature. The slice is used again.
func (m *Model) eachRow(t *datasource.Table, do func(i int, x []float64)) error {
	columns := make([][]float64, len(m.scaler.columns))
	for j, name := range m.scaler.columns {
		c, err := t.NumericColumn(name)
		if err != nil {
			return err
		}
		columns[j] = c.Floats()
	}
	x := make([]float64, len(columns))
	for i := range t.Rows() {
		missing := false
		for j, c := range columns {
			x[j] = c[i]
			missing = missing || c[i] != c[i]
		}
		if missing {
			do(i, nil)
			continue
		}
		m.scaler.apply(x)
		do(i, x)
	}
	return nil
}
