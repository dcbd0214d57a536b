package datasource

import (
	"fmt"
	"hash/maphash"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// FromDataFrame returns a gota data frame as a table. Series of floats, integers
// and booleans (1 and 0) become numeric, series of strings categorical or text,
// by the rule for inferred kinds in the package documentation; a column that has
// the name of an ID and hardly a value twice becomes text, integers digit by
// digit. NaN is missing, and so is the empty string. An infinite value is an
// error.
//
// gota guesses types when it reads a file, and then drops the leading zeros of
// IDs and makes NaN of numbers that it cannot read: no table can bring those
// back. Load such a file with dataframe.DetectTypes(false), or with [NewCSVFile].
func FromDataFrame(df dataframe.DataFrame) (*Table, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("the data frame holds an error: %w", df.Err)
	}
	seed := maphash.MakeSeed()
	var columns []Column
	for _, name := range df.Names() {
		columns = append(columns, fromSeries(name, df.Col(name), seed))
	}
	return NewTable(columns...)
}

func fromSeries(name string, s series.Series, seed maphash.Seed) Column {
	isNumber := s.Type() != series.String
	seen := observation{isID: namesID(name), seed: seed}
	if isNumber && !seen.isID {
		return Numbers(name, s.Float())
	}
	cells := seriesCells(s)
	for _, cell := range cells {
		seen.see([]byte(cell), isNumber)
	}
	switch kind, _ := seen.kind(); {
	case kind == Text && seen.present > 0:
		return Texts(name, cells)
	case isNumber:
		return Numbers(name, s.Float())
	case kind == Categorical:
		return Categories(name, cells)
	}
	return Texts(name, cells)
}

// seriesCells returns the elements as text, "" for those that are missing. It
// avoids gota's own text of floats, which has six decimals.
func seriesCells(s series.Series) []string {
	cells := make([]string, s.Len())
	for i := range cells {
		e := s.Elem(i)
		switch {
		case e.IsNA():
		case s.Type() == series.Float || s.Type() == series.Bool:
			cells[i] = format(e.Float())
		default:
			cells[i] = e.String()
		}
	}
	return cells
}

// DataFrame returns the table as a gota data frame: numeric columns as floats,
// all others as strings. Missing values are NaN.
//
// gota takes the text "NaN" for a missing value. A table with such a category or
// text cannot be a data frame, and the frame's Err says so.
func (t *Table) DataFrame() dataframe.DataFrame {
	columns := make([]series.Series, len(t.columns))
	for i, c := range t.columns {
		if c.kind == Numeric {
			columns[i] = series.New(c.values, series.Float, c.name)
			continue
		}
		cells := make([]string, t.rows)
		for row := range cells {
			switch cell := c.Cell(row); cell {
			case "":
				cells[row] = missingInGota
			case missingInGota:
				return dataframe.DataFrame{Err: &CellError{
					Row: row + 1, Column: c.name,
					Reason: `a data frame takes the text "NaN" for a missing value`, Hint: "rename the value",
				}}
			default:
				cells[row] = cell
			}
		}
		columns[i] = series.New(cells, series.String, c.name)
	}
	return dataframe.New(columns...)
}

const missingInGota = "NaN"
