package report

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/segment"
)

// moved explains n rows by two columns: the first adds what it holds, the second
// nothing.
func moved(t testing.TB, values []float64) *Content {
	t.Helper()
	table, err := datasource.NewTable(datasource.Numbers("a", values), datasource.Numbers("b", make([]float64, len(values))))
	must(t, err)
	names := []string{"b", "a"}
	r := &explain.Result{Rows: len(values), Columns: names, Groups: names, GroupOf: []int{0, 1}, Predictions: values}
	for _, v := range values {
		r.Values, r.X = append(r.Values, 0, v), append(r.X, 0, v)
	}
	return &Content{Table: table, Explanation: r}
}

// Dots stand where their contributions are, in the colour of their values, the more
// important column above.
func TestBeeswarmDots(t *testing.T) {
	svg := drawSVG(t, figureNamed(t, moved(t, []float64{-10, 0, 30}), "importance"))
	at := func(shade int) []image.Point {
		var out []image.Point
		for _, part := range strings.Split(svg, "<path")[1:] {
			if strings.Contains(part, `stroke="`+hex(shadeColor(shade))+`"`) {
				for _, m := range matches(t, part, `M(\d+) (\d+)h0`) {
					out = append(out, image.Pt(m[0], m[1]))
				}
			}
		}
		return out
	}
	low, high := at(0), at(shades-1)
	middle := at(shades / 2) // the median of a, and b, whose values are all equal
	if len(low) != 1 || len(high) != 1 || len(middle) != 4 {
		t.Fatalf("got %d low, %d high and %d middle dots, want 1, 1 and 4", len(low), len(high), len(middle))
	}
	if zero := middle[0]; zero.Y != low[0].Y || math.Abs(float64(high[0].X-zero.X)-3*float64(zero.X-low[0].X)) > 4 {
		t.Errorf("-10, 0 and 30 are at %v, %v and %v", low[0], zero, high[0])
	}
	for _, below := range middle[1:] {
		if below.Y <= low[0].Y || below.X != middle[0].X {
			t.Errorf("a dot of the column that adds nothing is at %v", below)
		}
	}
}

// Dots of one value pile up to both sides of the line, none outside of its room.
func TestBeeswarmPiles(t *testing.T) {
	p := testPen(limits{0, 100})
	for _, n := range []int{1, 2, 7, 400} {
		s := swarm{values: values(n, 50)}
		at := s.pile(p, 7, 60)
		heights := make([]int, n)
		for i, point := range at {
			heights[i] = point.Y
		}
		slices.Sort(heights)
		if n > 1 && heights[0] >= 0 || heights[0] < -60 || heights[n-1] > 60 || heights[0]+heights[n-1] > 7 {
			t.Errorf("%d dots reach from %d to %d", n, heights[0], heights[n-1])
		}
		if n < 10 && len(slices.Compact(heights)) != n {
			t.Errorf("%d dots have the heights %v", n, heights)
		}
	}
}

func testPen(x limits) pen {
	x2, y := x.asRange(), limits{0, 1}.asRange()
	x2.SetDomain(1000)
	y.SetDomain(500)
	return pen{x: x2, y: y}
}

func TestShadesFollowRanks(t *testing.T) {
	s := swarm{shades: slices.Repeat([]int{shadeless}, 6)}
	s.shade([]float64{5, 1e9, math.NaN(), 1, 2, 3})
	if want := []int{3, 4, shadeless, 0, 1, 2}; !slices.Equal(s.shades, want) {
		t.Errorf("got %v, want %v", s.shades, want)
	}
	s = swarm{shades: make([]int, 3)}
	s.shade([]float64{7, 7, 7})
	if want := []int{2, 2, 2}; !slices.Equal(s.shades, want) {
		t.Errorf("equal values: got %v, want %v", s.shades, want)
	}
}

