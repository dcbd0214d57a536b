package datasourcetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// example is a table that a source must be able to hold.
type example struct {
	name    string
	feature Feature // "" when every source must have it
	make    func(t *testing.T) *datasource.Table
}

var missing = math.NaN()

var examples = []example{
	{"customers", "", customers},
	{"one row", "", func(t *testing.T) *datasource.Table { return customers(t).Take([]int{1}) }},
	{"no rows", NoRows, func(t *testing.T) *datasource.Table { return customers(t).Take(nil) }},
	{"extreme numbers", "", extremeNumbers},
	{"one column", "", func(t *testing.T) *datasource.Table {
		return table(t, datasource.Numbers("only", []float64{1, missing, 3, missing}))
	}},
	{"text that looks like syntax", HostileText, hostileText},
	{"several lines in a cell", LineBreaks, func(t *testing.T) *datasource.Table {
		return table(t,
			datasource.Texts("note", []string{"one\ntwo", "\r\n", "a \"quoted\"\nline", "last\n"}),
			datasource.Numbers("n", []float64{1, 2, 3, 4}))
	}},
	{"many rows", "", manyRows},
	{"many columns", Wide, manyColumns},
}

func table(t *testing.T, columns ...datasource.Column) *datasource.Table {
	t.Helper()
	out, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func customers(t *testing.T) *datasource.Table {
	return table(t,
		datasource.Texts("CustomerID", []string{"0007", "12", "00", "C-9", "1e5"}),
		datasource.Categories("Gender", []string{"Male", "", "Female", "Female", "Male"}),
		datasource.Numbers("Age", []float64{19, 21.5, missing, 0, -4}),
		datasource.Categories("Size", []string{"10", "12", "10", "", "012"}),
	)
}

func extremeNumbers(t *testing.T) *datasource.Table {
	values := []float64{
		0, 0.1, 1.0 / 3, -2.5e-9, 1 << 53, 1<<53 - 1, 123456789012345.67,
		math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e22, 1e23, 5e-324, 2.2250738585072014e-308,
	}
	rows := make([]string, len(values))
	for i := range rows {
		rows[i] = fmt.Sprintf("row %d", i)
	}
	return table(t, datasource.Numbers("value", values), datasource.Texts("row", rows))
}

func hostileText(t *testing.T) *datasource.Table {
	cells := []string{
		"../../etc/passwd", "'; DROP TABLE customers;--", "<script>alert(1)</script>", "=1+1", "@SUM(A1)",
		"a,b", "c;d", "e|f", "tab\there", `"`, `""`, `say "hi"`, "Zoë", "日本語", "👩‍👩‍👧", "e\u0301", " spaces ", "\\N", "NULL", "%s", "#",
	}
	levels := make([]string, len(cells))
	for i := range levels {
		levels[i] = []string{"Straße", "a,b;c", `"x"`}[i%3]
	}
	return table(t, datasource.Texts("id", cells), datasource.Categories("level, of; a \"kind\"", levels))
}

// manyRows is larger than the batches of most sources.
func manyRows(t *testing.T) *datasource.Table {
	const n = 50_000
	ids, levels, values := make([]string, n), make([]string, n), make([]float64, n)
	for i := range n {
		ids[i] = fmt.Sprintf("%06d", i)
		values[i] = float64(i%1000) / 8
		if i%7 == 0 {
			values[i] = missing
		}
		// Some levels are only in early rows, some only in late ones.
		levels[i] = fmt.Sprintf("level %d", i/5000+i%3)
	}
	return table(t, datasource.Texts("id", ids), datasource.Numbers("value", values), datasource.Categories("level", levels))
}

func manyColumns(t *testing.T) *datasource.Table {
	var columns []datasource.Column
	for i := range 200 {
		columns = append(columns, datasource.Numbers(fmt.Sprintf("column %d", i), []float64{float64(i), missing, -1}))
	}
	return table(t, columns...)
}
