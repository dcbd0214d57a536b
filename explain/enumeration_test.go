package explain_test

import (
	"fmt"
	"math"
	"slices"
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

// subject is what is explained, and in which ways.
type subject struct {
	*explain.Ensemble
	x, background []float64
	ways          []string
}

func forEachForest(t *testing.T, test func(t *testing.T, s subject)) {
	for i, s := range specs {
		t.Run(fmt.Sprintf("%d features, depth %d", s.features, s.depth), func(t *testing.T) {
			t.Parallel()
			for n := range s.ensembles {
				r := stream(uint64(i), uint64(n))
				ways := explain.Ways
				if s.features*s.depth > 300 {
					ways = []string{"fastest", "walking"} // tables take seconds here
				}
				test(t, subject{
					Ensemble: randomForest(r, s.forestSpec), ways: ways,
					x: randomRows(r, s.forestSpec, 2), background: randomRows(r, s.forestSpec, 5),
				})
				if t.Failed() {
					t.Fatalf("ensemble %d", n)
				}
			}
		})
	}
}

func TestPathDependentEqualsEnumeration(t *testing.T) {
	forEachForest(t, func(t *testing.T, s subject) {
		s.equalsEnumeration(t, explain.Config{Method: explain.PathDependent}, func(row []float64, known uint) float64 {
			return conditionalWorth(s.Ensemble, row, known)
		})
	})
}

func TestInterventionalEqualsEnumeration(t *testing.T) {
	forEachForest(t, func(t *testing.T, s subject) {
		c := explain.Config{Method: explain.Interventional, Background: s.background}
		s.equalsEnumeration(t, c, func(row []float64, known uint) float64 {
			return replacedWorth(s.Ensemble, row, s.background, known)
		})
	})
}

// equalsEnumeration compares the explanations of the rows with those by
// definition.
func (s subject) equalsEnumeration(t *testing.T, c explain.Config, worth func(row []float64, known uint) float64) {
	t.Helper()
	d := s.Features
	rows := slices.Collect(slices.Chunk(s.x, d))
	byRow := make([]worths, len(rows))
	for i, row := range rows {
		byRow[i] = worthsOf(d, func(known uint) float64 { return worth(row, known) })
	}
	for _, way := range s.ways {
		e, err := explain.New(t.Context(), s.Ensemble, names(d), c)
		if err != nil {
			t.Fatal(err)
		}
		e.Force(way)
		r, err := e.Interactions(t.Context(), s.x)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range byRow {
			near(t, way+": base", []float64{r.Contributions.Base}, w[:1])
			near(t, way+": contributions", r.Contributions.Encoded[i*d:(i+1)*d], w.shapley())
			near(t, way+": interactions", r.Encoded[i*d*d:(i+1)*d*d], w.interactions())
		}
	}
}

// near compares with what is exact but for rounding.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	nearTo(t, 1e-10, what, got, want)
}

func nearTo(t *testing.T, tolerance float64, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Errorf("%s: [%d] is %v, want %v", what, i, got[i], want[i])
		}
	}
}
