package explain_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/explain"
)

// linearModel is a model that is linear, and says so.
type linearModel struct {
	base            float64
	centres, slopes []float64
}

func (m linearModel) Linear() (float64, []float64, []float64, bool) {
	return m.base, m.centres, m.slopes, true
}

func (m linearModel) Evaluate(dst, x []float64) {
	d := len(m.slopes)
	for i := range dst {
		dst[i] = m.base
		for j, v := range x[i*d : (i+1)*d] {
			if !math.IsNaN(v) {
				dst[i] += m.slopes[j] * (v - m.centres[j])
			}
		}
	}
}

// modelFunc is a model of which nothing is known, for rows of some columns.
type modelFunc struct {
	columns int
	predict func(row []float64) float64
}

func (m modelFunc) Evaluate(dst, x []float64) {
	for i := range dst {
		dst[i] = m.predict(x[i*m.columns : (i+1)*m.columns])
	}
}

func smooth(row []float64) float64 {
	v := 1.0
	for j, x := range row {
		if !math.IsNaN(x) {
			v += float64(j+1) * x * v / 8
		}
	}
	return v
}

const conformanceColumns = 6

// kinds are explainers of all kinds, for rows of conformanceColumns columns.
func kinds() map[string]func(c explain.Config) (*explain.Explainer, error) {
	shallow := forestSpec{features: conformanceColumns, trees: 7, depth: 5, bushy: 0.9, hot: 2}
	deep := forestSpec{features: conformanceColumns, trees: 3, depth: 20, bushy: 0.65}
	background := randomRows(stream(2), shallow, 20)
	with := func(m explain.Model, method explain.Method) func(c explain.Config) (*explain.Explainer, error) {
		return func(c explain.Config) (*explain.Explainer, error) {
			c.Method, c.Background = method, background
			return explain.New(context.Background(), m, groupedColumns(), c)
		}
	}
	bushy, tall := randomForest(stream(3), shallow), randomForest(stream(4), deep)
	linear := linearModel{3, []float64{1, 2, 3, 4, 5, 6}, []float64{1, -1, 0, 2, 0.5, 1}}
	return map[string]func(c explain.Config) (*explain.Explainer, error){
		"linear":         with(linear, explain.Linear),
		"path dependent": with(bushy, explain.PathDependent), "path dependent, deep": with(tall, explain.PathDependent),
		"interventional": with(bushy, explain.Interventional), "interventional, deep": with(tall, explain.Interventional),
		"permutation": with(modelFunc{conformanceColumns, smooth}, explain.Permutation),
	}
}

// groupedColumns has two columns that are rolled up to one.
func groupedColumns() []explain.Column {
	columns := names(conformanceColumns)
	columns[4].Group, columns[5].Group = "plan", "plan"
	return columns
}

var checks = map[string]func(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)){
	"the number of workers changes nothing":   checkWorkers,
	"a row does not depend on the others":     checkRowsApart,
	"the input stays as it is":                checkInput,
	"rolled up values are sums":               checkGroups,
	"no rows are no result, one row is one":   checkFewRows,
	"rows that cannot be explained are named": checkRefusals,
	"the context ends it":                     checkContext,
	"progress goes to its total":              checkProgress,
}

func TestConformance(t *testing.T) {
	for kind, build := range kinds() {
		for check, do := range checks {
			t.Run(kind+"/"+check, func(t *testing.T) { do(t, build) })
		}
	}
}

func rowsToExplain(n int) []float64 {
	return randomRows(stream(5), forestSpec{features: conformanceColumns, hot: 2}, n)
}

