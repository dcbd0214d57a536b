package predict_test

import (
	"testing"

	"github.com/cohortlens/cohortlens/predict"
)

type ridgeReference struct {
	Ridge []struct {
		Alpha     float64   `json:"alpha"`
		Slopes    []float64 `json:"slopes"`
		Intercept float64   `json:"intercept"`
		MSE       []float64 `json:"mse"`
		R2        []float64 `json:"r2"`
	} `json:"ridge"`
	BestAlpha float64 `json:"best_alpha"`
}

// The reference is testdata/make_ridge_golden.py, which names tools and calls; the
// versions are in ridge.json.
func TestRidgeEqualsScikitLearn(t *testing.T) {
	var want ridgeReference
	readJSON(t, "testdata/ridge.json", &want)
	table := readTable(t, "testdata/customers.csv")
	for _, w := range want.Ridge {
		r := train(t, table, predict.Config{Target: "Spend", Algorithm: predict.Ridge, RidgeAlpha: w.Alpha})
		const tolerance = 1e-9
		near(t, "intercept", r.Coefficients[0].Value, w.Intercept, tolerance)
		for i, slope := range w.Slopes {
			near(t, r.Coefficients[i+1].Name, r.Coefficients[i+1].Value, slope, tolerance)
		}
		nearAll(t, "MSE of fold", foldFigures(r.CV.PerFold, mse), w.MSE, tolerance)
		nearAll(t, "R2 of fold", foldFigures(r.CV.PerFold, r2), w.R2, tolerance)
		near(t, "alpha", r.RidgeAlpha, w.Alpha, 0)
	}
	chosen := train(t, table, predict.Config{Target: "Spend", Algorithm: predict.Ridge})
	near(t, "chosen alpha", chosen.RidgeAlpha, want.BestAlpha, 1e-12)
}

// Where columns say the same twice, ridge shares what least squares cannot.
func TestRidgeSharesBetweenCopies(t *testing.T) {
	base := planted(t, 400, 3, 1)
	table := with(t, base, derived(t, base, "copy", func(get func(string) float64) float64 { return get("x1") }))
	r := train(t, table, predict.Config{Target: "y", Algorithm: predict.Ridge, RidgeAlpha: 1})
	finite(t, r)
	values := map[string]float64{}
	for _, c := range r.Coefficients {
		values[c.Name] = c.Value
		if c.SetAside != "" {
			t.Errorf("%s was set aside as %s", c.Name, c.SetAside)
		}
	}
	near(t, "copy", values["copy"], values["x1"], 1e-9)
	near(t, "x1", values["x1"]+values["copy"], 0.5, 0.02)
}
