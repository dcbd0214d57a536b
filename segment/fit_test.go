package segment_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/segment"
)

func TestFitFindsPlantedGroups(t *testing.T) {
	right := 0
	const seeds = 100
	for seed := range uint64(seeds) {
		data, groups := planted(t, 300, 3, 6, seed)
		r := fit(t, data, segment.Config{Seed: seed})
		if len(r.Segments) == 6 && samePartition(r.Labels, groups) && r.Structure.Verdict == segment.StrongStructure {
			right++
		}
	}
	if right < seeds*95/100 {
		t.Errorf("the six planted groups were found, with a strong verdict, for %d of %d seeds", right, seeds)
	}
}

// Small tables are the hard case: there the best of several k beats chance by
// luck.
func TestFitSaysThatNoiseHasNoStructure(t *testing.T) {
	for _, n := range []int{30, 60, 200} {
		const seeds = 100
		none := 0
		for seed := range uint64(seeds) {
			d := 1 + int(seed%4)
			if r := fit(t, uniform(t, n, d, seed), segment.Config{Seed: seed}); r.Structure.Verdict == segment.NoStructure {
				none++
			}
		}
		if none < seeds*95/100 {
			t.Errorf("%d rows of uniform noise were said to have no structure for %d of %d seeds", n, none, seeds)
		}
	}
}

func TestFitIsTheSameForAnyNumberOfWorkersAndCores(t *testing.T) {
	data := uniform(t, 500, 3, 1)
	want := fingerprint(fit(t, data, segment.Config{Seed: 9, Workers: 1}))
	for workers := 2; workers <= 16; workers++ {
		if got := fingerprint(fit(t, data, segment.Config{Seed: 9, Workers: workers})); got != want {
			t.Fatalf("%d workers: the result differs from that of one", workers)
		}
	}
	for _, cores := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(cores)
		got := fingerprint(fit(t, data, segment.Config{Seed: 9}))
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Fatalf("GOMAXPROCS %d: the result differs", cores)
		}
	}
}

