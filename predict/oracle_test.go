package predict

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/datasource"
)

// randomTable has two numbers, one of them far from zero, and two categories.
func randomTable(t *testing.T, rows int, seed uint64) *datasource.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	a, b, y := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	city, plan := make([]string, rows), make([]string, rows)
	for i := range rows {
		a[i], b[i] = random.NormFloat64()*3, 1000+random.Float64()
		city[i] = []string{"Bath", "Lyon", "Oslo", "Turin"}[random.IntN(4)]
		plan[i] = []string{"basic", "gold"}[random.IntN(2)]
		y[i] = a[i]*a[i] + 5*b[i] + random.NormFloat64()*float64(len(city[i])+len(plan[i]))
	}
	table, err := datasource.NewTable(datasource.Numbers("a", a), datasource.Numbers("b", b),
		datasource.Categories("city", city), datasource.Categories("plan", plan), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// direct fits the given rows by a QR decomposition of all of them.
func direct(t *testing.T, e *encoder, target []float64, f features, rows []int) []float64 {
	t.Helper()
	x, y := mat.NewDense(len(rows), 1+e.width(), nil), mat.NewVecDense(len(rows), nil)
	for at, row := range rows {
		y.SetVec(at, target[row])
		x.SetRow(at, append([]float64{1}, encodeRow(e, f, row)...))
	}
	var b mat.VecDense
	if err := b.SolveVec(x, y); err != nil && !errors.As(err, new(mat.Condition)) {
		t.Fatal(err)
	}
	return slices.Clone(b.RawVector().Data)
}

func encodeRow(e *encoder, f features, row int) []float64 {
	var x []float64
	for _, column := range f.numbers {
		x = append(x, column[row])
	}
	for i, c := range e.categories {
		indicators := make([]float64, len(c.levels))
		indicators[f.codes[i][row]] = 1
		x = append(x, indicators[e.dropped():]...)
	}
	return x
}

// Every model of a training, fitted from merged sums, equals the fit of its own
// rows.
func TestMergedFitsEqualDirectOnes(t *testing.T) {
	for seed := range uint64(6) {
		table := randomTable(t, 150+int(seed)*1000, seed)
		cfg := Config{Target: "y", Folds: 3 + int(seed), Seed: seed}.withDefaults()
		all, err := newTraining(t.Context(), table, cfg, newSplit)
		if err != nil {
			t.Fatal(err)
		}
		if err := all.collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, of := range slices.Concat(crossValidation(cfg.Folds), examination(cfg.Folds)) {
			got, err := fit(all.sums.of(of))
			if err != nil {
				t.Fatal(err)
			}
			rows := rowsOf(all.split, cfg.Folds, of.without, of.heldOut)
			sameFit(t, got, direct(t, all.encoder, all.target, all.features, rows))
			if got.g.Rows() != len(rows) {
				t.Errorf("%+v: fitted on %d rows, want %d", of, got.g.Rows(), len(rows))
			}
		}
	}
}

// rowsOf returns the rows of all folds but one, in the slow way.
func rowsOf(s *split, folds, but int, heldOutToo bool) []int {
	var rows []int
	for fold := range folds {
		low, high := foldBounds(s.rows, folds, fold)
		for row := low; row < high; row++ {
			if fold != but && (heldOutToo || !slices.Contains(s.heldOut, row)) {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func sameFit(t *testing.T, got *leastSquares, want []float64) {
	t.Helper()
	for i, w := range want[1:] {
		if g := got.coefficients[i]; math.Abs(g-w) > 1e-9*max(1, math.Abs(w)) {
			t.Errorf("coefficient %d = %v, direct fit %v", i, g, w)
		}
	}
}

// The held-out rows are judged by a model, a baseline and an interval that have
// not seen them.
func TestHoldoutEqualsTheSlowWay(t *testing.T) {
	for seed := range uint64(12) {
		checkHoldout(t, randomTable(t, 60, seed), Config{Target: "y", Folds: 4, TestSize: 0.3, Level: 0.6, Seed: seed})
	}
}

func checkHoldout(t *testing.T, table *datasource.Table, cfg Config) {
	t.Helper()
	r, err := Train(t.Context(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg = cfg.withDefaults()
	e, _ := newEncoder(table, cfg)
	f, _ := e.apply(table)
	target, _ := table.NumericColumn("y")
	y := target.Floats()
	s, _ := newSplit(table, cfg)
	predictor := func(rows []int) func(row int) float64 {
		b := direct(t, e, y, f, rows)
		return func(row int) float64 {
			v := b[0]
			for i, x := range encodeRow(e, f, row) {
				v += b[1+i] * x
			}
			return v
		}
	}
	trained := rowsOf(s, cfg.Folds, -1, false)
	var residuals []float64
	for fold := range cfg.Folds {
		low, high := foldBounds(table.Rows(), cfg.Folds, fold)
		predict := predictor(rowsOf(s, cfg.Folds, fold, false))
		for _, row := range trained {
			if low <= row && row < high {
				residuals = append(residuals, math.Abs(y[row]-predict(row)))
			}
		}
	}
	slices.Sort(residuals)
	halfWidth := residuals[int(math.Ceil(float64(len(residuals)+1)*cfg.Level))-1]
	sameHoldout(t, r, s.heldOut, y, meanOf(y, trained), predictor(trained), halfWidth)
}

func sameHoldout(t *testing.T, r *Result, rows []int, y []float64, mean float64, predict func(row int) float64, halfWidth float64) {
	t.Helper()
	var model, baseline errorSums
	covered := 0
	for i, row := range rows {
		p := predict(row)
		model.add(y[row], p)
		baseline.add(y[row], mean)
		if math.Abs(y[row]-p) <= halfWidth {
			covered++
		}
		if o := r.Holdout[i]; o.Actual != y[row] || math.Abs(o.Predicted-p) > 1e-6 {
			t.Errorf("row %d: %+v, want %v and %v", row, o, y[row], p)
		}
	}
	spread, own := 0.0, meanOf(y, rows)
	for _, row := range rows {
		spread += (y[row] - own) * (y[row] - own)
	}
	sameMetrics(t, "holdout", r.Metrics, model.metrics(spread))
	sameMetrics(t, "baseline", r.Baseline, baseline.metrics(spread))
	if want := float64(covered) / float64(len(rows)); r.Intervals.Coverage != want {
		t.Errorf("coverage %v, want %v", r.Intervals.Coverage, want)
	}
}

// Of the intervals, of 10 to both sides, that of 9 reaches below the least value of
// the target and that of 95 above the greatest; those of 11 and 90 end there.
func TestIntervalsBeyondTheTarget(t *testing.T) {
	e := &evaluation{
		training: &training{cfg: Config{Level: 0.5}, target: []float64{40, 1, 100, 7}},
		cv:       sample{actual: []float64{40, 1, 100, 7}, predicted: []float64{50, 11, 90, 17}},
		inner:    sample{actual: []float64{40, 1}, predicted: []float64{30, 11}},
		heldOut:  sample{actual: []float64{1, 1, 50, 100, 100}, predicted: []float64{11, 9, 50, 90, 95}},
	}
	if i, _ := e.intervals(); i.Low != 1 || i.High != 100 || i.Beyond != 0.4 {
		t.Errorf("%v of the intervals leave %v to %v, want 0.4 of them and 1 to 100", i.Beyond, i.Low, i.High)
	}
}

func meanOf(y []float64, rows []int) float64 {
	sum := 0.0
	for _, row := range rows {
		sum += y[row]
	}
	return sum / float64(len(rows))
}

func sameMetrics(t *testing.T, what string, got, want Metrics) {
	t.Helper()
	a, b := []float64{got.MSE, got.MAE, got.R2, got.RMSE}, []float64{want.MSE, want.MAE, want.R2, want.RMSE}
	for i := range a {
		if got.Rows != want.Rows || math.Abs(a[i]-b[i]) > 1e-8*math.Abs(b[i]) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
			return
		}
	}
}

func TestFoldsAreThoseOfKFold(t *testing.T) {
	// [len(test) for _, test in KFold(k).split(range(n))], scikit-learn 1.9.1.
	tests := []struct {
		rows, folds int
		want        []int
	}{
		{10, 5, []int{2, 2, 2, 2, 2}},
		{13, 5, []int{3, 3, 3, 2, 2}},
		{1636, 5, []int{328, 327, 327, 327, 327}},
		{7, 3, []int{3, 2, 2}},
	}
	for _, tt := range tests {
		next := 0
		for fold, want := range tt.want {
			low, high := foldBounds(tt.rows, tt.folds, fold)
			if low != next || high-low != want {
				t.Errorf("fold %d of %d rows in %d folds is %d to %d, want %d rows from %d", fold, tt.rows, tt.folds, low, high, want, next)
			}
			next = high
		}
		if next != tt.rows {
			t.Errorf("the folds end at %d of %d rows", next, tt.rows)
		}
	}
}

// Over many seeds each row must be held out about equally often: the counts of
// 4000 draws of 3 from 10 are binomial with mean 1200 and deviation 29.
func TestDrawIsUniform(t *testing.T) {
	counts := make([]int, 10)
	for seed := range uint64(4000) {
		rows := draw(10, 3, seed)
		if len(rows) != 3 || !slices.IsSorted(rows) || len(slices.Compact(slices.Clone(rows))) != 3 {
			t.Fatalf("drew %v, want 3 distinct rows in order", rows)
		}
		for _, row := range rows {
			counts[row]++
		}
	}
	for row, n := range counts {
		if math.Abs(float64(n)-1200) > 5*29 {
			t.Errorf("row %d was drawn %d times of 4000, want about 1200", row, n)
		}
	}
}

func TestConformalIsTheOrderStatistic(t *testing.T) {
	tests := []struct {
		rows  int
		level float64
		rank  int // from 1; ceil((rows+1) level), at most rows
	}{
		{9, 0.9, 9}, {10, 0.9, 10}, {19, 0.9, 18}, {99, 0.9, 90}, {99, 0.07, 7}, {5, 0.99, 5}, {1, 0.5, 1}, {1000, 0.95, 951},
	}
	for _, tt := range tests {
		residuals := make([]float64, tt.rows)
		for i, p := range rand.New(rand.NewPCG(1, uint64(tt.rows))).Perm(tt.rows) {
			residuals[i] = float64(p + 1)
		}
		if got := conformal(residuals, tt.level); got != float64(tt.rank) {
			t.Errorf("level %v of %d residuals: the %v-th smallest, want the %d-th", tt.level, tt.rows, got, tt.rank)
		}
	}
}
