package segment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/segment"
)

// planted returns n rows in k well separated groups in d dimensions, and the
// group of each row.
func planted(t testing.TB, n, d, k int, seed uint64) (*datasource.Table, []int) {
	t.Helper()
	random := rng.Stream(seed, 1)
	centres := apart(random.Float64, k, d)
	columns := make([][]float64, d)
	groups := make([]int, n)
	for i := range n {
		groups[i] = i % k
		for j := range d {
			columns[j] = append(columns[j], centres[i%k][j]+random.NormFloat64())
		}
	}
	return table(t, columns), groups
}

// apart draws centres at least 8 from one another, where a group has spread 1.
func apart(uniform func() float64, k, d int) [][]float64 {
	var centres [][]float64
	for len(centres) < k {
		c := make([]float64, d)
		for j := range c {
			c[j] = 30 * uniform()
		}
		near := slices.ContainsFunc(centres, func(o []float64) bool {
			s := 0.0
			for j := range c {
				s += (c[j] - o[j]) * (c[j] - o[j])
			}
			return s < 64
		})
		if !near {
			centres = append(centres, c)
		}
	}
	return centres
}

func uniform(t testing.TB, n, d int, seed uint64) *datasource.Table {
	t.Helper()
	random := rng.Stream(seed, 2)
	columns := make([][]float64, d)
	for j := range columns {
		for range n {
			columns[j] = append(columns[j], random.Float64())
		}
	}
	return table(t, columns)
}

// table names its columns a, b, c, ...
func table(t testing.TB, columns [][]float64) *datasource.Table {
	t.Helper()
	made := make([]datasource.Column, len(columns))
	for j, values := range columns {
		made[j] = datasource.Numbers(string(rune('a'+j)), values)
	}
	out, err := datasource.NewTable(made...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fit(t testing.TB, data *datasource.Table, cfg segment.Config) *segment.Result {
	t.Helper()
	r, err := segment.Fit(context.Background(), data, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// samePartition reports whether two labellings differ in names only.
func samePartition(a, b []int) bool {
	to, from := map[int]int{}, map[int]int{}
	for i := range a {
		x, seen := to[a[i]]
		y, met := from[b[i]]
		if seen && x != b[i] || met && y != a[i] {
			return false
		}
		to[a[i]], from[b[i]] = b[i], a[i]
	}
	return true
}

// fingerprint holds every figure of a result to the last bit.
func fingerprint(r *segment.Result) string {
	centres := ""
	for id := range r.Segments {
		centres += fmt.Sprintf(" %x", r.Model.Centre(id))
	}
	return fmt.Sprintf("%v %x %x %x %v%s %+v", r.Labels, r.Silhouette, r.Inertia, r.Structure.Reference, r.Scores, centres, r.Segments)
}
