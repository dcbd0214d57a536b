package insights_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

func newTable(t testing.TB, columns ...datasource.Column) *datasource.Table {
	t.Helper()
	table, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// near compares with a tolerance relative to the figure, or absolute below 1.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

// pandasDescription is what DataFrame.describe() says of a column.
type pandasDescription struct {
	Count, Mean, Std, Min, Max float64
	Q25                        float64 `json:"25%"`
	Q50                        float64 `json:"50%"`
	Q75                        float64 `json:"75%"`
}

func (want pandasDescription) check(t *testing.T, got insights.Description, tolerance float64) {
	t.Helper()
	near(t, got.Column+" count", float64(got.Count), want.Count, 0)
	near(t, got.Column+" mean", got.Mean, want.Mean, tolerance)
	near(t, got.Column+" std", got.Std, want.Std, tolerance)
	near(t, got.Column+" min", got.Min, want.Min, 0)
	near(t, got.Column+" 25%", got.Q25, want.Q25, tolerance)
	near(t, got.Column+" 50%", got.Median, want.Q50, tolerance)
	near(t, got.Column+" 75%", got.Q75, want.Q75, tolerance)
	near(t, got.Column+" max", got.Max, want.Max, 0)
}

// The reference is make_reference.py beside it: pandas 1.5.3, describe() and
// corr(), written with ten decimals.
func TestShopCustomersEqualPandas(t *testing.T) {
	path := testkit.SharedFile(t, "data", "shop_customers.csv")
	var reference map[string]json.RawMessage
	readJSON(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &reference)
	source := datasource.NewCSVFile(path, datasource.CSVConfig{Schema: datasource.CustomerSchema()})
	all, err := datasource.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	for subset, policy := range map[string]datasource.Policy{"complete_rows": datasource.Keep, "valid_rows": datasource.Drop} {
		t.Run(subset, func(t *testing.T) {
			table, _, err := datasource.Prepare(t.Context(), all, datasource.CustomerSchema(), policy)
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Describe map[string]pandasDescription
				Pearson  map[string]map[string]float64
				Savings  struct {
					Mean   float64   `json:"mean_of_finite"`
					First5 []float64 `json:"first5"`
				} `json:"savings_percent"`
			}
			if err := json.Unmarshal(reference[subset], &want); err != nil {
				t.Fatal(err)
			}
			checkDescriptions(t, table, want.Describe)
			checkCorrelation(t, table, want.Pearson)
			s, err := insights.ComputeSavings(table, insights.InferRoles(table), insights.SavingsConfig{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "mean savings", s.Mean, want.Savings.Mean, 1e-12)
			for i, v := range want.Savings.First5 {
				near(t, fmt.Sprint("saving ", i), s.Percent[i], v, 1e-12)
			}
		})
	}
}

func checkDescriptions(t *testing.T, table *datasource.Table, want map[string]pandasDescription) {
	t.Helper()
	got, err := insights.Describe(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 5 {
		t.Errorf("%d columns described, want the 5 numeric ones", len(got))
	}
	for _, d := range got {
		want[d.Column].check(t, d, 1e-10)
	}
}

func checkCorrelation(t *testing.T, table *datasource.Table, want map[string]map[string]float64) {
	t.Helper()
	got, err := insights.Correlate(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range got.Columns {
		for j, b := range got.Columns {
			near(t, a+" with "+b, got.R[i][j], want[a][b], 1e-10)
		}
	}
}

// The reference is testdata/make_golden.py; versions are in golden.json.
func TestSmallTableEqualsPandas(t *testing.T) {
	var want struct {
		Table    map[string][]*float64
		Describe map[string]pandasDescription
		Pearson  [][]float64
	}
	readJSON(t, "testdata/golden.json", &want)
	names := []string{"a", "b", "c", "far"}
	var columns []datasource.Column
	for _, name := range names {
		var values []float64
		for _, v := range want.Table[name] {
			if v == nil {
				values = append(values, math.NaN())
				continue
			}
			values = append(values, *v)
		}
		columns = append(columns, datasource.Numbers(name, values))
	}
	table := newTable(t, columns...)
	descriptions, err := insights.Describe(t.Context(), table, names...)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		want.Describe[name].check(t, descriptions[i], 1e-12)
	}
	correlation, err := insights.Correlate(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		for j := range names {
			near(t, names[i]+" with "+names[j], correlation.R[i][j], want.Pearson[i][j], 1e-12)
		}
	}
}
