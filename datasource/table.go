package datasource

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
)

// Table is a set of named columns of equal length. It is immutable: every method
// that changes something returns another table, which may share storage with
// the first. A table is safe for concurrent use.
type Table struct {
	columns []Column
	index   map[string]int
	rows    int
	lines   lineIndex
}

// NewTable returns a table of the given columns. It fails when there is none,
// when lengths differ, when a name is empty or occurs twice, and on an infinite
// value.
func NewTable(columns ...Column) (*Table, error) {
	if len(columns) == 0 {
		return nil, fmt.Errorf("datasource: a table needs at least one column")
	}
	t := &Table{columns: slices.Clone(columns), index: make(map[string]int, len(columns)), rows: columns[0].Len()}
	for i, c := range columns {
		if c.name == "" {
			return nil, fmt.Errorf("datasource: column %d has no name", i+1)
		}
		if c.kind < Numeric || c.kind > Text {
			return nil, fmt.Errorf("datasource: column %s has no kind: make it with Numbers, Categories or Texts", quoted(c.name))
		}
		if first, dup := t.index[c.name]; dup {
			return nil, fmt.Errorf("datasource: columns %d and %d have the same name %s", first+1, i+1, quoted(c.name))
		}
		if c.Len() != t.rows {
			return nil, fmt.Errorf("datasource: column %s has %d rows, column %s has %d", quoted(c.name), c.Len(), quoted(columns[0].name), t.rows)
		}
		if err := c.checkFinite(); err != nil {
			return nil, fmt.Errorf("datasource: %w", err)
		}
		t.index[c.name] = i
	}
	return t, nil
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return t.rows }

// Columns returns the columns in order.
func (t *Table) Columns() []Column { return slices.Clone(t.columns) }

// Names returns the column names in order.
func (t *Table) Names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// Kinds returns the kind of each column by name.
func (t *Table) Kinds() map[string]Kind {
	kinds := make(map[string]Kind, len(t.columns))
	for _, c := range t.columns {
		kinds[c.name] = c.kind
	}
	return kinds
}

// Has reports whether the table has a column of that name.
func (t *Table) Has(name string) bool {
	_, ok := t.index[name]
	return ok
}

// Column returns the column of that name, or a [*ColumnError] that suggests the
// nearest one.
func (t *Table) Column(name string) (Column, error) {
	i, ok := t.index[name]
	if !ok {
		return Column{}, NewColumnError(name, t.Names())
	}
	return t.columns[i], nil
}

// NumericColumn returns the column of that name, or an error if it is missing or
// of another kind.
func (t *Table) NumericColumn(name string) (Column, error) { return t.columnOf(name, Numeric) }

// CategoricalColumn returns the column of that name, or an error if it is missing
// or of another kind.
func (t *Table) CategoricalColumn(name string) (Column, error) { return t.columnOf(name, Categorical) }

func (t *Table) columnOf(name string, kind Kind) (Column, error) {
	c, err := t.Column(name)
	if err != nil {
		return Column{}, err
	}
	if c.kind != kind {
		return Column{}, &KindError{Column: name, Want: kind, Got: c.kind}
	}
	return c, nil
}

// Line returns where a row came from: the line of the file on which it starts,
// counted from 1, or the row's number for a table that was not read from a file.
func (t *Table) Line(row int) int { return t.lines.at(row) }

// Select returns the table with only the named columns, in that order.
func (t *Table) Select(names ...string) (*Table, error) {
	columns := make([]Column, len(names))
	for i, name := range names {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		columns[i] = c
	}
	out, err := NewTable(columns...)
	if err != nil {
		return nil, err
	}
	out.lines = t.lines
	return out, nil
}

// Take returns the table with only the given rows, in that order; a row may be
// given more than once. It panics when a row is out of range.
func (t *Table) Take(rows []int) *Table {
	out, _ := t.take(context.Background(), rows)
	return out
}

func (t *Table) take(ctx context.Context, rows []int) (*Table, error) {
	out := &Table{columns: make([]Column, len(t.columns)), index: t.index, rows: len(rows)}
	for i, c := range t.columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out.columns[i] = c.take(rows)
	}
	for i, row := range rows {
		out.lines.add(i, t.lines.at(row))
	}
	return out, nil
}

// With returns the table with a column added, or replaced when one of that name
// exists.
func (t *Table) With(c Column) (*Table, error) {
	columns := slices.Clone(t.columns)
	if i, ok := t.index[c.name]; ok {
		columns[i] = c
	} else {
		columns = append(columns, c)
	}
	out, err := NewTable(columns...)
	if err != nil {
		return nil, err
	}
	out.lines = t.lines
	return out, nil
}

// Batches yields the table itself, once, so that a table is a [Source] too.
func (t *Table) Batches(ctx context.Context) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		yield(t, nil)
	}
}

// lineIndex maps rows to lines of a file. Rows follow one another line by line
// almost always, so it keeps only the rows at which that breaks.
type lineIndex []lineBreak

type lineBreak struct{ row, line int }

// add states that a row starts at a line; rows are added in ascending order.
func (x *lineIndex) add(row, line int) {
	last := lineBreak{0, 1}
	if n := len(*x); n > 0 {
		last = (*x)[n-1]
	}
	if last.line+row-last.row != line {
		*x = append(*x, lineBreak{row, line})
	}
}

func (x lineIndex) at(row int) int {
	i := sort.Search(len(x), func(i int) bool { return x[i].row > row })
	if i == 0 {
		return row + 1
	}
	return x[i-1].line + row - x[i-1].row
}
