package report

import (
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
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
