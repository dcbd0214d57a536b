package predict_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

func fit(t testing.TB, table *datasource.Table, cfg predict.Config) *predict.Predictor {
	t.Helper()
	p, err := predict.Fit(t.Context(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var fittable = []predict.Algorithm{predict.LinearRegression, predict.Ridge, predict.RandomForest, predict.Mean}

func TestFitIsTheLastStepOfTrain(t *testing.T) {
	table := planted(t, 5000, 5, 3)
	for _, a := range fittable {
		cfg := predict.Config{Algorithm: a, Target: "y", Trees: 5, Seed: 4, IntervalGroups: "group"}
		p, trained := fit(t, table, cfg), train(t, table, cfg).Predictor
		if a == predict.RandomForest && !reflect.DeepEqual(p.Trees(), trained.Trees()) {
			t.Errorf("%s: the trees are others than those of Train", a)
		}
		want := predictions(t, trained, table)
		for i, got := range predictions(t, p, table) {
			if math.Abs(got.Value-want[i].Value) > 1e-10 {
				t.Fatalf("%s: row %d: %v, by Train %v", a, i, got.Value, want[i].Value)
			}
			if got.Low != got.Value || got.High != got.Value || got.Confidence != predict.LowConfidence {
				t.Fatalf("%s: row %d: from %v to %v, confidence %s", a, i, got.Low, got.High, got.Confidence)
			}
		}
		if p.Algorithm() != a || p.Target() != "y" || p.Level() != 0 || p.Verdict() != predict.Unjudged || len(p.Features()) != 3 {
			t.Errorf("%s: algorithm %q, target %q, level %v, verdict %q, features %q", a, p.Algorithm(), p.Target(), p.Level(), p.Verdict(), p.Features())
		}
	}
}

func TestFitDoesNotDependOnWorkers(t *testing.T) {
	table := planted(t, 9000, 5, 1)
	before := cells(table)
	for _, a := range fittable {
		cfg := predict.Config{Algorithm: a, Target: "y", Trees: 3, Workers: 1}
		want := fit(t, table, cfg)
		cfg.Workers = 3
		if !reflect.DeepEqual(fit(t, table, cfg), want) {
			t.Errorf("%s: with 3 workers it is another predictor", a)
		}
	}
	if cells(table) != before {
		t.Error("the table was changed")
	}
}

func TestFittedPredictorSurvivesItsFile(t *testing.T) {
	table := planted(t, 50, 5, 1)
	p := fit(t, table, predict.Config{Target: "y"})
	var file bytes.Buffer
	if err := p.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	loaded, err := predict.Load(t.Context(), &file)
	if err != nil || loaded.Verdict() != predict.Unjudged || !reflect.DeepEqual(predictions(t, loaded, table), predictions(t, p, table)) {
		t.Errorf("the loaded predictor is another one, or %v", err)
	}
}

// One row tells the mean, and two make no folds.
func TestFitTakesFewRows(t *testing.T) {
	table := planted(t, 2, 5, 1)
	for _, a := range fittable {
		one := table.Take([]int{0})
		y, err := one.NumericColumn("y")
		if err != nil {
			t.Fatal(err)
		}
		p := fit(t, one, predict.Config{Algorithm: a, Target: "y"})
		if got := predictions(t, p, table); got[0].Value != y.Floats()[0] || got[1].Value != got[0].Value {
			t.Errorf("%s: %v and %v, want %v", a, got[0].Value, got[1].Value, y.Floats()[0])
		}
		fit(t, table, predict.Config{Algorithm: a, Target: "y"})
	}
}

func TestFitRefuses(t *testing.T) {
	table := planted(t, 50, 5, 1)
	lacking := datasource.Numbers("x3", slices.Repeat([]float64{math.NaN()}, 50))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		table *datasource.Table
		cfg   predict.Config
		is    error
		want  string
	}{
		{t.Context(), table, predict.Config{Target: "y", Algorithm: predict.Auto}, nil, `Algorithm must not be "auto"`},
		{t.Context(), table, predict.Config{Target: "y", Folds: 1}, nil, "Folds must be from 2 to 100, got 1"},
		{t.Context(), table, predict.Config{}, nil, "Target must name"},
		{t.Context(), table.Take(nil), predict.Config{Target: "y"}, predict.ErrTooFewRows, "no row to fit on"},
		{t.Context(), with(t, table, lacking), predict.Config{Target: "y"}, predict.ErrMissing, "50 of 50 rows lack a value in x3"},
		{ended, table, predict.Config{Target: "y"}, context.Canceled, ""},
		{ended, table, predict.Config{Target: "y", Algorithm: predict.RandomForest}, context.Canceled, ""},
	} {
		p, err := predict.Fit(c.ctx, c.table, c.cfg)
		if err == nil || p != nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %v, %q", c.cfg, err, c.is, c.want)
		}
	}
}

func TestFitCountsItsProgress(t *testing.T) {
	for _, a := range fittable {
		last, all := 0, 0
		fit(t, planted(t, 5000, 5, 1), predict.Config{Algorithm: a, Target: "y", Trees: 7, Progress: func(done, total int) {
			if done <= last || done > total {
				t.Errorf("%s: step %d of %d after step %d", a, done, total, last)
			}
			last, all = done, total
		}})
		if last != all || all == 0 {
			t.Errorf("%s: it ended at step %d of %d", a, last, all)
		}
	}
}
