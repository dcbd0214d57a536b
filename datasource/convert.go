package datasource

import (
	"math"
	"strings"
)

// Convert returns the table with the named columns in other kinds, such as codes
// that were read as numbers and are categories. Numbers become text in their
// shortest form; blanks around categories and numbers are cut off. A cell that
// is no number in a column that should become numeric is a [*CellError], a name
// that the table lacks a [*ColumnError].
func (t *Table) Convert(kinds map[string]Kind) (*Table, error) {
	for name := range kinds {
		if !t.Has(name) {
			return nil, NewColumnError(name, t.Names())
		}
	}
	columns := t.Columns()
	for i, c := range columns {
		kind, ok := kinds[c.name]
		if !ok || kind == c.kind {
			continue
		}
		var err error
		if columns[i], err = c.convert(kind); err != nil {
			return nil, err
		}
	}
	out, err := NewTable(columns...)
	if err != nil {
		return nil, err
	}
	out.lines = t.lines
	return out, nil
}

func (c Column) convert(kind Kind) (Column, error) {
	if kind == Numeric {
		return c.toNumbers()
	}
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = c.Cell(row)
		if kind == Categorical {
			cells[row] = strings.Trim(cells[row], " \t")
		}
	}
	switch kind {
	case Categorical:
		return Categories(c.name, cells), nil
	case Text:
		return Texts(c.name, cells), nil
	}
	return Column{name: c.name, kind: kind}, nil // refused by NewTable
}

func (c Column) toNumbers() (Column, error) {
	values := make([]float64, c.Len())
	for row := range values {
		cell := trimBlanks([]byte(c.Cell(row)))
		if len(cell) == 0 {
			values[row] = math.NaN()
			continue
		}
		v, ok := parseNumber(cell)
		if !ok {
			reason, hint := notNumber(string(cell))
			return Column{}, &CellError{Row: row + 1, Column: c.name, Reason: reason, Hint: hint}
		}
		values[row] = v
	}
	return Column{name: c.name, kind: Numeric, values: values}, nil
}
