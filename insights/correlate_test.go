package insights_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// correlated makes columns that depend on each other; each value is missing with
// the given chance.
func correlated(t testing.TB, rows, columns int, missing float64, seed uint64) *datasource.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	values := make([][]float64, columns)
	for row := range rows {
		common := random.NormFloat64()
		for i := range values {
			v := common*float64(i) + random.NormFloat64()
			if i%2 == 1 && random.Float64() < missing {
				v = math.NaN()
			}
			if row == 0 {
				values[i] = make([]float64, rows)
			}
			values[i][row] = v
		}
	}
	var out []datasource.Column
	for i, v := range values {
		out = append(out, datasource.Numbers(fmt.Sprint("x", i), v))
	}
	return newTable(t, out...)
}

// slowPearson follows the definition, over the rows that have both values.
func slowPearson(x, y []float64) float64 {
	var n, mx, my, xx, yy, xy float64
	for row := range x {
		if !math.IsNaN(x[row] + y[row]) {
			n, mx, my = n+1, mx+x[row], my+y[row]
		}
	}
	for row := range x {
		if !math.IsNaN(x[row] + y[row]) {
			dx, dy := x[row]-mx/n, y[row]-my/n
			xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
		}
	}
	return xy / math.Sqrt(xx*yy)
}

func correlate(t testing.TB, table *datasource.Table) insights.Correlation {
	t.Helper()
	c, err := insights.Correlate(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCorrelationFollowsTheDefinition(t *testing.T) {
	for _, missing := range []float64{0, 0.2, 1} {
		table := correlated(t, 5000, 5, missing, 1)
		c, columns := correlate(t, table), table.Columns()
		for i, row := range c.R {
			for j, r := range row {
				near(t, fmt.Sprint(missing, i, j), r, slowPearson(columns[i].Floats(), columns[j].Floats()), 1e-12)
			}
		}
	}
}

func TestCorrelationIsSymmetricAndBounded(t *testing.T) {
	for seed := range uint64(20) {
		for i, row := range correlate(t, correlated(t, 50, 6, 0.3, seed)).R {
			r := correlate(t, correlated(t, 50, 6, 0.3, seed)).R
			if row[i] != 1 {
				t.Errorf("column %d with itself: %v", i, row[i])
			}
			for j, v := range row {
				if v != r[j][i] || v < -1 || v > 1 {
					t.Errorf("seed %d: %v at %d, %d and %v at %d, %d", seed, v, i, j, r[j][i], j, i)
				}
			}
		}
	}
}

// A change of unit keeps a correlation, one that turns the scale round negates
// it, and a column that is another in a new unit correlates exactly with it.
func TestCorrelationDoesNotDependOnUnits(t *testing.T) {
	base := correlated(t, 3000, 2, 0.1, 3)
	x, _ := base.NumericColumn("x0")
	want := correlate(t, base).R[0][1]
	for _, unit := range []struct{ factor, offset float64 }{{1000, 0}, {1e-6, 5}, {-2, 1e9}, {1e80, 0}} {
		values := make([]float64, 3000)
		for i, v := range x.Floats() {
			values[i] = unit.factor*v + unit.offset
		}
		table, err := base.With(datasource.Numbers("unit", values))
		if err != nil {
			t.Fatal(err)
		}
		r, sign := correlate(t, table).R, math.Copysign(1, unit.factor)
		near(t, fmt.Sprint(unit, " with the other"), r[2][1], sign*want, 1e-7)
		near(t, fmt.Sprint(unit, " with itself"), r[2][0], sign, 1e-12)
	}
}

func TestRoundingDoesNotExceedOne(t *testing.T) {
	for seed := range uint64(200) {
		x := correlated(t, 30, 1, 0, seed).Columns()[0]
		scaled := make([]float64, 30)
		for i, v := range x.Floats() {
			scaled[i] = 0.3 * v
		}
		if r := correlate(t, newTable(t, x, datasource.Numbers("scaled", scaled))).R[0][1]; r > 1 {
			t.Fatalf("seed %d: correlation %.17g", seed, r)
		}
	}
}

func TestCorrelationThatDoesNotExist(t *testing.T) {
	nan := math.NaN()
	table := newTable(t,
		datasource.Numbers("x", []float64{1, 2, 3, 4}), datasource.Numbers("constant", []float64{0.1, 0.1, 0.1, 0.1}),
		datasource.Numbers("once", []float64{nan, nan, 3, nan}), datasource.Numbers("never", []float64{nan, nan, nan, nan}),
		datasource.Numbers("huge", []float64{1e308, 0, -1e308, 5}), datasource.Numbers("y", []float64{nan, 5, 4, 7}))
	c := correlate(t, table)
	defined := map[string]bool{"x": true, "y": true}
	for i, a := range c.Columns {
		for j, b := range c.Columns {
			if got, want := !math.IsNaN(c.R[i][j]), defined[a] && defined[b]; got != want {
				t.Errorf("%s with %s is %v", a, b, c.R[i][j])
			}
		}
	}
	empty := correlate(t, newTable(t, datasource.Texts("id", []string{"a"})))
	if len(empty.Columns) != 0 || len(empty.R) != 0 {
		t.Errorf("without numeric columns: %+v", empty)
	}
}

func TestCorrelationDoesNotDependOnCores(t *testing.T) {
	table := correlated(t, 40_000, 4, 0.1, 4)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := correlate(t, table)
	for _, n := range []int{2, 8} {
		runtime.GOMAXPROCS(n)
		if got := correlate(t, table); !reflect.DeepEqual(got, want) {
			t.Errorf("with GOMAXPROCS %d the correlations differ", n)
		}
	}
}

func TestEndOfContextEndsCorrelate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, missing := range []float64{0, 0.5} {
		c, err := insights.Correlate(ctx, correlated(t, 10_000, 3, missing, 5))
		if !errors.Is(err, context.Canceled) || c.R != nil {
			t.Errorf("error %v with %v", err, c)
		}
	}
}

func BenchmarkCorrelate(b *testing.B) {
	for name, missing := range map[string]float64{"complete": 0, "gaps": 0.1} {
		table := correlated(b, 1_000_000, 6, missing, 1)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				correlate(b, table)
			}
		})
	}
}
