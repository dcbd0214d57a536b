package predict

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// Predictor is a fitted model with the encoding that it was trained on. It is
// immutable and safe for concurrent use.
type Predictor struct {
	algorithm Algorithm
	target    string
	encoder   *encoder
	linear    *linear // nil for a forest
	forest    *forest // nil for a linear model

	widths  widths
	groups  category // of the widths; without a name when there are none
	known   known
	verdict Level
}

// Prediction is one predicted value with its interval, in the target's unit.
type Prediction struct {
	Value, Low, High float64
	Confidence       Confidence
	// Unseen names the columns whose value the predictor could not use: a
	// level that it has not been trained on, or none. See
	// [Predictor.Predict].
	Unseen []string
}

// Predict predicts the target for each row of a table, in order. The table needs
// the predictor's features, by name and kind; the target and other columns are
// not looked at.
//
// For a linear predictor the training mean stands in for a number that is
// missing; for a category that is missing or was not seen in training the
// training shares of its levels do. So the prediction is that for a customer who
// is average in this respect, and Unseen says so. A forest sends such a row to
// the side of each split that training found for missing values, or to the one of
// more rows where none were missing; Unseen names the column unless training had
// rows that lack it too.
//
// Values are as the model has them, and may lie outside the range of the target.
// A missing column is a *datasource.ColumnError, one of another kind a
// *datasource.KindError. It is an [ErrRange] when numbers are so large that a
// prediction would not be finite. Cost is linear in cells, for a forest in rows
// times trees times their depth; the work is spread over all cores. The error is ctx's
// when ctx ends, after 100 ms at most.
func (p *Predictor) Predict(ctx context.Context, t *datasource.Table) ([]Prediction, error) {
	f, err := p.encoder.apply(t)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	var groups []int32
	if p.groups.name != "" {
		c, err := t.CategoricalColumn(p.groups.name)
		if err != nil {
			return nil, fmt.Errorf("predict: %w", err)
		}
		groups = p.groups.translate(c)
	}
	out := make([]Prediction, t.Rows())
	err = par.Chunks(ctx, 0, len(out), stat.ChunkRows, func(_, low, high int) error {
		s := p.sample(high - low)
		if groups != nil {
			s.groups = groups[low:high]
		}
		rows := new(view).slice(f, low, high)
		p.model().predict(ctx, s, rows)
		if err := ctx.Err(); err != nil {
			return err
		}
		if row, err := p.judge(out[low:high], s, rows); err != nil {
			return fmt.Errorf("predict: line %d: %w", t.Line(low+row), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sample returns room for the predictions of as many rows.
func (p *Predictor) sample(rows int) sample {
	s := sample{predicted: make([]float64, rows)}
	if p.widths.method == QuantileWidth {
		s.spans = make([]span, rows)
	}
	return s
}

// judge sets out to the predictions for as many rows, with their intervals. Of a
// prediction that is not finite it returns the row.
func (p *Predictor) judge(out []Prediction, s sample, f features) (row int, err error) {
	for i, value := range s.predicted {
		unseen, doubts := p.doubts(f, i)
		if out[i], err = p.prediction(value, s.span(i), s.group(i), doubts); err != nil {
			return i, err
		}
		out[i].Unseen = unseen
	}
	return 0, nil
}

func (p *Predictor) model() model {
	if p.forest != nil {
		return p.forest
	}
	return p.linear
}

// prediction adds interval and confidence to a value.
func (p *Predictor) prediction(value float64, s span, group int32, doubts int) (Prediction, error) {
	low, high := p.widths.interval(value, s, group)
	if width := high - low; math.IsInf(width, 0) || math.IsNaN(width) {
		return Prediction{}, fmt.Errorf("the prediction of %s is not finite: %w", p.target, ErrRange)
	}
	return Prediction{Value: value, Low: low, High: high, Confidence: p.confidence(high-low, doubts)}, nil
}

// doubts returns the columns of which a row has no usable value, and by how many
// grades they and values out of range lower the confidence.
func (p *Predictor) doubts(f features, row int) (unseen []string, doubts int) {
	for i, x := range f.numbers {
		doubts += p.known.numbers[i].doubts(x[row])
		if p.unusable(i, x[row]) {
			unseen = append(unseen, p.encoder.numerical[i])
		}
	}
	for i, codes := range f.codes {
		if p.unusableCode(i, codes[row]) {
			doubts++
			unseen = append(unseen, p.encoder.categories[i].name)
		}
	}
	return unseen, doubts
}

// unusable reports whether training has not seen such a number missing.
func (p *Predictor) unusable(number int, v float64) bool {
	return math.IsNaN(v) && !p.known.numbers[number].gaps
}

// unusableCode is unusable for a level, which may be unknown too.
func (p *Predictor) unusableCode(category int, code int32) bool {
	return code == unknown || code == missing && !p.known.gaps[category]
}

// Algorithm returns what the predictor was learned by.
func (p *Predictor) Algorithm() Algorithm { return p.algorithm }

// Target returns the name of the predicted column.
func (p *Predictor) Target() string { return p.target }

// Level returns the share of customers that the intervals of predictions are
// built to cover, or 0 when there are none: Low and High are the value then.
func (p *Predictor) Level() float64 { return p.widths.level }

// Verdict returns the grade of the predictor in its training.
func (p *Predictor) Verdict() Level { return p.verdict }

// Features returns the columns that a table to predict from must have: numerical
// ones, categorical ones, and Config.IntervalGroups if it is not among them.
func (p *Predictor) Features() []string {
	names := p.encoder.names()
	if p.groups.name != "" && !slices.Contains(names, p.groups.name) {
		names = append(names, p.groups.name)
	}
	return names
}

// Columns returns the encoded columns, in the order of the coefficients.
func (p *Predictor) Columns() []EncodedColumn { return p.encoder.columns() }

// Encode returns the rows of a table as the predictor computes with them, one
// after the other: table.Rows() x len(p.Columns()) values. An indicator is 0 or 1.
// A missing number is NaN; a level that is missing, or was not seen in training,
// makes all indicators of its category NaN. The errors are those of
// [Predictor.Predict], that of ctx included; cost is linear in the values.
func (p *Predictor) Encode(ctx context.Context, t *datasource.Table) ([]float64, error) {
	f, err := p.encoder.apply(t)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	width := p.encoder.width()
	x := make([]float64, t.Rows()*width)
	err = par.Chunks(ctx, 0, t.Rows(), stat.ChunkRows, func(_, low, high int) error {
		for row := low; row < high; row++ {
			p.encoder.encodeRow(x[row*width:(row+1)*width], f, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return x, nil
}

// Evaluate sets dst to the predictions for len(dst) encoded rows, which x holds
// one after the other as [Predictor.Encode] makes them. It allocates nothing. The
// predictions differ from those of Predict by no more than rounding.
func (p *Predictor) Evaluate(dst, x []float64) {
	if p.forest != nil {
		p.forest.ensemble.Evaluate(dst, x)
		return
	}
	p.linear.evaluate(dst, x)
}

// Linear returns a linear predictor as a sum: the prediction for an encoded row x
// is base plus, for each column i, slopes[i] * (x[i] - centres[i]), to which a NaN
// adds nothing. The centres are the training means. ok is false for a predictor
// that is not linear.
func (p *Predictor) Linear() (base float64, centres, slopes []float64, ok bool) {
	if p.linear == nil {
		return 0, nil, nil, false
	}
	return p.linear.mean, slices.Clone(p.linear.centre), slices.Clone(p.linear.slope), true
}

// Trees returns the trees of a forest, which must not be changed, and nil for any
// other predictor.
func (p *Predictor) Trees() *tree.Ensemble {
	if p.forest == nil {
		return nil
	}
	return p.forest.ensemble
}
