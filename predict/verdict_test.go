package predict

import (
	"math"
	"testing"
)

// folds makes a cross-validation from the MSE of predictor and baseline by fold.
func folds(r2 float64, pairs ...[2]float64) CrossValidation {
	cv := CrossValidation{Folds: len(pairs)}
	for _, p := range pairs {
		cv.PerFold = append(cv.PerFold, Metrics{MSE: p[0], RMSE: math.Sqrt(p[0]), R2: r2, Rows: 10})
		cv.BaselinePerFold = append(cv.BaselinePerFold, Metrics{MSE: p[1], RMSE: math.Sqrt(p[1]), Rows: 10})
	}
	cv.Mean, cv.Baseline = meanMetrics(cv.PerFold), meanMetrics(cv.BaselinePerFold)
	return cv
}

func TestVerdicts(t *testing.T) {
	const seen = "for customers it had not seen, the typical error in Spend was "
	tests := []struct {
		name  string
		cv    CrossValidation
		level Level
		skill float64
		text  string
	}{
		{"worse", folds(-0.2, [2]float64{121, 100}, [2]float64{121, 100}), NoSkill, -0.21,
			"No better than predicting the average: " + seen + "11.0 with the predictor and 10.0 with the plain average."},
		{"negative R2", folds(-0.01, [2]float64{99, 100}, [2]float64{99, 100}), NoSkill, 0.01,
			"No better than predicting the average: " + seen + "9.95 with the predictor and 10.0 with the plain average."},
		{"chance", folds(0.1, [2]float64{50, 100}, [2]float64{110, 100}), NoSkill, 0.2,
			"No better than predicting the average: " + seen + "8.78 with the predictor and 10.0 with the plain average, a gain that chance can explain."},
		{"weak", folds(0.05, [2]float64{95, 100}, [2]float64{94, 100}), WeakSkill, 0.055,
			"Slightly better than predicting the average: " + seen + "9.72 with the predictor and 10.0 with the plain average; it explains about 6% of the differences between customers."},
		{"useful", folds(0.4, [2]float64{60, 100}, [2]float64{50, 100}), UsefulSkill, 0.45,
			"Clearly better than predicting the average: " + seen + "7.41 with the predictor and 10.0 with the plain average; it explains about 45% of the differences between customers."},
		{"strong", folds(0.9, [2]float64{4e6, 1e10}, [2]float64{4e6, 1e10}), StrongSkill, 0.9996,
			"Much better than predicting the average: " + seen + "2,000 with the predictor and 100,000 with the plain average; it explains about 99% of the differences between customers."},
		{"folds without spread", folds(1, [2]float64{0, 0}, [2]float64{1, 0}, [2]float64{0, 0}), NoSkill, -1.0 / 3,
			"No better than predicting the average: " + seen + "0.333 with the predictor and 0 with the plain average."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVerdict(tt.cv, "Spend", false)
			if v.Level != tt.level || math.Abs(v.Skill-tt.skill) > 1e-12 {
				t.Errorf("level %q, skill %v, want %q, %v", v.Level, v.Skill, tt.level, tt.skill)
			}
			if v.Text != tt.text {
				t.Errorf("text %q\nwant %q", v.Text, tt.text)
			}
		})
	}
}

// The standard error is that of a mean: numpy.std(s, ddof=1) / sqrt(len(s)) of
// 0.1, 0.4 and 0.2 is 0.0881917103688197 (NumPy 2.4.6).
func TestSkillError(t *testing.T) {
	v := newVerdict(folds(0.2, [2]float64{90, 100}, [2]float64{60, 100}, [2]float64{80, 100}), "Spend", false)
	if math.Abs(v.SkillError-0.0881917103688197) > 1e-14 {
		t.Errorf("standard error %v", v.SkillError)
	}
}

func TestGainIsFinite(t *testing.T) {
	for _, tt := range []struct{ missed, baseline, want float64 }{
		{25, 100, 0.75}, {300, 100, -2}, {1e300, 1e-300, -1e100}, {math.MaxFloat64, 1e-320, -1e100},
	} {
		if got := gain(tt.missed, tt.baseline); got != tt.want {
			t.Errorf("gain(%v, %v) = %v, want %v", tt.missed, tt.baseline, got, tt.want)
		}
	}
}

func TestFigures(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "0.0123": 0.01234, "0.00100": 0.001, "1.23": 1.2345, "28.1": 28.11, "9.99": 9.994, "10.0": 9.996,
		"100": 99.96, "123": 123.4, "1,235": 1234.5678, "45,834": 45833.86, "1,234,568": 1234567.8,
		"1.00e-05": 0.00001, "1.50e+20": 1.5e20, "4.00e+300": 4e300,
	} {
		if got := figure(v); got != want {
			t.Errorf("figure(%v) = %q, want %q", v, got, want)
		}
	}
}
