package predict_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// every has a configuration for each algorithm, with small forests.
var every = map[string]predict.Config{
	"linear":    {Algorithm: predict.LinearRegression},
	"ridge":     {Algorithm: predict.Ridge},
	"forest":    {Algorithm: predict.RandomForest, Trees: 12},
	"quantiles": {Algorithm: predict.RandomForest, Trees: 12, IntervalMethod: predict.QuantileWidth, FoldOrder: predict.ShuffledFolds},
	"auto":      {Algorithm: predict.Auto, Trees: 6},
	"mean":      {Algorithm: predict.Mean},
	"groups":    {Algorithm: predict.Ridge, FoldGroups: "shop", IntervalGroups: "group"},
}

// forEvery runs a test for each algorithm with the target y.
func forEvery(t *testing.T, test func(t *testing.T, cfg predict.Config)) {
	t.Helper()
	for name, cfg := range every {
		t.Run(name, func(t *testing.T) {
			cfg.Target = "y"
			test(t, cfg)
		})
	}
}

// shops is planted with a further column, of shops.
func shops(t testing.TB, rows int, noise float64, seed uint64) *datasource.Table {
	t.Helper()
	shop := make([]string, rows)
	for i := range shop {
		shop[i] = string(rune('a' + i%13))
	}
	return with(t, planted(t, rows, noise, seed), datasource.Texts("shop", shop))
}

func predictions(t testing.TB, p *predict.Predictor, table *datasource.Table) []predict.Prediction {
	t.Helper()
	out, err := p.Predict(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNoResultDependsOnWorkers(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 3000, 5, 1)
		cfg.Workers = 1
		want := train(t, table, cfg)
		finite(t, want)
		for _, workers := range []int{2, 3, 8} {
			cfg.Workers = workers
			got := train(t, table, cfg)
			if a, b := predictions(t, got.Predictor, table), predictions(t, want.Predictor, table); !reflect.DeepEqual(a, b) {
				t.Errorf("with %d workers predictions differ", workers)
			}
			got.Predictor = want.Predictor
			if !reflect.DeepEqual(got, want) {
				t.Errorf("with %d workers the result differs", workers)
			}
		}
	})
}

func TestNoTableIsChanged(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 300, 5, 1)
		before := cells(table)
		predictions(t, train(t, table, cfg).Predictor, table)
		if cells(table) != before {
			t.Error("the table was changed")
		}
	})
}

// Columns in another order, columns too many and rows alone change nothing.
func TestPredictionsAreByNameAndRow(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 300, 5, 1)
		p := train(t, table, cfg).Predictor
		want := predictions(t, p, table)
		turned, err := table.Select("group", "x2", "x1")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(predictions(t, p, turned), want) {
			t.Error("predictions depend on the order of the columns, or on columns that are no features")
		}
		for _, row := range []int{0, 77, 299} {
			if one := predictions(t, p, table.Take([]int{row})); !reflect.DeepEqual(one, want[row:row+1]) {
				t.Errorf("row %d alone: %+v, want %+v", row, one, want[row])
			}
		}
		if none := predictions(t, p, table.Take(nil)); len(none) != 0 {
			t.Errorf("%d predictions for no row", len(none))
		}
		for _, lacking := range []string{"x1", "group"} {
			others := slices.DeleteFunc([]string{"x1", "x2", "group"}, func(name string) bool { return name == lacking })
			less, err := table.Select(others...)
			if err != nil {
				t.Fatal(err)
			}
			var missing *datasource.ColumnError
			if _, err := p.Predict(t.Context(), less); !errors.As(err, &missing) {
				t.Errorf("without %s: error %v", lacking, err)
			}
		}
	})
}

func TestRowsThatCannotBeUsedWhole(t *testing.T) {
	nan := math.NaN()
	rows := newTable(t, datasource.Numbers("x1", []float64{nan, 50, 50, nan}), datasource.Numbers("x2", []float64{0, 0, 0, nan}),
		datasource.Categories("group", []string{"A", "new", "", ""}))
	want := [][]string{{"x1"}, {"group"}, {"group"}, {"x1", "x2", "group"}}
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		p := train(t, shops(t, 300, 5, 1), cfg).Predictor
		got := predictions(t, p, rows)
		for row, one := range got {
			if !slices.Equal(one.Unseen, want[row]) {
				t.Errorf("row %d: unseen %q, want %q", row, one.Unseen, want[row])
			}
			if !(one.Low <= one.Value && one.Value <= one.High) {
				t.Errorf("row %d: %+v", row, one)
			}
		}
		if got[1].Value != got[2].Value {
			t.Errorf("an unknown level gives %v, a missing one %v", got[1].Value, got[2].Value)
		}
	})
}

func TestAConstantTargetIsPredicted(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		base := shops(t, 120, 1, 6)
		table := with(t, base, derived(t, base, "y", func(func(string) float64) float64 { return 0.1 }))
		r := train(t, table, cfg)
		finite(t, r)
		if r.Verdict.Level != predict.NoSkill || r.CV.Mean.MSE != 0 || r.Intervals.Coverage != 1 {
			t.Errorf("verdict %q, MSE %v, coverage %v", r.Verdict.Level, r.CV.Mean.MSE, r.Intervals.Coverage)
		}
		if !strings.Contains(r.Verdict.Text, "y is the same in every row") {
			t.Errorf("the verdict does not say that there is nothing to predict: %s", r.Verdict.Text)
		}
		for _, one := range predictions(t, r.Predictor, table) {
			if one.Value != 0.1 || one.Low != 0.1 || one.High != 0.1 || one.Confidence != predict.LowConfidence {
				t.Fatalf("%+v, want 0.1 without width", one)
			}
		}
	})
}

