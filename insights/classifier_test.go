package insights

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// normalSamples returns independent normal columns, the same in both samples.
func normalSamples(random *rand.Rand, old, young, columns int) twoSamples {
	s := twoSamples{old: old, rows: old + young}
	for c := range columns {
		values := make([]float64, s.rows)
		for i := range values {
			values[i] = random.NormFloat64()
		}
		s.columns = append(s.columns, pooledColumn{name: fmt.Sprint("c", c), values: values})
	}
	return s
}

// mixedSamples has numbers with ties and gaps, and levels with rare ones.
func mixedSamples(random *rand.Rand, old, young int) twoSamples {
	s := normalSamples(random, old, young, 3)
	codes := make([]int32, s.rows)
	for i := range codes {
		codes[i] = int32(20*random.Float64()*random.Float64()) - 1
		s.columns[1].values[i] = math.Round(s.columns[1].values[i])
		if random.IntN(10) == 0 {
			s.columns[2].values[i] = math.NaN()
		}
	}
	s.columns = append(s.columns, pooledColumn{name: "level", codes: codes})
	return s
}

// flip correlates the first two columns by r in the old rows and by -r in the new
// ones, without a change of either column.
func (s twoSamples) flip(r float64) {
	a, b := s.columns[0].values, s.columns[1].values
	for i := range a {
		if i == s.old {
			r = -r
		}
		b[i] = r*a[i] + math.Sqrt(1-r*r)*b[i]
	}
}

