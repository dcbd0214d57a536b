package segment

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// mostGained tries every way to pair rows with columns.
func mostGained(gains [][]int, columns int) int {
	used := make([]bool, columns)
	var from func(row int) int
	from = func(row int) int {
		if row == len(gains) {
			return 0
		}
		most := from(row + 1) // the row alone
		for c := range columns {
			if !used[c] {
				used[c] = true
				most = max(most, gains[row][c]+from(row+1))
				used[c] = false
			}
		}
		return most
	}
	return from(0)
}

func TestAssignmentGainsTheMost(t *testing.T) {
	random := rng.Stream(1, 77)
	for range 2000 {
		rows, columns := random.IntN(8), random.IntN(8)
		highest := []int{1, 3, 1000}[random.IntN(3)]
		gains := make([][]int, rows)
		for i := range gains {
			gains[i] = make([]int, columns)
			for j := range gains[i] {
				gains[i][j] = random.IntN(highest + 1)
			}
		}
		pairs, err := assignment(t.Context(), gains, columns)
		if err != nil {
			t.Fatal(err)
		}
		got, paired := 0, 0
		taken := make([]bool, columns)
		for i, j := range pairs {
			if j < 0 {
				continue
			}
			if taken[j] {
				t.Fatalf("%v: column %d is paired twice", gains, j)
			}
			taken[j] = true
			paired++
			got += gains[i][j]
		}
		if want := mostGained(gains, columns); got != want || paired != min(rows, columns) {
			t.Fatalf("%v: %d pairs gain %d, want %d with %d", gains, paired, got, min(rows, columns), want)
		}
	}
}

// onLine is a table of one feature.
func onLine(t *testing.T, values ...float64) *datasource.Table {
	t.Helper()
	table, err := datasource.NewTable(datasource.Numbers("x", values))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func fitted(t *testing.T, table *datasource.Table, c Config) *Result {
	t.Helper()
	r, err := Fit(t.Context(), table, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMatch(t *testing.T) {
	before := onLine(t, 0, 1, 0, 1, 0, 50, 51, 50, 100)
	previous := fitted(t, before, Config{K: 3}).Model // around 0, 50 and 100
	after := onLine(t, 0, 1, 51, 50, 50, 51, 52, 200, 201)
	r := fitted(t, after, Config{K: 3, Previous: previous}) // around 50, 0 and 200
	m := r.Migration
	if want := []int{0, 0, 1, 1, 1, 1, 1, 2, 2}; !slices.Equal(m.Previous, want) {
		t.Fatalf("the rows were in %v, want %v", m.Previous, want)
	}
	if !slices.Equal(m.Current, r.Labels) {
		t.Errorf("current segments are %v, want the labels %v", m.Current, r.Labels)
	}
	if want := [][]int{{0, 2, 0, 0}, {5, 0, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 0}}; !reflect.DeepEqual(m.Counts, want) {
		// Of the new segments of equal size, that of the lesser centre comes first.
		t.Errorf("counts are %v, want %v", m.Counts, want)
	}
	if want := []int{1, 0, 2}; !slices.Equal(m.Matches, want) {
		t.Errorf("matches are %v, want %v", m.Matches, want)
	}
	if m.Stayed != 9 || m.StayedShare() != 1 {
		t.Errorf("%d rows stayed, a share of %v", m.Stayed, m.StayedShare())
	}
}

func TestMatchCountsWhoMoved(t *testing.T) {
	m := &Migration{
		Previous: []int{0, 0, 0, 1, 1, Noise, Noise, 2},
		Current:  []int{0, 0, 1, 1, Noise, Noise, 1, 1},
	}
	m.count(3, 2)
	if want := [][]int{{2, 1, 0}, {0, 1, 1}, {0, 1, 0}, {0, 1, 1}}; !reflect.DeepEqual(m.Counts, want) {
		t.Fatalf("counts are %v, want %v", m.Counts, want)
	}
	if want := []float64{0, 0.5, 0.5}; !slices.Equal(m.Shares[1], want) {
		t.Errorf("shares of segment 1 are %v, want %v", m.Shares[1], want)
	}
	var err error
	if m.Matches, err = m.match(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.Matches[0] != 0 || (m.Matches[1] == 1) == (m.Matches[2] == 1) {
		t.Fatalf("matches are %v, want segment 0 to stay and one of the others to be segment 1", m.Matches)
	}
	m.Matches = []int{0, 1, Noise}
	want := []bool{false, false, true, false, true, false, true, true}
	for row := range want {
		if m.Moved(row) != want[row] {
			t.Errorf("row %d moved: %v, want %v", row, m.Moved(row), want[row])
		}
	}
}

func TestSegmentsWithoutACommonRowAreLeftApart(t *testing.T) {
	m := &Migration{Previous: []int{0, 0}, Current: []int{1, 1}}
	m.count(2, 2)
	matches, err := m.match(t.Context())
	if err != nil || !slices.Equal(matches, []int{1, Noise}) {
		t.Errorf("matches are %v, %v; want 1 and none", matches, err)
	}
}

func TestARefitOfTheSameTableMovesNobody(t *testing.T) {
	table := customers(t, 200)
	for _, c := range []Config{{K: 4}, {Algorithm: GMM, K: 3}, {Algorithm: DBSCAN}} {
		c.Features = []string{"Age", "Visits"}
		first := fitted(t, table, c)
		c.Previous = first.Model
		m := fitted(t, table, c).Migration
		for p, match := range m.Matches {
			if match != p {
				t.Errorf("%s: segment %d goes on as %d", first.Algorithm, p, match)
			}
		}
		if m.Stayed != table.Rows() {
			t.Errorf("%s: %d of %d rows stayed", first.Algorithm, m.Stayed, table.Rows())
		}
		k := len(first.Segments)
		if m.Counts[k][k] != first.Noise {
			t.Errorf("%s: %d rows were and are noise, want %d", first.Algorithm, m.Counts[k][k], first.Noise)
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	previous := fitted(t, onLine(t, 1, 2, 8, 9), Config{K: 2}).Model
	other, err := datasource.NewTable(datasource.Numbers("xx", []float64{1, 2, 8, 9}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(t.Context(), other, Config{K: 2, Previous: previous}); !errors.Is(err, datasource.ErrNoColumn) || !strings.Contains(fmt.Sprint(err), `Previous: no column "x"`) {
		t.Errorf("a table without the feature: got %v", err)
	}
	r := fitted(t, other, Config{K: 2})
	if _, err := Match(t.Context(), previous, other, r); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("a table without the feature: got %v", err)
	}
	if _, err := Match(t.Context(), previous, onLine(t, 1, 2), r); err == nil || !strings.Contains(err.Error(), "the 4 rows of the result, got 2") {
		t.Errorf("another table: got %v", err)
	}
	many := &Model{scaler: previous.scaler, centres: make([]float64, MaxMatched+1)}
	if _, err := Match(t.Context(), many, other, r); err == nil || !strings.Contains(err.Error(), "at most 1000, got 1001") {
		t.Errorf("too many segments: got %v", err)
	}
}

func BenchmarkAssignment(b *testing.B) {
	for _, k := range []int{10, 100, MaxMatched} {
		random := rng.Stream(1, uint64(k))
		gains := make([][]int, k)
		for i := range gains {
			gains[i] = make([]int, k)
			for j := range gains[i] {
				gains[i][j] = random.IntN(1000)
			}
		}
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := assignment(b.Context(), gains, k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
