package segment

import (
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func standing(z ...float64) Segment {
	names := []string{"Age", "Income", "Spending"}
	s := Segment{Size: 1}
	for i, v := range z {
		s.Columns = append(s.Columns, Summary{Column: names[i], Z: v, Feature: true})
	}
	return s
}

var (
	someWords = map[string]Words{"Age": {High: "older", Low: "younger"}, "Spending": {High: "high engagement", Low: "low engagement"}}
	someValue = []string{"Income", "Spending"}
)

func TestLabels(t *testing.T) {
	tests := []struct {
		segments []Segment
		want     []string
	}{
		{[]Segment{standing(0.1, 0, 0)}, []string{"average"}},
		{[]Segment{standing(-0.5, 0, 0.9)}, []string{"high engagement, younger"}},
		{[]Segment{standing(0.5, 0.6, 0.9), standing(0, -1, -1)}, []string{"high value, older", "low value"}},
		{[]Segment{standing(0, 0.6, -0.9)}, []string{"low engagement, high Income"}},
		{[]Segment{standing(0.9, 0.8, 0.3), standing(0.9, 0.8, -0.3)}, []string{"older, high Income, high engagement", "older, high Income, low engagement"}},
		{[]Segment{standing(1, 0, 0), standing(1, 0, 0)}, []string{"older (1)", "older (2)"}},
		{[]Segment{standing(1, 0, 0), {}}, []string{"older", "no customers"}},
	}
	for _, test := range tests {
		label(test.segments, someWords, someValue)
		var got []string
		for _, s := range test.segments {
			got = append(got, s.Label)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestLabelsAreDistinctAndNeverContradictTheData(t *testing.T) {
	random := rng.Stream(1)
	for range 2000 {
		segments := make([]Segment, 1+random.IntN(9))
		for i := range segments {
			segments[i] = standing(random.NormFloat64(), random.NormFloat64(), random.NormFloat64())
		}
		label(segments, someWords, someValue)
		seen := map[string]bool{}
		for _, s := range segments {
			if seen[s.Label] {
				t.Fatalf("two segments are labelled %q", s.Label)
			}
			seen[s.Label] = true
			z := []float64{s.Columns[0].Z, s.Columns[1].Z, s.Columns[2].Z}
			for _, claim := range []struct {
				words string
				holds bool
			}{
				{"older", z[0] > 0}, {"younger", z[0] < 0},
				{"high Income", z[1] > 0}, {"low Income", z[1] < 0},
				{"high engagement", z[2] > 0}, {"low engagement", z[2] < 0},
				{"high value", z[1] > 0 && z[2] > 0}, {"low value", z[1] < 0 && z[2] < 0},
			} {
				if strings.Contains(s.Label, claim.words) && !claim.holds {
					t.Fatalf("%q is said of a segment at %v", s.Label, z)
				}
			}
		}
	}
}
