package predict

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// The reference is testdata/make_ridge_golden.py, from the least penalty to the
// greatest.
func TestGeneralisedCrossValidation(t *testing.T) {
	var want struct {
		Errors []float64 `json:"grid_errors"`
	}
	raw, err := os.ReadFile("testdata/ridge.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	table, err := datasource.Load(t.Context(), datasource.NewCSVFile("testdata/customers.csv", datasource.CSVConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	all, err := newTraining(t.Context(), table, Config{Target: "Spend"}.withDefaults(), newSplit)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := all.sums.of(subset{noFold, true})
	s, err := newSpectrum(g)
	if err != nil {
		t.Fatal(err)
	}
	rows := float64(g.Rows())
	for i, w := range want.Errors {
		got := g.At(0, 0) / rows * s.crossValidation(math.Pow(10, float64(i)/2-6), rows)
		if math.Abs(got-w) > 1e-9*w {
			t.Errorf("penalty %d: error %v, want %v", i, got, w)
		}
	}
}
