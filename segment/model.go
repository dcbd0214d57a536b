package segment

import (
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Model is a fitted segmentation: a scaler and a centre for each segment. It is
// immutable and safe for concurrent use.
type Model struct {
	scaler  *Scaler
	centres []float64 // k x d, by segment ID, in scaled units
}

func newModel(s *Scaler, p *partition, ids []int) *Model {
	m := &Model{scaler: s, centres: make([]float64, len(p.centres))}
	d := len(s.columns)
	for label, id := range ids {
		copy(m.centres[id*d:], p.centre(label))
	}
	return m
}

// K returns the number of segments.
func (m *Model) K() int { return len(m.centres) / len(m.scaler.columns) }

// Scaler returns the scaling of the features that the model was fitted with.
func (m *Model) Scaler() *Scaler { return m.scaler }

// Centre returns the centre of a segment in the units of the features, in the
// order of [Scaler.Columns].
func (m *Model) Centre(segment int) []float64 {
	d := len(m.scaler.columns)
	c := slices.Clone(m.centres[segment*d : (segment+1)*d])
	for j := range c {
		c[j] = c[j]*m.scaler.std[j] + m.scaler.mean[j]
	}
	return c
}

// Assign returns for each row of a table the segment whose centre is nearest,
// the first of equals, or -1 for a row that lacks a feature. The table needs the
// features only. Cost is n k d.
func (m *Model) Assign(t *datasource.Table) ([]int, error) {
	columns := make([][]float64, len(m.scaler.columns))
	for j, name := range m.scaler.columns {
		c, err := t.NumericColumn(name)
		if err != nil {
			return nil, fmt.Errorf("segment: assigning: %w", err)
		}
		columns[j] = c.Floats()
	}
	labels := make([]int, t.Rows())
	row := make([]float64, len(columns))
	for i := range labels {
		missing := false
		for j, c := range columns {
			row[j] = c[i]
			missing = missing || c[i] != c[i]
		}
		if missing {
			labels[i] = -1
			continue
		}
		m.scaler.apply(row)
		labels[i], _ = kernel.Nearest(row, m.centres)
	}
	return labels, nil
}
