package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
)

// explained returns a table of one row and the explanation of its prediction: as
// many columns as contributions, named a, b, c, ...
func explained(t testing.TB, base float64, contributions ...float64) *Content {
	t.Helper()
	r := &explain.Result{Method: explain.Linear, Base: base, Rows: 1, Values: contributions, Predictions: []float64{base}}
	columns := make([]datasource.Column, len(contributions))
	for j, v := range contributions {
		name := string(rune('a' + j))
		columns[j] = datasource.Numbers(name, []float64{float64(j)})
		r.Groups, r.Predictions[0] = append(r.Groups, name), r.Predictions[0]+v
		r.GroupOf, r.X = append(r.GroupOf, j), append(r.X, float64(j))
	}
	r.Columns = r.Groups
	table, err := datasource.NewTable(columns...)
	must(t, err)
	return &Content{Table: table, Explanation: r, Typical: []Example{{Segment: -1}}}
}

// Each bar begins where the one before ended, the first at the base, and is as long
// as what its column adds.
func TestWaterfallBars(t *testing.T) {
	c := explained(t, 20, 4, -10, 1)
	svg := drawSVG(t, figureNamed(t, c, "waterfalls"))
	down, up := boxes(t, svg, hex(lowColor)), boxes(t, svg, hex(mainColor))
	if len(down) != 1 || len(up) != 2 {
		t.Fatalf("got %d bars down and %d up, want 1 and 2", len(down), len(up))
	}
	unit := float64(down[0].Dx()) / 10
	for i, want := range []float64{4, 1} {
		if got := float64(up[i].Dx()) / unit; math.Abs(got-want) > 0.15 {
			t.Errorf("a bar of %v is %.2f long", want, got)
		}
	}
	near := func(a, b int) bool { return math.Abs(float64(a-b)) <= 2 }
	ends := matches(t, svg, `<path fill="none"[^>]* d="M(\d+) (\d+)h0"`)
	base, end := ends[0], ends[1]
	if !near(base[0], down[0].Max.X) || !near(down[0].Min.X, up[0].Min.X) || !near(up[0].Max.X, up[1].Min.X) || !near(up[1].Max.X, end[0]) {
		t.Errorf("base %v, bars %v %v, end %v do not meet", base, down[0], up, end)
	}
	if base[1] >= down[0].Min.Y || down[0].Max.Y >= up[0].Min.Y || up[0].Max.Y >= up[1].Min.Y || up[1].Max.Y >= end[1] {
		t.Errorf("base %v, bars %v %v, end %v are not in order from the top", base, down[0], up, end)
	}
}

