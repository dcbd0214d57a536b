package segment

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
)

// assignRows is the number of rows that one task assigns.
const assignRows = 2048

// Assign returns for each row of a table its segment, or [Noise] for a row that
// lacks a feature or, with DBSCAN, is not near any core row. K-means takes the
// nearest centre, a mixture the component of the greatest posterior probability,
// DBSCAN the segment of the nearest core row within Epsilon; each the first of
// equals. The table needs the features only. Cost is linear in rows, which are
// shared out to all cores.
func (m *Model) Assign(t *datasource.Table) ([]int, error) {
	labels, err := m.assign(context.Background(), t)
	if err != nil {
		return nil, fmt.Errorf("segment: assigning: %w", err)
	}
	return labels, nil
}

// Assigned is one batch of a source and the segments of its rows, as
// [Model.Assign] gives them.
type Assigned struct {
	Table  *datasource.Table
	Labels []int
}

// AssignBatches assigns a source of any size, batch by batch, in the order of the
// source. It holds one batch at a time, and shares the rows of each out to all
// cores. An error, of the source or for want of a feature, ends the sequence, as
// does the end of ctx.
func (m *Model) AssignBatches(ctx context.Context, src datasource.Source) iter.Seq2[Assigned, error] {
	return func(yield func(Assigned, error) bool) {
		rows := 0
		for batch, err := range src.Batches(ctx) {
			var labels []int
			if err == nil && batch == nil {
				err = errNoBatch
			}
			if err == nil {
				labels, err = m.assign(ctx, batch)
			}
			if err != nil {
				yield(Assigned{}, fmt.Errorf("segment: assigning after %d rows: %w", rows, err))
				return
			}
			rows += batch.Rows()
			if !yield(Assigned{batch, labels}, nil) {
				return
			}
		}
	}
}

func (m *Model) assign(ctx context.Context, t *datasource.Table) ([]int, error) {
	labels := make([]int, t.Rows())
	for i := range labels {
		labels[i] = Noise
	}
	err := m.eachChunk(ctx, t, func(rows []int, x []float64) error {
		found := make([]int32, len(rows))
		m.rule.assign(x, found)
		for i, row := range rows {
			labels[row] = int(found[i])
		}
		return nil
	})
	return labels, err
}

// eachChunk calls do, from several goroutines, with the scaled rows of each part
// of a table, and their numbers in the table. Rows that lack a feature are left
// out.
func (m *Model) eachChunk(ctx context.Context, t *datasource.Table, do func(rows []int, x []float64) error) error {
	columns, err := floatsOf(t, m.scaler.columns)
	if err != nil {
		return err
	}
	return par.Chunks(ctx, 0, t.Rows(), assignRows, func(_, low, high int) error {
		rows := make([]int, 0, high-low)
		x := make([]float64, 0, (high-low)*len(columns))
		for i := low; i < high; i++ {
			whole := false
			if x, whole = appendRow(x, columns, i); whole {
				rows = append(rows, i)
			}
		}
		m.scaler.apply(x)
		return do(rows, x)
	})
}

// floatsOf returns the values of the named columns of a table.
func floatsOf(t *datasource.Table, names []string) ([][]float64, error) {
	values := make([][]float64, len(names))
	for j, name := range names {
		c, err := t.NumericColumn(name)
		if err != nil {
			return nil, err
		}
		values[j] = c.Floats()
	}
	return values, nil
}

// appendRow appends row i of the columns, unless it lacks a value.
func appendRow(x []float64, columns [][]float64, i int) (longer []float64, whole bool) {
	n := len(x)
	for _, c := range columns {
		if math.IsNaN(c[i]) {
			return x[:n], false
		}
		x = append(x, c[i])
	}
	return x, true
}
