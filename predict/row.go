package predict

import (
	"fmt"
	"math"
)

// PredictRow predicts for a single customer: numbers has the values of the
// numerical features, levels those of the categorical ones, both in the order of
// [Predictor.Features]. NaN and "" are missing values. With Config.IntervalGroups
// on a column that is no feature, levels has its value at the end.
//
// The prediction is the one that [Predictor.Predict] gives for a table of this
// row, to the last bit. Nothing is allocated but Unseen, where a value cannot be
// used. An infinite number is an [ErrRange].
func (p *Predictor) PredictRow(numbers []float64, levels []string) (Prediction, error) {
	if err := p.checkRow(numbers, levels); err != nil {
		return Prediction{}, err
	}
	var codeBuffer [64]int32
	var unseen []string
	doubts, codes := 0, codeBuffer[:0]
	for i, v := range numbers {
		doubts += p.known.numbers[i].doubts(v)
		if p.unusable(i, v) {
			unseen = append(unseen, p.encoder.numerical[i])
		}
	}
	for i, c := range p.encoder.categories {
		code := c.code(levels[i])
		if p.unusableCode(i, code) {
			doubts++
			unseen = append(unseen, c.name)
		}
		codes = append(codes, code)
	}
	var value float64
	var own span
	if p.forest != nil {
		value, own = p.forest.predictRow(numbers, codes, p.widths.method == QuantileWidth)
	} else {
		value = p.linear.predictRow(numbers, codes)
	}
	group := int32(-1)
	if at := p.groupAt(); at >= 0 {
		group = p.groups.code(levels[at])
	}
	out, err := p.prediction(value, own, group, doubts)
	if err != nil {
		return Prediction{}, fmt.Errorf("predict: %w", err)
	}
	out.Unseen = unseen
	return out, nil
}

// groupAt returns the place of the column of groups among the levels of a row: that
// of a feature, or behind all; -1 when there is no such column.
func (p *Predictor) groupAt() int {
	if p.groups.name == "" {
		return -1
	}
	for i, c := range p.encoder.categories {
		if c.name == p.groups.name {
			return i
		}
	}
	return len(p.encoder.categories)
}

func (p *Predictor) checkRow(numbers []float64, levels []string) error {
	if want := len(p.encoder.numerical); len(numbers) != want {
		return fmt.Errorf("predict: numbers must be %d, one for each numerical feature, got %d", want, len(numbers))
	}
	for i, v := range numbers {
		if math.IsInf(v, 0) {
			return fmt.Errorf("predict: %s must be a finite number or NaN, got %v: %w", p.encoder.numerical[i], v, ErrRange)
		}
	}
	if want := max(len(p.encoder.categories), p.groupAt()+1); len(levels) != want {
		return fmt.Errorf("predict: levels must be %d, one for each categorical feature, got %d", want, len(levels))
	}
	return nil
}
