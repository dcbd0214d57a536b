package predict

import (
	"fmt"
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
	// Reference is the level of the category that has no indicator, since it
	// follows from the others, or "".
	Reference string
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
// levels of the encoder's categories, or are missing or unknown.
type features struct {
	numbers [][]float64
	codes   [][]int32
}

// Codes that are no level.
const (
	missing = -1
	unknown = -2
)

// newEncoder fits the encoder for the columns that cfg names.
func newEncoder(t *datasource.Table, cfg Config) (*encoder, error) {
	e := &encoder{numerical: cfg.Numerical, keepFirst: cfg.KeepFirst}
	categorical := cfg.Categorical
	if len(e.numerical)+len(categorical) == 0 {
		e.numerical, categorical = usable(t, cfg)
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
	if cfg.MaxFeatures > e.width() {
		return nil, fmt.Errorf("predict: MaxFeatures must be from 1 to %d, the number of encoded columns, or 0 for all, got %d", e.width(), cfg.MaxFeatures)
	}
	return e, e.checkWidth()
}

// usable returns all columns but the target and the one that groups folds by kind,
// in the order of the table.
func usable(t *datasource.Table, cfg Config) (numerical, categorical []string) {
	for _, c := range t.Columns() {
		switch {
		case c.Name() == cfg.Target || c.Name() == cfg.FoldGroups:
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
		without, reference := min(e.dropped(), len(c.levels)), ""
		if without > 0 {
			reference = c.levels[0]
		}
		for _, level := range c.levels[without:] {
			out = append(out, EncodedColumn{Name: c.name + "=" + level, Column: c.name, Level: level, Reference: reference})
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

// translate returns the column's codes as indices into the known levels.
func (k category) translate(c datasource.Column) []int32 {
	if slices.Equal(c.Levels(), k.levels) {
		return c.Codes()
	}
	to := make([]int32, len(c.Levels()))
	for i, level := range c.Levels() {
		to[i] = k.code(level)
	}
	codes := slices.Clone(c.Codes())
	for row, code := range codes {
		if code >= 0 {
			codes[row] = to[code]
		}
	}
	return codes
}

// code returns the index of a level.
func (k category) code(level string) int32 {
	if level == "" {
		return missing
	}
	at, found := slices.BinarySearch(k.levels, level)
	if !found {
		return unknown
	}
	return int32(at)
}