func separated(t *testing.T, s twoSamples, cfg classifierConfig) *separation {
	t.Helper()
	got, err := separate(context.Background(), s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestClassifierHoldsItsLevel(t *testing.T) {
	const runs, alpha = 80, 0.1
	alarms := 0
	for seed := range uint64(runs) {
		s := mixedSamples(rng.Stream(seed), 60, 40)
		if separated(t, s, classifierConfig{permutations: 19, alpha: 0, seed: seed}).pValue <= alpha {
			alarms++
		}
	}
	if most := runs*alpha + 3*math.Sqrt(runs*alpha*(1-alpha)); float64(alarms) > most {
		t.Errorf("%d of %d unchanged samples alarm at the level %g, want at most %.0f", alarms, runs, alpha, most)
	}
}

func TestClassifierFindsWhatNoColumnShows(t *testing.T) {
	tests := []struct {
		name    string
		plant   func(s twoSamples)
		telling []int
	}{
		{"a correlation that flips", func(s twoSamples) { s.flip(0.35) }, []int{0, 1}},
		{"a hill that becomes a valley", func(s twoSamples) {
			a, b := s.columns[2].values, s.columns[3].values
			for i := range a {
				const median = 0.6745 // of the magnitude of a normal value
				if (math.Abs(a[i]) > median) == (i < s.old) {
					b[i] = math.Abs(b[i])
				} else {
					b[i] = -math.Abs(b[i])
				}
			}
		}, []int{2, 3}},
		{"numbers that swap their levels", func(s twoSamples) {
			codes := make([]int32, s.rows)
			for i := range codes {
				codes[i] = int32(i % 2)
				if (i%2 == 0) == (i < s.old) {
					s.columns[0].values[i] += 0.5
				}
			}
			s.columns[4] = pooledColumn{name: "level", codes: codes}
		}, []int{0, 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const runs = 3
			found := 0
			for seed := range uint64(runs) {
				s := normalSamples(rng.Stream(seed), 400, 300, 5)
				tt.plant(s)
				got := separated(t, s, classifierConfig{permutations: 39, alpha: 0.05, seed: seed})
				if got.pValue > 0.05 {
					continue
				}
				first := []int{got.columns[0].column, got.columns[1].column}
				slices.Sort(first)
				if slices.Equal(first, tt.telling) {
					found++
				}
			}
			if found < runs-1 {
				t.Errorf("found with its columns in %d of %d runs, want at least %d", found, runs, runs-1)
			}
		})
	}
}

func TestClassifierIsReproducible(t *testing.T) {
	s, same := mixedSamples(rng.Stream(3), 700, 500), mixedSamples(rng.Stream(3), 700, 500)
	s.columns[0].values[0], same.columns[0].values[0] = 5, 5
	cfg := classifierConfig{permutations: 70, alpha: 1, seed: 9, workers: 1}
	want := separated(t, s, cfg)
	for _, workers := range []int{1, 2, 7} {
		cfg.workers = workers
		if got := separated(t, s, cfg); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: got %v, want %v", workers, got, want)
		}
	}
	// DeepEqual takes NaN for different from itself, the text does not.
	if fmt.Sprint(s) != fmt.Sprint(same) {
		t.Error("the samples were changed")
	}
}

func TestClassifierEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := separate(ctx, normalSamples(rng.Stream(1), 60, 60, 2), classifierConfig{permutations: 19, alpha: 1})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

func TestClassifierOfConstantColumns(t *testing.T) {
	s := twoSamples{old: 50, rows: 100, columns: []pooledColumn{
		{name: "a", values: make([]float64, 100)},
		{name: "b", codes: make([]int32, 100)},
		{name: "c", values: slices.Repeat([]float64{math.NaN()}, 100)},
	}}
	got := separated(t, s, classifierConfig{permutations: 19, alpha: 0.5})
	if got.auc != 0.5 || got.pValue != 1 || got.columns != nil {
		t.Errorf("got %+v, want guessing", got)
	}
}

// The rows that stand for all may be all the same, although others are not.
func TestClassifierOfOneOddRow(t *testing.T) {
	for odd := range 3 {
		s := twoSamples{old: 500, rows: 1000, columns: []pooledColumn{
			{name: "a", values: make([]float64, 1000)}, {name: "b", values: make([]float64, 1000)},
		}}
		s.columns[0].values[odd] = 1
		got := separated(t, s, classifierConfig{permutations: 19, alpha: 1})
		if math.Abs(got.auc-0.5) > 0.01 || math.IsNaN(got.pValue) {
			t.Errorf("row %d: got %+v, want guessing", odd, got)
		}
	}
}

func newTestLearner(t *testing.T, s twoSamples, kernelNumber int, cfg classifierConfig) *learner {
	t.Helper()
	d, err := newDesign(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	folds, order := dealFolds(s, rng.Stream(cfg.seed, streamFolds))
	d.reorder(order)
	l, err := newLearner(context.Background(), d, folds, kernelsFor(d)[kernelNumber], cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The quadratic kernel of few columns is a regression on their products, which
// can be done in the plain way.
func TestLearnerEqualsPlainRegression(t *testing.T) {
	cfg := classifierConfig{seed: 4}
	s := normalSamples(rng.Stream(2), 33, 47, 3) // few, so that the ridge counts
	s.flip(0.5)
	l := newTestLearner(t, s, 0, cfg)
	labels := l.labels(0, 3, cfg.seed)
	products := quadratics(l.design)
	var gram mat.SymDense
	gram.SymOuterK(1, products.T())
	penalty, _ := l.penalty(&gram)
	weights := l.learn(labels)
	for i, f := range l.folds {
		var got, want mat.Dense
		got.Mul(l.block(f.low, f.high), weights[i])
		want.Mul(rowsOf(products, f.low, f.high), plainRidge(products, labels, f, penalty))
		if !mat.EqualApprox(&got, &want, 1e-7) {
			t.Fatalf("fold %d: got %v, want %v", i, got.RawRowView(0), want.RawRowView(0))
		}
	}
}

// quadratics returns the functions of a row whose products the quadratic kernel
// is, centred.
func quadratics(d *design) *mat.Dense {
	var columns [][]float64
	add := func(of func(row []float64) float64) {
		column := make([]float64, d.rows)
		mean := 0.0
		for i := range column {
			column[i] = of(d.row(i))
			mean += column[i] / float64(d.rows)
		}
		for i := range column {
			column[i] -= mean
		}
		columns = append(columns, column)
	}
	for a := range d.width {
		add(func(row []float64) float64 { return math.Sqrt2 * row[a] })
		add(func(row []float64) float64 { return row[a] * row[a] })
		for b := range a {
			add(func(row []float64) float64 { return math.Sqrt2 * row[a] * row[b] })
		}
	}
	out := mat.NewDense(d.rows, len(columns), nil)
	for j, column := range columns {
		out.SetCol(j, column)
	}
	return out
}

func rowsOf(m *mat.Dense, low, high int) mat.Matrix {
	_, columns := m.Dims()
	return m.Slice(low, high, 0, columns)
}

// plainRidge returns the weights that the rows outside a fold teach.
func plainRidge(x, labels *mat.Dense, f fold, penalty float64) *mat.Dense {
	n, width := x.Dims()
	left := mat.NewDense(width, width, nil)
	right := new(mat.Dense)
	for _, part := range [][2]int{{0, f.low}, {f.high, n}} {
		if part[0] == part[1] {
			continue
		}
		var xx, xy mat.Dense
		xx.Mul(rowsOf(x, part[0], part[1]).T(), rowsOf(x, part[0], part[1]))
		xy.Mul(rowsOf(x, part[0], part[1]).T(), rowsOf(labels, part[0], part[1]))
		left.Add(left, &xx)
		if right.IsEmpty() {
			right.CloneFrom(&xy)
		} else {
			right.Add(right, &xy)
		}
	}
	for i := range width {
		left.Set(i, i, left.At(i, i)+penalty)
	}
	var out mat.Dense
	if err := out.Solve(left, right); err != nil {
		panic(err)
	}
	return &out
}

func TestConcordantEqualsAllPairs(t *testing.T) {
	for seed := range uint64(50) {
		random := rng.Stream(seed)
		rows := make([]scoredRow, 1+random.IntN(40))
		for i := range rows {
			rows[i] = scoredRow{float64(random.IntN(12)), random.IntN(2) == 0}
		}
		want := 0.0
		for _, a := range rows {
			for _, b := range rows {
				switch {
				case a.young || !b.young:
				case a.score < b.score:
					want++
				case a.score == b.score:
					want += 0.5
				}
			}
		}
		if got := concordant(rows); got != want {
			t.Fatalf("seed %d: got %g, want %g", seed, got, want)
		}
	}
}

func TestLabelsArePermutedWithinFolds(t *testing.T) {
	l := newTestLearner(t, normalSamples(rng.Stream(1), 33, 51, 2), 1, classifierConfig{})
	labels := l.labels(0, 40, 7)
	changed := 0
	for _, f := range l.folds {
		truth := mat.Col(nil, 0, rowsOf(labels, f.low, f.high))
		if sum := mat.Sum(rowsOf(labels, f.low, f.high)); math.Abs(sum) > 1e-12 {
			t.Errorf("the labels of a fold sum to %g, want 0", sum)
		}
		for b := range 40 {
			column := mat.Col(nil, b, rowsOf(labels, f.low, f.high))
			if !slices.Equal(column, truth) {
				changed++
			}
			if !slices.Equal(slices.Sorted(slices.Values(column)), slices.Sorted(slices.Values(truth))) {
				t.Fatalf("permutation %d has other labels", b)
			}
		}
	}
	if want := len(l.folds) * 38; changed < want {
		t.Errorf("%d permuted folds differ from the labels as they are, want at least %d", changed, want)
	}
}

func TestTwinsComeIntoOneFold(t *testing.T) {
	s := twoSamples{old: 40, rows: 100, twins: map[int]int{}}
	for i := range 30 {
		s.twins[i] = 99 - i
	}
	folds, order := dealFolds(s, rng.Stream(1))
	in := map[int]int{}
	for f, bounds := range folds {
		for i := bounds.low; i < bounds.high; i++ {
			in[order[i]] = f
			if old := order[i] < s.old; old != (i < bounds.low+bounds.old) {
				t.Errorf("fold %d: row %d is not in its place", f, order[i])
			}
		}
		if size := bounds.high - bounds.low; size < 15 || size > 25 {
			t.Errorf("fold %d has %d rows, want about 20", f, size)
		}
	}
	if len(in) != s.rows {
		t.Errorf("%d rows were dealt, want %d", len(in), s.rows)
	}
	for old, young := range s.twins {
		if in[old] != in[young] {
			t.Errorf("rows %d and %d are in the folds %d and %d", old, young, in[old], in[young])
		}
	}
}

// help takes a short cut to the scores of rows with a column of other rows.
func TestScoresOfShuffledColumnsEqualScoresOfShuffledRows(t *testing.T) {
	cfg := classifierConfig{seed: 5}
	for number := range 2 {
		l := newTestLearner(t, mixedSamples(rng.Stream(8), 90, 110), number, cfg)
		j, err := l.judge(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for column := range len(l.design.spans) - 1 {
			from := l.shuffledPlaces(column, 1)
			got := j.scoresWithout(column, from)
			rows := mat.NewDense(l.design.rows, l.design.width, slices.Clone(l.design.x))
			for i := range l.design.rows {
				for c := l.design.spans[column]; c < l.design.spans[column+1]; c++ {
					rows.Set(i, c, l.design.row(from[i])[c])
				}
			}
			values := l.values(rows)
			for f, bounds := range l.folds {
				for i := bounds.low; i < bounds.high; i++ {
					want := mat.Dot(values.RowView(i), mat.NewVecDense(len(j.weights[f]), j.weights[f]))
					if math.Abs(got[i]-want) > 1e-7*(1+math.Abs(want)) {
						t.Fatalf("kernel %d, column %d, row %d: got %g, want %g", number, column, i, got[i], want)
					}
				}
			}
		}
	}
}

// The standard error of a loss is what losses vary by from sample to sample.
func TestStandardErrorOfLoss(t *testing.T) {
	const runs = 400
	j := &judge{learner: &learner{folds: []fold{{0, 120, 50}, {120, 220, 40}}}}
	var losses []float64
	mean, claimed := 0.0, 0.0
	for seed := range uint64(runs) {
		random := rng.Stream(seed)
		before, after := make([]float64, 220), make([]float64, 220)
		for _, f := range j.folds {
			for i := f.low; i < f.high; i++ {
				v := random.NormFloat64()
				if i >= f.low+f.old {
					v++
				}
				before[i], after[i] = v, v+random.NormFloat64()
			}
		}
		j.base = j.placements(before)
		h := j.compare(j.placements(after))
		losses = append(losses, h.loss)
		mean += h.loss / runs
		claimed += h.stdError / runs
	}
	variance := 0.0
	for _, v := range losses {
		variance += (v - mean) * (v - mean) / (runs - 1)
	}
	if got := math.Sqrt(variance); math.Abs(claimed/got-1) > 0.1 {
		t.Errorf("losses vary by %.4f, their standard error is %.4f", got, claimed)
	}
	// Two normal distributions one standard deviation apart, and the same with
	// twice the variance.
	if want := normalArea(1/math.Sqrt2) - normalArea(0.5); math.Abs(mean-want) > 0.005 {
		t.Errorf("the mean loss is %.4f, want %.4f", mean, want)
	}
}

func normalArea(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func TestDesignHasUnitVariancePerColumn(t *testing.T) {
	d, err := newDesign(context.Background(), mixedSamples(rng.Stream(6), 150, 250))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(d.spans), 5; got != want {
		t.Fatalf("%d bounds of columns, want %d", got, want)
	}
	if got, want := d.spans[4]-d.spans[3], mostLevels+1; got != want {
		t.Errorf("the category has %d indicators, want %d", got, want)
	}
	for c := range len(d.spans) - 1 {
		total := 0.0
		for i := range d.rows {
			for _, v := range d.row(i)[d.spans[c]:d.spans[c+1]] {
				total += v * v / float64(d.rows)
			}
		}
		if math.Abs(total-1) > 1e-9 {
			t.Errorf("column %d has the variance %g, want 1", c, total)
		}
	}
}
