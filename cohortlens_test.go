package cohortlens_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

func run(t *testing.T, src datasource.Source, cfg cohortlens.Config) *cohortlens.Analysis {
	t.Helper()
	a, err := cohortlens.Run(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func realFile(t *testing.T, name string) datasource.Source {
	t.Helper()
	return datasource.NewCSVFile(testkit.SharedFile(t, "data", name), datasource.CSVConfig{Schema: datasource.CustomerSchema()})
}

func text(name, csv string) datasource.Source {
	return datasource.NewCSVBytes(name, []byte(csv), datasource.CSVConfig{Schema: datasource.CustomerSchema()})
}

// Both verdicts must be honest: the public data has no structure and no
// predictable score, the sample has both.
func TestVerdicts(t *testing.T) {
	a := run(t, cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	if got := a.Segmentation.Structure.Verdict; got != segment.StrongStructure {
		t.Errorf("sample data: structure is %q", got)
	}
	if got := a.Prediction.Verdict.Level; got != predict.StrongSkill {
		t.Errorf("sample data: skill is %q", got)
	}
	if len(a.Segmentation.Segments) != 5 {
		t.Errorf("sample data: %d segments, five were planted", len(a.Segmentation.Segments))
	}
	for policy, k := range map[datasource.Policy]int{datasource.Drop: 6, datasource.Keep: 7} {
		t.Run(string(policy), func(t *testing.T) {
			a := run(t, realFile(t, "shop_customers.csv"), cohortlens.Config{Seed: 42, Invalid: policy})
			if got := a.Segmentation.Structure.Verdict; got != segment.NoStructure {
				t.Errorf("structure is %q", got)
			}
			if v := a.Prediction.Verdict; v.Level != predict.NoSkill || !strings.HasPrefix(v.Text, "No better than predicting the average") {
				t.Errorf("skill is %q: %s", v.Level, v.Text)
			}
			if got := a.Prediction.CV.Mean.R2; got >= 0 {
				t.Errorf("cross-validated R2 is %v, scikit-learn finds it negative", got)
			}
			if got := len(a.Segmentation.Segments); got != k {
				t.Errorf("%d segments, want %d", got, k)
			}
		})
	}
}

func TestOtherTablesAreAnalysedByTheirColumns(t *testing.T) {
	mall := run(t, realFile(t, "mall_customers.csv"), cohortlens.Config{
		Seed:    42,
		Segment: segment.Config{Features: []string{"Annual Income (k$)", "Spending Score (1-100)"}},
	})
	if got := len(mall.Segmentation.Segments); got != 5 {
		t.Errorf("mall customers by income and spending: %d segments, the five are well known", got)
	}
	if mall.IDColumn != "CustomerID" || mall.GenderColumn != "Genre" || mall.Roles.Income != "Annual Income (k$)" {
		t.Errorf("mall customers: ID %q, gender %q, roles %+v", mall.IDColumn, mall.GenderColumn, mall.Roles)
	}
	if mall.Prediction != nil || mall.Omitted["prediction"] == "" {
		t.Error("mall customers: a prediction without a target, or no word on why there is none")
	}

	campaign := run(t, realFile(t, "marketing_campaign.csv"), cohortlens.Config{
		Predict: predict.Config{Target: "MntWines"},
		Columns: cohortlens.Columns{ID: "ID", Numerical: []string{"Income", "Recency", "MntWines"}, Categorical: []string{"Education"}},
	})
	if got := campaign.Quality; got.Rows != 2240 || got.MissingRows != 24 || got.Kept != 2216 {
		t.Errorf("marketing campaign: %d rows, %d without a value, %d kept", got.Rows, got.MissingRows, got.Kept)
	}
	if got := strings.Join(campaign.Prediction.Features, ", "); got != "Income, Recency, Education" {
		t.Errorf("marketing campaign: predicted from %s", got)
	}
	if _, ok := campaign.Segmentation.Segments[0].Mean("NumWebPurchases"); ok {
		t.Error("marketing campaign: a column that was not named is described")
	}
}

func TestUselessColumnsAreLeftOutWithAWord(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("customer_id,a,b,same,hardly,note\n")
	for i := range 40 {
		hardly := ""
		if i%4 == 0 {
			hardly = fmt.Sprint((i * i) % 11)
		}
		fmt.Fprintf(&csv, "%03d,%d,%d,7,%s,note %d\n", i, i, (i*i)%17, hardly, i)
	}
	a := run(t, text("made up", csv.String()), cohortlens.Config{})
	notes := strings.Join(a.Quality.Notes, "\n")
	for _, column := range []string{`"same"`, `"hardly"`, `"note"`} {
		if !strings.Contains(notes, column) {
			t.Errorf("no note on column %s: %s", column, notes)
		}
	}
	if got := a.Segmentation.Model.Scaler().Columns(); fmt.Sprint(got) != "[a b]" {
		t.Errorf("segmented by %v", got)
	}
	if a.IDColumn != "customer_id" || a.Quality.Kept != 40 {
		t.Errorf("ID column %q, %d rows kept", a.IDColumn, a.Quality.Kept)
	}
}

// What a table lacks is no reason to speak untruly of it, or to take in what was left
// out.
func TestColumnsLeftOut(t *testing.T) {
	var csv, bare strings.Builder
	csv.WriteString("id,a,who,same,y\n")
	bare.WriteString("id,same,y\n")
	for i := range 60 {
		fmt.Fprintf(&csv, "%03d,%d,person %d,7,%d\n", i, i*i%17, i/2, i%5)
		fmt.Fprintf(&bare, "%03d,7,%d\n", i, i)
	}
	same := `The column "same" takes no part: all its values are the same: "7".`
	who := `The column "who" takes no part: it holds text with too many different values to be categories.`
	grouped := predict.Config{Target: "y", FoldGroups: "who"}
	for _, test := range []struct {
		name, csv, noted, features string
		cfg                        predict.Config
	}{
		{"a group of folds", csv.String(), same, "[a]", grouped},
		{"a number as a group", csv.String(), who + " " + same, "[]", predict.Config{Target: "y", FoldGroups: "a"}},
		{"a constant target", csv.String(), who, "[a y]", predict.Config{Target: "same"}},
		{"nothing but the target", bare.String(), same, "[]", predict.Config{Target: "y"}},
	} {
		a := run(t, text("made up", test.csv), cohortlens.Config{Predict: test.cfg})
		if notes := strings.Join(a.Quality.Notes, " "); notes != test.noted {
			t.Errorf("%s: notes are %q, want %q", test.name, notes, test.noted)
		}
		switch {
		case a.Prediction != nil && fmt.Sprint(a.Prediction.Features) != test.features:
			t.Errorf("%s: predicted from %v, want %s", test.name, a.Prediction.Features, test.features)
		case a.Prediction == nil && (test.features != "[]" || !strings.Contains(a.Omitted["prediction"], `no column to predict "y" from`)):
			t.Errorf("%s: no prediction, because %s", test.name, a.Omitted["prediction"])
		}
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	uncut := datasource.NewCSVBytes("t", []byte("a;b\n1;2\n2;3\n"), datasource.CSVConfig{Delimiter: ','})
	header := "CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n"
	tests := []struct {
		name string
		src  datasource.Source
		cfg  cohortlens.Config
		want string
		is   error
	}{
		{"a broken source", datasourcetest.Faulty(cohortlens.SampleData(), 0, broken), cohortlens.Config{}, "disk on fire", broken},
		{"a misspelt column", text("t", strings.Replace(header, "Annual Income", "Anual Income", 1)+"1,F,20,5,5,x,1,1\n"), cohortlens.Config{}, `did you mean "Anual Income ($)"`, datasource.ErrNoColumn},
		{"a misspelt feature", cohortlens.SampleData(), cohortlens.Config{Segment: segment.Config{Features: []string{"Agee"}}}, `did you mean "Age"`, datasource.ErrNoColumn},
		{"a misspelt target", cohortlens.SampleData(), cohortlens.Config{Predict: predict.Config{Target: "Spending"}}, `did you mean "Spending Score (1-100)"`, datasource.ErrNoColumn},
		{"a misspelt ID", cohortlens.SampleData(), cohortlens.Config{Columns: cohortlens.Columns{ID: "CustomerId2"}}, `did you mean "CustomerID"`, datasource.ErrNoColumn},
		{"a role nobody plays", cohortlens.SampleData(), cohortlens.Config{Columns: cohortlens.Columns{Roles: insights.Roles{Income: "Wage"}}}, `"Wage"`, datasource.ErrNoColumn},
		{"a gender nobody has", cohortlens.SampleData(), cohortlens.Config{Columns: cohortlens.Columns{Gender: "Sex"}}, `no column "Sex"`, datasource.ErrNoColumn},
		{"a category to predict", text("t", "a,b,c\n1,2,x\n2,1,y\n4,4,x\n"), cohortlens.Config{Predict: predict.Config{Target: "c"}}, `column "c" is categorical: a numeric column is needed`, datasource.ErrKind},
		{"a policy", cohortlens.SampleData(), cohortlens.Config{Invalid: "ignore"}, `got "ignore"`, nil},
		{"bad rows under fail", cohortlens.SampleData(), cohortlens.Config{Invalid: datasource.Fail}, "48 of 1200 rows break a rule", datasource.ErrInvalid},
		{"a header only", text("t", header), cohortlens.Config{}, "no rows", nil},
		{"one row", text("t", header+"1,F,20,5,5,x,1,1\n"), cohortlens.Config{}, "same value in every row (rows: 1)", segment.ErrTooFewRows},
		{"one column of text", uncut, cohortlens.Config{}, `has one column only, "a;b"`, datasource.ErrKind},
		{"segments by the ID", cohortlens.SampleData(), cohortlens.Config{Segment: segment.Config{Features: []string{"CustomerID"}}}, `"CustomerID" identifies customers`, datasource.ErrKind},
		{"no variety", text("t", "a,b\n1,2\n1,2\n"), cohortlens.Config{}, "more than one value", segment.ErrTooFewRows},
	}
	for _, test := range tests {
		_, err := cohortlens.Run(t.Context(), test.src, test.cfg)
		switch {
		case err == nil:
			t.Errorf("%s: no error", test.name)
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: %q does not say %q", test.name, err, test.want)
		case test.is != nil && !errors.Is(err, test.is):
			t.Errorf("%s: %q is not %q", test.name, err, test.is)
		}
	}
	if _, err := cohortlens.TrainPredictor(t.Context(), text("t", "a,b\n1,2\n2,1\n"), cohortlens.Config{}); !errors.Is(err, cohortlens.ErrNoTarget) {
		t.Errorf("training without a target: %v", err)
	}
}

// Naming columns of a customer table leaves its target the default one, and
// segments alone do not need it.
func TestNamedColumnsKeepTheTarget(t *testing.T) {
	cfg := cohortlens.Config{Columns: cohortlens.Columns{Numerical: []string{datasource.Age}}}
	for name, train := range map[string]func(context.Context, datasource.Source, cohortlens.Config) (*cohortlens.Analysis, error){
		"train": cohortlens.TrainPredictor, "run": cohortlens.Run,
	} {
		a, err := train(t.Context(), cohortlens.SampleData(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Prediction; got.Target != datasource.SpendingScore || fmt.Sprint(got.Features) != "[Age]" {
			t.Errorf("%s: predicts %s from %v", name, got.Target, got.Features)
		}
	}
	src := text("t", "CustomerID,Gender,Age,Spending Score (1-100)\n1,F,20,5\n2,F,30,\n3,F,40,7\n4,F,50,8\n")
	cfg.Segment.K = 2
	a, err := cohortlens.Segment(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if a.Quality.Kept != 4 {
		t.Errorf("segments of %d rows, all four have an age", a.Quality.Kept)
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stages := map[string]bool{}
	_, err := cohortlens.Run(ctx, cohortlens.SampleData(), cohortlens.Config{Progress: func(stage string, _, _ int) {
		stages[stage] = true
		if stage == "segment" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || stages["predict"] {
		t.Errorf("got %v after the stages %v", err, stages)
	}
}

func TestTheVerbsAgree(t *testing.T) {
	cfg := cohortlens.Config{Seed: 7, Workers: 2}
	all := run(t, cohortlens.SampleData(), cfg)
	segmented, err := cohortlens.Segment(t.Context(), cohortlens.SampleData(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := cohortlens.TrainPredictor(t.Context(), cohortlens.SampleData(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(segmented.Segmentation.Segments) != fmt.Sprint(all.Segmentation.Segments) {
		t.Error("Segment and Run find different segments")
	}
	if fmt.Sprint(trained.Prediction.Coefficients) != fmt.Sprint(all.Prediction.Coefficients) {
		t.Error("TrainPredictor and Run find different coefficients")
	}
	if segmented.Prediction != nil || trained.Segmentation != nil {
		t.Error("a verb did more than it was asked for")
	}
}

func TestReport(t *testing.T) {
	a := run(t, cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	var first, second bytes.Buffer
	if err := cohortlens.Report(t.Context(), &first, a, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := cohortlens.Report(t.Context(), &second, a, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same analysis gives two different reports")
	}
	for _, s := range a.Segmentation.Segments {
		if !strings.Contains(first.String(), s.Label) {
			t.Errorf("the report does not name the segment %q", s.Label)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := cohortlens.Report(ctx, &second, a, report.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
