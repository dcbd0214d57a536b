package tree

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestForestDoesNotDependOnWorkers(t *testing.T) {
	columns, y := mixed(700, 1)
	cfg := Config{Trees: 9, Seed: 3, MaxFeatures: 2, Workers: 1}
	want := grow(t, columns, y, cfg)
	for _, workers := range []int{2, 3, 8} {
		cfg.Workers = workers
		got := grow(t, columns, y, cfg)
		if !reflect.DeepEqual(got.Ensemble, want.Ensemble) || !slices.Equal(bitsOf(got.Impurity), bitsOf(want.Impurity)) {
			t.Errorf("%d workers grow another forest than one", workers)
		}
	}
	cfg.Seed++
	if got := grow(t, columns, y, cfg); reflect.DeepEqual(got.Ensemble.Trees[0], want.Ensemble.Trees[0]) {
		t.Error("another seed grows the same tree")
	}
}

func TestGrowKeepsItsInput(t *testing.T) {
	columns, y := mixed(200, 2)
	again, same := mixed(200, 2)
	grow(t, columns, y, Config{Trees: 3})
	for j := range columns {
		if !slices.Equal(bitsOf(columns[j]), bitsOf(again[j])) {
			t.Errorf("column %d was changed", j)
		}
	}
	if !slices.Equal(y, same) {
		t.Error("y was changed")
	}
}

func TestFullyGrownTreeKnowsItsRows(t *testing.T) {
	columns, y := housing(3000, 5)
	e := grow(t, columns, y, Config{Trees: 1, NoBootstrap: true}).Ensemble
	got := make([]float64, len(y))
	e.Evaluate(got, rowsOf(columns))
	for i := range y {
		if math.Abs(got[i]-y[i]) > 1e-12 {
			t.Fatalf("row %d: %v, want %v", i, got[i], y[i])
		}
	}
}

// Scaling by a power of two and moving by a number that loses no bits changes
// leaves and nothing else, however far.
func TestTreesDoNotDependOnTheUnitOfTheTarget(t *testing.T) {
	columns, y := mixed(300, 3)
	for i := range y {
		y[i] = math.Round(y[i] * 4)
	}
	want := grow(t, columns, y, Config{Trees: 3}).Ensemble
	units := map[string]func(v float64) float64{
		"1e-300": func(v float64) float64 { return math.Ldexp(v, -1000) },
		"1e290":  func(v float64) float64 { return math.Ldexp(v, 960) },
		"far":    func(v float64) float64 { return v + 1<<40 },
	}
	for name, unit := range units {
		moved := make([]float64, len(y))
		for i, v := range y {
			moved[i] = unit(v)
		}
		got := grow(t, columns, moved, Config{Trees: 3}).Ensemble
		for k := range got.Trees {
			for i, n := range got.Trees[k].Nodes {
				w := want.Trees[k].Nodes[i]
				if n.Feature == Leaf {
					n.Value = w.Value
				}
				if n != w {
					t.Fatalf("%s: node %d of tree %d is %+v, want %+v", name, i, k, n, w)
				}
			}
		}
	}
}

func TestConstantTarget(t *testing.T) {
	columns, y := mixed(50, 4)
	for i := range y {
		y[i] = 0.1
	}
	f := grow(t, columns, y, Config{Trees: 7})
	got := make([]float64, 50)
	f.Ensemble.Evaluate(got, rowsOf(columns))
	for _, v := range got {
		if v != 0.1 {
			t.Fatalf("predicted %v, want the constant 0.1", v)
		}
	}
	if want := make([]float64, 4); !slices.Equal(f.Impurity, want) {
		t.Errorf("impurity %v, want zeros", f.Impurity)
	}
}

// Where missing means something of its own, it gets its own side.
func TestMissingValuesAreRouted(t *testing.T) {
	nan := math.NaN()
	cases := []struct {
		name    string
		x, y    []float64
		missing float64 // prediction for a missing value
	}{
		{"to the left", []float64{1, 2, 3, 4, nan, nan}, []float64{0, 0, 9, 9, 0, 0}, 0},
		{"to the right", []float64{1, 2, 3, 4, nan, nan}, []float64{0, 0, 9, 9, 9, 9}, 9},
		{"apart", []float64{1, 2, 3, 4, nan, nan}, []float64{0, 0, 0, 0, 9, 9}, 9},
		{"none, more to the left", []float64{1, 2, 3, 4, 5, 6}, []float64{0, 0, 0, 0, 9, 9}, 0},
		{"none, more to the right", []float64{1, 2, 3, 4, 5, 6}, []float64{0, 0, 9, 9, 9, 9}, 9},
		{"none, as many", []float64{1, 2, 3, 4, 5, 6}, []float64{0, 0, 0, 9, 9, 9}, 0},
		{"an indicator", []float64{0, 0, 1, 1, nan, nan}, []float64{0, 0, 9, 9, 0, 0}, 0},
		{"an indicator, apart", []float64{0, 0, 1, 1, nan, nan}, []float64{0, 0, 0, 0, 9, 9}, 9},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := grow(t, [][]float64{c.x}, c.y, Config{Trees: 1, NoBootstrap: true}).Ensemble
			var got [7]float64
			e.Evaluate(got[:], append(slices.Clone(c.x), nan))
			if want := append(slices.Clone(c.y), c.missing); !slices.Equal(got[:], want) {
				t.Errorf("predictions %v, want %v", got, want)
			}
		})
	}
}

