package cohortlens_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

// visitors is a table without the names of the customer schema.
const visitors = "ID,Age,Income,Visits\na,20,1000,1\nb,21,1100,2\nc,22,1050,3\nd,60,9000,4\ne,61,9100,5\nf,62,9050,\n"

func settingOf(a *cohortlens.Analysis, name string) string {
	i := slices.IndexFunc(a.Settings, func(s report.Setting) bool { return s.Name == name })
	if i < 0 {
		return ""
	}
	return a.Settings[i].Value
}

// The settings say by what the number of segments came about.
func TestSettingsOfTheAlgorithms(t *testing.T) {
	for want, cfg := range map[string]segment.Config{
		"Segments: 2, as asked for":                         {K: 2},
		"Segments: 2, chosen from 2 to 4 by the silhouette": {KMax: 4},
		"Segments: 3, chosen from 2 to 3 by the BIC":        {KMax: 3, Algorithm: segment.GMM, Covariance: segment.SphericalCovariance, Criterion: segment.ByBIC},
		"Covariance: spherical":                             {K: 2, Algorithm: segment.GMM, Covariance: segment.SphericalCovariance},
		"Segments: 2, found by their density":               {Algorithm: segment.DBSCAN, Epsilon: 0.4, MinSamples: 2},
		"Epsilon, in standard deviations: 0.4":              {Algorithm: segment.DBSCAN, Epsilon: 0.4, MinSamples: 2},
		"Neighbours of a core customer: 2":                  {Algorithm: segment.DBSCAN, Epsilon: 0.4, MinSamples: 2},
		"Draws for stability: 3":                            {K: 2, Bootstraps: 3},
		"Weights of customers: Visits":                      {K: 2, Weights: "Visits"},
		"Segments: 0, found by their density":               {Algorithm: segment.DBSCAN, Epsilon: 1e-9},
	} {
		cfg.Features = []string{"Age", "Income"}
		a, err := cohortlens.Segment(t.Context(), text("visitors", visitors), cohortlens.Config{Segment: cfg})
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		name, value, _ := strings.Cut(want, ": ")
		if got := settingOf(a, name); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
}

// Weights are no feature, and a row without one is counted among the incomplete.
func TestWeights(t *testing.T) {
	for name, columns := range map[string]cohortlens.Columns{"inferred": {}, "named": {Numerical: []string{"Age", "Income"}}} {
		a, err := cohortlens.Segment(t.Context(), text("visitors", visitors),
			cohortlens.Config{Columns: columns, Segment: segment.Config{K: 2, Weights: "Visits"}})
		if err != nil {
			t.Errorf("%s columns: %v", name, err)
			continue
		}
		if got := a.Segmentation.Model.Scaler().Columns(); !slices.Equal(got, []string{"Age", "Income"}) {
			t.Errorf("%s columns: the features are %q", name, got)
		}
		if q := a.Quality; q.Kept != 5 || q.MissingRows != 1 {
			t.Errorf("%s columns: %d rows are kept, %d lack a value; want 5 and 1", name, q.Kept, q.MissingRows)
		}
		if _, ok := a.Segmentation.Segments[0].Mean("Visits"); !ok {
			t.Errorf("%s columns: segments are not described by their visits", name)
		}
	}
}

// A previous model may know other features than those of today.
func TestPreviousModel(t *testing.T) {
	src := text("visitors", visitors)
	before, err := cohortlens.Segment(t.Context(), src, cohortlens.Config{Segment: segment.Config{K: 2, Features: []string{"Income"}}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := cohortlens.Config{Columns: cohortlens.Columns{Numerical: []string{"Age"}}, Segment: segment.Config{K: 2, Previous: before.Segmentation.Model}}
	a, err := cohortlens.Segment(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	m := a.Segmentation.Migration
	if m == nil || m.Stayed != 6 || len(a.PreviousSegments) != 2 || a.PreviousSegments[0].Label != before.Segmentation.Segments[0].Label {
		t.Errorf("got %+v and %+v", m, a.PreviousSegments)
	}
	other := datasource.NewCSVBytes("other", []byte(strings.Replace(visitors, "Income", "Earned", 1)), datasource.CSVConfig{})
	if _, err := cohortlens.Segment(t.Context(), other, cfg); err == nil || !strings.Contains(err.Error(), `"Income"`) {
		t.Errorf("without the column of the previous model: got %v", err)
	}
}
