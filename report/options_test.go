package report

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/segment"
)

func TestOptions(t *testing.T) {
	for _, tc := range []struct {
		options Options
		want    string // of the error, "" for none
	}{
		{Options{}, ""},
		{Options{DPI: 36}, ""},
		{Options{DPI: 600, Metrics: []string{"rmse", "mse"}, Figures: []string{"gender"}}, ""},
		{Options{DPI: 35}, "DPI must be from 36 to 600, got 35"},
		{Options{DPI: 601}, "DPI must be from 36 to 600, got 601"},
		{Options{DPI: -1}, "DPI must be from 36 to 600, got -1"},
		{Options{Figures: []string{"cluster"}}, `Figures: unknown name "cluster"; did you mean "clusters"?`},
		{Options{Figures: []string{"pie"}}, `Figures: unknown name "pie"; the names are clusters, prediction, importance, waterfalls, correlation, savings, gender, drift`},
		{Options{Metrics: []string{"mse", "rsme"}}, `Metrics: unknown name "rsme"; did you mean "rmse"?`},
		{Options{Metrics: []string{"accuracy"}}, `Metrics: unknown name "accuracy"; the names are mse, mae, r2, rmse`},
	} {
		err := WriteHTML(io.Discard, fixture(t), tc.options)
		checkError(t, err, tc.want)
		if tc.want != "" {
			_, err = WriteFigures(t.Context(), t.TempDir(), fixture(t), tc.options)
			checkError(t, err, tc.want)
		}
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		must(t, err)
		return
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestContentThatDoesNotFit(t *testing.T) {
	for _, tc := range []struct {
		spoil func(*Content)
		want  string
	}{
		{func(c *Content) { c.Segmentation.Labels = c.Segmentation.Labels[1:] }, "labels for 299 rows, Table has 300 rows"},
		{func(c *Content) { c.Segmentation.Labels[7] = 5 }, "row 7 has segment 5; segments are 0 to 4"},
		{func(c *Content) { c.Segmentation.Labels[0] = -2 }, "row 0 has segment -2"},
		{func(c *Content) { c.Segmentation.Segments[2].ID = 3 }, "Segments[2] has ID 3"},
		{func(c *Content) { asMixture(c); c.Segmentation.Stability = c.Segmentation.Stability[1:] }, "5 segments and 4 stabilities"},
		{func(c *Content) { asMixture(c); c.PreviousSegments = nil }, "5 rows of counts and 4 matches, PreviousSegments has 0 segments"},
		{func(c *Content) { asMixture(c); c.Segmentation.Migration.Counts[1] = []int{1} }, "row 1 of Migration.Counts has 1 values"},
		{func(c *Content) { c.Explanation.Values = c.Explanation.Values[1:] }, "300 rows, 3 groups and 4 columns, but 300 predictions, 899 values, 1200 encoded values"},
		{func(c *Content) { c.Explanation.Values[5] = math.NaN() }, "contribution that is not finite"},
		{func(c *Content) { c.Explanation.Base = math.Inf(1) }, "a base or a contribution"},
		{func(c *Content) { c.Explained = []int{1} }, "Explanation has 300 rows, Explained has 1"},
		{func(c *Content) { c.Explained = make([]int, 300); c.Explained[7] = 300 }, "row 7 of Explanation is about row 300 of the table, which has 300 rows"},
		{func(c *Content) { c.Typical[1].Row = 300 }, "Typical[1] is row 300 of Explanation, which has 300 rows"},
		{func(c *Content) { c.Typical[0].Segment = 5 }, "Typical[0] has segment 5; segments are 0 to 4"},
		{func(c *Content) { c.Correlation.R = c.Correlation.R[1:] }, "5 columns and 4 rows"},
		{func(c *Content) { c.Correlation.R[3] = []float64{1} }, "row 3 has 1 values"},
	} {
		c := fixture(t)
		tc.spoil(c)
		checkError(t, WriteHTML(io.Discard, c, Options{}), tc.want)
	}
	checkError(t, WriteHTML(io.Discard, nil, Options{}), "the content is nil")
	checkError(t, WriteHTML(io.Discard, &Content{Segmentation: &segment.Result{}, Correlation: &insights.Correlation{}}, Options{}), "")
}