func TestThresholdsPartNeighbours(t *testing.T) {
	for _, pair := range [][2]float64{
		{1, 2}, {-1, math.Nextafter(-1, 0)}, {1, math.Nextafter(1, 2)}, {0, 5e-324}, {-5e-324, 0}, {5e-324, 1e-323},
		{-math.MaxFloat64, math.MaxFloat64}, {math.MaxFloat64 / 2, math.MaxFloat64},
	} {
		e := grow(t, [][]float64{{pair[1], pair[0], 0.5, 0.5}}, []float64{3, 1, 2, 2}, Config{Trees: 1, NoBootstrap: true}).Ensemble
		var got [2]float64
		e.Evaluate(got[:], pair[:])
		if got != [2]float64{1, 3} {
			t.Errorf("values %v have predictions %v, want 1 and 3", pair, got)
		}
	}
}

func TestSmallTables(t *testing.T) {
	nan := math.NaN()
	for name, columns := range map[string][][]float64{
		"one row": {{1}, {2}}, "all missing": {{nan, nan, nan}}, "constant": {{4, 4, 4}, {nan, nan, nan}},
	} {
		y := []float64{3, 5, 10}[:len(columns[0])]
		e := grow(t, columns, y, Config{Trees: 2, NoBootstrap: true}).Ensemble
		want := []float64{3, 6}[len(y)/2]
		var got [1]float64
		if e.Evaluate(got[:], make([]float64, 2)); got[0] != want || len(e.Trees[0].Nodes) != 1 {
			t.Errorf("%s: prediction %v by %d nodes, want %v by 1", name, got[0], len(e.Trees[0].Nodes), want)
		}
	}
}

func TestGrowRefusesByName(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x, y := [][]float64{{1, 2}}, []float64{1, 2}
	cases := []struct {
		name    string
		columns [][]float64
		y       []float64
		cfg     Config
		want    string
		is      error
	}{
		{"no columns", nil, y, Config{}, "the number of encoded columns must be from 1 to 32767, got 0", nil},
		{"trees", x, y, Config{Trees: -1}, "Trees must be from 1 to 10000, or 0 for 100, got -1", nil},
		{"too many trees", x, y, Config{Trees: 1e9}, "Trees must be from 1 to 10000, or 0 for 100, got 1000000000", nil},
		{"features", x, y, Config{MaxFeatures: 2}, "MaxFeatures must be from 1 to 1", nil},
		{"depth", x, y, Config{MaxDepth: -1}, "MaxDepth must be 0 or more, got -1", nil},
		{"leaf", x, y, Config{MinSamplesLeaf: -2}, "MinSamplesLeaf must be 0 or more, got -2", nil},
		{"workers", x, y, Config{Workers: -3}, "Workers must be 0 or more, got -3", nil},
		{"no rows", [][]float64{{}}, nil, Config{}, "the number of rows must be from 1", nil},
		{"lengths", [][]float64{{1, 2}, {1}}, y, Config{}, "column 1 has 1 values, want one for each of 2 rows", nil},
		{"missing target", x, []float64{1, nan}, Config{}, "row 1: the target must be a number", ErrRange},
		{"large target", x, []float64{-1e301, 1}, Config{}, "row 0: the target must be a number", ErrRange},
		{"infinite value", [][]float64{{1, inf}}, y, Config{}, "row 1 of column 0: values must be finite or NaN, got +Inf", ErrRange},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Grow(t.Context(), c.columns, c.y, c.cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	for depth, want := range map[int]int{0: maxDepth, 3: 3, maxDepth + 1: maxDepth} {
		c := Config{MaxDepth: depth}.withDefaults(5)
		if c.MaxDepth != want || c.Trees != 100 || c.MinSamplesLeaf != 1 || c.MaxFeatures != 5 {
			t.Errorf("defaults for a depth of %d are %+v", depth, c)
		}
	}
}

func TestProgressCountsTrees(t *testing.T) {
	columns, y := mixed(50, 5)
	var got []int
	grow(t, columns, y, Config{Trees: 5, Progress: func(done, total int) { got = append(got, done, total) }})
	if want := []int{1, 5, 2, 5, 3, 5, 4, 5, 5, 5}; !slices.Equal(got, want) {
		t.Errorf("progress %v, want %v", got, want)
	}
}

// A context that ends after some looks at it, as if time had passed.
type limited struct {
	context.Context
	looks int
}

func (l *limited) Err() error {
	if l.looks--; l.looks < 0 {
		return context.Canceled
	}
	return nil
}

func (l *limited) Deadline() (time.Time, bool) { return time.Time{}, false }

// Between any two looks at the context there is little work: a single tree looks
// many times.
func TestGrowEndsWithItsContext(t *testing.T) {
	columns, y := housing(100_000, 6)
	cfg := Config{Trees: 1, Workers: 1, MaxDepth: 3}
	for _, looks := range []int{0, 5, 9, 40, 70} {
		if _, err := Grow(&limited{t.Context(), looks}, columns, y, cfg); !errors.Is(err, context.Canceled) {
			t.Errorf("after %d looks the error is %v, want %v", looks, err, context.Canceled)
		}
	}
	if _, err := Grow(&limited{t.Context(), 1000}, columns, y, cfg); err != nil {
		t.Errorf("error %v with a context that does not end", err)
	}
}
