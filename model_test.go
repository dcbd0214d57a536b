package cohortlens_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

func train(t testing.TB, cfg predict.Config) (*cohortlens.Analysis, *cohortlens.Model) {
	t.Helper()
	a, err := cohortlens.TrainPredictor(t.Context(), cohortlens.SampleData(), cohortlens.Config{Seed: 42, Predict: cfg})
	if err != nil {
		t.Fatal(err)
	}
	m, err := cohortlens.NewModel(a)
	if err != nil {
		t.Fatal(err)
	}
	return a, m
}

func save(t testing.TB, m *cohortlens.Model) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := m.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestModelSurvivesItsFile(t *testing.T) {
	for _, cfg := range []predict.Config{{}, {Algorithm: predict.RandomForest, Trees: 5}} {
		a, m := train(t, cfg)
		file := save(t, m)
		loaded, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Predictor.Predict(t.Context(), a.Table)
		if err != nil {
			t.Fatal(err)
		}
		got, err := loaded.Predictor.Predict(t.Context(), a.Table)
		if err != nil {
			t.Fatal(err)
		}
		for row := range want {
			if got[row].Value != want[row].Value || got[row].Low != want[row].Low || got[row].Confidence != want[row].Confidence {
				t.Fatalf("%s: row %d: got %+v, want %+v", m.Predictor.Algorithm(), row, got[row], want[row])
			}
		}
		if loaded.IDColumn != datasource.CustomerID || !loaded.CustomerRules || loaded.Profile.Rows() != a.Profile.Rows() {
			t.Errorf("got ID %q, rules %v, %d rows profiled", loaded.IDColumn, loaded.CustomerRules, loaded.Profile.Rows())
		}
		if loaded.Kinds[datasource.Profession] != datasource.Categorical || len(loaded.Kinds) != 6 {
			t.Errorf("kinds are %v", loaded.Kinds)
		}
		if !bytes.Equal(save(t, loaded), file) {
			t.Error("a loaded model is saved as another file")
		}
	}
}

var writeModels = flag.Bool("write-models", false, "write the model files of this version that are not there yet")

func TestModelFilesOfAllVersionsStayReadable(t *testing.T) {
	files := testkit.ModelFiles[*cohortlens.Model]{
		Version: 1, Save: save, Summary: summary, Make: map[string]func(testing.TB) *cohortlens.Model{},
		Load: func(file []byte) (*cohortlens.Model, error) {
			return cohortlens.LoadModel(t.Context(), bytes.NewReader(file))
		},
	}
	for name, cfg := range map[string]predict.Config{"linear": {}, "forest": {Algorithm: predict.RandomForest, Trees: 2, MaxDepth: 4}} {
		files.Make[name] = func(t testing.TB) *cohortlens.Model {
			_, m := train(t, cfg)
			return m
		}
	}
	files.Check(t, *writeModels)
}

// summary tells the predictions for some customers, and what the model knows of
// those that it was trained on.
func summary(t testing.TB, m *cohortlens.Model) string {
	t.Helper()
	customers, _, err := m.Customers(t.Context(), newCustomers(), datasource.Keep)
	if err != nil {
		t.Fatal(err)
	}
	predictions, err := m.Predictor.Predict(t.Context(), customers)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s, ID %s, kinds %v, customer rules %v\n", m.Predictor.Algorithm(), m.IDColumn, m.Kinds, m.CustomerRules)
	for _, p := range predictions {
		fmt.Fprintf(&out, "%v from %v to %v, %s, %q\n", p.Value, p.Low, p.High, p.Confidence, p.Unseen)
	}
	for _, c := range m.Profile.Columns() {
		fmt.Fprintf(&out, "%s: %d rows, %d missing, %+v\n", c.Name(), c.Rows(), c.Missing(), c.Numbers())
	}
	return out.String()
}

