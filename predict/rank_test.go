package predict_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

func setAside(r *predict.Result) map[string]string {
	out := map[string]string{}
	for _, c := range r.Coefficients {
		if c.SetAside != "" {
			out[c.Name] = c.SetAside
		}
	}
	return out
}

// finite fails when there is a NaN or an infinity anywhere in a result: JSON has
// neither.
func finite(t *testing.T, r *predict.Result) {
	t.Helper()
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("the result does not hold finite numbers only: %v", err)
	}
}

func TestDependentColumnsAreSetAside(t *testing.T) {
	base := planted(t, 400, 3, 1)
	random := rand.New(rand.NewPCG(3, 3))
	tests := []struct {
		name   string
		column datasource.Column
		want   string
	}{
		{"constant", derived(t, base, "z", func(func(string) float64) float64 { return 0.1 }), "constant"},
		{"constant up to rounding", derived(t, base, "z", func(func(string) float64) float64 { return 0.3 + 1e-17*float64(random.IntN(2)) }), "constant"},
		{"copy", derived(t, base, "z", func(get func(string) float64) float64 { return get("x1") }), "a combination of x1"},
		{"other unit", derived(t, base, "z", func(get func(string) float64) float64 { return 1e9 - get("x1")/1000 }), "a combination of x1"},
		{"sum", derived(t, base, "z", func(get func(string) float64) float64 { return get("x1") + 3*get("x2") }), "a combination of x1 and x2"},
		{"one level", datasource.Categories("z", slices.Repeat([]string{"only"}, 400)), ""},
		{"nearly a copy", derived(t, base, "z", func(get func(string) float64) float64 { return get("x1") + 0.1*random.NormFloat64() }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := train(t, with(t, base, tt.column), predict.Config{Target: "y"})
			finite(t, r)
			aside := setAside(r)
			if aside["z"] != tt.want || len(aside) > 1 {
				t.Fatalf("set aside %v, want z: %q", aside, tt.want)
			}
			if tt.want == "" {
				return
			}
			if note := "z is " + tt.want + " and takes no part in the prediction."; !slices.Equal(r.Notes, []string{note}) {
				t.Errorf("notes %q, want %q", r.Notes, note)
			}
			without := train(t, base, predict.Config{Target: "y"})
			near(t, "CV MSE", r.CV.Mean.MSE, without.CV.Mean.MSE, 1e-12)
			near(t, "standard error of x2", r.Coefficients[2].StdError, without.Coefficients[2].StdError, 1e-12)
		})
	}
}

// A column that differs from another by 2e-5 of its spread leaves a remainder that
// is a third column. That the third one follows from the two is all but lost in
// rounding, and must be seen nevertheless.
func TestIllConditionedCombinationIsSetAside(t *testing.T) {
	for seed := range uint64(10) {
		base := planted(t, 500, 1, seed)
		near := derived(t, base, "near", func(get func(string) float64) float64 { return get("x2") + 2e-5*get("x1")/30 })
		r := train(t, with(t, base, near), predict.Config{Target: "y", Numerical: []string{"x2", "near", "x1"}})
		if got, want := setAside(r), "a combination of x2 and near"; got["x1"] != want || len(got) != 1 {
			t.Errorf("seed %d: set aside %v, want x1: %q", seed, got, want)
		}
	}
}

func TestKeepFirstSetsTheLastLevelAside(t *testing.T) {
	table := planted(t, 300, 5, 4)
	kept := train(t, table, predict.Config{Target: "y", KeepFirst: true})
	if got, want := setAside(kept), "a combination of group=A and group=B"; got["group=C"] != want || len(got) != 1 {
		t.Errorf("set aside %v, want group=C: %q", got, want)
	}
	dropped := train(t, table, predict.Config{Target: "y"})
	for i, m := range kept.CV.PerFold {
		near(t, fmt.Sprintf("MSE of fold %d", i), m.MSE, dropped.CV.PerFold[i].MSE, 1e-12)
	}
}

