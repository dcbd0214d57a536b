package segment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// ErrNoReasons marks a model that cannot say why a row is in its segment.
var ErrNoReasons = errors.New("a row of DBSCAN is in its segment by a chain of near rows, " +
	"not by being more like it than like the next one: no feature has a part in that of its own")

// SumError is a row so far out, or a mixture so close to collinear, that the parts
// of the row's margin cannot be told to 1e-9.
type SumError struct {
	// Row is the row's number in the table, from 0.
	Row int
	// Margin is that of the row, Sum the sum of its parts. They may be infinite
	// or NaN.
	Margin, Sum float64
}

func (e *SumError) Error() string {
	return fmt.Sprintf("the figures of row %d are too large to compare: the parts of its margin sum to %v, the margin is %v", e.Row+1, e.Sum, e.Margin)
}

// Reason says why a row is in its segment rather than in the next one.
type Reason struct {
	// Segment is the row's segment as [Model.Assign] gives it, or [Noise] for a row
	// that lacks a feature. Next is the second best, of equals the first, or
	// [Noise] if there is no other. Without a next segment the rest is zero.
	Segment, Next int
	// Margin is by how much Segment suits the row better than Next. It is the sum
	// of the contributions and of Offset, and not below 0 but for rounding. For
	// k-means it is the difference of the squared distances from the two centres,
	// in scaled units. For a mixture it is that of the logarithms of the posterior
	// probabilities: at a margin of 2 the row is e^2, or 7.4, times as likely in
	// Segment as in Next.
	Margin float64
	// Offset is the part of the margin that the row has no part in: with a mixture,
	// how the components differ in weight and width. It is 0 for k-means.
	Offset float64
	// Factors has one entry for each feature, the greatest contribution first,
	// equal ones in order of name.
	Factors []Factor
}

// Factor is the part of one feature in a [Reason].
type Factor struct {
	Column string
	// Value is that of the row, Centre and NextCentre those of the two segments
	// (see [Model.Centre]), all in the column's unit.
	Value, Centre, NextCentre float64
	// Contribution is what the feature adds to the margin. Below 0 it speaks for
	// the next segment.
	Contribution float64
}

// Why says for each row of a table which features put it in its segment rather
// than in the next one.
//
// For k-means the contribution of a feature is the difference of its squared
// distances from the two centres. For a mixture it is the feature's Shapley value
// in the difference of the two log densities, where a feature that is left out
// stands at the mean of each component: with deviations v from the mean and the
// inverse covariance P that is -v[j] (P v)[j] / 2 of a component. Both are exact.
// The parts of each row are checked to sum to its margin, to 1e-9 of the figures
// that they come from; a [*SumError] names the first row where they do not. A
// model of [DBSCAN] gives [ErrNoReasons].
//
// The table needs the features only. The cost of a row is that of k distances, or
// of k densities, k d^2 at most. Rows are shared out to all cores.
func (m *Model) Why(ctx context.Context, t *datasource.Table) ([]Reason, error) {
	if _, ok := newScorer(m.rule); !ok {
		return nil, fmt.Errorf("segment: why: %w", ErrNoReasons)
	}
	columns, err := floatsOf(t, m.scaler.columns)
	if err != nil {
		return nil, fmt.Errorf("segment: why: %w", err)
	}
	out := slices.Repeat([]Reason{{Segment: Noise, Next: Noise}}, t.Rows())
	centres := make([][]float64, m.K())
	for id := range centres {
		centres[id] = m.Centre(id)
	}
	err = m.eachChunk(ctx, t, func(rows []int, x []float64) error {
		return newReasoner(m, columns, centres).explain(rows, x, out)
	})
	if err != nil {
		return nil, fmt.Errorf("segment: why: %w", err)
	}
	return out, nil
}

// reasoner finds reasons, one chunk of rows after the other.
type reasoner struct {
	*Model
	scorer
	columns [][]float64 // the features of the table
	centres [][]float64 // by segment, in the units of the features
	scores  []float64   // by segment
	parts   []float64   // by feature
}

func newReasoner(m *Model, columns, centres [][]float64) *reasoner {
	s, _ := newScorer(m.rule)
	return &reasoner{m, s, columns, centres, make([]float64, len(centres)), make([]float64, len(m.scaler.columns))}
}

// explain sets the reasons of the rows with the given numbers, which stand end to
// end in x.
func (r *reasoner) explain(rows []int, x []float64, out []Reason) error {
	d := len(r.parts)
	labels := make([]int32, len(rows))
	r.rule.assign(x, labels)
	factors := make([]Factor, len(rows)*d)
	for i, row := range rows {
		reason := &out[row]
		reason.Segment = int(labels[i])
		if len(r.scores) < 2 {
			continue
		}
		reason.Factors = factors[i*d : (i+1)*d : (i+1)*d]
		if err := r.compare(x[i*d:(i+1)*d], row, reason); err != nil {
			return err
		}
	}
	return nil
}

// compare sets what puts a scaled row in its segment.
func (r *reasoner) compare(x []float64, row int, to *Reason) error {
	r.score(x, r.scores)
	to.Next = best(r.scores, to.Segment)
	own, next := r.scores[to.Segment], r.scores[to.Next]
	to.Margin = own - next
	to.Offset = r.split(x, to.Segment, to.Next, r.parts)
	sum, extent := to.Offset, 1+math.Abs(own)+math.Abs(next)+math.Abs(to.Offset)
	for j, part := range r.parts {
		sum += part
		extent += math.Abs(part)
		to.Factors[j] = Factor{
			Column: r.scaler.columns[j], Value: r.columns[j][row],
			Centre: r.centres[to.Segment][j], NextCentre: r.centres[to.Next][j], Contribution: part,
		}
	}
	const tolerance = 1e-9
	if !(max(math.Abs(sum-to.Margin), -to.Margin) <= tolerance*extent) || math.IsInf(extent, 1) {
		return &SumError{Row: row, Margin: to.Margin, Sum: sum}
	}
	slices.SortStableFunc(to.Factors, func(a, b Factor) int { return cmp.Compare(b.Contribution, a.Contribution) })
	return nil
}

// best returns the index of the greatest score, the first of equals, but for one.
func best(scores []float64, except int) int {
	found := -1
	for i, s := range scores {
		if i != except && (found < 0 || s > scores[found]) {
			found = i
		}
	}
	return found
}
