package predict

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// sampleOf makes rows whose targets differ from 0 by the given misses.
func sampleOf(group int32, misses ...float64) sample {
	s := newSample(make([]float64, len(misses)))
	copy(s.actual, misses)
	s.groups = slices.Repeat([]int32{group}, len(misses))
	return s
}

func join(parts ...sample) sample {
	var out sample
	for _, s := range parts {
		out.actual, out.predicted = append(out.actual, s.actual...), append(out.predicted, s.predicted...)
		out.groups = append(out.groups, s.groups...)
	}
	return out
}

// upTo returns 1, 2 ... n times a factor, in some order, every other negative.
func upTo(n int, factor float64) []float64 {
	out := make([]float64, n)
	for i, p := range rand.New(rand.NewPCG(1, uint64(n))).Perm(n) {
		out[i] = factor * float64(p+1)
		if i%2 == 1 {
			out[i] = -out[i]
		}
	}
	return out
}

func TestWidthsByGroup(t *testing.T) {
	s := join(sampleOf(0, upTo(99, 1)...), sampleOf(1, upTo(99, 10)...), sampleOf(2, upTo(19, 0.1)...), sampleOf(3, upTo(9, 1000)...), sampleOf(-1, upTo(5, 1)...))
	w := newWidths(s, ConstantWidth, 0.9, 5)
	pooled := conformal(s.misses(ConstantWidth), 0.9)
	want := []float64{90, 900, pooled, 9000, pooled} // enough rows twice, few and narrow, few and wide, none
	if w.pooled != pooled || !slices.Equal(w.own, want) {
		t.Errorf("pooled %v, by group %v, want %v and %v", w.pooled, w.own, pooled, want)
	}
	if w.margin(-1) != pooled || w.margin(1) != 900 {
		t.Errorf("margins %v and %v", w.margin(-1), w.margin(1))
	}
	for level, want := range map[float64]int{0.5: 50, 0.9: 50, 0.95: 100, 0.99: 500} {
		if got := fewestOwn(level); got < want || got > want+1 {
			t.Errorf("at level %v a group needs %d rows, want %d", level, got, want)
		}
	}
}

func TestLevelsBeyondTheRows(t *testing.T) {
	for _, tt := range []struct {
		level float64
		rows  int
		want  string
	}{
		{0.9, 9, ""},
		{0.9, 8, "cover 90% of customers take at least 9 rows, and there are 8:"},
		{0.95, 19, ""},
		{0.95, 18, "take at least 19 rows"},
		{0.99, 99, ""},
		{0.999, 998, "cover 99.9% of customers take at least 999 rows, and there are 998:"},
		{0.9999999, 1500, "cover 99.99999% of customers take at least 10,000,000 rows, and there are 1,500:"},
		{0.001, 1, ""},
	} {
		if got := levelNote(tt.level, tt.rows); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%v of %d rows: %q, want %q", tt.level, tt.rows, got, tt.want)
		}
		misses := sampleOf(0, upTo(tt.rows, 1)...).misses(ConstantWidth)
		if tt.want != "" && conformal(misses, tt.level) != float64(tt.rows) {
			t.Errorf("%v of %d rows: the interval does not reach as far as the largest miss", tt.level, tt.rows)
		}
	}
}

func TestQuantileWidths(t *testing.T) {
	s := newSample(make([]float64, 9))
	s.spans = make([]span, 9)
	for i := range s.actual {
		s.actual[i], s.spans[i] = float64(10*i), span{float64(10*i) - 5, float64(10*i) + 5 + float64(i)}
	}
	s.actual[3] = 60 // 22 above
	w := newWidths(s, QuantileWidth, 0.8, 0)
	if w.pooled != -5 {
		t.Errorf("margin %v, want -5: eight of nine lie 5 within", w.pooled)
	}
	tests := []struct {
		margin, value float64
		s             span
		low, high     float64
	}{
		{2, 10, span{4, 12}, 2, 14}, {-1, 10, span{4, 12}, 5, 11},
		{-5, 9, span{4, 12}, 9, 9},                              // crossed bounds still hold the prediction
		{0, 20, span{4, 12}, 4, 20}, {0, 1, span{4, 12}, 1, 12}, // so do those that lie beside it
	}
	for _, tt := range tests {
		w := widths{method: QuantileWidth, level: 0.8, pooled: tt.margin}
		if low, high := w.interval(tt.value, tt.s, -1); low != tt.low || high != tt.high {
			t.Errorf("%+v: %v to %v", tt, low, high)
		}
	}
}