// A category has no order, and so no colour.
func TestCategoriesAreGrey(t *testing.T) {
	table, err := datasource.NewTable(datasource.Categories("a", []string{"x", "y"}))
	must(t, err)
	c := &Content{Table: table, Explanation: &explain.Result{Rows: 2, Groups: []string{"a"}, Values: []float64{1, -1}, Predictions: []float64{1, -1}}}
	for _, c.Table = range []*datasource.Table{table, nil} {
		s, err := newSwarm(c, 0, 1)
		must(t, err)
		if !slices.Equal(s.shades, []int{shadeless, shadeless}) {
			t.Errorf("got shades %v", s.shades)
		}
	}
}

func TestBeeswarmIsBounded(t *testing.T) {
	c := moved(t, values(20_000, 1, 2, 3, -1))
	fig := figureNamed(t, c, "importance")
	if n := strings.Count(drawSVG(t, fig), "h0"); n > mostDots || n < mostDots/2 {
		t.Errorf("got %d dots", n)
	}
	if want := "One customer in 8 is drawn."; !strings.HasSuffix(fig.caption, want) {
		t.Errorf("caption %q does not end with %q", fig.caption, want)
	}
	many := explained(t, 0, values(mostSwarms+2, 3, 2, 1)...)
	fig = figureNamed(t, many, "importance")
	if want := "2 further columns move it less and are left out."; !strings.HasSuffix(fig.caption, want) {
		t.Errorf("caption %q does not end with %q", fig.caption, want)
	}
}

// Where the predictor is worthless, its explanation says so first.
func TestExplanationOfAWorthlessModel(t *testing.T) {
	c := fixture(t)
	text := sectionText(t, writeHTML(t, c, Options{}), "explanation")
	if !strings.HasPrefix(text, "Explanation\nThis explains a model that is "+noBetter) {
		t.Errorf("the section does not begin with a warning:\n%s", text)
	}
	c.Prediction.Verdict.Level = "useful"
	if text := sectionText(t, writeHTML(t, c, Options{}), "explanation"); strings.Contains(text, noBetter) {
		t.Errorf("a useful model is called worthless:\n%s", text)
	}
}

// Colours are those of the rows of the table that the explanation is about.
func TestShadesOfExplainedRows(t *testing.T) {
	c := moved(t, []float64{1, 2, 3})
	c.Explained = []int{2, 1, 0}
	s, err := newSwarm(c, 1, 1)
	must(t, err)
	if want := []int{4, 2, 0}; !slices.Equal(s.shades, want) {
		t.Errorf("got shades %v, want %v", s.shades, want)
	}
}

func TestDirectionWords(t *testing.T) {
	for want, one := range map[string]explain.Importance{
		"takes no part":                           {},
		"higher values raise it":                  {MeanAbsolute: 1, Direction: 1},
		"higher values tend to raise it":          {MeanAbsolute: 1, Direction: 0.5},
		"higher values lower it":                  {MeanAbsolute: 1, Direction: -0.9},
		"higher values tend to lower it":          {MeanAbsolute: 1, Direction: -0.3},
		"not in one direction":                    {MeanAbsolute: 1, Direction: 0.1},
		"x raises it most and b=y lowers it most": {MeanAbsolute: 1, Group: "a", Raises: "a=x", Lowers: "b=y"},
		"gold lowers it most":                     {MeanAbsolute: 1, Group: "a", Lowers: "a=gold"},
	} {
		if got := directionWords(one); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What moves a segment is the mean over its own customers.
func TestMovesOfSegments(t *testing.T) {
	c := moved(t, []float64{1, -5, 3, -7, 100})
	c.Segmentation = &segment.Result{Labels: []int{0, 1, 0, 1, segment.Noise}, Segments: []segment.Segment{{ID: 0, Label: "up"}, {ID: 1, Label: "down"}}}
	text := sectionText(t, writeHTML(t, c, Options{}), "explanation")
	for _, want := range []string{"0 | up | 2 | a +2.00\n", "1 | down | 2 | a -6.00\n"} {
		if !strings.Contains(text+"\n", want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}
