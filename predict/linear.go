package predict

import (
	"context"
	"math"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// linear is a fitted linear model in centred form, which keeps its digits when
// columns have large offsets: a prediction is the mean of the target plus what
// each column adds to it. A value that is missing or unknown adds nothing, as
// the training mean of a number or the training shares of the levels would.
type linear struct {
	mean          float64
	centre, slope []float64   // by encoded column, numbers first
	effects       [][]float64 // by category, and then by level
}

// newLinear spreads the coefficients of the encoded columns; means holds the
// means of these columns.
func newLinear(e *encoder, mean float64, coefficients, means []float64) *linear {
	m := &linear{mean: mean, slope: coefficients, centre: means}
	at := len(e.numerical)
	for _, c := range e.categories {
		effects := make([]float64, len(c.levels))
		average := 0.0
		for level := e.dropped(); level < len(c.levels); level++ {
			effects[level] = coefficients[at]
			average += coefficients[at] * means[at]
			at++
		}
		for level := range effects {
			effects[level] -= average
		}
		m.effects = append(m.effects, effects)
	}
	return m
}

// intercept returns the prediction for a row of zeros.
func (m *linear) intercept() float64 {
	v := m.mean
	for i, slope := range m.slope {
		v -= slope * m.centre[i]
	}
	return v
}

func (m *linear) install(p *Predictor) { p.linear = m }

func (m *linear) predict(_ context.Context, s sample, f features) { m.fill(s.predicted, f) }

// fill sets dst to the predictions for as many rows.
func (m *linear) fill(dst []float64, f features) {
	for i := range dst {
		dst[i] = m.mean
	}
	var columns [MaxColumns][]float64
	var slopes, centres [MaxColumns]float64
	used := 0
	for j, x := range f.numbers {
		if m.slope[j] != 0 {
			columns[used], slopes[used], centres[used] = x, m.slope[j], m.centre[j]
			used++
		}
	}
	kernel.AddSlopes(dst, columns[:used], slopes[:used], centres[:used])
	for j, codes := range f.codes {
		effects := m.effects[j]
		for i, code := range codes {
			if code >= 0 {
				dst[i] += effects[code]
			}
		}
	}
}

// predictRow returns what predict does for a single row.
func (m *linear) predictRow(numbers []float64, codes []int32) float64 {
	value := m.mean
	for j, v := range numbers {
		if slope := m.slope[j]; slope != 0 && !math.IsNaN(v) {
			value += slope * (v - m.centre[j])
		}
	}
	for j, code := range codes {
		if code >= 0 {
			value += m.effects[j][code]
		}
	}
	return value
}

// evaluate fills dst with the predictions for rows of encoded columns, which x
// holds one after the other.
func (m *linear) evaluate(dst, x []float64) {
	width := len(m.slope)
	for i := range dst {
		v := m.mean
		for j, value := range x[i*width : (i+1)*width] {
			if !math.IsNaN(value) {
				v += m.slope[j] * (value - m.centre[j])
			}
		}
		dst[i] = v
	}
}
