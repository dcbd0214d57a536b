package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// Each verdict is said wherever its part is shown, and no other verdict is.
func TestVerdictsAreSaidEverywhere(t *testing.T) {
	structures := map[segment.Verdict]string{
		segment.StrongStructure: "clearly apart", segment.WeakStructure: "their borders are soft", segment.NoStructure: "no clear segments",
	}
	skills := map[predict.Level]string{
		predict.StrongSkill: "can be predicted well", predict.UsefulSkill: "can be predicted usefully",
		predict.WeakSkill: "only a little better", predict.NoSkill: noBetter,
	}
	for verdict, words := range structures {
		c := fixture(t)
		c.Segmentation.Structure.Verdict, c.Segmentation.Structure.Evidence = verdict, ""
		page := writeHTML(t, c, Options{})
		for _, section := range []string{"summary", "trust", "segments"} {
			checkOnly(t, sectionText(t, page, section), words, structures)
		}
	}
	for level, words := range skills {
		c := fixture(t)
		c.Prediction.Verdict = predict.Verdict{Level: level, Skill: 0.4}
		page := writeHTML(t, c, Options{})
		for _, section := range []string{"summary", "trust", "prediction"} {
			checkOnly(t, sectionText(t, page, section), words, skills)
		}
	}
}

func checkOnly[K comparable](t *testing.T, text, want string, all map[K]string) {
	t.Helper()
	// The note below the measures explains an R² of 0 in the same words.
	text = strings.ReplaceAll(text, "0 or less is no better than the average", "")
	for _, words := range all {
		if strings.Contains(text, words) != (words == want) {
			t.Errorf("want %q alone to be said in\n%s", want, text)
		}
	}
}

