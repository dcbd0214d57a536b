package insights_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// goldenNumbers and goldenLevels are comparisons in testdata/drift.json: SciPy
// 1.17.1 and NumPy 2.4.6, by make_drift.py beside it, which names the calls.
type goldenNumbers struct {
	A, B             []float64
	KS               float64
	PExact           float64  `json:"p_exact"`
	PAsymptotic      *float64 `json:"p_asymptotic"`
	Wasserstein, PSI float64
	Mean             [2]float64
	Std              [2]*float64
}

type goldenLevels struct {
	A, B         []string
	Chi2, P, PSI float64
	DoF          int
	CramersV     float64 `json:"cramers_v"`
}

// tenDigits compares relative to the figure.
func tenDigits(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*math.Abs(want)+1e-14) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

func check(t testing.TB, baseline, current *insights.Profile, cfg insights.DriftConfig) *insights.Drift {
	t.Helper()
	d, err := insights.CheckDrift(baseline, current, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// compare checks one column of two tables.
func compare(t testing.TB, a, b datasource.Column) insights.ColumnDrift {
	t.Helper()
	d := check(t, profile(t, newTable(t, a), insights.ProfileConfig{}), profile(t, newTable(t, b), insights.ProfileConfig{}), insights.DriftConfig{})
	if len(d.Columns) != 1 {
		t.Fatalf("%d columns were compared", len(d.Columns))
	}
	return d.Columns[0]
}

func TestNumbersEqualSciPy(t *testing.T) {
	var golden struct{ Numbers []goldenNumbers }
	readJSON(t, "testdata/drift.json", &golden)
	if len(golden.Numbers) != 50 {
		t.Fatalf("%d pairs, want 50", len(golden.Numbers))
	}
	for i, want := range golden.Numbers {
		name := fmt.Sprintf("pair %d of %d and %d: ", i, len(want.A), len(want.B))
		got := compare(t, datasource.Numbers("x", want.A), datasource.Numbers("x", want.B))
		n := got.Numbers
		tenDigits(t, name+"KS", n.KS, want.KS)
		tenDigits(t, name+"exact p", n.PExact, want.PExact)
		if want.PAsymptotic != nil {
			tenDigits(t, name+"asymptotic p", n.PAsymptotic, *want.PAsymptotic)
		}
		tenDigits(t, name+"Wasserstein", n.Wasserstein, want.Wasserstein)
		tenDigits(t, name+"PSI", got.PSI, want.PSI)
		for side, s := range []insights.NumberSummary{n.Baseline, n.Current} {
			tenDigits(t, name+"mean", s.Mean, want.Mean[side])
			if std := want.Std[side]; std != nil {
				tenDigits(t, name+"standard deviation", s.Std, *std)
			} else if !math.IsNaN(s.Std) {
				t.Errorf("%s: a standard deviation of one value, %v", name, s.Std)
			}
		}
	}
}

func TestLevelsEqualSciPy(t *testing.T) {
	var golden struct{ Levels []goldenLevels }
	readJSON(t, "testdata/drift.json", &golden)
	if len(golden.Levels) != 50 {
		t.Fatalf("%d pairs, want 50", len(golden.Levels))
	}
	for i, want := range golden.Levels {
		name := fmt.Sprintf("pair %d of %d and %d: ", i, len(want.A), len(want.B))
		got := compare(t, datasource.Categories("c", want.A), datasource.Categories("c", want.B))
		tenDigits(t, name+"chi-squared", got.Levels.ChiSquared, want.Chi2)
		tenDigits(t, name+"p", got.Levels.P, want.P)
		tenDigits(t, name+"Cramér's V", got.Levels.CramersV, want.CramersV)
		tenDigits(t, name+"PSI", got.PSI, want.PSI)
		if got.Levels.Freedom != want.DoF {
			t.Errorf("%s: %d degrees of freedom, want %d", name, got.Levels.Freedom, want.DoF)
		}
	}
}

// The reference is make_reference.py beside it: the first half of the rows against
// the second, by SciPy.
func TestDriftOfShopCustomersEqualsSciPy(t *testing.T) {
	path := testkit.SharedFile(t, "data", "shop_customers.csv")
	var reference map[string]json.RawMessage
	readJSON(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &reference)
	all, err := datasource.Load(t.Context(), datasource.NewCSVFile(path, datasource.CSVConfig{Schema: datasource.CustomerSchema()}))
	if err != nil {
		t.Fatal(err)
	}
	for subset, policy := range map[string]datasource.Policy{"complete_rows": datasource.Keep, "valid_rows": datasource.Drop} {
		table, _, err := datasource.Prepare(t.Context(), all, datasource.CustomerSchema(), policy)
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Drift map[string]struct {
				KS, Wasserstein, Chi2, P float64
				PAsymptotic              float64 `json:"p_asymp"`
				PExact                   float64 `json:"p_exact"`
				PSI                      float64 `json:"psi_deciles_of_first_half_clip_1e-4"`
			} `json:"drift_first_half_vs_second_half"`
		}
		if err := json.Unmarshal(reference[subset], &want); err != nil {
			t.Fatal(err)
		}
		first, second := halves(table)
		d := check(t, profile(t, first, insights.ProfileConfig{}), profile(t, second, insights.ProfileConfig{}), insights.DriftConfig{})
		if len(d.Columns) != 7 || len(want.Drift) != 7 {
			t.Fatalf("%s: %d columns, want %d", subset, len(d.Columns), len(want.Drift))
		}
		for _, c := range d.Columns {
			name, w := subset+", "+c.Column+": ", want.Drift[c.Column]
			if c.Levels != nil {
				tenDigits(t, name+"chi-squared", c.Levels.ChiSquared, w.Chi2)
				tenDigits(t, name+"p", c.Levels.P, w.P)
				continue
			}
			tenDigits(t, name+"KS", c.Numbers.KS, w.KS)
			tenDigits(t, name+"asymptotic p", c.Numbers.PAsymptotic, w.PAsymptotic)
			tenDigits(t, name+"exact p", c.Numbers.PExact, w.PExact)
			tenDigits(t, name+"Wasserstein", c.Numbers.Wasserstein, w.Wasserstein)
			tenDigits(t, name+"PSI", c.PSI, w.PSI)
		}
	}
}

func halves(table *datasource.Table) (first, second *datasource.Table) {
	rows := make([]int, table.Rows())
	for i := range rows {
		rows[i] = i
	}
	half := len(rows) / 2
	return table.Take(rows[:half]), table.Take(rows[half:])
}