func TestPermutingRowsOrColumnsPermutesTheAnswerOnly(t *testing.T) {
	for seed := range uint64(10) {
		data := uniform(t, 150, 3, seed)
		want := fit(t, data, segment.Config{Seed: 3})
		order := rng.Stream(seed, 5).Perm(data.Rows())
		shuffled, err := data.Take(order).Select("c", "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		got := fit(t, shuffled, segment.Config{Seed: 3})
		for i, row := range order {
			if got.Labels[i] != want.Labels[row] {
				t.Fatalf("seed %d: row %d has label %d, permuted it has %d", seed, row, want.Labels[row], got.Labels[i])
			}
		}
		got.Labels = want.Labels
		for i := range got.Segments {
			slices.SortFunc(got.Segments[i].Columns, func(a, b segment.Summary) int { return strings.Compare(a.Column, b.Column) })
		}
		if fingerprint(got) != fingerprint(want) {
			t.Fatalf("seed %d: permuting changed more than the order of labels", seed)
		}
	}
}

func TestFitAgreesWithItself(t *testing.T) {
	data, _ := planted(t, 200, 2, 3, 4)
	extra, err := data.With(datasource.Categories("colour", slices.Repeat([]string{"red", "red", "blue", ""}, 50)))
	if err != nil {
		t.Fatal(err)
	}
	r := fit(t, extra, segment.Config{K: 3})
	assigned, err := r.Model.Assign(extra)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(assigned, r.Labels) {
		t.Error("assigning the rows that were fitted gives other labels")
	}
	size, share := 0, 0.0
	for i, s := range r.Segments {
		size += s.Size
		share += s.Share
		if s.ID != i {
			t.Errorf("segment %d has ID %d", i, s.ID)
		}
		if i > 0 && s.Size > r.Segments[i-1].Size {
			t.Errorf("segment %d is larger than the one before it", i)
		}
		for j, c := range s.Columns {
			if centre := r.Model.Centre(i)[j]; math.Abs(c.Mean-centre) > 1e-9 {
				t.Errorf("segment %d: mean of %s is %v, its centre %v", i, c.Column, c.Mean, centre)
			}
		}
	}
	if size != extra.Rows() || math.Abs(share-1) > 1e-12 {
		t.Errorf("sizes sum to %d, shares to %v", size, share)
	}
}

func TestFitRefuses(t *testing.T) {
	good := uniform(t, 20, 2, 1)
	withMissing := table(t, [][]float64{{1, 2, math.NaN()}, {1, 2, 3}})
	constant := table(t, [][]float64{{5, 5, 5, 5}})
	words, err := datasource.NewTable(datasource.Categories("word", []string{"x", "y"}))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		data *datasource.Table
		cfg  segment.Config
		want string // part of the message
		is   error
	}{
		{"another algorithm", good, segment.Config{Algorithm: "lstm"}, `"lstm"`, nil},
		{"negative K", good, segment.Config{K: -1}, "K must be from 0", nil},
		{"K over the rows", good, segment.Config{K: 21}, "distinct rows, 20, got 21", segment.ErrTooFewRows},
		{"huge K", good, segment.Config{K: 1e9}, "got 1000000000", segment.ErrTooFewRows},
		{"KMin of 1", good, segment.Config{KMin: 1}, "KMin must be from 2", nil},
		{"KMax below KMin", good, segment.Config{KMin: 5, KMax: 3}, "KMax must be from 5", nil},
		{"restarts", good, segment.Config{Restarts: -3}, "Restarts must be from 1", nil},
		{"iterations", good, segment.Config{MaxIterations: -1}, "MaxIterations", nil},
		{"references", good, segment.Config{References: 2}, "References must be from 5", nil},
		{"tolerance", good, segment.Config{Tolerance: math.NaN()}, "Tolerance", nil},
		{"workers", good, segment.Config{Workers: -1}, "Workers", nil},
		{"a misspelt feature", good, segment.Config{Features: []string{"aa"}}, `did you mean "a"`, datasource.ErrNoColumn},
		{"a feature twice", good, segment.Config{Features: []string{"a", "a"}}, "twice", nil},
		{"a categorical feature", words, segment.Config{Features: []string{"word"}}, "categorical", datasource.ErrKind},
		{"no numeric column", words, segment.Config{}, "no numeric column", nil},
		{"missing values", withMissing, segment.Config{}, `"a" lacks 1 of 3 values`, nil},
		{"values too large", table(t, [][]float64{{1, 2, 1e308}}), segment.Config{}, `"a" has values from 1 to 1e+308`, nil},
		{"constant columns only", constant, segment.Config{}, "same value", segment.ErrTooFewRows},
		{"two rows", good.Take([]int{0, 1}), segment.Config{}, "needs at least 3 distinct rows, got 2", segment.ErrTooFewRows},
		{"one row", good.Take([]int{0}), segment.Config{}, "same value", segment.ErrTooFewRows},
		{"no row", good.Take(nil), segment.Config{}, "no rows", segment.ErrTooFewRows},
		{"equal rows", good.Take([]int{3, 3, 3, 5, 5}), segment.Config{K: 3}, "distinct rows, 2, got 3", segment.ErrTooFewRows},
	}
	for _, test := range tests {
		r, err := segment.Fit(t.Context(), test.data, test.cfg)
		switch {
		case err == nil:
			t.Errorf("%s: no error, %d segments", test.name, len(r.Segments))
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: %q does not say %q", test.name, err, test.want)
		case test.is != nil && !errors.Is(err, test.is):
			t.Errorf("%s: %q is not %q", test.name, err, test.is)
		}
	}
}