// Figures have the decimals that let them add up.
func TestWaterfallWords(t *testing.T) {
	for want, c := range map[string]*Content{
		"Waterfall from the average prediction, 50.000, to 50.130: a = 0 +0.123; b = 1 +0.007;":          explained(t, 50, 0.123, 0.0071),
		"Waterfall from the average prediction, 100,000, to 102,500: a = 0 +3,000; c = 2 -500; b = 1 0;": explained(t, 1e5, 3000, 0.2, -500.2),
		"Waterfall from the average prediction, 3.00, to 3.00: a = 0 0.00;":                              explained(t, 3, 0),
		"Waterfall from the average prediction, 1e+20, to 2e+20: a = 0 +1e+20;":                          explained(t, 1e20, 1e20),
	} {
		if got := figureNamed(t, c, "waterfalls").description; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestWaterfallOfEstimates(t *testing.T) {
	c := explained(t, 50, 3, -1)
	c.Explanation.StdErrors = []float64{0.125, 0}
	if got := figureNamed(t, c, "waterfalls").description; !strings.Contains(got, "a = 0 +3.00 ± 0.12; b = 1 -1.00;") {
		t.Errorf("got %s", got)
	}
}

func TestWaterfallCaption(t *testing.T) {
	for want, c := range map[string]*Content{
		"The prediction is 53.00, 3.00 above the average.": explained(t, 50, 3),
		"The prediction is 47.00, 3.00 below the average.": explained(t, 50, -3),
		"The prediction is 50.00, the average.":            explained(t, 50, -3, 3),
	} {
		if got := figureNamed(t, c, "waterfalls").caption; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSmallStepsAreGathered(t *testing.T) {
	c := explained(t, 10, 1, 2, 3, 4, 5, 6, 7, 8, -0.5, -0.25, 0.5)
	w, err := newWaterfall(c, c.Typical[0])
	must(t, err)
	last := w.steps[len(w.steps)-1]
	if len(w.steps) != mostSteps || w.steps[0].label != "h = 7" || last.label != "4 other columns" || last.value != 0.75 {
		t.Errorf("got %+v", w.steps)
	}
	if sums := w.sums(); math.Abs(sums[len(sums)-1]-w.prediction) > 1e-9 {
		t.Errorf("the steps lead to %v, the prediction is %v", sums, w.prediction)
	}
	c = explained(t, 10, 1, 2, 3, 4, 5, 6, 7, 8)
	if w, err = newWaterfall(c, c.Typical[0]); err != nil || len(w.steps) != mostSteps || w.steps[7].label != "a = 0" {
		t.Errorf("columns that there is room for: %+v, error %v", w.steps, err)
	}
}

// Labels have the customer's own values, from the row that the explanation is
// about.
func TestWaterfallLabels(t *testing.T) {
	table, err := datasource.NewTable(
		datasource.Numbers("Age", []float64{1, 34.5, math.NaN()}), datasource.Categories("Job", []string{"x", "", "Pilot"}))
	must(t, err)
	r := &explain.Result{Rows: 2, Groups: []string{"Age", "Job"}, Values: []float64{2, 1, 2, 1}, Predictions: []float64{3, 3}}
	c := &Content{Table: table, Explanation: r, Explained: []int{2, 1}}
	for row, want := range [][]string{{"Age is missing", "Job = Pilot"}, {"Age = 34.50", "Job is missing"}} {
		w, err := newWaterfall(c, Example{Row: row})
		must(t, err)
		if got := []string{w.steps[0].label, w.steps[1].label}; !slices.Equal(got, want) {
			t.Errorf("row %d: got %q, want %q", row, got, want)
		}
	}
	c.Table = nil
	w, err := newWaterfall(c, Example{})
	must(t, err)
	if w.steps[0].label != "Age" {
		t.Errorf("without a table: %q", w.steps[0].label)
	}
}

func TestWaterfallsAreBounded(t *testing.T) {
	c := explained(t, 10, 1)
	c.Typical = slices.Repeat(c.Typical, mostWaterfalls+5)
	figures, err := buildFigures(c, []string{"waterfalls"}, testFace(t))
	must(t, err)
	if len(figures) != mostWaterfalls || figures[mostWaterfalls-1].file != "waterfall_7.png" {
		t.Errorf("got %d figures, the last %s", len(figures), figures[len(figures)-1].file)
	}
	if text := sectionText(t, writeHTML(t, c, Options{}), "explanation"); strings.Count(text, "+1.00") != mostWaterfalls+5 {
		t.Errorf("the table does not have all customers:\n%s", text)
	}
}

// Who explains a column that the table does not have is told which.
func TestExplanationOfAnotherTable(t *testing.T) {
	c := explained(t, 10, 1)
	c.Explanation.Groups[0] = "A"
	for _, name := range []string{"importance", "waterfalls"} {
		if _, err := buildFigures(c, []string{name}, testFace(t)); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("got %v, want an error that names figure %s and the nearest column", err, name)
		}
	}
	if err := WriteHTML(new(writeBuffer), c, Options{Figures: []string{"gender"}}); err == nil || !strings.Contains(err.Error(), "row 1 of the explanation") {
		t.Errorf("got %v, want an error that names the row", err)
	}
}
