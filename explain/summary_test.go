package explain_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

// explainedClients has three columns, of which two are the levels of a plan.
func explainedClients() *explain.Result {
	return &explain.Result{
		Columns: []string{"age", "plan=gold", "plan=silver"}, Groups: []string{"age", "plan"}, GroupOf: []int{0, 1, 1},
		Rows: 4,
		X: []float64{
			20, 1, 0,
			30, 0, 1,
			40, 0, 0,
			math.NaN(), 0, 1,
		},
		Values: []float64{
			-1, 6,
			0, -2,
			1, 1,
			0, -4,
		},
	}
}

func TestSummary(t *testing.T) {
	want := []explain.Importance{
		{Group: "plan", MeanAbsolute: 13.0 / 4, Share: 13.0 / 15, Mean: 1.0 / 4, Raises: "plan=gold", Lowers: "plan=silver"},
		{Group: "age", MeanAbsolute: 2.0 / 4, Share: 2.0 / 15, Mean: 0, Direction: 1},
	}
	sameSummary(t, "all", explainedClients().Summary(), want)
}

// The level without an indicator counts too, and a category of two levels has no
// direction.
func TestSummaryOfTheReference(t *testing.T) {
	r := explainedClients()
	r.References = []string{"", "plan=basic"}
	r.Values[5] = 9 // of the third row, which has neither gold nor silver
	if got := r.Summary()[0]; got.Raises != "plan=basic" || got.Lowers != "plan=silver" {
		t.Errorf("got %+v", got)
	}
	r.X[2*3+1] = math.NaN() // of no known level
	if got := r.Summary()[0]; got.Raises != "plan=gold" {
		t.Errorf("a row of no known level: got %+v", got)
	}
	two := &explain.Result{
		Columns: []string{"sex=male"}, Groups: []string{"sex"}, GroupOf: []int{0}, References: []string{"sex=female"},
		Rows: 3, X: []float64{1, 0, 0}, Values: []float64{-2, 1, 1},
	}
	sameSummary(t, "two levels", two.Summary(), []explain.Importance{
		{Group: "sex", MeanAbsolute: 4.0 / 3, Share: 1, Raises: "sex=female", Lowers: "sex=male"},
	})
}

func TestSummaryBy(t *testing.T) {
	r := explainedClients()
	got, err := r.SummaryBy([]int{2, 0, -1, 0}, 3)
	if err != nil {
		t.Fatal(err)
	}
	sameSummary(t, "0", got[0], []explain.Importance{
		{Group: "plan", MeanAbsolute: 3, Share: 1, Mean: -3, Lowers: "plan=silver"}, {Group: "age"},
	})
	sameSummary(t, "1", got[1], nil)
	sameSummary(t, "2", got[2], []explain.Importance{
		{Group: "plan", MeanAbsolute: 6, Share: 6.0 / 7, Mean: 6, Raises: "plan=gold"},
		{Group: "age", MeanAbsolute: 1, Share: 1.0 / 7, Mean: -1},
	})
	for _, c := range []struct {
		labels []int
		k      int
		want   error
	}{{[]int{0, 0, 0}, 1, explain.ErrShape}, {[]int{0, 0, 0, 1}, 1, explain.ErrRange}, {[]int{0, 0, 0, 0}, -1, explain.ErrRange}} {
		if _, err := r.SummaryBy(c.labels, c.k); !errors.Is(err, c.want) {
			t.Errorf("labels %v, k = %d: got %v, want %v", c.labels, c.k, err, c.want)
		}
	}
}

func TestSummaryDirection(t *testing.T) {
	for name, c := range map[string]struct {
		x, values []float64
		want      float64
	}{
		"falling":        {[]float64{1, 2, 3}, []float64{5, 0, -5}, -1},
		"huge":           {[]float64{1e200, 2e200, 3e200}, []float64{1e300, 2e300, 3e300}, 1},
		"tiny":           {[]float64{1e-200, 2e-200, 3e-200}, []float64{1e-300, 2e-300, 3e-300}, 1},
		"symmetric":      {[]float64{-1, 0, 1}, []float64{1, 0, 1}, 0},
		"constant":       {[]float64{1, 1, 1}, []float64{1, 2, 3}, 0},
		"without effect": {[]float64{1, 2, 3}, []float64{0, 0, 0}, 0},
		"missing":        {[]float64{math.NaN(), math.NaN()}, []float64{1, 2}, 0},
	} {
		r := &explain.Result{Columns: []string{"a"}, Groups: []string{"a"}, GroupOf: []int{0}, Rows: len(c.x), X: c.x, Values: c.values}
		if got := r.Summary()[0].Direction; !(math.Abs(got-c.want) < 1e-12) {
			t.Errorf("%s: direction %v, want %v", name, got, c.want)
		}
	}
}

func sameSummary(t *testing.T, what string, got, want []explain.Importance) {
	t.Helper()
	close := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	if !slices.EqualFunc(got, want, func(a, b explain.Importance) bool {
		return a.Group == b.Group && a.Raises == b.Raises && a.Lowers == b.Lowers && close(a.MeanAbsolute, b.MeanAbsolute) &&
			close(a.Share, b.Share) && close(a.Mean, b.Mean) && close(a.Direction, b.Direction)
	}) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
