package predict_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// planted makes a table whose target depends on x1, x2 and the group, with
// normal noise of the given standard deviation.
func planted(t testing.TB, rows int, noise float64, seed uint64) *datasource.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	x1, x2, y := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	group := make([]string, rows)
	for i := range rows {
		g := random.IntN(3)
		group[i] = string(rune('A' + g))
		x1[i], x2[i] = random.Float64()*100, random.NormFloat64()
		y[i] = 10 + 0.5*x1[i] - 4*x2[i] + 7*float64(g) + noise*random.NormFloat64()
	}
	return newTable(t, datasource.Numbers("x1", x1), datasource.Numbers("x2", x2),
		datasource.Categories("group", group), datasource.Numbers("y", y))
}

// with adds a column to a table.
func with(t testing.TB, table *datasource.Table, c datasource.Column) *datasource.Table {
	t.Helper()
	out, err := table.With(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// derived makes a numeric column from the rows of others.
func derived(t testing.TB, table *datasource.Table, name string, of func(get func(column string) float64) float64) datasource.Column {
	t.Helper()
	values := make([]float64, table.Rows())
	for row := range values {
		values[row] = of(func(column string) float64 {
			c, err := table.NumericColumn(column)
			if err != nil {
				t.Fatal(err)
			}
			return c.Floats()[row]
		})
	}
	return datasource.Numbers(name, values)
}

// cells returns all of a table as text.
func cells(table *datasource.Table) string { return fmt.Sprintf("%#v", table.Columns()) }
