package predict_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/predict"
)

// shopConfig is the prediction of CONTRACT section 2.
func shopConfig() predict.Config {
	return predict.Config{
		Target:      datasource.SpendingScore,
		Numerical:   []string{datasource.AnnualIncome, datasource.Age, datasource.WorkExperience, datasource.FamilySize},
		Categorical: []string{datasource.Profession},
		Seed:        42,
	}
}

// readTable reads a CSV file by the customer schema if it fits, else by inferred
// kinds.
func readTable(t testing.TB, path string) *datasource.Table {
	t.Helper()
	source := datasource.NewCSVFile(path, datasource.CSVConfig{Schema: datasource.CustomerSchema()})
	table, err := datasource.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func newTable(t testing.TB, columns ...datasource.Column) *datasource.Table {
	t.Helper()
	table, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func train(t testing.TB, table *datasource.Table, cfg predict.Config) *predict.Result {
	t.Helper()
	r, err := predict.Train(t.Context(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// near compares figures by their relative difference.
func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g (relative difference %.1e)", what, got, want, math.Abs(got-want)/math.Abs(want))
	}
}

func nearAll(t testing.TB, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d figures, want %d", what, len(got), len(want))
	}
	for i := range got {
		near(t, what+" "+strconv.Itoa(i), got[i], want[i], tolerance)
	}
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// foldFigures picks a metric from every fold.
func foldFigures(all []predict.Metrics, pick func(predict.Metrics) float64) []float64 {
	out := make([]float64, len(all))
	for i, m := range all {
		out[i] = pick(m)
	}
	return out
}

func mse(m predict.Metrics) float64 { return m.MSE }
func mae(m predict.Metrics) float64 { return m.MAE }
func r2(m predict.Metrics) float64  { return m.R2 }

// linearReference holds figures of scikit-learn's LinearRegression.
type linearReference struct {
	Columns   []string  `json:"columns"`
	Intercept float64   `json:"intercept"`
	Coef      []float64 `json:"coef"`
	CV        struct {
		MSE     []float64 `json:"mse"`
		MAE     []float64 `json:"mae"`
		R2      []float64 `json:"r2"`
		MeanMSE float64   `json:"mean_mse"`
		MeanMAE float64   `json:"mean_mae"`
		MeanR2  float64   `json:"mean_r2"`
	} `json:"cv5_contiguous"`
}

func (want linearReference) check(t *testing.T, r *predict.Result) {
	t.Helper()
	const tolerance = 1e-9
	nearAll(t, "MSE of fold", foldFigures(r.CV.PerFold, mse), want.CV.MSE, tolerance)
	nearAll(t, "MAE of fold", foldFigures(r.CV.PerFold, mae), want.CV.MAE, tolerance)
	nearAll(t, "R2 of fold", foldFigures(r.CV.PerFold, r2), want.CV.R2, tolerance)
	near(t, "mean MSE", r.CV.Mean.MSE, want.CV.MeanMSE, tolerance)
	near(t, "mean MAE", r.CV.Mean.MAE, want.CV.MeanMAE, tolerance)
	near(t, "mean R2", r.CV.Mean.R2, want.CV.MeanR2, tolerance)
	if len(r.Coefficients) != 1+len(want.Columns) {
		t.Fatalf("%d coefficients, want %d", len(r.Coefficients), 1+len(want.Columns))
	}
	near(t, "intercept", r.Coefficients[0].Value, want.Intercept, tolerance)
	for i, c := range r.Coefficients[1:] {
		if pandas := strings.Replace(c.Name, "=", "_", 1); pandas != want.Columns[i] {
			t.Errorf("column %d is %s, want %s", i, pandas, want.Columns[i])
		}
		near(t, c.Name, c.Value, want.Coef[i], tolerance)
	}
}

// The reference is make_reference.py beside it: scikit-learn 1.2.1,
// LinearRegression over pandas 1.5.3 get_dummies(drop_first=True), and
// cross_validate(cv=KFold(5)).
func TestShopCustomersEqualScikitLearn(t *testing.T) {
	data := testkit.SharedFile(t, "data", "shop_customers.csv")
	var reference map[string]json.RawMessage
	readJSON(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &reference)
	table := readTable(t, data)
	for subset, policy := range map[string]datasource.Policy{"complete_rows": datasource.Keep, "valid_rows": datasource.Drop} {
		t.Run(subset, func(t *testing.T) {
			var want struct{ Linear linearReference }
			if err := json.Unmarshal(reference[subset], &want); err != nil {
				t.Fatal(err)
			}
			rows, _, err := datasource.Prepare(t.Context(), table, datasource.CustomerSchema(), policy)
			if err != nil {
				t.Fatal(err)
			}
			r := train(t, rows, shopConfig())
			want.Linear.check(t, r)
			if r.Verdict.Level != predict.NoSkill || r.CV.Mean.R2 >= 0 {
				t.Errorf("verdict %q with R2 %v, want none with a negative one", r.Verdict.Level, r.CV.Mean.R2)
			}
		})
	}
}

// The reference is testdata/make_golden.py, which names tools and calls; the
// versions are in golden.json.
func TestSmallTableEqualsScikitLearnAndStatsmodels(t *testing.T) {
	var want struct {
		linearReference
		OLS struct {
			StdError []float64 `json:"std_error"`
			T        []float64 `json:"t"`
			P        []float64 `json:"p"`
			Low      []float64 `json:"low"`
			High     []float64 `json:"high"`
		} `json:"ols"`
	}
	readJSON(t, "testdata/golden.json", &want)
	r := train(t, readTable(t, "testdata/customers.csv"), predict.Config{Target: "Spend"})
	want.check(t, r)
	for i, c := range r.Coefficients {
		const tolerance = 1e-9
		near(t, c.Name+" standard error", c.StdError, want.OLS.StdError[i], tolerance)
		near(t, c.Name+" t", c.T, want.OLS.T[i], tolerance)
		near(t, c.Name+" p", c.P, want.OLS.P[i], tolerance)
		near(t, c.Name+" lower bound", c.Low, want.OLS.Low[i], tolerance)
		near(t, c.Name+" upper bound", c.High, want.OLS.High[i], tolerance)
	}
	if len(r.Notes) > 0 {
		t.Errorf("notes %q, want none", r.Notes)
	}
}
