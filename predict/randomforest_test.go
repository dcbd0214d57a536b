package predict_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/internal/tree"
	"github.com/cohortlens/cohortlens/predict"
)

// encodedColumns returns the encoded rows of a table column by column.
func encodedColumns(t *testing.T, p *predict.Predictor, table *datasource.Table) [][]float64 {
	t.Helper()
	x, err := p.Encode(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	columns := make([][]float64, len(p.Columns()))
	for j := range columns {
		for row := range table.Rows() {
			columns[j] = append(columns[j], x[row*len(columns)+j])
		}
	}
	return columns
}

// Each model of a training is the forest of its rows: the final one, and the one
// that the held-out rows judge.
func TestForestsAreThoseOfTheirRows(t *testing.T) {
	table := gappy(t, 400)
	cfg := predict.Config{Target: "y", Algorithm: predict.RandomForest, Trees: 9, MaxDepth: 6, MinSamplesLeaf: 2, MaxFeatures: 3, Seed: 4}
	r := train(t, table, cfg)
	y, _ := table.NumericColumn("y")
	grow := func(columns [][]float64, target []float64) *tree.Forest {
		f, err := tree.Grow(t.Context(), columns, target, tree.Config{Trees: 9, MaxDepth: 6, MinSamplesLeaf: 2, MaxFeatures: 3, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	all := grow(encodedColumns(t, r.Predictor, table), y.Floats())
	x, err := r.Predictor.Encode(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	for row, one := range predictions(t, r.Predictor, table) {
		sum := 0.0
		for i := range all.Ensemble.Trees {
			one := &all.Ensemble.Trees[i]
			sum += one.Nodes[one.Find(x[row*4:(row+1)*4])].Value
		}
		if want := all.Ensemble.Base + float64(all.Ensemble.Scale*sum); one.Value != want {
			t.Fatalf("row %d: %v, want %v", row, one.Value, want)
		}
	}
	checkHeldOutForest(t, table, r, grow)
	checkOutOfBag(t, r, all, y.Floats())
}

// checkHeldOutForest finds the held-out rows by their targets, which differ.
func checkHeldOutForest(t *testing.T, table *datasource.Table, r *predict.Result, grow func([][]float64, []float64) *tree.Forest) {
	t.Helper()
	predictedBy := map[float64]float64{}
	for _, o := range r.Holdout {
		predictedBy[o.Actual] = o.Predicted
	}
	var kept, out []int
	y, _ := table.NumericColumn("y")
	for row, v := range y.Floats() {
		if _, held := predictedBy[v]; held {
			out = append(out, row)
		} else {
			kept = append(kept, row)
		}
	}
	rest := table.Take(kept)
	target, _ := rest.NumericColumn("y")
	f := grow(encodedColumns(t, r.Predictor, rest), target.Floats())
	x, err := r.Predictor.Encode(t.Context(), table.Take(out))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, len(out))
	f.Ensemble.Evaluate(got, x)
	for i, row := range out {
		if want := predictedBy[y.Floats()[row]]; got[i] != want {
			t.Fatalf("held-out row %d: %v, want %v", row, got[i], want)
		}
	}
}

func checkOutOfBag(t *testing.T, r *predict.Result, f *tree.Forest, y []float64) {
	t.Helper()
	means, err := f.OutOfBagMeans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum, rows := 0.0, 0
	for row, m := range means {
		if !math.IsNaN(m) {
			sum += (y[row] - m) * (y[row] - m)
			rows++
		}
	}
	if r.OutOfBag == nil || r.OutOfBag.Rows != rows {
		t.Fatalf("out of bag %+v, want %d rows", r.OutOfBag, rows)
	}
	near(t, "out-of-bag MSE", r.OutOfBag.MSE, sum/float64(rows), 1e-12)
}

// An interval by quantiles reaches from quantile to quantile of the trees' leaves,
// and as far beyond, to both sides, as every other of the same predictor.
func TestIntervalsFollowTheTrees(t *testing.T) {
	table := shops(t, 600, 5, 1)
	p := train(t, table, predict.Config{Target: "y", Algorithm: predict.RandomForest, Trees: 40, Level: 0.8, IntervalMethod: predict.QuantileWidth}).Predictor
	x, err := p.Encode(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	e := p.Trees()
	leaves, margin := make([]float64, len(e.Trees)), math.NaN()
	for row, one := range predictions(t, p, table) {
		e.Leaves(leaves, x[row*e.Features:(row+1)*e.Features])
		below := e.Base + stat.Quantile(leaves, 0.1) - one.Low
		above := one.High - e.Base - stat.Quantile(leaves, 0.9)
		if math.IsNaN(margin) {
			margin = below
		}
		if math.Abs(below-margin) > 1e-9 || math.Abs(above-margin) > 1e-9 {
			t.Fatalf("row %d: the interval reaches %v below and %v above its quantiles, want %v", row, below, above, margin)
		}
	}
}

// The reference is make_reference.py beside it: scikit-learn 1.2.1,
// RandomForestRegressor(100), cross_validate(cv=KFold(5)). Forests differ by their
// draws: over eight seeds that R2 has a standard deviation of 0.006, there and here.
func TestForestOfShopCustomersIsAsBadAsScikitLearns(t *testing.T) {
	data := testkit.SharedFile(t, "data", "shop_customers.csv")
	var reference map[string]json.RawMessage
	readJSON(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &reference)
	var want struct {
		Forest struct {
			R2 float64 `json:"mean_r2"`
		} `json:"random_forest_100_cv5"`
	}
	if err := json.Unmarshal(reference["valid_rows"], &want); err != nil {
		t.Fatal(err)
	}
	rows, _, err := datasource.Prepare(t.Context(), readTable(t, data), datasource.CustomerSchema(), datasource.Drop)
	if err != nil {
		t.Fatal(err)
	}
	cfg := shopConfig()
	cfg.Algorithm = predict.RandomForest
	r := train(t, rows, cfg)
	if math.Abs(r.CV.Mean.R2-want.Forest.R2) > 0.02 || r.Verdict.Level != predict.NoSkill {
		t.Errorf("R2 %v, want about %v, and the verdict none, got %q", r.CV.Mean.R2, want.Forest.R2, r.Verdict.Level)
	}
}
