package predict_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

func TestResultDoesNotDependOnWorkers(t *testing.T) {
	table := planted(t, 20_000, 5, 1)
	want := train(t, table, predict.Config{Target: "y", Workers: 1})
	for _, workers := range []int{2, 3, 8} {
		got := train(t, table, predict.Config{Target: "y", Workers: workers})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("with %d workers the result differs", workers)
		}
	}
}

func TestSeedDrawsTheHoldout(t *testing.T) {
	table := planted(t, 100, 5, 1)
	a, b := train(t, table, predict.Config{Target: "y", Seed: 1}), train(t, table, predict.Config{Target: "y", Seed: 2})
	if reflect.DeepEqual(a.Holdout, b.Holdout) {
		t.Error("two seeds hold out the same rows")
	}
	near(t, "CV MSE", b.CV.Mean.MSE, a.CV.Mean.MSE, 1e-12)
	for i, c := range b.Coefficients {
		near(t, c.Name, c.Value, a.Coefficients[i].Value, 1e-12)
	}
	if len(a.Holdout) != 20 || a.Metrics.Rows != 20 {
		t.Errorf("%d rows held out, want 20 of 100", len(a.Holdout))
	}
}

func TestInputStaysAsItIs(t *testing.T) {
	table := planted(t, 3000, 5, 1)
	before := cells(table)
	r := train(t, table, predict.Config{Target: "y"})
	if _, err := r.Predictor.Predict(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	if cells(table) != before {
		t.Error("the table was changed")
	}
}

func TestEndOfContextEndsTraining(t *testing.T) {
	table := planted(t, 50_000, 5, 1)
	before := runtime.NumGoroutine()
	for _, at := range []int{1, 20, 40} {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := predict.Train(ctx, table, predict.Config{Target: "y", Workers: 4, Progress: func(done, _ int) {
			if done == at {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || r != nil {
			t.Errorf("cancelled at step %d: error %v, result %v", at, err, r)
		}
	}
	// A goroutine is still counted for a moment after it has said that it is done.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestProgressIsCountedToTheEnd(t *testing.T) {
	last, calls := 0, 0
	train(t, planted(t, 10_000, 5, 1), predict.Config{Target: "y", Progress: func(done, total int) {
		calls++
		if done != last+1 || done > total {
			t.Errorf("step %d of %d after step %d", done, total, last)
		}
		last = done
		if calls == total {
			last = -1
		}
	}})
	if last != -1 {
		t.Errorf("progress ended at step %d", last)
	}
}

func TestOrderOfColumnsInTheTableDoesNotMatter(t *testing.T) {
	table := planted(t, 500, 5, 1)
	cfg := predict.Config{Target: "y", Numerical: []string{"x2", "x1"}, Categorical: []string{"group"}}
	turned, err := table.Select("y", "group", "x1", "x2")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(train(t, table, cfg), train(t, turned, cfg)) {
		t.Error("the result depends on the order of the columns in the table")
	}
}

// The coverage of intervals of a known error distribution: 1.645 standard
// deviations for 90%.
func TestIntervalsCoverTheirShare(t *testing.T) {
	r := train(t, planted(t, 20_000, 10, 9), predict.Config{Target: "y", Level: 0.9})
	if math.Abs(r.Intervals.HalfWidth-16.45) > 0.5 {
		t.Errorf("half-width %v, want about 16.45", r.Intervals.HalfWidth)
	}
	if math.Abs(r.Intervals.Coverage-0.9) > 0.02 {
		t.Errorf("coverage %v, want about 0.9", r.Intervals.Coverage)
	}
}

func TestPredictorIsSafeForConcurrentUse(t *testing.T) {
	table := planted(t, 2000, 5, 1)
	p := train(t, table, predict.Config{Target: "y"}).Predictor
	want, err := p.Predict(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := p.Predict(t.Context(), table); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("a concurrent prediction differs, error %v", err)
			}
		})
	}
	wg.Wait()
}

// In a table sorted by the target, a block of rows is unlike the others, and a
// model without the sorted quantity fails on it; rows drawn at random are not.
func TestASortedTableIsNotedWhenTheVerdictHangsOnIt(t *testing.T) {
	const rows = 300
	x, y := make([]float64, rows), make([]float64, rows)
	random := rand.New(rand.NewPCG(4, 4))
	for i := range rows {
		y[i] = float64(i)
		x[i] = y[i] + 120*random.NormFloat64()
	}
	sorted := newTable(t, datasource.Numbers("x", x), datasource.Numbers("y", y))
	r := train(t, sorted, predict.Config{Target: "y"})
	if r.Verdict.Level != predict.NoSkill || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "the table is merely sorted") {
		t.Errorf("sorted: verdict %+v, notes %q", r.Verdict, r.Notes)
	}
	few := train(t, sorted, predict.Config{Target: "y", TestSize: 0.08})
	if few.Metrics.Rows != 24 || len(few.Notes) != 0 {
		t.Errorf("with %d rows held out: notes %q", few.Metrics.Rows, few.Notes)
	}
	unrelated := with(t, sorted, derived(t, sorted, "y", func(func(string) float64) float64 { return random.NormFloat64() }))
	if r := train(t, unrelated, predict.Config{Target: "y"}); r.Verdict.Level != predict.NoSkill || len(r.Notes) != 0 {
		t.Errorf("noise: verdict %+v, notes %q", r.Verdict, r.Notes)
	}
	shuffled := train(t, sorted.Take(random.Perm(rows)), predict.Config{Target: "y"})
	if shuffled.Verdict.Level == predict.NoSkill || len(shuffled.Notes) != 0 {
		t.Errorf("shuffled: verdict %+v, notes %q", shuffled.Verdict, shuffled.Notes)
	}
}

// A forest is asked about its context between rows, since a chunk of them may take
// long.
func TestEndOfContextEndsPrediction(t *testing.T) {
	table := planted(t, 5000, 5, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, a := range []predict.Algorithm{predict.LinearRegression, predict.RandomForest} {
		p := fit(t, table, predict.Config{Algorithm: a, Target: "y", Trees: 3})
		if got, err := p.Predict(ended, table); got != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %d predictions, error %v", a, len(got), err)
		}
		if got, err := p.Encode(ended, table); got != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %d encoded values, error %v", a, len(got), err)
		}
	}
}