func TestMoreColumnsThanRows(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	columns := []datasource.Column{}
	for i := range 30 {
		values := make([]float64, 12)
		for row := range values {
			values[row] = random.NormFloat64()
		}
		columns = append(columns, datasource.Numbers(fmt.Sprintf("x%d", i), values))
	}
	r := train(t, newTable(t, columns...), predict.Config{Target: "x0"})
	finite(t, r)
	if got := len(setAside(r)); got != 29-11 {
		t.Errorf("%d columns set aside, want 18: 12 rows determine 11 slopes", got)
	}
	if want := "x12, x13, x14 and 15 more: combinations of columns before them, and without a part in the prediction."; !slices.Equal(r.Notes, []string{want}) {
		t.Errorf("notes %q, want one on all columns set aside", r.Notes)
	}
	for _, c := range r.Coefficients {
		if c.StdError != 0 || c.P != 0 || c.Low != 0 || c.High != 0 {
			t.Errorf("%s is judged without degrees of freedom: %+v", c.Name, c)
		}
	}
	if r.Verdict.Level != predict.NoSkill {
		t.Errorf("verdict %q on noise", r.Verdict.Level)
	}
}

func TestConstantTarget(t *testing.T) {
	base := planted(t, 100, 1, 6)
	for _, value := range []float64{0, 0.1, -7e9} {
		table := with(t, base, derived(t, base, "y", func(func(string) float64) float64 { return value }))
		r := train(t, table, predict.Config{Target: "y"})
		finite(t, r)
		if r.CV.Mean != (predict.Metrics{R2: 1, Rows: 100}) {
			t.Errorf("metrics %+v, want no error and R2 1", r.CV.Mean)
		}
		if r.Verdict.Level != predict.NoSkill || r.Verdict.Skill != 0 {
			t.Errorf("verdict %+v, want none", r.Verdict)
		}
		if r.Intervals.HalfWidth != 0 || r.Intervals.Coverage != 1 {
			t.Errorf("intervals %+v, want no width and full coverage", r.Intervals)
		}
	}
}

func TestPerfectFit(t *testing.T) {
	r := train(t, planted(t, 200, 0, 7), predict.Config{Target: "y"})
	finite(t, r)
	for i, want := range []float64{10, 0.5, -4, 7, 14} {
		c := r.Coefficients[i]
		near(t, c.Name, c.Value, want, 1e-11)
		if c.StdError != 0 || c.Low != c.Value || c.High != c.Value {
			t.Errorf("%s of a perfect fit: %+v, want no error", c.Name, c)
		}
	}
	if r.Verdict.Level != predict.StrongSkill {
		t.Errorf("verdict %q, want strong", r.Verdict.Level)
	}
}

// An offset changes the intercept and nothing else. The numbers are rounded so
// that adding the offset is exact.
func TestHugeOffsets(t *testing.T) {
	round := func(v float64) float64 { return math.Round(v*256) / 256 }
	base := planted(t, 300, 10, 8)
	shifted := base
	for _, name := range []string{"x1", "x2", "y"} {
		base = with(t, base, derived(t, base, name, func(get func(string) float64) float64 { return round(get(name)) }))
		shifted = with(t, shifted, derived(t, base, name, func(get func(string) float64) float64 { return get(name) + 1e12 }))
	}
	want, got := train(t, base, predict.Config{Target: "y"}), train(t, shifted, predict.Config{Target: "y"})
	finite(t, got)
	for i, c := range got.Coefficients[1:] {
		near(t, c.Name, c.Value, want.Coefficients[i+1].Value, 1e-9)
		near(t, c.Name+" standard error", c.StdError, want.Coefficients[i+1].StdError, 1e-5)
	}
	near(t, "R2", got.CV.Mean.R2, want.CV.Mean.R2, 1e-5)
}

// Whatever the scale of the numbers, the result is finite or an error.
func TestNoScaleGivesNaN(t *testing.T) {
	base := planted(t, 60, 3, 9)
	scaled := func(table *datasource.Table, name string, exponent int) *datasource.Table {
		factor := math.Pow(10, float64(exponent))
		return with(t, table, derived(t, base, name, func(get func(string) float64) float64 { return get(name) * factor }))
	}
	exponents := []int{-320, -306, -200, -161, -155, -100, 0, 100, 135, 139, 149, 200, 305}
	for _, x := range exponents {
		for _, y := range exponents {
			table := scaled(scaled(base, "x1", x), "y", y)
			r, err := predict.Train(t.Context(), table, predict.Config{Target: "y"})
			if err == nil {
				finite(t, r)
			} else if !errors.Is(err, predict.ErrRange) {
				t.Errorf("scales 1e%d and 1e%d: %v", x, y, err)
			}
			if small := x < 137 && y < 137; small != (err == nil) {
				t.Errorf("scales 1e%d and 1e%d: error %v", x, y, err)
			}
		}
	}
}
