package predict

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// grouped makes a table with a column of groups of the given sizes, their rows
// mixed.
func grouped(t *testing.T, sizes ...int) *datasource.Table {
	t.Helper()
	var shop []string
	for i, left := 0, slices.Clone(sizes); len(shop) < total(sizes); i++ {
		if g := i % len(left); left[g] > 0 {
			left[g]--
			shop = append(shop, fmt.Sprintf("shop %02d", g))
		}
	}
	table, err := randomTable(t, len(shop), 3).With(datasource.Categories("shop", shop))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func total(sizes []int) int {
	sum := 0
	for _, n := range sizes {
		sum += n
	}
	return sum
}

func splitOf(t *testing.T, table *datasource.Table, cfg Config) *split {
	t.Helper()
	s, err := newSplit(table, cfg.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// foldsOf returns the fold and the side of each row, and fails unless every row is
// in one fold.
func foldsOf(t *testing.T, s *split) (folds []int, heldOut []bool) {
	t.Helper()
	folds, heldOut = make([]int, s.rows), make([]bool, s.rows)
	seen := make([]int, s.rows)
	for _, c := range s.chunks {
		for place := c.low; place < c.high; place++ {
			seen[s.row(place)]++
			folds[s.row(place)] = c.fold
		}
	}
	for _, place := range s.heldOut {
		heldOut[s.row(place)] = true
	}
	for row, n := range seen {
		if n != 1 {
			t.Fatalf("row %d is in %d folds", row, n)
		}
	}
	return folds, heldOut
}

func TestShuffledFolds(t *testing.T) {
	table := randomTable(t, 503, 1)
	plain, shuffled := Config{Target: "y", Seed: 5}, Config{Target: "y", Seed: 5, FoldOrder: ShuffledFolds}
	before, out := foldsOf(t, splitOf(t, table, plain))
	after, sameOut := foldsOf(t, splitOf(t, table, shuffled))
	if !slices.Equal(out, sameOut) {
		t.Error("the order of the folds changes which rows are held out")
	}
	counts, moved := make([]int, 5), 0
	for row, fold := range after {
		counts[fold]++
		if fold != before[row] {
			moved++
		}
	}
	if !slices.Equal(counts, []int{101, 101, 101, 100, 100}) || moved < 350 {
		t.Errorf("folds of %v rows, %d rows in another fold than before", counts, moved)
	}
	shuffled.Seed++
	if other, _ := foldsOf(t, splitOf(t, table, shuffled)); slices.Equal(other, after) {
		t.Error("two seeds make the same folds")
	}
}

// A shuffled table has the folds of a sorted one that is shuffled: what is learned
// is the same.
func TestShuffledFoldsEqualAShuffledTable(t *testing.T) {
	table := randomTable(t, 400, 2)
	cfg := Config{Target: "y", FoldOrder: ShuffledFolds, Seed: 8}
	got, err := Train(t.Context(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	order := splitOf(t, table, cfg).order
	want, err := Train(t.Context(), table.Take(order), Config{Target: "y", Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range got.CV.PerFold {
		sameMetrics(t, fmt.Sprintf("fold %d", i), m, want.CV.PerFold[i])
	}
	y, _ := table.NumericColumn("y")
	for i, row := range draw(400, 80, 8) {
		if got.Holdout[i].Actual != y.Floats()[row] {
			t.Fatalf("held-out row %d is not in the order of the table", i)
		}
	}
}

func TestGroupsStayTogether(t *testing.T) {
	sizes := []int{40, 3, 12, 9, 30, 8, 8, 25, 2, 13}
	table := grouped(t, sizes...)
	for seed := range uint64(20) {
		s := splitOf(t, table, Config{Target: "y", FoldGroups: "shop", Folds: 4, Seed: seed})
		folds, heldOut := foldsOf(t, s)
		shop, _ := table.CategoricalColumn("shop")
		fold, side := map[int32]int{}, map[int32]bool{}
		left := map[int]bool{}
		for row, code := range shop.Codes() {
			if f, ok := fold[code]; ok && (f != folds[row] || side[code] != heldOut[row]) {
				t.Fatalf("seed %d: group %d is parted", seed, code)
			}
			fold[code], side[code] = folds[row], heldOut[row]
			if !heldOut[row] {
				left[folds[row]] = true
			}
		}
		if n := len(s.heldOut); n < 30 || n > 75 || len(left) < 2 {
			t.Errorf("seed %d: %d of 150 rows are held out, %d folds are left", seed, n, len(left))
		}
	}
}

// The reference is testdata/make_ridge_golden.py: the sizes of the folds of
// scikit-learn's GroupKFold.
func TestGroupsAreDealtAsByGroupKFold(t *testing.T) {
	var want struct {
		Deal struct {
			Sizes []int `json:"sizes"`
			Folds int   `json:"folds"`
			Rows  []int `json:"rows"`
		} `json:"group_k_fold"`
	}
	raw, err := os.ReadFile("testdata/ridge.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	rows := make([]int, want.Deal.Folds)
	for group, fold := range deal(want.Deal.Sizes, want.Deal.Folds) {
		rows[fold] += want.Deal.Sizes[group]
	}
	slices.Sort(rows)
	if !slices.Equal(rows, want.Deal.Rows) {
		t.Errorf("folds of %v rows, want %v", rows, want.Deal.Rows)
	}
}

// A target that hangs on the group alone cannot be predicted for other groups.
func TestGroupedFoldsSeeThroughLeaks(t *testing.T) {
	table := grouped(t, slices.Repeat([]int{15}, 20)...)
	shop, _ := table.CategoricalColumn("shop")
	id, y := make([]float64, 300), make([]float64, 300)
	for row, code := range shop.Codes() {
		id[row], y[row] = float64(code), math.Sin(float64(code)*40)
	}
	table, err := datasource.NewTable(shop, datasource.Numbers("id", id), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		cfg  Config
		none bool
	}{
		{Config{FoldOrder: ShuffledFolds}, false}, {Config{FoldGroups: "shop"}, true},
	} {
		cfg := tt.cfg
		cfg.Target, cfg.Numerical, cfg.Algorithm, cfg.Trees = "y", []string{"id"}, RandomForest, 20
		r, err := Train(t.Context(), table, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if (r.Verdict.Level == NoSkill) != tt.none || (r.Metrics.R2 < 0.5) != tt.none {
			t.Errorf("%+v: verdict %q, held-out R2 %v", tt.cfg, r.Verdict.Level, r.Metrics.R2)
		}
	}
}

func TestGroupsOfAnyKind(t *testing.T) {
	table := grouped(t, 20, 20, 20, 20, 20)
	shop, _ := table.CategoricalColumn("shop")
	names, codes := make([]string, 100), make([]float64, 100)
	for row, code := range shop.Codes() {
		names[row], codes[row] = shop.Levels()[code], float64(code)
	}
	want, _ := foldsOf(t, splitOf(t, table, Config{Target: "y", FoldGroups: "shop"}))
	for _, c := range []datasource.Column{datasource.Texts("shop", names), datasource.Numbers("shop", codes)} {
		other, err := table.With(c)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := foldsOf(t, splitOf(t, other, Config{Target: "y", FoldGroups: "shop"})); !slices.Equal(got, want) {
			t.Errorf("as %s the groups make other folds", c.Kind())
		}
	}
}

func TestFoldsThatCannotBe(t *testing.T) {
	gap := grouped(t, 10, 10, 10, 10, 10)
	names := make([]string, 50)
	names[7] = ""
	for row := range names {
		if row != 7 {
			names[row] = fmt.Sprint(row % 9)
		}
	}
	gap, err := gap.With(datasource.Texts("shop", names))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		table *datasource.Table
		cfg   Config
		is    error
		want  string
	}{
		{grouped(t, 20, 20, 20), Config{FoldGroups: "shop"}, ErrTooFewRows, "5 folds need at least 5 groups, shop has 3"},
		{grouped(t, 20, 20), Config{FoldGroups: "shop", Folds: 2}, ErrTooFewRows, "2 folds need at least 3 groups, shop has 2"},
		{grouped(t, 20, 20, 20, 20), Config{FoldGroups: "shops", Folds: 4}, datasource.ErrNoColumn, `FoldGroups: no column "shops"; did you mean "shop"?`},
		{gap, Config{FoldGroups: "shop"}, ErrMissing, "FoldGroups: 1 of 50 rows lack a value in shop"},
		{grouped(t, 100, 1, 1), Config{FoldGroups: "shop", Folds: 3}, ErrTooFewRows, "no group of shop can be held out"},
		{grouped(t, 9, 9, 9), Config{FoldGroups: "y", Folds: 3}, nil, `FoldGroups cannot be the target "y"`},
		{grouped(t, 9, 9, 9), Config{FoldGroups: "shop", FoldOrder: ShuffledFolds, Folds: 3}, nil, `FoldOrder must be empty when FoldGroups names a column, got "shuffled"`},
		{grouped(t, 9, 9, 9), Config{FoldOrder: "random"}, nil, `FoldOrder must be one of ["contiguous" "shuffled"], got "random"`},
	}
	for _, tt := range tests {
		tt.cfg.Target = "y"
		_, err := Train(t.Context(), tt.table, tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
