package explain_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

// specs are the kinds of ensembles that are compared with enumeration, many
// random ones of each.
var specs = []struct {
	ensembles int
	forestSpec
}{
	{150, forestSpec{features: 3, trees: 3, depth: 3, bushy: 0.9}},
	{150, forestSpec{features: 5, trees: 2, depth: 6, bushy: 0.8, hot: 2}},
	{100, forestSpec{features: 8, trees: 2, depth: 8, bushy: 0.8, hot: 3}},
	{50, forestSpec{features: 1, trees: 2, depth: 5, bushy: 0.9}},
	{30, forestSpec{features: 4, trees: 1, depth: 30, bushy: 0.62, hot: 1}},
	{20, forestSpec{features: 12, trees: 1, depth: 30, bushy: 0.62, hot: 4}},
	{10, forestSpec{features: 12, trees: 1, depth: 12, bushy: 0.7, hot: 9}},
}

func forEachForest(t *testing.T, test func(t *testing.T, e *explain.Ensemble, x, background []float64)) {
	for i, s := range specs {
		t.Run(fmt.Sprintf("%d features, depth %d", s.features, s.depth), func(t *testing.T) {
			t.Parallel()
			for n := range s.ensembles {
				r := stream(uint64(i), uint64(n))
				test(t, randomForest(r, s.forestSpec), randomRows(r, s.forestSpec, 2), randomRows(r, s.forestSpec, 5))
				if t.Failed() {
					t.Fatalf("ensemble %d", n)
				}
			}
		})
	}
}

func TestPathDependentEqualsEnumeration(t *testing.T) {
	forEachForest(t, func(t *testing.T, e *explain.Ensemble, x, _ []float64) {
		ex, err := explain.New(e, names(e.Features), explain.Config{Method: explain.PathDependent})
		if err != nil {
			t.Fatal(err)
		}
		r, err := ex.Explain(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Rows {
			row := x[i*e.Features : (i+1)*e.Features]
			w := worthsOf(e.Features, func(known uint) float64 { return conditionalWorth(e, row, known) })
			near(t, "base", []float64{r.Base}, w[:1])
			near(t, "contributions", r.Encoded[i*e.Features:(i+1)*e.Features], w.shapley())
		}
	})
}

const exact = 1e-10

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= exact) {
			t.Errorf("%s: [%d] is %v, want %v", what, i, got[i], want[i])
		}
	}
}