func TestFitOnAwkwardTables(t *testing.T) {
	huge := table(t, [][]float64{{1e15, 1e15 + 2, 1e15 + 4, -1e15, -1e15 + 2}, {1, 2, 3, 1, 2}})
	vast := table(t, [][]float64{{1e300, -1e300, 9e299, -9e299}, {1e-310, 2e-310, 1e-310, 2e-310}})
	tests := []struct {
		name string
		data *datasource.Table
		cfg  segment.Config
		k    int
	}{
		{"the largest and the smallest values", vast, segment.Config{K: 2}, 2},
		{"as many segments as rows", uniform(t, 5, 2, 1), segment.Config{K: 5}, 5},
		{"one segment", uniform(t, 5, 2, 1), segment.Config{K: 1}, 1},
		{"three rows", uniform(t, 3, 2, 1), segment.Config{}, 2},
		{"many copies of two rows", uniform(t, 2, 2, 1).Take(slices.Repeat([]int{0, 1, 1}, 50)), segment.Config{K: 2}, 2},
		{"a constant column beside another", table(t, [][]float64{{1, 1, 1, 1}, {1, 2, 8, 9}}), segment.Config{K: 2}, 2},
		{"large values", huge, segment.Config{K: 2}, 2},
		{"one column", uniform(t, 50, 1, 1), segment.Config{K: 3}, 3},
		{"twenty columns", uniform(t, 50, 20, 1), segment.Config{K: 3}, 3},
	}
	for _, test := range tests {
		r := fit(t, test.data, test.cfg)
		if len(r.Segments) != test.k {
			t.Errorf("%s: %d segments, want %d", test.name, len(r.Segments), test.k)
		}
		for _, s := range r.Segments {
			if s.Size == 0 || s.Label == "" {
				t.Errorf("%s: segment %d has size %d and label %q", test.name, s.ID, s.Size, s.Label)
			}
		}
		if text := fmt.Sprintf("%+v", *r); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s: a figure is not finite: %s", test.name, text)
		}
	}
}

func TestConstantColumnsAreNamed(t *testing.T) {
	r := fit(t, table(t, [][]float64{{1, 1, 1, 1}, {1, 2, 8, 9}}), segment.Config{K: 2})
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], `"a"`) {
		t.Errorf("notes are %q, want one about column a", r.Notes)
	}
}

func TestFitLeavesItsInputAlone(t *testing.T) {
	data := uniform(t, 100, 3, 1)
	before := make([][]float64, 0, 3)
	for _, c := range data.Columns() {
		before = append(before, slices.Clone(c.Floats()))
	}
	features := []string{"c", "a"}
	fit(t, data, segment.Config{Features: features})
	for j, c := range data.Columns() {
		if !slices.Equal(c.Floats(), before[j]) {
			t.Errorf("column %s has changed", c.Name())
		}
	}
	if !slices.Equal(features, []string{"c", "a"}) {
		t.Errorf("the list of features has changed to %v", features)
	}
}

func TestFitStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err := segment.Fit(ctx, uniform(t, 3000, 3, 1), segment.Config{Progress: func(int, int) {
		if steps++; steps == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	// Tasks that had begun may still report.
	if steps > 3+runtime.GOMAXPROCS(0) {
		t.Errorf("%d steps were taken after the context had ended at step 3", steps)
	}
	past, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if _, err := segment.Fit(past, uniform(t, 10, 3, 1), segment.Config{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func TestProgressReachesItsTotal(t *testing.T) {
	last, total := 0, 0
	fit(t, uniform(t, 60, 2, 1), segment.Config{Progress: func(d, n int) {
		if d != last+1 {
			t.Errorf("step %d follows step %d", d, last)
		}
		last, total = d, n
	}})
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

func TestAssign(t *testing.T) {
	data, _ := planted(t, 90, 2, 3, 1)
	m := fit(t, data, segment.Config{K: 3}).Model
	fresh := table(t, [][]float64{{m.Centre(0)[0], m.Centre(2)[0], math.NaN()}, {m.Centre(0)[1], m.Centre(2)[1], 1}})
	got, err := m.Assign(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 2, -1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	lacking, err := fresh.Select("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Assign(lacking); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("a table without column b: got %v, want ErrNoColumn", err)
	}
}