func newCustomers() datasource.Source {
	return text("new", "CustomerID,Age,Annual Income ($),Work Experience,Family Size,Profession,Other\n"+
		"7,30,50000,2,3,Engineer,x\n8,40,50000,2,3,Astronaut,x\n9,200,1,1,1,Artist,x\n")
}

func TestModelWithoutAProfile(t *testing.T) {
	_, m := train(t, predict.Config{})
	m.Profile = nil
	loaded, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(save(t, m)))
	if err != nil || loaded.Profile != nil {
		t.Errorf("got %v, %v", loaded, err)
	}
	if _, err := cohortlens.NewModel(&cohortlens.Analysis{}); err == nil {
		t.Error("a model without a predictor is made")
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	_, m := train(t, predict.Config{})
	file := save(t, m)
	for cut := 0; cut < len(file); cut += 1 + cut/100 {
		if _, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(file[:cut])); err == nil {
			t.Fatalf("a file cut after %d of %d bytes is read", cut, len(file))
		}
	}
	for at := 0; at < len(file); at += 1 + at/100 {
		changed := slices.Clone(file)
		changed[at] ^= 1
		if _, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(changed)); err == nil {
			t.Fatalf("a file with byte %d of %d changed is read", at, len(file))
		}
	}
	for name, broken := range map[string][]byte{
		"empty":   nil,
		"longer":  append(slices.Clone(file), '\n'),
		"endless": bytes.Repeat([]byte("x"), 3<<20),
	} {
		if _, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(broken)); err == nil || !strings.HasPrefix(err.Error(), "model: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestModelAndProfileMustFit(t *testing.T) {
	_, m := train(t, predict.Config{})
	m.Kinds = map[string]datasource.Kind{datasource.Age: datasource.Numeric}
	_, err := cohortlens.LoadModel(t.Context(), bytes.NewReader(save(t, m)))
	if err == nil || !strings.Contains(err.Error(), "model: kinds: ") {
		t.Errorf("got %v", err)
	}
}

