package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// analyse runs the library over the public customer table, rows that break a
// rule set aside.
func analyse(t testing.TB) *Content {
	t.Helper()
	path := testkit.SharedFile(t, "data", "shop_customers.csv")
	schema := datasource.CustomerSchema()
	ctx := t.Context()
	raw, err := datasource.Load(ctx, datasource.NewCSVFile(path, datasource.CSVConfig{Kinds: schema.Kinds()}))
	must(t, err)
	c := &Content{Source: "shop_customers.csv", IDColumn: schema.ID, GenderColumn: datasource.Gender}
	c.Table, c.Quality, err = datasource.Prepare(t.Context(), raw, schema, datasource.Drop)
	must(t, err)
	roles := insights.InferRoles(c.Table)
	recommender, err := insights.NewRecommender(c.Table, roles)
	must(t, err)
	c.Segmentation, err = segment.Fit(ctx, c.Table, segment.Config{
		Features: []string{datasource.Age, datasource.AnnualIncome, datasource.SpendingScore}, K: 6, References: 5, Seed: 42,
		Recommend: func(s segment.Segment) string { return recommender.Recommend(s.Mean) },
	})
	must(t, err)
	c.Prediction, err = predict.Train(ctx, c.Table, predict.Config{
		Target:      datasource.SpendingScore,
		Numerical:   []string{datasource.AnnualIncome, datasource.Age, datasource.WorkExperience, datasource.FamilySize},
		Categorical: []string{datasource.Profession}, Seed: 42,
	})
	must(t, err)
	explainPrediction(t, c)
	c.Drift = halves(t, c.Table)
	c.Describe, err = insights.Describe(t.Context(), c.Table)
	must(t, err)
	correlation, err := insights.Correlate(ctx, c.Table)
	must(t, err)
	c.Correlation = &correlation
	c.Savings, err = insights.ComputeSavings(c.Table, roles, insights.SavingsConfig{}, c.Segmentation.Labels)
	must(t, err)
	return c
}

// explainPrediction explains every prediction; the first row of each segment stands
// for it.
func explainPrediction(t testing.TB, c *Content) {
	t.Helper()
	p := c.Prediction.Predictor
	var columns []explain.Column
	for _, e := range p.Columns() {
		columns = append(columns, explain.Column{Name: e.Name, Group: e.Column, Reference: e.Reference})
	}
	explainer, err := explain.New(t.Context(), p, columns, explain.Config{})
	must(t, err)
	x, err := p.Encode(t.Context(), c.Table)
	must(t, err)
	c.Explanation, err = explainer.Explain(t.Context(), x)
	must(t, err)
	ids, err := c.Table.Column(c.IDColumn)
	must(t, err)
	for _, s := range c.Segmentation.Segments {
		row := slices.Index(c.Segmentation.Labels, s.ID)
		c.Typical = append(c.Typical, Example{Row: row, ID: ids.Cell(row), Segment: s.ID})
	}
}

// halves compares the second half of a table with the first.
func halves(t testing.TB, table *datasource.Table) *insights.Drift {
	t.Helper()
	n := table.Rows() / 2
	profile := func(low, high int) *insights.Profile {
		var rows []int
		for i := low; i < high; i++ {
			rows = append(rows, i)
		}
		p, err := insights.BuildProfile(t.Context(), table.Take(rows), insights.ProfileConfig{})
		must(t, err)
		return p
	}
	d, err := insights.CheckDrift(profile(0, n), profile(n, table.Rows()), insights.DriftConfig{})
	must(t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The public data set is the one on which the predictor is worthless; the report
// must not hide it anywhere.
func TestReportOfRealDataIsHonest(t *testing.T) {
	html := writeHTML(t, analyse(t), Options{})
	for _, section := range []string{"summary", "trust", "prediction", "explanation"} {
		if text := sectionText(t, html, section); !strings.Contains(strings.ToLower(text), noBetter) {
			t.Errorf("section %s does not say %q:\n%s", section, noBetter, text)
		}
	}
	if text := sectionText(t, html, "quality"); !strings.Contains(text, "Of 2,000 rows, 1,636 are analysed.") {
		t.Errorf("the account of the rows is missing:\n%s", text)
	}
	if len(html) > 300_000 {
		t.Errorf("the page has %d bytes, want at most 300,000", len(html))
	}
}

func BenchmarkRealData(b *testing.B) {
	c := analyse(b)
	b.Run("HTML", func(b *testing.B) {
		for b.Loop() {
			writeHTML(b, c, Options{})
		}
	})
	b.Run("Figures", func(b *testing.B) {
		dir := b.TempDir()
		for b.Loop() {
			if _, err := WriteFigures(b.Context(), dir, c, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
