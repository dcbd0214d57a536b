package insights

import (
	"context"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// Correlation is a symmetric matrix of Pearson correlations, from -1 to 1 and
// exactly 1 on the diagonal. A value is NaN where a column is constant up to
// rounding, fewer than two rows have both values, or numbers are too large to
// square (beyond about 1e150).
type Correlation struct {
	Columns []string
	R       [][]float64
}

// Correlate correlates the named columns, all numeric ones of the table when none
// is named. Each pair uses the rows that have both values, as in pandas' corr. A
// column that does not exist or is not numeric is an error of datasource; when
// ctx ends, the error is ctx's. Cost is rows times the square of columns.
func Correlate(ctx context.Context, t *datasource.Table, columns ...string) (Correlation, error) {
	numeric, err := numericColumns(t, columns)
	if err != nil {
		return Correlation{}, fmt.Errorf("correlate: %w", err)
	}
	c := newCorrelation(numeric)
	var complete, gappy []int
	for i, column := range numeric {
		if column.MissingCount() == 0 {
			complete = append(complete, i)
		} else {
			gappy = append(gappy, i)
		}
	}
	if err := c.fillComplete(ctx, numeric, complete); err != nil {
		return Correlation{}, err
	}
	err = par.Each(ctx, 0, len(gappy), func(task int) error {
		return c.fillGappy(ctx, numeric, gappy[task])
	})
	if err != nil {
		return Correlation{}, err
	}
	c.mirror()
	return c, nil
}

func newCorrelation(columns []datasource.Column) Correlation {
	c := Correlation{Columns: make([]string, len(columns)), R: make([][]float64, len(columns))}
	for i, column := range columns {
		c.Columns[i] = column.Name()
		c.R[i] = make([]float64, len(columns))
	}
	return c
}

// fillComplete correlates the columns without gaps in one pass.
func (c Correlation) fillComplete(ctx context.Context, columns []datasource.Column, which []int) error {
	if len(which) == 0 {
		return nil
	}
	values := make([][]float64, len(which))
	for k, i := range which {
		values[k] = columns[i].Floats()
	}
	g, err := products(ctx, 0, values)
	if err != nil {
		return err
	}
	for k, i := range which {
		for l, j := range which[:k+1] {
			c.R[i][j] = pearson(g, k, l)
		}
	}
	return nil
}

// fillGappy correlates a column that has gaps with those before it, and with
// those after it that have none. Each pair of the lower triangle has one filler,
// so that fillers may run at once.
func (c Correlation) fillGappy(ctx context.Context, columns []datasource.Column, i int) error {
	for j, other := range columns {
		if j > i && other.MissingCount() > 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		g, err := products(ctx, 1, inBoth(columns[i].Floats(), other.Floats()))
		if err != nil {
			return err
		}
		second := 1
		if i == j {
			second = 0 // so that the diagonal is exactly 1
		}
		c.R[max(i, j)][min(i, j)] = pearson(g, 0, second)
	}
	return nil
}

// inBoth returns the values of the rows that have both.
func inBoth(x, y []float64) [][]float64 {
	pair := [][]float64{make([]float64, 0, len(x)), make([]float64, 0, len(x))}
	for row, v := range x {
		if w := y[row]; !math.IsNaN(v) && !math.IsNaN(w) {
			pair[0], pair[1] = append(pair[0], v), append(pair[1], w)
		}
	}
	return pair
}

// products adds up the centred products of columns of equal length.
func products(ctx context.Context, workers int, columns [][]float64) (*stat.Gram, error) {
	type chunk struct {
		block stat.Block
		gram  *stat.Gram
	}
	rows, dim := len(columns[0]), len(columns)
	total := stat.NewGram(dim, dim)
	fresh := func() *chunk {
		c := &chunk{stat.Block{Numbers: make([][]float64, dim), Centred: make([][]float64, dim)}, stat.NewGram(dim, dim)}
		for i := range c.block.Centred {
			c.block.Centred[i] = make([]float64, min(stat.ChunkRows, rows))
		}
		return c
	}
	add := func(c *chunk, task int) {
		low := task * stat.ChunkRows
		high := min(low+stat.ChunkRows, rows)
		for i, values := range columns {
			c.block.Numbers[i] = values[low:high]
		}
		c.gram.Reset()
		c.gram.Add(c.block)
	}
	merge := func(c *chunk, _ int) { total.Merge(c.gram) }
	err := stat.Reduce(ctx, workers, par.Count(rows, stat.ChunkRows), fresh, add, merge)
	return total, err
}

func pearson(g *stat.Gram, i, j int) float64 {
	switch {
	case g.Constant(i) || g.Constant(j) || !g.Finite(i) || !g.Finite(j):
		return math.NaN()
	case i == j:
		return 1
	}
	r := g.At(i, j) / (math.Sqrt(g.At(i, i)) * math.Sqrt(g.At(j, j)))
	return max(-1, min(1, r))
}

// mirror copies the lower triangle to the upper one.
func (c Correlation) mirror() {
	for i, row := range c.R {
		for j := range i {
			c.R[j][i] = row[j]
		}
	}
}
