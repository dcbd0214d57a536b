package predict

import (
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/tree"
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
	p.model.predict(values, f)
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

// Encode returns the rows of a table as the predictor computes with them, one
// after the other: table.Rows() x len(p.Columns()) values. An indicator is 0 or 1.
// A missing number is NaN; a level that is missing, or was not seen in training,
// makes all indicators of its category NaN. The errors are those of
// [Predictor.Predict].
func (p *Predictor) Encode(t *datasource.Table) ([]float64, error) {
	f, err := p.encoder.apply(t)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	x := make([]float64, t.Rows()*p.encoder.width())
	p.encoder.encode(x, f)
	return x, nil
}

// Evaluate sets dst to the predictions for len(dst) encoded rows, which x holds
// one after the other as [Predictor.Encode] makes them. It allocates nothing. The
// predictions differ from those of Predict by no more than rounding.
func (p *Predictor) Evaluate(dst, x []float64) { p.model.evaluate(dst, x) }

// Linear returns a linear predictor as a sum: the prediction for an encoded row x
// is base plus, for each column i, slopes[i] * (x[i] - centres[i]), to which a NaN
// adds nothing. The centres are the training means. ok is false for a predictor
// that is not linear.
func (p *Predictor) Linear() (base float64, centres, slopes []float64, ok bool) {
	return p.model.mean, slices.Clone(p.model.centre), slices.Clone(p.model.slope), true
}

// Trees returns the trees of a forest, which must not be changed, and nil for any
// other predictor.
func (p *Predictor) Trees() *tree.Ensemble { return nil }
