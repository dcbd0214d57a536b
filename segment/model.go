package segment

import (
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Model is a fitted segmentation: a scaler, and a rule that finds the segment of
// a scaled row. It is immutable and safe for concurrent use.
type Model struct {
	algorithm Algorithm
	scaler    *Scaler
	centres   []float64 // k x d, by segment ID, in scaled units
	rule      rule
	segments  []Segment
}

// rule finds segments. A rule is immutable.
type rule interface {
	// assign sets the labels of scaled rows, which stand end to end, to their
	// segments or Noise.
	assign(x []float64, labels []int32)
	// renumbered returns the rule that says ids[i] where this one says i.
	renumbered(ids []int) rule
}

func newModel(a Algorithm, s *Scaler, p *partition, ids []int) *Model {
	d := len(s.columns)
	return &Model{algorithm: a, scaler: s, centres: reordered(p.centres, d, ids), rule: p.rule.renumbered(ids)}
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

func (r *nearestCentre) assign(x []float64, labels []int32) {
	d := len(x) / max(1, len(labels))
	for i := range labels {
		label, _ := kernel.Nearest(x[i*d:(i+1)*d], r.centres)
		labels[i] = int32(label)
	}
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

// Segments returns what was said of the segments of the table that the model was
// fitted on: [Result.Segments] of that fit.
func (m *Model) Segments() []Segment { return copied(m.segments) }

// copied returns segments that share nothing with the given ones.
func copied(segments []Segment) []Segment {
	out := slices.Clone(segments)
	for i := range out {
		out[i].Columns = slices.Clone(out[i].Columns)
		out[i].Categories = slices.Clone(out[i].Categories)
		for j := range out[i].Categories {
			out[i].Categories[j].Top = slices.Clone(out[i].Categories[j].Top)
		}
	}
	return out
}
