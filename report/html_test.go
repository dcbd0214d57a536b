package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

func writeHTML(t testing.TB, c *Content, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parse reads a page and returns all of its elements in order.
func parse(t testing.TB, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// byID returns the element with an ID, nil when there is none.
func byID(nodes []*html.Node, id string) *html.Node {
	for _, n := range nodes {
		if attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

// textOf returns the text of an element, drawings left out, one line for each
// block and a bar between cells.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(strings.Join(strings.Fields(n.Data), " "))
		}
		if n.Data == "svg" {
			b.WriteString("[drawing]")
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if attribute(n, "class") == "who" {
			return
		}
		switch n.Data {
		case "td", "th", "dt", "dd", "span":
			b.WriteString(" | ")
		case "p", "tr", "li", "h2", "h3", "caption", "div", "figure", "figcaption":
			b.WriteByte('\n')
		}
	}
	walk(n)
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.Trim(line, " |\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func sectionText(t testing.TB, page, id string) string {
	t.Helper()
	n := byID(parse(t, page), id)
	if n == nil {
		t.Fatalf("the page has no section %s", id)
	}
	return textOf(n)
}

func bodyText(t testing.TB, page string) string {
	t.Helper()
	nodes := parse(t, page)
	return textOf(nodes[slices.IndexFunc(nodes, func(n *html.Node) bool { return n.Data == "body" })])
}

var update = flag.Bool("update", false, "write the golden files anew")

// The words of the page, section by section. Run with -update after a change
// that is meant, and read the difference.
func TestPageGolden(t *testing.T) {
	c := fixture(t)
	page := writeHTML(t, c, Options{})
	var b strings.Builder
	for _, section := range contents(c) {
		fmt.Fprintf(&b, "== %s ==\n%s\n\n", section.ID, sectionText(t, page, section.ID))
	}
	golden(t, "page.golden", b.String())
}

// The words that speak of segments, for each kind of segmentation.
func TestSegmentsGolden(t *testing.T) {
	var b strings.Builder
	for _, kind := range []struct {
		name string
		make func(*Content)
	}{{"mixture", asMixture}, {"density", asDensity}, {"noise", asNoise}} {
		c := fixture(t)
		kind.make(c)
		page := writeHTML(t, c, Options{})
		for _, section := range []string{"summary", "trust", "segments", "savings", "recommendations", "appendix"} {
			fmt.Fprintf(&b, "== %s, %s ==\n%s\n\n", kind.name, section, sectionText(t, page, section))
		}
	}
	golden(t, "segments.golden", b.String())
}

// The words that speak of the prediction, for each kind of predictor.
func TestPredictionGolden(t *testing.T) {
	var b strings.Builder
	for _, kind := range []struct {
		name string
		make func(*Content)
	}{{"forest", asForest}, {"ridge", asRidge}, {"mean", asMean}} {
		c := fixture(t)
		kind.make(c)
		fmt.Fprintf(&b, "== %s ==\n%s\n\n", kind.name, sectionText(t, writeHTML(t, c, Options{}), "prediction"))
	}
	golden(t, "prediction.golden", b.String())
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("line %d is\n\t%s\nwant\n\t%s", i+1, g[i], w[i])
		}
	}
	t.Fatalf("%d lines, want %d", len(g), len(w))
}

func TestPageIsSelfContained(t *testing.T) {
	page := writeHTML(t, fixture(t), Options{})
	for _, n := range parse(t, page) {
		switch n.Data {
		case "script", "link", "iframe", "object", "embed", "img", "base", "form", "image", "use", "foreignobject":
			t.Errorf("the page has a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, bad := range []string{"url(", "@import", "https:"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	if other := strings.Count(page, "http:") - strings.Count(page, `xmlns="http://www.w3.org/2000/svg"`); other != 0 {
		t.Errorf("the page has %d addresses beside those that name SVG", other)
	}
}

func TestPageIsWellFormed(t *testing.T) {
	page := writeHTML(t, fixture(t), Options{})
	nodes := parse(t, page)
	seen := map[string]bool{}
	for _, n := range nodes {
		id := attribute(n, "id")
		if id != "" && seen[id] {
			t.Errorf("the ID %s occurs twice", id)
		}
		seen[id] = true
	}
	for _, n := range nodes {
		for _, ref := range strings.Fields(attribute(n, "aria-labelledby")) {
			if !seen[ref] {
				t.Errorf("<%s> refers to %s, which is not there", n.Data, ref)
			}
		}
		if to, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok && !seen[to] {
			t.Errorf("a link leads to %s, which is not there", to)
		}
		if n.Data == "tr" && len(columnsOf(n)) == 0 {
			t.Error("a table has an empty row")
		}
	}
	checkBalance(t, page)
}

func columnsOf(row *html.Node) []*html.Node {
	var cells []*html.Node
	for c := range row.ChildNodes() {
		if c.Data == "td" || c.Data == "th" {
			cells = append(cells, c)
		}
	}
	return cells
}

// checkBalance fails when an element is closed that is not open, or not closed.
func checkBalance(t *testing.T, page string) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		switch {
		case token.Type == html.StartTagToken && token.Data != "meta":
			open = append(open, token.Data)
		case token.Type == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
}

func TestSameContentSameBytes(t *testing.T) {
	first := writeHTML(t, fixture(t), Options{})
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		got := writeHTML(t, fixture(t), Options{})
		runtime.GOMAXPROCS(before)
		if got != first {
			t.Errorf("GOMAXPROCS %d gives another page", procs)
		}
	}
}

func TestContentIsNotChanged(t *testing.T) {
	c := fixture(t)
	writeHTML(t, c, Options{})
	if _, err := WriteFigures(t.Context(), t.TempDir(), c, Options{DPI: 36}); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", *c.Prediction), fmt.Sprintf("%+v", *fixture(t).Prediction); got != want {
		t.Error("the prediction was changed")
	}
	if got, want := fmt.Sprintf("%+v", *c.Explanation), fmt.Sprintf("%+v", *fixture(t).Explanation); got != want {
		t.Error("the explanation was changed")
	}
	if !reflect.DeepEqual(c.Drift, fixture(t).Drift) {
		t.Error("the drift was changed")
	}
	if got, want := fmt.Sprintf("%+v", *c.Savings), fmt.Sprintf("%+v", *fixture(t).Savings); got != want {
		t.Error("the savings were changed")
	}
	if got, want := fmt.Sprintf("%+v", c.Segmentation.Segments), fmt.Sprintf("%+v", fixture(t).Segmentation.Segments); got != want {
		t.Error("the segments were changed")
	}
}

// Without content each section says why it is empty.
func TestPageOfOmittedParts(t *testing.T) {
	c := &Content{Omitted: map[string]string{
		"prediction":  "The column Spending Score is the target and has no values.",
		"explanation": "There is no prediction to explain.",
		"savings":     "The table has no income.",
	}}
	page := writeHTML(t, c, Options{})
	for section, want := range map[string]string{
		"segments": "The customers were not segmented.", "prediction": "The column Spending Score is the target and has no values.",
		"explanation": "There is no prediction to explain.", "correlation": "No correlation was computed.", "savings": "The table has no income.",
		"recommendations": "There are no recommendations, since no segment has one.", "appendix": "No settings were recorded.",
	} {
		if text := sectionText(t, page, section); !strings.Contains(text, want) {
			t.Errorf("section %s does not say %q:\n%s", section, want, text)
		}
	}
	if strings.Contains(page, "<svg") {
		t.Error("the page has a figure")
	}
}

// No part may break when another is missing or empty.
func TestPageOfPartialContent(t *testing.T) {
	for name, strip := range map[string]func(*Content){
		"no table":       func(c *Content) { c.Table = nil },
		"no segments":    func(c *Content) { c.Segmentation = nil },
		"no prediction":  func(c *Content) { c.Prediction = nil },
		"no correlation": func(c *Content) { c.Correlation = nil },
		"no explanation": func(c *Content) { c.Explanation = nil },
		"no typical one": func(c *Content) { c.Typical = nil },
		"an empty explanation": func(c *Content) {
			c.Explanation, c.Typical = &explain.Result{}, nil
		},
		"no savings":     func(c *Content) { c.Savings = nil },
		"no drift":       func(c *Content) { c.Drift = nil },
		"zero drift":     func(c *Content) { c.Drift = &insights.Drift{Columns: make([]insights.ColumnDrift, 3)} },
		"no values left": emptyDrift,
		"zero prediction": func(c *Content) {
			c.Prediction = &predict.Result{Metrics: predict.Metrics{MSE: math.NaN(), R2: math.Inf(-1)}}
		},
		"zero segmentation": func(c *Content) { c.Table, c.Segmentation, c.Explanation = nil, &segment.Result{}, nil },
		"a mixture":         asMixture,
		"noise":             asDensity,
		"nothing but noise": asNoise,
		"one segment":       oneSegment,
		"a forest":          asForest,
		"a ridge":           asRidge,
		"an average":        asMean,
		"many moves":        manyMoves,
		"zero savings":      func(c *Content) { c.Savings = &insights.Savings{Mean: math.NaN(), Median: math.NaN()} },
		"zero quality":      func(c *Content) { c.Quality = datasource.Quality{} },
	} {
		t.Run(name, func(t *testing.T) {
			c := fixture(t)
			strip(c)
			page := writeHTML(t, c, Options{})
			checkBalance(t, page)
			for _, bad := range []string{"NaN", "Inf", "%!", "&lt;nil&gt;", "ZgotmplZ"} {
				if strings.Contains(page, bad) {
					t.Errorf("the page holds %s", bad)
				}
			}
		})
	}
}

// emptyDrift compares with a table that has no value.
func emptyDrift(c *Content) {
	nan := math.NaN()
	for i := range c.Drift.Columns {
		d := &c.Drift.Columns[i]
		d.Effect = math.Inf(1)
		if d.Numbers != nil {
			d.Numbers = &insights.NumberDrift{Current: insights.NumberSummary{Mean: nan, Std: nan, Min: nan, Max: nan}, PExact: nan, MeanShift: nan}
		}
		if d.Levels != nil {
			d.Levels = &insights.LevelDrift{}
		}
	}
}

func oneSegment(c *Content) {
	c.Typical = c.Typical[1:]
	s := c.Segmentation
	s.Segments, s.Scores = s.Segments[:1], []segment.Score{{K: 1, Inertia: 3}}
	clear(s.Labels)
	s.Structure = segment.Structure{Verdict: segment.NoStructure, PValue: 1}
	c.Savings.BySegment = c.Savings.BySegment[:1]
}

// manyMoves compares with more segments than the page has room for.
func manyMoves(c *Content) {
	asMixture(c)
	m := c.Segmentation.Migration
	for len(c.PreviousSegments) <= mostMatched {
		c.PreviousSegments = append(c.PreviousSegments, segment.Segment{ID: len(c.PreviousSegments), Label: "old"})
		m.Matches, m.Counts = append(m.Matches, segment.Noise), append(m.Counts, make([]int, 6))
	}
}

func TestTheTableOfMovesIsBounded(t *testing.T) {
	c := fixture(t)
	manyMoves(c)
	text := sectionText(t, writeHTML(t, c, Options{}), "segments")
	if !strings.Contains(text, "it would have 13 rows or columns") || strings.Contains(text, "old") {
		t.Errorf("got\n%s", text)
	}
}

// In the table of moves, the segment that goes on is marked.
func TestPageMarksWhoStayed(t *testing.T) {
	c := fixture(t)
	asMixture(c)
	var marked []string
	for _, n := range parse(t, writeHTML(t, c, Options{})) {
		if attribute(n, "class") == "n same" {
			marked = append(marked, textOf(n))
		}
	}
	if want := []string{"85", "60", "58", "0"}; !slices.Equal(marked, want) {
		t.Errorf("marked are %q, want %q", marked, want)
	}
}

func TestStabilityGrade(t *testing.T) {
	stability := func(verdicts ...segment.StabilityVerdict) []segment.Stability {
		var list []segment.Stability
		for _, v := range verdicts {
			list = append(list, segment.Stability{Verdict: v})
		}
		return list
	}
	for want, list := range map[string][]segment.Stability{
		"Stable":   stability(segment.Stable, segment.Stable),
		"Doubtful": stability(segment.Stable, segment.Unstable),
		"Unstable": stability(segment.Unstable, segment.Unstable, segment.Stable),
	} {
		if got := stabilityGrade(&segment.Result{Stability: list}); len(got) != 1 || got[0].Grade != want {
			t.Errorf("%v: got %v, want %s", list, got, want)
		}
	}
	if got := stabilityGrade(&segment.Result{}); got != nil {
		t.Errorf("without draws: got %v", got)
	}
}

func TestPageSaysSampleData(t *testing.T) {
	c := fixture(t)
	c.Sample = true
	text := bodyText(t, writeHTML(t, c, Options{}))
	for _, want := range []string{"Sample data · Customers.csv", "Sample data.", "customers of the sample data", "1.0.0 from sample data"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	c.Source = "sample data"
	if text := bodyText(t, writeHTML(t, c, Options{})); strings.Contains(text, "Sample data · sample data") {
		t.Error("the page says the same twice")
	}
	if plain := bodyText(t, writeHTML(t, fixture(t), Options{})); strings.Contains(strings.ToLower(plain), "sample") {
		t.Error("a report of other data speaks of a sample")
	}
}

// What the page says by colour and length agrees with what it says in words.
func TestPageMarks(t *testing.T) {
	nodes := parse(t, writeHTML(t, fixture(t), Options{}))
	for _, n := range nodes {
		switch {
		case n.Data == "tr" && attribute(n, "class") == "chosen":
			if text := textOf(n); !strings.HasPrefix(text, "5 | 0.555") {
				t.Errorf("the chosen number of segments is %q", text)
			}
		case n.Data == "tr" && strings.Contains(textOf(n), "well below"):
			if side := lean(n); side != "down" {
				t.Errorf("%q leans %s", textOf(n), side)
			}
		case n.Data == "tr" && strings.Contains(textOf(n), "well above"):
			if side := lean(n); side != "up" {
				t.Errorf("%q leans %s", textOf(n), side)
			}
		case attribute(n, "class") == "segment c1" && !strings.HasPrefix(textOf(n), "1 | high income, high spending"):
			t.Errorf("the colour of segment 1 stands beside %q", textOf(n))
		}
	}
	chosen := slices.ContainsFunc(nodes, func(n *html.Node) bool { return attribute(n, "class") == "chosen" })
	if !chosen {
		t.Error("no number of segments is marked as chosen")
	}
}

func TestPageOfAGivenNumberOfSegments(t *testing.T) {
	c := fixture(t)
	c.Segmentation.Scores = c.Segmentation.Scores[3:4]
	text := sectionText(t, writeHTML(t, c, Options{}), "segments")
	if !strings.Contains(text, "whose number was given") || strings.Contains(text, "Choice of") {
		t.Errorf("the page speaks of a choice that was not made:\n%s", text)
	}
}

// lean returns the side of the bar in a row of means.
func lean(row *html.Node) string {
	for n := range row.Descendants() {
		if class := attribute(n, "class"); class == "up" || class == "down" {
			return class
		}
	}
	return "nowhere"
}

func TestPageShowsChosenFiguresAndMetrics(t *testing.T) {
	page := writeHTML(t, fixture(t), Options{Figures: []string{"gender", "savings"}, Metrics: []string{"rmse"}})
	if n := strings.Count(page, "<svg"); n != 2 {
		t.Errorf("the page has %d figures, want 2", n)
	}
	text := sectionText(t, page, "prediction")
	if !strings.Contains(text, "Root mean squared error | 28.50 | 28.31") || strings.Contains(text, "Mean absolute error") {
		t.Errorf("want RMSE and no other measure in\n%s", text)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteHTMLReportsTheWriter(t *testing.T) {
	if err := WriteHTML(brokenWriter{}, fixture(t), Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want the writer's error", err)
	}
}