// A kind sentence of another package does not hide a bad verdict.
func TestUnknownVerdictsCountAsBad(t *testing.T) {
	c := fixture(t)
	c.Prediction.Verdict = predict.Verdict{Level: "splendid", Text: "The model is splendid."}
	c.Segmentation.Structure = segment.Structure{Verdict: "", Evidence: "Very clear."}
	text := sectionText(t, writeHTML(t, c, Options{}), "trust")
	for _, want := range []string{noBetter, "no clear segments"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

// What is said of data without structure is what the silhouettes beside it show.
func TestDoubtFollowsTheSilhouettes(t *testing.T) {
	draws := func(rest float64, first ...float64) []float64 {
		return append(first, slices.Repeat([]float64{rest}, 19-len(first))...)
	}
	for _, tc := range []struct {
		name                  string
		silhouette            float64
		reference, correlated []float64
		want                  string
	}{
		{"one reaches it", 0.266, draws(0.13, 0.41), nil, "of 19 data sets without any structure, divided in the same way, 1 looks as clear or clearer"},
		{"several reach it", 0.266, draws(0.13, 0.41, 0.3), draws(0.14, 0.3), "of 19 data sets without any structure, divided in the same way, 2 look as clear or clearer"},
		{"correlated draws reach it", 0.266, draws(0.13, 0.41), draws(0.14, 0.266, 0.3), "of 19 data sets with the same correlations and no more structure, divided in the same way, 2 look as clear or clearer"},
		{"all reach it", 0.20, draws(0.25), nil, "data without any structure, divided in the same way, looks much the same"},
		{"a hair above", 0.28, draws(0.25), draws(0.24), "data without any structure, divided in the same way, looks much the same"},
		{"a hair above correlated ones", 0.28, draws(0.1), draws(0.25), "data with the same correlations and no more structure, divided in the same way, looks much the same"},
		{"few rows", 0.4, draws(0.25), nil, "data without any structure, divided in the same way, can look almost as clear"},
		{"not compared", 0.4, nil, nil, "not compared with what chance would make"},
	} {
		s := fixture(t).Segmentation
		s.Structure = segment.Structure{Verdict: segment.NoStructure, Silhouette: tc.silhouette, Reference: tc.reference, Correlated: tc.correlated}
		got := structureSentence(s)
		if !strings.Contains(got, "no clear segments: ") || !strings.Contains(got, tc.want+". Take") {
			t.Errorf("%s: %q, want %q in it", tc.name, got, tc.want)
		}
	}
}

func TestOverspendingIsNotKept(t *testing.T) {
	for median, want := range map[float64][3]string{
		41.5: {"the median customer keeps 41.5% of income after spending", "Median savings", "41.5%"},
		-35:  {"the median customer spends 35.0% more than they earn", "Median overspending", "35.0%"},
	} {
		c := fixture(t)
		c.Savings.Median = median
		shown := savingsCard(c.Savings)
		if !strings.Contains(summary(c), want[0]) || !strings.Contains(savingsText(c.Savings), want[0]) || shown.Name != want[1] || shown.Value != want[2] {
			t.Errorf("%v: %q, %q, %+v; want %q", median, summary(c), savingsText(c.Savings), shown, want)
		}
	}
}

func TestIntervalsBeyondTheRangeAreSaidSo(t *testing.T) {
	r := fixture(t).Prediction
	if got := intervalSentence(r); strings.Contains(got, "beyond") {
		t.Errorf("intervals within the range: %q", got)
	}
	r.Intervals.Low, r.Intervals.High, r.Intervals.Beyond = 1, 100, 0.35
	if got, want := intervalSentence(r), "For 35.0% of them it reaches beyond 1 to 100,"; !strings.Contains(got, want) {
		t.Errorf("%q, want %q in it", got, want)
	}
}

func TestAdviceForSegmentsThatAreNotThere(t *testing.T) {
	c := fixture(t)
	if text := sectionText(t, writeHTML(t, c, Options{}), "recommendations"); strings.Contains(text, "starting points") {
		t.Errorf("advice for clear segments is called a starting point:\n%s", text)
	}
	c.Segmentation.Structure.Verdict = segment.NoStructure
	if text := sectionText(t, writeHTML(t, c, Options{}), "recommendations"); !strings.Contains(text, "starting points to test") {
		t.Errorf("advice for unclear segments is not called a starting point:\n%s", text)
	}
}

func TestDataGrade(t *testing.T) {
	for _, tc := range []struct {
		quality     datasource.Quality
		grade, text string
	}{
		{datasource.Quality{Rows: 100, Kept: 100}, "Good", "Every row that was read is complete and keeps all rules."},
		{datasource.Quality{Rows: 100, Kept: 96, SetAside: 4, BadRows: 4}, "Good", "96.0% of the rows read are sound. What is left out may differ from what is shown."},
		{datasource.Quality{Rows: 100, Kept: 80, MissingRows: 20}, "Some problems", "80.0% of the rows read are sound."},
		{datasource.Quality{Rows: 100, Kept: 10, MissingRows: 90}, "Many problems", "10.0% of the rows read are sound."},
		{datasource.Quality{Rows: 100, Kept: 100, Policy: datasource.Keep, BadRows: 1}, "Good", "1 row breaks a rule and was kept, as asked."},
		{datasource.Quality{Rows: 100, Kept: 100, Policy: datasource.Keep, BadRows: 30}, "Many problems", "30 rows break a rule and were kept, as asked."},
		{datasource.Quality{}, "Many problems", "No row was read."},
	} {
		got := dataGrade(tc.quality)
		if got.Grade != tc.grade || !strings.Contains(got.Text, tc.text) {
			t.Errorf("%+v: got %q, %q; want %q, %q", tc.quality, got.Grade, got.Text, tc.grade, tc.text)
		}
	}
}

// Values of a column of years have no separator, in tables, cards, drawings and
// words; those of other columns have.
func TestYears(t *testing.T) {
	c := fixture(t)
	c.Describe = append(c.Describe, insights.Description{Column: "Born", Count: 300, Mean: 1968.81, Std: 11.99, Min: 1893, Q25: 1959, Median: 1970, Q75: 1977, Max: 1996})
	s := &c.Segmentation.Segments[0]
	s.Columns = append([]segment.Summary{{Column: "Born", Mean: 1956.2, Overall: 1968.81, Z: -1}}, s.Columns...)
	c.Drift.Columns[0] = insights.ColumnDrift{Column: "Born", Numbers: &insights.NumberDrift{
		Baseline: insights.NumberSummary{Mean: 1968.81, Min: 1893, Max: 1996}, Current: insights.NumberSummary{Mean: 1971.4, Min: 1900, Max: 1999},
	}}
	page := writeHTML(t, c, Options{})
	for section, want := range map[string]string{
		"quality":  "Born | 300 | 1969 | 11.99 | 1893 | 1959 | 1970 | 1977 | 1996\n",
		"segments": "Born | 1956 | 1969 | well below",
		"drift":    "The mean is 1971, and was 1969",
	} {
		if text := sectionText(t, page, section) + "\n"; !strings.Contains(text, want) {
			t.Errorf("%s: want %q in\n%s", section, want, text)
		}
	}
	labels := numericAxis("Born", limits{1889, 2000}).labels()
	if want := []string{"1900", "1920", "1940", "1960", "1980", "2000"}; !slices.Equal(labels, want) {
		t.Errorf("want marks %q, got %q", want, labels)
	}
}

// Of many folds the first ones are shown, and said to be.
func TestFoldsAreNamed(t *testing.T) {
	c := fixture(t)
	c.Prediction.CV.Folds, c.Prediction.CV.PerFold = 12, make([]predict.Metrics, 12)
	text := sectionText(t, writeHTML(t, c, Options{}), "prediction")
	for _, want := range []string{"fold by fold: the first 10 of 12\nMeasure | Fold 1 | ", "| Fold 10\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}
