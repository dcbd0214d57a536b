package predict

import (
	"fmt"
	"math"
	"slices"

	"github.com/sajari/regression"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// FromRegression makes a predictor of a regression that was trained elsewhere:
// columns names the numeric columns of a table that hold its variables, in order.
// It must have been run, and have no feature crosses.
//
// The table tells what is usual: the means stand in for missing values, and the
// ranges count for the confidence. If it has the target, then 90% intervals and the
// verdict come from the residuals of its rows without missing values. They are
// honest when the regression was not trained on these rows, and too hopeful when it
// was. Without the target, or with less than ten such rows, predictions have no
// intervals (Low and High are the value), their confidence is low, and the verdict is
// [Unjudged].
//
// A column that does not exist, or is of another kind, gives datasource's errors,
// one without any value [ErrMissing].
func FromRegression(r *regression.Regression, t *datasource.Table, target string, columns []string) (*Predictor, error) {
	coefficients := r.GetCoeffs()
	if len(coefficients) == 0 {
		return nil, fmt.Errorf("predict: a regression must be run before it can predict")
	}
	if want := len(coefficients) - 1; len(columns) != want {
		return nil, fmt.Errorf("predict: columns must name %d, one for each variable of the regression, got %d", want, len(columns))
	}
	for i, c := range coefficients {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			return nil, fmt.Errorf("predict: coefficient %d of the regression must be a finite number, got %v", i, c)
		}
	}
	cfg := Config{Target: target, Numerical: columns}
	if err := cfg.checkFeatures(); err != nil {
		return nil, err
	}
	e, err := newEncoder(t, cfg)
	if err != nil {
		return nil, err
	}
	f, err := e.apply(t)
	if err != nil {
		return nil, err
	}
	p := &Predictor{algorithm: LinearRegression, target: target, encoder: e, known: newKnown(f), verdict: Unjudged}
	p.known.add(f, 0, t.Rows())
	for i := range p.known.numbers {
		p.known.numbers[i].gaps = false // a regression does not know how to use them
	}
	if p.linear, err = centred(e, coefficients, f); err != nil {
		return nil, err
	}
	if t.Has(target) {
		err = p.calibrate(t, f)
	}
	return p, err
}

// centred writes a regression in terms of the distances from the means.
func centred(e *encoder, coefficients []float64, f features) (*linear, error) {
	mean, means := coefficients[0], make([]float64, len(f.numbers))
	for i, x := range f.numbers {
		var m stat.Moments
		m.Add(x)
		if m.Count() == 0 {
			return nil, fmt.Errorf("predict: column %q has no value: %w", e.numerical[i], ErrMissing)
		}
		means[i] = m.Mean()
		mean += coefficients[1+i] * means[i]
	}
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return nil, fmt.Errorf("predict: the prediction for the means of the columns is not finite: %w", ErrRange)
	}
	return newLinear(e, mean, slices.Clone(coefficients[1:]), means), nil
}

// calibrate takes intervals and verdict from the complete rows of a table.
func (p *Predictor) calibrate(t *datasource.Table, f features) error {
	const level, fewest = 0.9, 10
	c, err := t.NumericColumn(p.target)
	if err != nil {
		return fmt.Errorf("predict: target: %w", err)
	}
	all := newSample(c.Floats())
	p.linear.fill(all.predicted, f)
	var complete sample
	var errors errorSums
	for row, actual := range all.actual {
		lacks := slices.ContainsFunc(f.numbers, func(x []float64) bool { return math.IsNaN(x[row]) })
		if !lacks && !math.IsNaN(actual) {
			complete.actual = append(complete.actual, actual)
			complete.predicted = append(complete.predicted, all.predicted[row])
			errors.add(actual, all.predicted[row])
		}
	}
	if len(complete.actual) < fewest {
		return nil
	}
	var moments stat.Moments
	moments.Add(complete.actual)
	p.widths = newWidths(complete, ConstantWidth, level, 0)
	p.widths.spread = centralRange(complete.actual, level)
	p.verdict = NoSkill
	if spread := moments.Variance(0) * float64(moments.Count()); spread > 0 {
		p.verdict = grade(gain(errors.squared, spread))
	}
	if math.IsInf(errors.squared, 0) || math.IsNaN(errors.squared) {
		return fmt.Errorf("predict: the residuals of %s are too large: %w", p.target, ErrRange)
	}
	return nil
}
