package predict

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// trialsOf makes the trials of Auto from the MSE by fold, in order; none for an
// algorithm that was not tried. The baseline misses by 100.
func trialsOf(mse ...[]float64) []Trial {
	out := make([]Trial, len(mse))
	for i, byFold := range mse {
		out[i].Algorithm = simplest[i]
		var pairs [][2]float64
		mean := 0.0
		for _, v := range byFold {
			pairs = append(pairs, [2]float64{v, 100})
			mean += v / float64(len(byFold))
		}
		if len(pairs) > 0 {
			out[i].CV = folds(1-mean/100, pairs...)
		}
	}
	return out
}

func TestTheChoiceAmongAlgorithms(t *testing.T) {
	mean := []float64{100, 100, 100, 100}
	tests := []struct {
		name    string
		trials  []Trial
		chosen  Algorithm
		reasons []string
	}{
		{"noise", trialsOf(mean, []float64{103, 99, 102, 104}, []float64{101, 99, 101, 100}, []float64{120, 110, 112, 130}), Mean,
			[]string{"nothing that was tried is clearly better", "not clearly better than the average", "not clearly better than the average", "not clearly better than the average"}},
		{"linear", trialsOf(mean, []float64{20, 22, 18, 21}, []float64{20.1, 22, 17.8, 21}, []float64{30, 33, 31, 29}), LinearRegression,
			[]string{"the baseline", "the simplest whose squared errors are, within chance, as small as those of ridge", "not clearly better than linear_regression, which is simpler", "larger squared errors than ridge"}},
		{"ridge", trialsOf(mean, []float64{40, 44, 41, 45}, []float64{20, 22, 18, 21}, []float64{30, 33, 31, 29}), Ridge,
			[]string{"the baseline", "larger squared errors than ridge", "the smallest squared errors", "larger squared errors than ridge"}},
		{"forest", trialsOf(mean, []float64{40, 44, 41, 45}, []float64{40, 44, 41, 45}, []float64{10, 13, 11, 9}), RandomForest,
			[]string{"the baseline", "larger squared errors than random_forest", "larger squared errors than random_forest", "the smallest squared errors"}},
		{"one fold decides", trialsOf(mean, []float64{50, 50, 50, 50}, []float64{50, 50, 50, 50}, []float64{5, 52, 51, 53}), LinearRegression,
			[]string{"the baseline", "the simplest whose squared errors are, within chance, as small as those of random_forest", "not clearly better than linear_regression, which is simpler", "not clearly better than linear_regression, which is simpler"}},
		{"luck", trialsOf(mean, []float64{130, 10, 110, 110}, []float64{130, 10, 110, 110}, []float64{70, 70, 70, 70}), RandomForest,
			[]string{"the baseline", "not clearly better than the average", "not clearly better than the average", "the smallest squared errors"}},
		{"gaps", trialsOf(mean, nil, nil, []float64{10, 13, 11, 9}), RandomForest, []string{"the baseline", "", "", "the smallest squared errors"}},
	}
	for _, tt := range tests {
		chosen := pickTrial(tt.trials, false)
		if got := tt.trials[chosen].Algorithm; got != tt.chosen {
			t.Errorf("%s: chose %s, want %s", tt.name, got, tt.chosen)
		}
		for i, one := range tt.trials {
			if one.Chosen != (i == chosen) || one.Reason != tt.reasons[i] {
				t.Errorf("%s: %s chosen %v: %q, want %q", tt.name, one.Algorithm, one.Chosen, one.Reason, tt.reasons[i])
			}
		}
		if got := pickTrial(tt.trials, true); got != 0 {
			t.Errorf("%s: with a constant target it chose %s", tt.name, tt.trials[got].Algorithm)
		}
	}
}

// bent has a target that no straight line follows.
func bent(t *testing.T, noise float64) *datasource.Table {
	t.Helper()
	table := randomTable(t, 600, 5)
	a, _ := table.NumericColumn("a")
	y := make([]float64, table.Rows())
	for i, v := range a.Floats() {
		y[i] = math.Abs(v) + noise*math.Sin(1e4*v)
	}
	table, err := table.With(datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestAutoTakesWhatTheTableNeeds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		table *datasource.Table
		want  Algorithm
	}{
		{"bent", bent(t, 0.1), RandomForest}, {"noise", bent(t, 1000), Mean},
	} {
		r, err := Train(t.Context(), tt.table, Config{Target: "y", Algorithm: Auto, Trees: 20})
		if err != nil {
			t.Fatal(err)
		}
		if r.Algorithm != tt.want || r.Predictor.Algorithm() != tt.want || len(r.Tried) != 4 {
			t.Errorf("%s: took %s of %d trials", tt.name, r.Algorithm, len(r.Tried))
		}
		if r.CV.Mean.MSE > r.CV.Baseline.MSE {
			t.Errorf("%s: worse than the mean", tt.name)
		}
		if tt.want == Mean && (!slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, "No algorithm that was tried") }) ||
			!strings.Contains(r.Verdict.Text, "which is what it does")) {
			t.Errorf("%s: notes %q, verdict %q", tt.name, r.Notes, r.Verdict.Text)
		}
		alone, err := Train(t.Context(), tt.table, Config{Target: "y", Algorithm: tt.want, Trees: 20})
		if err != nil {
			t.Fatal(err)
		}
		if alone.Metrics != r.Metrics || alone.CV.Mean != r.CV.Mean || alone.Intervals.Coverage != r.Intervals.Coverage {
			t.Errorf("%s: as chosen %+v, alone %+v", tt.name, r.Metrics, alone.Metrics)
		}
	}
}

// Squares of such numbers are infinite, which is of no concern to a tree.
func TestAutoUsesNumbersThatLinearModelsCannot(t *testing.T) {
	table := bent(t, 0.1)
	a, _ := table.NumericColumn("a")
	huge := make([]float64, table.Rows())
	for i, v := range a.Floats() {
		huge[i] = v * 1e300
	}
	table, err := table.With(datasource.Numbers("a", huge))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Train(t.Context(), table, Config{Target: "y", Algorithm: Auto, Trees: 20})
	if err != nil {
		t.Fatal(err)
	}
	if r.Algorithm != RandomForest {
		t.Errorf("took %s", r.Algorithm)
	}
	for _, one := range r.Tried[1:3] {
		if one.CV.Folds != 0 || !strings.Contains(one.Reason, `not tried: predict: the numbers of column "a" spread beyond 1e+140`) {
			t.Errorf("%s: %d folds, %q", one.Algorithm, one.CV.Folds, one.Reason)
		}
	}
	small, err := Fit(t.Context(), bent(t, 0.1), Config{Target: "y", Algorithm: RandomForest, Trees: 20})
	if err != nil {
		t.Fatal(err)
	}
	want := predicted(t, small, bent(t, 0.1))
	for row, got := range predicted(t, r.Predictor, table) {
		if math.Abs(got.Value-want[row].Value) > 1e-9 {
			t.Fatalf("row %d: %v, want %v as for small numbers", row, got.Value, want[row].Value)
		}
	}
}