func TestIntervalScores(t *testing.T) {
	s := sampleOf(-1, 3, -5, 12, -20)
	w := widths{method: ConstantWidth, level: 0.9, pooled: 10}
	want := []float64{20, 20, 20 + 20*2, 20 + 20*10}
	for i, got := range w.scores(s) {
		if math.Abs(got-want[i]) > 1e-9 {
			t.Errorf("score %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestClearlySmaller(t *testing.T) {
	before := []float64{10, 20, 30, 40}
	for _, tt := range []struct {
		gains []float64
		want  bool
	}{
		{[]float64{2, 2, 2, 2}, true}, {[]float64{-2, -2, -2, -2}, false}, {[]float64{0, 0, 0, 0}, false},
		{[]float64{0.26, 0.26, 0.26, 0.26}, true}, {[]float64{0.24, 0.24, 0.24, 0.24}, false}, // of a mean of 25
		{[]float64{4, 8, 4, 8}, true}, {[]float64{-8, 8, -8, 20}, false}, {[]float64{0, 4, 0, 4}, false}, {[]float64{1, 4, 1, 4}, true},
	} {
		after := make([]float64, len(before))
		for i, v := range before {
			after[i] = v - tt.gains[i]
		}
		if got := clearlySmaller(after, before); got != tt.want {
			t.Errorf("gains %v: %v", tt.gains, got)
		}
	}
}

// Widths follow the noise where that pays, and only there.
func TestTheMethodIsChosenByTheScore(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	const rows = 1500
	x, even, uneven := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	for i := range rows {
		x[i] = random.Float64() * 10
		noise := random.NormFloat64()
		even[i], uneven[i] = x[i]+noise, x[i]+x[i]*x[i]/20*noise
	}
	for name, tt := range map[string]struct {
		y    []float64
		want IntervalMethod
	}{"even": {even, ConstantWidth}, "uneven": {uneven, QuantileWidth}} {
		table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", tt.y))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Train(t.Context(), table, Config{Target: "y", Algorithm: RandomForest, MinSamplesLeaf: 5, Trees: 40})
		if err != nil {
			t.Fatal(err)
		}
		if r.Intervals.Method != tt.want {
			t.Errorf("%s noise: intervals by %s", name, r.Intervals.Method)
		}
		out := predicted(t, r.Predictor, table)
		sum := 0.0
		for _, one := range out {
			sum += (one.High - one.Low) / 2 / rows
		}
		if math.Abs(sum-r.Intervals.HalfWidth) > 0.1*sum {
			t.Errorf("%s noise: mean half-width %v, said to be %v", name, sum, r.Intervals.HalfWidth)
		}
	}
}

// Two groups differ in noise: each is told of its own, on the rows held out too.
func TestGroupsHaveIntervalsOfTheirOwn(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	const rows = 4000
	x, y, group := make([]float64, rows), make([]float64, rows), make([]string, rows)
	for i := range rows {
		x[i], group[i] = random.NormFloat64(), []string{"calm", "wild", "calm", ""}[i%4]
		y[i] = x[i] + map[string]float64{"calm": 1, "wild": 20}[group[i]]*random.NormFloat64()
		if i == 500 {
			group[i] = "lone"
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y), datasource.Categories("group", group))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Train(t.Context(), table, Config{Target: "y", Numerical: []string{"x"}, IntervalGroups: "group"})
	if err != nil {
		t.Fatal(err)
	}
	calm, lone, wild := r.Intervals.Groups[0], r.Intervals.Groups[1], r.Intervals.Groups[2]
	if calm.Rows != 1999 || !calm.Own || math.Abs(calm.HalfWidth-1.645) > 0.2 || math.Abs(calm.Coverage-0.9) > 0.05 {
		t.Errorf("calm: %+v", calm)
	}
	if wild.Rows != 1000 || !wild.Own || math.Abs(wild.HalfWidth-32.9) > 2 || math.Abs(wild.Coverage-0.9) > 0.06 {
		t.Errorf("wild: %+v", wild)
	}
	if lone.Rows != 1 || lone.Own || lone.HalfWidth < r.Predictor.widths.pooled {
		t.Errorf("lone: %+v", lone)
	}
	if r.Features[0] != "x" || len(r.Features) != 1 || !slices.Equal(r.Predictor.Features(), []string{"x", "group"}) {
		t.Errorf("features %q, of the predictor %q", r.Features, r.Predictor.Features())
	}
	less, _ := table.Select("x")
	if _, err := r.Predictor.Predict(t.Context(), less); err == nil || !strings.Contains(err.Error(), `no column "group"`) {
		t.Errorf("without the column of groups: %v", err)
	}
}

// Where many targets are the same, intervals cover more than they must, never less.
func TestEqualTargetsAreCoveredTogether(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	const rows = 3000
	x, y := make([]float64, rows), make([]float64, rows)
	for i := range rows {
		x[i] = random.NormFloat64()
		y[i] = max(0, x[i]+random.NormFloat64()-1)
	}
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []IntervalMethod{ConstantWidth, QuantileWidth} {
		r, err := Train(t.Context(), table, Config{Target: "y", Algorithm: RandomForest, Trees: 20, IntervalMethod: m})
		if err != nil {
			t.Fatal(err)
		}
		if c := r.Intervals.Coverage; c < 0.86 || c > 0.96 {
			t.Errorf("%s: coverage %v", m, c)
		}
	}
}
