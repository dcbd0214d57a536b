package segment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
)

// points is a set of rows as an algorithm sees them: scaled features, row by
// row. Rows and features stand in canonical order, which depends on their
// content and names alone. So permuting the rows or columns of a table permutes
// the answer and changes not a bit of it.
type points struct {
	n, d int
	x    []float64 // n x d, row-major
	w    []float64 // weights of the rows, nil where all are 1
}

func (p points) weight(i int) float64 {
	if p.w == nil {
		return 1
	}
	return p.w[i]
}

// weightsOf returns the weights of the rows from low to high, nil where all are 1.
func (p points) weightsOf(low, high int) []float64 {
	if p.w == nil {
		return nil
	}
	return p.w[low:high]
}

func (p points) row(i int) []float64 { return p.x[i*p.d : (i+1)*p.d] }

// prepared is a table made ready for clustering.
type prepared struct {
	points
	scaler *Scaler
	// order maps a canonical row to the row of the table.
	order []int
	// distinct is the number of distinct rows.
	distinct int
	notes    []string
}

// prepare scales the features of a table and brings them into canonical order.
func prepare(ctx context.Context, t *datasource.Table, c Config) (*prepared, error) {
	columns, notes, err := featureColumns(ctx, t, c)
	if err != nil {
		return nil, err
	}
	keys := columns
	if c.Weights != "" {
		weights, err := weightColumn(t, c)
		if err != nil {
			return nil, err
		}
		keys = append(slices.Clip(columns), weights)
	}
	order, err := canonicalOrder(ctx, keys, t.Rows(), c.Workers)
	if err != nil {
		return nil, err
	}
	p := &prepared{points: points{n: t.Rows(), d: len(columns)}, order: order, notes: notes}
	if p.x, err = inOrder(ctx, columns, order, c.Workers); err != nil {
		return nil, err
	}
	if c.Weights != "" {
		if p.w, err = inOrder(ctx, keys[len(columns):], order, c.Workers); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(columns))
	for j, c := range columns {
		names[j] = c.Name()
	}
	if p.scaler, err = newScaler(ctx, names, p.points, c.Workers); err != nil {
		return nil, err
	}
	err = par.Chunks(ctx, c.Workers, p.n, rowsPerStep, func(_, low, high int) error {
		p.scaler.apply(p.x[low*p.d : high*p.d])
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.distinct = countDistinct(p.points)
	return p, nil
}

// rowsPerStep is the number of rows worked on between two looks at the context.
const rowsPerStep = 1 << 14

// inOrder returns the values of columns row by row, in the given order of rows.
func inOrder(ctx context.Context, columns []datasource.Column, order []int, workers int) ([]float64, error) {
	d := len(columns)
	x := make([]float64, len(order)*d)
	err := par.Chunks(ctx, workers, len(order), rowsPerStep, func(_, low, high int) error {
		for j, c := range columns {
			values := c.Floats()
			for i := low; i < high; i++ {
				x[i*d+j] = values[order[i]]
			}
		}
		return nil
	})
	return x, err
}

// countDistinct expects equal rows to stand side by side.
func countDistinct(p points) int {
	n := 1
	for i := 1; i < p.n; i++ {
		if !slices.Equal(p.row(i-1), p.row(i)) {
			n++
		}
	}
	return n
}

// weightColumn returns the column of weights, all finite and above 0.
func weightColumn(t *datasource.Table, c Config) (datasource.Column, error) {
	if c.Algorithm != KMeans {
		return datasource.Column{}, fmt.Errorf("segment: Weights need Algorithm %q, got %q", KMeans, c.Algorithm)
	}
	column, err := t.NumericColumn(c.Weights)
	if err != nil {
		return datasource.Column{}, fmt.Errorf("segment: Weights: %w", err)
	}
	for row, w := range column.Floats() {
		if !(w >= leastWeight && w <= greatestWeight) {
			return datasource.Column{}, fmt.Errorf("segment: Weights must be from %g to %g: column %q has %v in row %d", leastWeight, greatestWeight, c.Weights, w, row+1)
		}
	}
	return column, nil
}

// largest is the greatest magnitude of a feature: differences of two such values
// are finite.
const largest = 1e300

// With weights from leastWeight to greatestWeight no row lies farther from the mean
// than 1e100 standard deviations times the root of n, the square of which is finite.
const (
	leastWeight    = 1e-100
	greatestWeight = 1e100
)

// featureColumns returns the columns to segment by, in order of name. Constant
// columns are left out with a note.
func featureColumns(ctx context.Context, t *datasource.Table, c Config) ([]datasource.Column, []string, error) {
	if t.Rows() == 0 {
		return nil, nil, fmt.Errorf("segment: %w: the table has no rows", ErrTooFewRows)
	}
	columns, err := chosenColumns(t, c.Features)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(columns, func(a, b datasource.Column) int { return cmp.Compare(a.Name(), b.Name()) })
	constant := make([]bool, len(columns))
	err = par.Each(ctx, c.Workers, len(columns), func(j int) (err error) {
		if j > 0 && columns[j].Name() == columns[j-1].Name() {
			return fmt.Errorf("segment: Features names %q twice", columns[j].Name())
		}
		constant[j], err = checkFeature(columns[j])
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	var varied []datasource.Column
	for j, column := range columns {
		if constant[j] {
			notes = append(notes, oneValue(column.Name()))
			continue
		}
		varied = append(varied, column)
	}
	if len(varied) == 0 {
		return nil, nil, fmt.Errorf("segment: %w: every feature has the same value in every row (rows: %d)", ErrTooFewRows, t.Rows())
	}
	return varied, notes, nil
}

// checkFeature refuses missing and vast values, and reports whether all values
// are the same.
func checkFeature(c datasource.Column) (constant bool, err error) {
	low, high := math.Inf(1), math.Inf(-1)
	missing := 0
	for _, v := range c.Floats() {
		if v != v {
			missing++
		}
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	switch {
	case missing > 0:
		return false, fmt.Errorf("segment: column %q lacks %d of %d values: drop or fill those rows first (datasource.Clean)", c.Name(), missing, c.Len())
	case max(-low, high) > largest:
		return false, fmt.Errorf("segment: column %q has values from %g to %g: at most %g can be computed with", c.Name(), low, high, largest)
	}
	return low == high, nil
}

// oneValue is the note on a constant column.
func oneValue(column string) string {
	return fmt.Sprintf("The column %q has one value only and takes no part in the segmentation.", column)
}

func chosenColumns(t *datasource.Table, features []string) ([]datasource.Column, error) {
	var columns []datasource.Column
	for _, name := range features {
		c, err := t.NumericColumn(name)
		if err != nil {
			return nil, fmt.Errorf("segment: Features: %w", err)
		}
		columns = append(columns, c)
	}
	if len(features) > 0 {
		return columns, nil
	}
	for _, c := range t.Columns() {
		if c.Kind() == datasource.Numeric {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("segment: the table has no numeric column to segment by")
	}
	return columns, nil
}

// Scaler brings columns to mean 0 and population standard deviation 1.
type Scaler struct {
	columns   []string
	mean, std []float64
}

// newScaler measures the features of points.
func newScaler(ctx context.Context, columns []string, p points, workers int) (*Scaler, error) {
	s := &Scaler{columns: columns, mean: make([]float64, p.d), std: make([]float64, p.d)}
	err := par.Each(ctx, workers, p.d, func(j int) error {
		values := make([]float64, p.n)
		for i := range values {
			values[i] = p.x[i*p.d+j]
		}
		s.mean[j], s.std[j] = meanStd(values, p.w)
		if s.std[j] == 0 {
			s.std[j] = 1
		}
		return nil
	})
	return s, err
}

// meanStd returns the mean and the population standard deviation, zeros for no
// values, weighted unless w is nil. It works on values divided by a power of two,
// which is exact, so that squares neither overflow nor vanish.
func meanStd(values, w []float64) (mean, std float64) {
	if len(values) == 0 {
		return 0, 0
	}
	weight := points{w: w}.weight
	n, extent := 0.0, 0.0
	for i, v := range values {
		n += weight(i)
		extent = max(extent, math.Abs(v))
	}
	_, exponent := math.Frexp(extent)
	unit := math.Ldexp(1, min(exponent, 1023))
	for i, v := range values {
		mean += weight(i) * (v / unit)
	}
	mean /= n
	spread := 0.0
	for _, v := range values {
		spread = max(spread, math.Abs(v/unit-mean))
	}
	if spread == 0 {
		return mean * unit, 0
	}
	_, exponent = math.Frexp(spread)
	step := math.Ldexp(1, exponent)
	var residual, squares float64
	for i, v := range values {
		diff := (v/unit - mean) / step
		residual += weight(i) * diff
		squares += weight(i) * diff * diff
	}
	variance := max(0, squares-residual*residual/n) / n
	return (mean + residual/n*step) * unit, math.Sqrt(variance) * step * unit
}

// Columns returns the names of the scaled columns.
func (s *Scaler) Columns() []string { return slices.Clone(s.columns) }

// Mean returns the mean of each column.
func (s *Scaler) Mean() []float64 { return slices.Clone(s.mean) }

// Std returns the population standard deviation of each column.
func (s *Scaler) Std() []float64 { return slices.Clone(s.std) }

func (s *Scaler) apply(x []float64) {
	d := len(s.columns)
	for at := 0; at < len(x); at += d {
		for j := range d {
			x[at+j] = (x[at+j] - s.mean[j]) / s.std[j]
		}
	}
}
