package predict

import (
	"math"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Metrics measures predictions against actual values. MSE, MAE and RMSE are in
// the target's unit (MSE in its square). R2 is 1 - MSE / variance of the actual
// values; for a constant target it is 1 when every prediction is right and 0
// otherwise, as in scikit-learn. It is finite: at least -1e100.
type Metrics struct {
	MSE  float64 `json:"mse"`
	MAE  float64 `json:"mae"`
	R2   float64 `json:"r2"`
	RMSE float64 `json:"rmse"`
	Rows int     `json:"rows"`
}

// errorSums accumulates what metrics are made of.
type errorSums struct {
	rows               int
	squared, absolutes float64
}

func (s *errorSums) add(actual, predicted float64) {
	miss := actual - predicted
	s.rows++
	s.squared += miss * miss
	s.absolutes += math.Abs(miss)
}

func (s *errorSums) addAll(actual, predicted []float64) {
	squares, absolutes := kernel.Misses(actual, predicted)
	s.merge(errorSums{len(actual), squares, absolutes})
}

func (s *errorSums) merge(other errorSums) {
	s.rows += other.rows
	s.squared += other.squared
	s.absolutes += other.absolutes
}

// metrics takes the sum of squared deviations of the actual values from their
// mean.
func (s *errorSums) metrics(spread float64) Metrics {
	n := float64(s.rows)
	m := Metrics{MSE: s.squared / n, MAE: s.absolutes / n, Rows: s.rows}
	m.RMSE = math.Sqrt(m.MSE)
	switch {
	case spread > 0:
		m.R2 = gain(s.squared, spread)
	case s.squared == 0:
		m.R2 = 1
	}
	return m
}

// gain returns 1 - missed / baseline, at least -1e100, so that sums and squares of
// gains stay finite where a baseline is all but zero.
func gain(missed, baseline float64) float64 { return max(-1e100, 1-missed/baseline) }

// meanMetrics averages metrics and adds up their rows.
func meanMetrics(all []Metrics) Metrics {
	var sum Metrics
	for _, m := range all {
		sum.MSE += m.MSE
		sum.MAE += m.MAE
		sum.R2 += m.R2
		sum.RMSE += m.RMSE
		sum.Rows += m.Rows
	}
	n := float64(len(all))
	return Metrics{sum.MSE / n, sum.MAE / n, sum.R2 / n, sum.RMSE / n, sum.Rows}
}
