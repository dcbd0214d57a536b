package predict

import (
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// MaxColumns bounds the encoded columns of a predictor.
const MaxColumns = 256

// EncodedColumn is one column of what a predictor computes with: a numeric
// column of the table, or the indicator of a category's level.
type EncodedColumn struct {
	// Name is "Age" for a number and "Profession=Doctor" for a level.
	Name string
	// Column is the table's column, Level the level or "".
	Column, Level string
}

// encoder turns a table's columns into encoded ones: numbers first, then the
// levels of each category in ascending order, but for the first one unless
// keepFirst is set (the order of pandas' get_dummies). It is fitted once, and
// sees the levels of later tables with the eyes of the first.
type encoder struct {
	numerical  []string
	categories []category
	keepFirst  bool
}

type category struct {
	name   string
	levels []string
}

// features is a table as an encoder sees it, column by column. Codes index the
// levels of the encoder's categories; -1 is a level that it does not know, or
// none.
type features struct {
	numbers [][]float64
	codes   [][]int32
}

// newEncoder fits the encoder for the columns that cfg names.
func newEncoder(t *datasource.Table, cfg Config) (*encoder, error) {
	e := &encoder{numerical: cfg.Numerical, keepFirst: cfg.KeepFirst}
	categorical := cfg.Categorical
	if len(e.numerical)+len(categorical) == 0 {
		e.numerical, categorical = usable(t, cfg.Target)
	}
	if len(e.numerical)+len(categorical) == 0 {
		return nil, fmt.Errorf("predict: there is no column to predict %q from", cfg.Target)
	}
	for _, name := range e.numerical {
		if _, err := t.NumericColumn(name); err != nil {
			return nil, fmt.Errorf("predict: numerical feature: %w", err)
		}
	}
	for _, name := range categorical {
		c, err := t.CategoricalColumn(name)
		if err != nil {
			return nil, fmt.Errorf("predict: categorical feature: %w", err)
		}
		e.categories = append(e.categories, category{name, c.Levels()})
	}
	return e, e.checkWidth()
}

// usable returns all columns but the target by kind, in the order of the table.
func usable(t *datasource.Table, target string) (numerical, categorical []string) {
	for _, c := range t.Columns() {
		switch {
		case c.Name() == target:
		case c.Kind() == datasource.Numeric:
			numerical = append(numerical, c.Name())
		case c.Kind() == datasource.Categorical:
			categorical = append(categorical, c.Name())
		}
	}
	return numerical, categorical
}

func (e *encoder) checkWidth() error {
	if e.width() <= MaxColumns {
		return nil
	}
	if len(e.categories) == 0 {
		return fmt.Errorf("predict: %d numeric columns, at most %d can be used: %w", e.width(), MaxColumns, ErrTooManyColumns)
	}
	widest := slices.MaxFunc(e.categories, func(a, b category) int { return len(a.levels) - len(b.levels) })
	return fmt.Errorf("predict: the features make %d encoded columns, at most %d can be used; %q alone has %d levels: %w",
		e.width(), MaxColumns, widest.name, len(widest.levels), ErrTooManyColumns)
}

// dropped returns the number of levels of each category that have no column.
func (e *encoder) dropped() int {
	if e.keepFirst {
		return 0
	}
	return 1
}

// width returns the number of encoded columns.
func (e *encoder) width() int {
	n := len(e.numerical)
	for _, c := range e.categories {
		n += max(0, len(c.levels)-e.dropped())
	}
	return n
}

func (e *encoder) columns() []EncodedColumn {
	out := make([]EncodedColumn, 0, e.width())
	for _, name := range e.numerical {
		out = append(out, EncodedColumn{Name: name, Column: name})
	}
	for _, c := range e.categories {
		for _, level := range c.levels[min(e.dropped(), len(c.levels)):] {
			out = append(out, EncodedColumn{Name: c.name + "=" + level, Column: c.name, Level: level})
		}
	}
	return out
}

// names returns the table's columns that the encoder reads.
func (e *encoder) names() []string {
	names := slices.Clone(e.numerical)
	for _, c := range e.categories {
		names = append(names, c.name)
	}
	return names
}

// apply reads the columns of a table. It copies only those whose levels differ
// from the encoder's.
func (e *encoder) apply(t *datasource.Table) (features, error) {
	var f features
	for _, name := range e.numerical {
		c, err := t.NumericColumn(name)
		if err != nil {
			return features{}, err
		}
		f.numbers = append(f.numbers, c.Floats())
	}
	for _, known := range e.categories {
		c, err := t.CategoricalColumn(known.name)
		if err != nil {
			return features{}, err
		}
		f.codes = append(f.codes, known.translate(c))
	}
	return f, nil
}

// lackLevels reports whether a row lacks a level.
func (f features) lackLevels() bool {
	return slices.ContainsFunc(f.codes, func(codes []int32) bool { return len(codes) > 0 && slices.Min(codes) < 0 })
}

// translate returns the column's codes as indices into the known levels.
func (k category) translate(c datasource.Column) []int32 {
	if slices.Equal(c.Levels(), k.levels) {
		return c.Codes()
	}
	to := make([]int32, len(c.Levels()))
	for i, level := range c.Levels() {
		at, found := slices.BinarySearch(k.levels, level)
		if !found {
			at = -1
		}
		to[i] = int32(at)
	}
	codes := slices.Clone(c.Codes())
	for row, code := range codes {
		if code >= 0 {
			codes[row] = to[code]
		}
	}
	return codes
}

// unknown returns the columns of which a row has no usable value.
func (e *encoder) unknown(f features, row int) []string {
	var names []string
	for i, x := range f.numbers {
		if math.IsNaN(x[row]) {
			names = append(names, e.numerical[i])
		}
	}
	for i, codes := range f.codes {
		if codes[row] < 0 {
			names = append(names, e.categories[i].name)
		}
	}
	return names
}

// encode writes rows of encoded columns to dst, one after the other. A number that
// is missing is NaN; so are all indicators of a category whose level is missing
// or unknown.
func (e *encoder) encode(dst []float64, f features) {
	width := e.width()
	for j, x := range f.numbers {
		for row, v := range x {
			dst[row*width+j] = v
		}
	}
	at := len(e.numerical)
	for j, codes := range f.codes {
		n := max(0, len(e.categories[j].levels)-e.dropped())
		for row, code := range codes {
			indicate(dst[row*width+at:row*width+at+n], int(code), e.dropped())
		}
		at += n
	}
}

// indicate sets the indicators of the levels from the given first one on.
func indicate(dst []float64, code, first int) {
	fill := 0.0
	if code < 0 {
		fill = math.NaN()
	}
	for i := range dst {
		dst[i] = fill
	}
	if code >= first {
		dst[code-first] = 1
	}
}
