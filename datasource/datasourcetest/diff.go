package datasourcetest

import (
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// Diff says how a table differs from the one that was wanted, first in columns
// and then in cells, or "" when names, kinds, levels and all cells are the same.
// The lines that rows came from are not compared.
func Diff(want, got *datasource.Table) string {
	if w, g := want.Names(), got.Names(); !slices.Equal(w, g) {
		return fmt.Sprintf("columns: want %.200q, got %.200q", w, g)
	}
	if want.Rows() != got.Rows() {
		return fmt.Sprintf("rows: want %d, got %d", want.Rows(), got.Rows())
	}
	g := got.Columns()
	for i, w := range want.Columns() {
		if d := diffColumn(w, g[i]); d != "" {
			return fmt.Sprintf("column %.60q: %s", w.Name(), d)
		}
	}
	return ""
}

func diffColumn(want, got datasource.Column) string {
	if want.Kind() != got.Kind() {
		return fmt.Sprintf("want %s, got %s", want.Kind(), got.Kind())
	}
	if !slices.Equal(want.Levels(), got.Levels()) {
		return fmt.Sprintf("levels: want %.200q, got %.200q", want.Levels(), got.Levels())
	}
	for row := range want.Len() {
		same := want.Missing(row) == got.Missing(row)
		if want.Kind() == datasource.Numeric {
			w, g := want.Floats()[row], got.Floats()[row]
			same = same && (w == g || want.Missing(row))
		} else {
			same = same && want.Cell(row) == got.Cell(row)
		}
		if !same {
			return fmt.Sprintf("row %d: want %.100q, got %.100q", row+1, want.Cell(row), got.Cell(row))
		}
	}
	return ""
}
