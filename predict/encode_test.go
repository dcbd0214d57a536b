package predict_test

import (
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

func TestEncode(t *testing.T) {
	table := planted(t, 50, 5, 1)
	nan := math.NaN()
	rows := newTable(t, datasource.Numbers("x2", []float64{1, nan, 3, 4}), datasource.Numbers("x1", []float64{5, 6, 7, 8}),
		datasource.Categories("group", []string{"A", "B", "", "Z"}))
	for _, tt := range []struct {
		keepFirst bool
		want      []float64
	}{
		{false, []float64{5, 1, 0, 0, 6, nan, 1, 0, 7, 3, nan, nan, 8, 4, nan, nan}},
		{true, []float64{5, 1, 1, 0, 0, 6, nan, 0, 1, 0, 7, 3, nan, nan, nan, 8, 4, nan, nan, nan}},
	} {
		p := train(t, table, predict.Config{Target: "y", KeepFirst: tt.keepFirst}).Predictor
		got, err := p.Encode(t.Context(), rows)
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if err != nil || !slices.EqualFunc(got, tt.want, same) {
			t.Errorf("keep first %v: %v, %v, want %v", tt.keepFirst, got, err, tt.want)
		}
	}
}

// What Evaluate and Linear say of encoded rows is what Predict says of the table,
// rows with gaps included.
func TestEncodedRowsHaveTheSamePredictions(t *testing.T) {
	table := planted(t, 300, 5, 1)
	p := train(t, table, predict.Config{Target: "y"}).Predictor
	rows := newTable(t, datasource.Numbers("x2", []float64{1, math.NaN(), 3, 4}), datasource.Numbers("x1", []float64{5, 6, 7, 8}),
		datasource.Categories("group", []string{"A", "B", "", "Z"}))
	x, err := p.Encode(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.Predict(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, rows.Rows())
	p.Evaluate(got, x)
	base, centres, slopes, ok := p.Linear()
	if !ok || p.Trees() != nil {
		t.Errorf("linear %v, trees %v", ok, p.Trees())
	}
	for row, v := range got {
		near(t, "prediction", v, want[row].Value, 1e-14)
		sum := base
		for i, slope := range slopes {
			if v := x[row*len(slopes)+i]; !math.IsNaN(v) {
				sum += slope * (v - centres[i])
			}
		}
		near(t, "sum", sum, v, 1e-14)
	}
}