func TestFewRowsAndManyColumns(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 40, 1, 3)
		for _, rows := range [][]int{{}, {0}, {0, 1}} {
			if _, err := predict.Train(t.Context(), table.Take(rows), cfg); !errors.Is(err, predict.ErrTooFewRows) {
				t.Errorf("%d rows: error %v, want ErrTooFewRows", len(rows), err)
			}
		}
		random := rand.New(rand.NewPCG(5, 5))
		for i := range 60 {
			name := string(rune('A'+i/26)) + string(rune('a'+i%26))
			table = with(t, table, derived(t, table, name, func(func(string) float64) float64 { return random.NormFloat64() }))
		}
		r := train(t, table, cfg)
		finite(t, r)
		if got := len(r.Predictor.Columns()); got <= 40 {
			t.Fatalf("%d columns", got)
		}
		for _, one := range predictions(t, r.Predictor, table) {
			if math.IsNaN(one.Value) || one.High < one.Low {
				t.Fatalf("%+v", one)
			}
		}
	})
}

func TestTheEndOfContextEndsEveryTraining(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 3000, 5, 1)
		steps := 0
		cfg.Progress = func(done, total int) {
			if steps++; done > total {
				t.Errorf("step %d of %d", done, total)
			}
		}
		train(t, table, cfg)
		for _, at := range []int{1, steps / 2, steps - 1} {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			cfg.Progress = func(int, int) {
				if calls++; calls == at {
					cancel()
				}
			}
			if r, err := predict.Train(ctx, table, cfg); !errors.Is(err, context.Canceled) || r != nil {
				t.Errorf("cancelled at call %d of %d: %v, %v", at, steps, r, err)
			}
			cancel()
		}
	})
}

func TestProgressEndsAtItsTotal(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		last, all := 0, 0
		cfg.Progress = func(done, total int) {
			if done < last || all != 0 && total != all {
				t.Errorf("step %d of %d after %d of %d", done, total, last, all)
			}
			last, all = done, total
		}
		train(t, shops(t, 500, 5, 1), cfg)
		if last != all || all == 0 {
			t.Errorf("progress ended at %d of %d", last, all)
		}
	})
}

// gappy is shops with gaps in two features, of which one tells of the target.
func gappy(t testing.TB, rows int) *datasource.Table {
	t.Helper()
	table := shops(t, rows, 2, 4)
	random := rand.New(rand.NewPCG(6, 6))
	table = with(t, table, derived(t, table, "x1", func(get func(string) float64) float64 {
		if get("y") > 50 && random.IntN(2) == 0 {
			return math.NaN()
		}
		return get("x1")
	}))
	groups, _ := table.CategoricalColumn("group")
	levels := make([]string, rows)
	for row := range levels {
		if levels[row] = groups.Cell(row); row%17 == 0 {
			levels[row] = ""
		}
	}
	return with(t, table, datasource.Categories("group", levels))
}

func TestMissingValuesInTraining(t *testing.T) {
	table := gappy(t, 1500)
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		r, err := predict.Train(t.Context(), table, cfg)
		switch cfg.Algorithm {
		case predict.LinearRegression, predict.Ridge:
			if !errors.Is(err, predict.ErrMissing) || !strings.Contains(err.Error(), "rows lack a value in x1 and group") {
				t.Errorf("error %v", err)
			}
			return
		case predict.Mean:
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		finite(t, r)
		if r.Algorithm != predict.RandomForest || r.CV.Mean.R2 < 0.8 {
			t.Errorf("%s with R2 %v, want a forest that uses the gaps", r.Algorithm, r.CV.Mean.R2)
		}
		rows := newTable(t, datasource.Numbers("x1", []float64{math.NaN(), 50, 50}), datasource.Numbers("x2", []float64{0, math.NaN(), 0}),
			datasource.Categories("group", []string{"", "B", "new"}))
		got := predictions(t, r.Predictor, rows)
		if got[0].Value < 45 || len(got[0].Unseen) > 0 {
			t.Errorf("%+v, want a high value: training had such gaps", got[0])
		}
		if !slices.Equal(got[1].Unseen, []string{"x2"}) || !slices.Equal(got[2].Unseen, []string{"group"}) {
			t.Errorf("unseen %q and %q", got[1].Unseen, got[2].Unseen)
		}
	})
	lacking := with(t, table, derived(t, table, "y", func(get func(string) float64) float64 {
		if get("y") > 60 {
			return math.NaN()
		}
		return get("y")
	}))
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		if _, err := predict.Train(t.Context(), lacking, cfg); !errors.Is(err, predict.ErrMissing) {
			t.Errorf("a missing target: error %v", err)
		}
	})
}

// A category of a single level encodes to no column: there is only the average.
func TestAFeatureThatSaysNothing(t *testing.T) {
	base := shops(t, 60, 1, 3)
	table := with(t, base, datasource.Categories("only", slices.Repeat([]string{"one"}, 60)))
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		cfg.Categorical = []string{"only"}
		r, err := predict.Train(t.Context(), table, cfg)
		if cfg.Algorithm == predict.RandomForest {
			if err == nil || !strings.Contains(err.Error(), `"random_forest" needs a feature with more than one level`) {
				t.Errorf("error %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		finite(t, r)
		if r.Verdict.Level != predict.NoSkill || len(r.Predictor.Columns()) != 0 {
			t.Errorf("verdict %q, columns %v", r.Verdict.Level, r.Predictor.Columns())
		}
		got := predictions(t, r.Predictor, table)
		near(t, "prediction", got[0].Value, got[59].Value, 0)
	})
}