func TestExplainAddsUp(t *testing.T) {
	for _, cfg := range []cohortlens.Config{
		{},
		{Predict: predict.Config{Algorithm: predict.RandomForest, Trees: 5}},
		{Predict: predict.Config{Algorithm: predict.RandomForest, Trees: 3}, Explain: explain.Config{Method: explain.Interventional}},
		{Explain: explain.Config{Method: explain.Permutation, Permutations: 4}},
	} {
		a, err := cohortlens.Explain(t.Context(), cohortlens.SampleData(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		predictions, err := a.Prediction.Predictor.Predict(t.Context(), a.Table)
		if err != nil {
			t.Fatal(err)
		}
		r := a.Explanation
		if r.Rows != a.Table.Rows() || len(r.Groups) != 5 {
			t.Fatalf("%d rows and %d columns are explained", r.Rows, len(r.Groups))
		}
		for row, p := range predictions {
			sum := r.Base
			for _, v := range r.Row(row) {
				sum += v
			}
			if math.Abs(sum-p.Value) > 1e-9*max(1, math.Abs(p.Value)) {
				t.Fatalf("%s: row %d: the parts sum to %v, the prediction is %v", r.Method, row, sum, p.Value)
			}
		}
	}
}

// A model explains customers who lack values, or who repeat, too.
func TestExplainByAModel(t *testing.T) {
	_, m := train(t, predict.Config{})
	a, err := cohortlens.Explain(t.Context(), newCustomers(), cohortlens.Config{Model: m})
	if err != nil {
		t.Fatal(err)
	}
	if a.Quality.Kept != 2 || a.Quality.SetAside != 1 || a.Explanation.Rows != 2 || a.IDColumn != datasource.CustomerID {
		t.Errorf("got %+v, %d rows explained", a.Quality, a.Explanation.Rows)
	}
	profession := slices.Index(a.Explanation.Groups, datasource.Profession)
	if got := a.Explanation.Row(1)[profession]; got != 0 {
		t.Errorf("a profession never seen adds %v", got)
	}
	if _, err := cohortlens.Explain(t.Context(), text("bad", "CustomerID,Age\n1,20\n"), cohortlens.Config{Model: m}); err == nil {
		t.Error("customers without the columns of the model are explained")
	}
}

// A number may be called what the indicator of a category's level is called.
func TestExplainColumnsOfLikeNames(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("id,plan=gold,plan,y\n")
	for i := range 40 {
		fmt.Fprintf(&csv, "%03d,%d,%s,%d\n", i, i*i%17, []string{"basic", "gold"}[i%2], i%7)
	}
	a := run(t, text("made up", csv.String()), cohortlens.Config{Predict: predict.Config{Target: "y"}})
	if got := fmt.Sprint(a.Explanation.Groups); got != "[plan=gold plan]" {
		t.Errorf("the columns explained are %s", got)
	}
}

func TestRunExplainsTypicalCustomers(t *testing.T) {
	a := run(t, cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	if a.Explanation.Rows != 1000 || len(a.Explained) != 1000 || !slices.IsSorted(a.Explained) || len(a.Typical) != 5 {
		t.Fatalf("%d rows explained, %d typical customers", a.Explanation.Rows, len(a.Typical))
	}
	ids, err := a.Table.Column(a.IDColumn)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range a.Typical {
		row := a.Explained[e.Row]
		if e.Segment != i || a.Segmentation.Labels[row] != i || ids.Cell(row) != e.ID {
			t.Errorf("example %d is %+v, row %d of segment %d", i, e, row, a.Segmentation.Labels[row])
		}
		if d, nearest := distance(t, a, row, i), nearestIn(t, a, i); d > nearest {
			t.Errorf("segment %d: the example is %v from its middle, another row %v", i, d, nearest)
		}
	}
	mean := run(t, cohortlens.SampleData(), cohortlens.Config{Seed: 42, Predict: predict.Config{Algorithm: predict.Mean}})
	if mean.Explanation != nil || mean.Omitted["explanation"] == "" {
		t.Errorf("the average is explained: %v", mean.Omitted)
	}
}

// distance is that of a row from the middle of a segment, in squared standard
// deviations.
func distance(t *testing.T, a *cohortlens.Analysis, row, id int) float64 {
	sum := 0.0
	scaler := a.Segmentation.Model.Scaler()
	for i, name := range scaler.Columns() {
		c, err := a.Table.NumericColumn(name)
		if err != nil {
			t.Fatal(err)
		}
		d := (c.Floats()[row] - a.Segmentation.Model.Centre(id)[i]) / scaler.Std()[i]
		sum += d * d
	}
	return sum
}

func nearestIn(t *testing.T, a *cohortlens.Analysis, id int) float64 {
	least := math.Inf(1)
	for row, label := range a.Segmentation.Labels {
		if label == id {
			least = min(least, distance(t, a, row, id)*(1+1e-9))
		}
	}
	return least
}

func TestRunGivesSegmentsIntervalsOfTheirOwn(t *testing.T) {
	cfg := cohortlens.Config{Seed: 42, Segment: segment.Config{Features: []string{datasource.Age, datasource.AnnualIncome}, K: 3}}
	a := run(t, cohortlens.SampleData(), cfg)
	groups := a.Prediction.Intervals.Groups
	if len(groups) != 3 || !strings.HasPrefix(groups[0].Group, "0: ") || groups[0].Rows != a.Segmentation.Segments[0].Size {
		t.Errorf("got %+v", groups)
	}
	if a = run(t, cohortlens.SampleData(), cohortlens.Config{Seed: 42}); len(a.Prediction.Intervals.Groups) > 0 {
		t.Errorf("segments made from the target have intervals of their own: %+v", a.Prediction.Intervals.Groups)
	}
	if a, err := cohortlens.NewModel(run(t, cohortlens.SampleData(), cfg)); err == nil || !strings.Contains(err.Error(), "further customers") {
		t.Errorf("a model that needs segments: got %v, %v", a, err)
	}
}
