package report

import (
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// said puts one text into every place of the content that takes one.
func said(t testing.TB, text string) *Content {
	t.Helper()
	c := fixture(t)
	name := "n" + text // a column needs a name
	table, err := datasource.NewTable(
		datasource.Numbers(name, values(4, 1, 2)), datasource.Numbers("y", values(4, 3, 4, 5)),
		datasource.Categories("g"+name, []string{text, text + "1", "", text}))
	must(t, err)
	c.Title, c.Source, c.Version, c.IDColumn, c.Table, c.GenderColumn = text, text, text, text, table, "g"+name
	c.Omitted = map[string]string{"recommendations": text}
	c.Settings = []Setting{{text, text}}
	sayQuality(&c.Quality, text)
	asMixture(c)
	saySegments(c.Segmentation, text, name)
	for i := range c.PreviousSegments {
		c.PreviousSegments[i].Label = text
	}
	asForest(c)
	sayPrediction(c.Prediction, text)
	for i := range c.Describe {
		c.Describe[i].Column = text
	}
	for i := range c.Correlation.Columns {
		c.Correlation.Columns[i] = text
	}
	c.Explanation = &explain.Result{
		Rows: 4, Groups: []string{name, "y", "g" + name}, Values: values(12, 3, -2, 1), Predictions: values(4, 2),
		Columns: []string{name, "y", text, text}, GroupOf: []int{0, 1, 2, 2}, X: values(16, 1, 2, 0, 1, 2, 3, 1, 0),
	}
	c.Typical = []Example{{Row: 1, ID: text}, {Row: 2, ID: text, Segment: segment.Noise}}
	sayDrift(c.Drift, text)
	c.Savings = &insights.Savings{Percent: values(4, 1), Rows: 4, Formula: text, BySegment: []insights.SegmentSavings{{Segment: 0}}}
	return c
}

func sayQuality(q *datasource.Quality, text string) {
	q.Missing = []datasource.ColumnCount{{Column: text, Count: 1}}
	q.Violations = []datasource.RuleCount{{Column: text, Rule: text, Count: 1}}
	q.Examples = []datasource.Violation{{Line: 2, Column: text, Rule: text, Value: text}}
	q.Notes = []string{text}
}

func saySegments(s *segment.Result, text, column string) {
	s.Algorithm, s.Labels = segment.Algorithm(text), []int{0, 1, 0, 1}
	s.Notes, s.Structure.Evidence = []string{text}, text
	s.Separation = []segment.Separation{{Column: column, Share: 1}, {Column: "y", Share: 1}}
	s.Mixture.Covariance = segment.Covariance(text)
	for i := range s.Stability {
		s.Stability[i].Verdict = segment.StabilityVerdict(text)
	}
	for i := range s.Segments {
		seg := &s.Segments[i]
		seg.Label, seg.Recommendation = text, text
		seg.Columns = []segment.Summary{{Column: column, Mean: 1}}
		seg.Categories = []segment.CategorySummary{{Column: text, Top: []segment.LevelShare{{Level: text}}}}
	}
}

func sayPrediction(r *predict.Result, text string) {
	r.Algorithm, r.Target, r.Features = predict.Algorithm(text), text, []string{text}
	r.Verdict.Text, r.Notes = text, []string{text}
	for i := range r.Tried {
		r.Tried[i].Algorithm, r.Tried[i].Reason = predict.Algorithm(text), text
	}
	for i := range r.Importances {
		r.Importances[i].Column = text
	}
	for i := range r.Intervals.Groups {
		r.Intervals.Groups[i].Group = text
	}
	r.Coefficients = []predict.Coefficient{{}, {}}
	for i := range r.Coefficients {
		r.Coefficients[i].Name, r.Coefficients[i].SetAside = text, text
	}
}

func sayDrift(d *insights.Drift, text string) {
	d.Alerts, d.Schema.Gone, d.Schema.Added, d.Schema.Changed[0].Column = []string{text}, []string{text}, []string{text}, text
	d.Joint.Verdict = insights.Verdict(text)
	for i := range d.Joint.Columns {
		d.Joint.Columns[i].Column = text
	}
	for i := range d.Segments {
		d.Segments[i].Segment, d.Segments[i].Verdict = text, insights.Verdict(text)
		for j := range d.Segments[i].Columns {
			d.Segments[i].Columns[j].Column = text
		}
	}
	for i := range d.Columns {
		c := &d.Columns[i]
		c.Column, c.Verdict, c.Shift = text, insights.Verdict(text), insights.Shift(text)
		if c.Levels != nil {
			c.Levels.New, c.Levels.Vanished = []string{text}, []string{text, text}
			for k := range c.Levels.Shares {
				c.Levels.Shares[k].Level = text
			}
		}
	}
}

// shape lists the elements of a page with their attributes' names, and the
// values of those attributes that a browser acts on.
func shape(t testing.TB, page string) string {
	t.Helper()
	var b strings.Builder
	for _, n := range parse(t, page) {
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
			switch a.Key {
			case "class", "style", "id", "href", "role", "fill", "stroke":
				b.WriteString("=" + a.Val)
			}
		}
		b.WriteString(">\n")
	}
	return b.String()
}

// Whatever the text, the page has the same elements, attributes and links; only
// the number of lines into which labels are broken may differ.
func checkTextStaysText(t *testing.T, text string) {
	t.Helper()
	page := writeHTML(t, said(t, text), Options{})
	want := shape(t, writeHTML(t, said(t, "harmless"), Options{}))
	without := func(s string) string {
		var lines []string
		for line := range strings.Lines(s) {
			if !strings.HasPrefix(line, "<text ") && !optional[strings.TrimSpace(line)] {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "")
	}
	if got := without(shape(t, page)); got != without(want) {
		t.Errorf("the text %.60q changes the page:\n%s", text, firstDifference(got, without(want)))
	}
	for _, n := range parse(t, page) {
		if n.Namespace == "svg" && !drawn[n.Data] {
			t.Errorf("the text %.60q puts <%s> into a drawing", text, n.Data)
		}
	}
}

// optional are the elements that an empty text leaves out.
var optional = map[string]bool{`<p class=advice>`: true, `<p class=note>`: true, `<p class=omitted>`: true}

// drawn are the elements that a drawing may have.
var drawn = map[string]bool{"svg": true, "title": true, "desc": true, "path": true, "text": true, "circle": true}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "got " + x[i] + ", want " + y[i]
		}
	}
	return "one has more elements"
}

func TestReportEscapes(t *testing.T) {
	for _, text := range hostile {
		if strings.TrimSpace(text) != "" {
			checkTextStaysText(t, text)
		}
	}
}

func FuzzReportEscapes(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.TrimSpace(text) == "" {
			t.Skip("an empty text leaves out its element")
		}
		checkTextStaysText(t, text)
	})
}
