package segment_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

func TestDBSCANSaysThatNothingIsDense(t *testing.T) {
	data := uniform(t, 50, 3, 1)
	r := fit(t, data, segment.Config{Algorithm: segment.DBSCAN, Epsilon: 0.01})
	if len(r.Segments) != 0 || r.Model.K() != 0 || r.Noise != 50 || r.Inertia != 0 || r.Silhouette != 0 {
		t.Errorf("%d segments, K %d, %d rows of noise, inertia %v, silhouette %v", len(r.Segments), r.Model.K(), r.Noise, r.Inertia, r.Silhouette)
	}
	checkFinite(t, "no segment", r)
	if r.Structure.Verdict != segment.NoStructure || !strings.Contains(r.Structure.Evidence, "no segment") {
		t.Errorf("the verdict is %q: %s", r.Structure.Verdict, r.Structure.Evidence)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "Raise Epsilon or lower MinSamples") {
		t.Errorf("notes %q do not say what to change", r.Notes)
	}
	got, err := r.Model.Assign(data)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, r.Labels) || slices.Max(got) != segment.Noise {
		t.Errorf("rows are fitted as %v and assigned to %v, want noise", r.Labels, got)
	}
}

func TestDBSCANSaysThatAllIsOneGroup(t *testing.T) {
	r := fit(t, uniform(t, 50, 3, 1), segment.Config{Algorithm: segment.DBSCAN, Epsilon: 50})
	if len(r.Segments) != 1 || r.Noise != 0 || r.Segments[0].Share != 1 {
		t.Errorf("%d segments and %d rows of noise, want one segment", len(r.Segments), r.Noise)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "Lower Epsilon") {
		t.Errorf("notes %q do not say what to change", r.Notes)
	}
}

func TestDBSCANMayFindASegmentForEachRow(t *testing.T) {
	r := fit(t, uniform(t, 700, 3, 1), segment.Config{Algorithm: segment.DBSCAN, Epsilon: 1e-9, MinSamples: 1})
	if len(r.Segments) != 700 || r.Noise != 0 {
		t.Errorf("%d segments and %d rows of noise, want 700 segments", len(r.Segments), r.Noise)
	}
	checkFinite(t, "a segment for each row", r)
	if r.Structure.Verdict != segment.NoStructure || !strings.Contains(r.Structure.Evidence, "700 segments") {
		t.Errorf("the verdict is %q: %s", r.Structure.Verdict, r.Structure.Evidence)
	}
}

func TestDBSCANFindsPlantedGroupsAndLeavesOutTheRest(t *testing.T) {
	data, groups := planted(t, 400, 2, 4, 3)
	r := fit(t, data, segment.Config{Algorithm: segment.DBSCAN, Epsilon: 0.15, MinSamples: 6})
	if len(r.Segments) != 4 || r.Noise == 0 || r.Noise > 80 {
		t.Fatalf("%d segments and %d rows of noise, want 4 segments and some noise", len(r.Segments), r.Noise)
	}
	var found, want []int
	for i, label := range r.Labels {
		if label != segment.Noise {
			found, want = append(found, label), append(want, groups[i])
		}
	}
	if !samePartition(found, want) {
		t.Error("the segments are not the planted groups")
	}
	if r.Structure.Verdict != segment.StrongStructure {
		t.Errorf("the verdict is %q: %s", r.Structure.Verdict, r.Structure.Evidence)
	}
}

func TestDBSCANRefuses(t *testing.T) {
	data := uniform(t, 20, 2, 1)
	tests := []struct {
		cfg  segment.Config
		want string
	}{
		{segment.Config{Epsilon: -1}, "Epsilon must be more than 0"},
		{segment.Config{Epsilon: math.NaN()}, "got NaN"},
		{segment.Config{Epsilon: math.Inf(1)}, "got +Inf"},
		{segment.Config{MinSamples: -2}, "MinSamples must be from 1 to 2147483647, got -2"},
	}
	for _, test := range tests {
		test.cfg.Algorithm = segment.DBSCAN
		if _, err := segment.Fit(t.Context(), data, test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error that says %q", err, test.want)
		}
	}
}

// A ring of customers around a group in its middle: no centre tells them apart,
// density does.
func ExampleFit_dbscan() {
	var visits, basket []float64
	for i := range 120 {
		angle := float64(i) * 2 * math.Pi / 120
		visits = append(visits, 50+40*math.Cos(angle))
		basket = append(basket, 50+40*math.Sin(angle))
	}
	for i := range 49 {
		visits = append(visits, 45+float64(i%7))
		basket = append(basket, 45+float64(i/7))
	}
	visits, basket = append(visits, 70), append(basket, 70) // near to neither
	t, err := datasource.NewTable(datasource.Numbers("visits", visits), datasource.Numbers("basket", basket))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := segment.Fit(context.Background(), t, segment.Config{Algorithm: segment.DBSCAN, Epsilon: 0.2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range r.Segments {
		fmt.Println("segment", s.ID, "has", s.Size, "customers")
	}
	fmt.Println(r.Noise, "belongs to none")
	// Output:
	// segment 0 has 120 customers
	// segment 1 has 49 customers
	// 1 belongs to none
}
