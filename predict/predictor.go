package predict

import (
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
)

// Predictor is a fitted model with the encoding that it was trained on. It is
// immutable and safe for concurrent use.
type Predictor struct {
	target    string
	encoder   *encoder
	model     *linear
	halfWidth float64
}

// Prediction is one predicted value with its interval, in the target's unit.
type Prediction struct {
	Value, Low, High float64
	// Unseen names the columns whose value the predictor could not use: a
	// level that it has not been trained on, or none. See
	// [Predictor.Predict].
	Unseen []string
}

// Predict predicts the target for each row of a table, in order. The table needs
// the predictor's features, by name and kind; the target and other columns are
// not looked at.
//
// Where a number is missing, the training mean stands in for it; where a
// category is missing or was not seen in training, the training shares of its
// levels do. So the prediction is that for a customer who is average in this
// respect, and Unseen says so.
//
// Values are as the model has them, and may lie outside the range of the target.
// A missing column is a *datasource.ColumnError, one of another kind a
// *datasource.KindError. It is an [ErrRange] when numbers are so large that a
// prediction would not be finite. Cost is linear in cells.
func (p *Predictor) Predict(t *datasource.Table) ([]Prediction, error) {
	f, err := p.encoder.apply(t)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	values := make([]float64, t.Rows())
	p.model.predict(values, f, 0)
	out := make([]Prediction, len(values))
	for row, v := range values {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, fmt.Errorf("predict: line %d: the prediction of %s is not finite: %w", t.Line(row), p.target, ErrRange)
		}
		out[row] = Prediction{Value: v, Low: v - p.halfWidth, High: v + p.halfWidth, Unseen: p.encoder.unknown(f, row)}
	}
	return out, nil
}

// Target returns the name of the predicted column.
func (p *Predictor) Target() string { return p.target }

// Features returns the columns that a table to predict from must have, numerical
// ones first.
func (p *Predictor) Features() []string { return p.encoder.names() }

// Columns returns the encoded columns, in the order of the coefficients.
func (p *Predictor) Columns() []EncodedColumn { return p.encoder.columns() }
