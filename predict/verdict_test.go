package predict

import (
	"math"
	"testing"
)

// folds makes a cross-validation from the MSE of predictor and baseline by fold.
func folds(r2 float64, pairs ...[2]float64) CrossValidation {
	cv := CrossValidation{Folds: len(pairs)}
	for _, p := range pairs {
		cv.PerFold = append(cv.PerFold, Metrics{MSE: p[0], MAE: 0.8 * math.Sqrt(p[0]), RMSE: math.Sqrt(p[0]), R2: r2, Rows: 10})
		cv.BaselinePerFold = append(cv.BaselinePerFold, Metrics{MSE: p[1], MAE: 0.8 * math.Sqrt(p[1]), RMSE: math.Sqrt(p[1]), Rows: 10})
	}
	cv.Mean, cv.Baseline = meanMetrics(cv.PerFold), meanMetrics(cv.BaselinePerFold)
	return cv
}

func TestVerdicts(t *testing.T) {
	const (
		seen   = "for customers it had not seen, squared errors were "
		missed = "; the predictor missed Spend by "
	)
	tests := []struct {
		name  string
		cv    CrossValidation
		level Level
		skill float64
		text  string
	}{
		{"worse", folds(-0.2, [2]float64{121, 100}, [2]float64{121, 100}), NoSkill, -0.21,
			"No better than predicting the average: " + seen + "21% larger" + missed + "8.80 on average, the plain average by 8.00."},
		{"far worse", folds(-20, [2]float64{2500, 100}, [2]float64{2500, 100}), NoSkill, -24,
			"No better than predicting the average: " + seen + "more than 10 times as large" + missed + "40.0 on average, the plain average by 8.00."},
		{"the same", folds(0, [2]float64{100, 100}, [2]float64{100, 100}), NoSkill, 0,
			"No better than predicting the average: " + seen + "just as large" + missed + "8.00 on average, the plain average by 8.00."},
		{"negative R2", folds(-0.01, [2]float64{99, 100}, [2]float64{99, 100}), NoSkill, 0.01,
			"No better than predicting the average: " + seen + "1% smaller, but the mean R² was not above 0" + missed + "7.96 on average, the plain average by 8.00."},
		{"chance", folds(0.1, [2]float64{50, 100}, [2]float64{110, 100}), NoSkill, 0.2,
			"No better than predicting the average: " + seen + "20% smaller, which chance can explain" + missed + "7.02 on average, the plain average by 8.00."},
		{"weak", folds(0.05, [2]float64{95, 100}, [2]float64{94, 100}), WeakSkill, 0.055,
			"Slightly better than predicting the average: " + seen + "6% smaller" + missed + "7.78 on average, the plain average by 8.00."},
		{"useful", folds(0.4, [2]float64{60, 100}, [2]float64{50, 100}), UsefulSkill, 0.45,
			"Clearly better than predicting the average: " + seen + "45% smaller" + missed + "5.93 on average, the plain average by 8.00."},
		{"strong", folds(0.9, [2]float64{4e6, 1e10}, [2]float64{4e6, 1e10}), StrongSkill, 0.9996,
			"Much better than predicting the average: " + seen + "99% smaller" + missed + "1,600 on average, the plain average by 80,000."},
		{"a fold of large errors", folds(0.6, [2]float64{10, 100}, [2]float64{850, 1500}), UsefulSkill, 0.4625,
			"Clearly better than predicting the average: " + seen + "46% smaller" + missed + "12.9 on average, the plain average by 19.5."},
		{"folds without spread", folds(1, [2]float64{0, 0}, [2]float64{1, 0}, [2]float64{0, 0}), NoSkill, -1,
			"No better than predicting the average: " + seen + "100% larger" + missed + "0.267 on average, the plain average by 0."},
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

// The standard error of a ratio of means, in Python 3.11.7: with m and b the MSE
// by fold of predictor and baseline, and r = fmean(m)/fmean(b),
// statistics.stdev([x - r*y for x, y in zip(m, b)]) / fmean(b) / sqrt(len(m)).
// It stays finite where the baseline is all but without error.
func TestSkillError(t *testing.T) {
	for _, tt := range []struct {
		cv   CrossValidation
		want float64
	}{
		{folds(0.2, [2]float64{90, 100}, [2]float64{60, 100}, [2]float64{80, 100}), 0.0881917103688197},
		{folds(0.2, [2]float64{117, 472}, [2]float64{135, 488}, [2]float64{1030, 1324}), 0.1884137881716485},
		{folds(-1, [2]float64{math.MaxFloat64 / 4, 1e-320}, [2]float64{1, 3e-320}), 5e99},
	} {
		if v := newVerdict(tt.cv, "Spend", false); !(math.Abs(v.SkillError-tt.want) <= 1e-13*tt.want) {
			t.Errorf("standard error %v, want %v", v.SkillError, tt.want)
		}
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