func explained(t *testing.T, build func(c explain.Config) (*explain.Explainer, error), c explain.Config, x []float64) *explain.Result {
	t.Helper()
	e, err := build(c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Explain(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func checkWorkers(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	x := rowsToExplain(300)
	want := spelled(explained(t, build, explain.Config{Workers: 1}, x))
	for _, workers := range []int{2, 3, 8, 0} {
		if spelled(explained(t, build, explain.Config{Workers: workers}, x)) != want {
			t.Errorf("%d workers change the result", workers)
		}
	}
}

// spelled returns a result to the last bit.
func spelled(r *explain.Result) string {
	return fmt.Sprintf("%x %x %x %x %x", r.Base, r.Predictions, r.Encoded, r.Values, r.StdErrors)
}

func checkRowsApart(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	x := rowsToExplain(100)
	all := explained(t, build, explain.Config{}, x)
	for _, row := range []int{0, 57, 99} {
		one := explained(t, build, explain.Config{}, x[row*conformanceColumns:(row+1)*conformanceColumns])
		near(t, "contributions", one.Encoded, all.Encoded[row*conformanceColumns:(row+1)*conformanceColumns])
	}
}

func checkInput(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	x := rowsToExplain(10)
	before := slices.Clone(x)
	r := explained(t, build, explain.Config{}, x)
	if !slices.EqualFunc(x, before, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
		t.Error("the rows were changed")
	}
	if &r.X[0] != &x[0] {
		t.Error("the result does not hold the rows that it was made from")
	}
}

func checkGroups(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	r := explained(t, build, explain.Config{}, rowsToExplain(5))
	if want := []string{"x0", "x1", "x2", "x3", "plan"}; !slices.Equal(r.Groups, want) {
		t.Fatalf("groups are %q, want %q", r.Groups, want)
	}
	for row := range r.Rows {
		encoded := r.Encoded[row*conformanceColumns : (row+1)*conformanceColumns]
		want := append(slices.Clone(encoded[:4]), encoded[4]+encoded[5])
		if !slices.Equal(r.Row(row), want) {
			t.Errorf("row %d: rolled up to %v, want %v", row, r.Row(row), want)
		}
	}
}

func checkFewRows(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	for n := range 2 {
		r := explained(t, build, explain.Config{}, rowsToExplain(n))
		if r.Rows != n || len(r.Encoded) != n*conformanceColumns || len(r.Values) != n*5 || len(r.Predictions) != n {
			t.Errorf("%d rows: %+v", n, r)
		}
		if summary := r.Summary(); (len(summary) > 0) != (n > 0) {
			t.Errorf("%d rows: summary %+v", n, summary)
		}
	}
}

func checkRefusals(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	e, err := build(explain.Config{})
	if err != nil {
		t.Fatal(err)
	}
	infinite := rowsToExplain(3)
	infinite[conformanceColumns+2] = math.Inf(-1)
	for _, c := range []struct {
		x    []float64
		want error
		text string
	}{
		{rowsToExplain(3)[1:], explain.ErrShape, "explain: x must hold whole rows of 6 encoded columns, got 17 values: rows of a wrong length"},
		{infinite, explain.ErrRange, "explain: x: row 1, column 2 is -Inf, want a finite number, or NaN for a missing one: number out of range"},
	} {
		r, err := e.Explain(t.Context(), c.x)
		if r != nil || !errors.Is(err, c.want) || err.Error() != c.text {
			t.Errorf("got %v, want %q", err, c.text)
		}
	}
}

func checkContext(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	e, err := build(explain.Config{Workers: 4, Progress: func(int, int) { cancel() }})
	if err != nil {
		t.Fatal(err)
	}
	x := rowsToExplain(500)
	if _, err := e.Explain(ctx, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled on the way: got %v, want context.Canceled", err)
	}
	cancel()
	if _, err := e.Explain(ctx, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: got %v, want context.Canceled", err)
	}
	// A goroutine is still counted for a moment after it has said that it is done.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func checkProgress(t *testing.T, build func(c explain.Config) (*explain.Explainer, error)) {
	last, total := 0, 0
	explained(t, build, explain.Config{Workers: 3, Progress: func(done, of int) {
		if done != last+1 || (total != 0 && of != total) {
			t.Errorf("%d of %d after %d of %d", done, of, last, total)
		}
		last, total = done, of
	}}, rowsToExplain(300))
	if last == 0 || last != total {
		t.Errorf("the last step is %d of %d", last, total)
	}
}
