package insights

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// Description holds the descriptive statistics of a numeric column, missing
// values left out, as pandas' describe gives them.
type Description struct {
	Column string
	Count  int
	// Std is the sample standard deviation (n - 1). All figures are NaN for an
	// empty column, and Std for a single value.
	Mean, Std float64
	// The quartiles interpolate linearly between values.
	Min, Q25, Median, Q75, Max float64
}

// Describe describes the named columns in that order, all numeric ones of the
// table when none is named. A column that does not exist or is not numeric is an
// error of datasource. Columns are described in parallel; the end of ctx ends it.
// The expected cost is linear in cells.
func Describe(ctx context.Context, t *datasource.Table, columns ...string) ([]Description, error) {
	numeric, err := numericColumns(t, columns)
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	out := make([]Description, len(numeric))
	err = par.Each(ctx, 0, len(numeric), func(i int) (err error) {
		out[i], err = describe(ctx, numeric[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	return out, nil
}

func describe(ctx context.Context, c datasource.Column) (Description, error) {
	values := present(c)
	var m stat.Moments
	m.Add(values)
	d := Description{Column: c.Name(), Count: m.Count(), Mean: m.Mean(), Std: math.Sqrt(m.Variance(1))}
	d.Min, d.Max = m.Range()
	for _, q := range []struct {
		value *float64
		share float64
	}{{&d.Q25, 0.25}, {&d.Median, 0.5}, {&d.Q75, 0.75}} {
		if err := ctx.Err(); err != nil {
			return Description{}, err
		}
		*q.value = stat.Quantile(values, q.share)
	}
	return d, nil
}

// numericColumns returns the named columns, all numeric ones for no name.
func numericColumns(t *datasource.Table, names []string) ([]datasource.Column, error) {
	if len(names) == 0 {
		return slices.DeleteFunc(t.Columns(), func(c datasource.Column) bool { return c.Kind() != datasource.Numeric }), nil
	}
	out := make([]datasource.Column, len(names))
	for i, name := range names {
		c, err := t.NumericColumn(name)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// present returns a copy of the values that are not missing.
func present(c datasource.Column) []float64 {
	return slices.DeleteFunc(slices.Clone(c.Floats()), math.IsNaN)
}
