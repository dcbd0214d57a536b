package cohortlens

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

// mostExplained bounds the rows whose predictions [Run] explains.
const mostExplained = 1000

// explainSome explains the predictions for the typical customer of each segment,
// and for others drawn by the seed, for the report.
func (j *job) explainSome(ctx context.Context) error {
	switch {
	case j.Prediction == nil:
		return nil
	case j.Prediction.Algorithm == predict.Mean:
		j.Omitted["explanation"] = "The predictor predicts the average for everybody, so there is nothing to explain."
		return nil
	case len(j.Prediction.Predictor.Columns()) == 0:
		j.Omitted["explanation"] = "The columns to predict from have one value each, so there is nothing to explain."
		return nil
	}
	typical, err := j.typicalRows()
	if err != nil {
		return err
	}
	rows := j.drawRows(typical)
	j.Explanation, err = j.explainRows(ctx, j.Table.Take(rows))
	if err != nil {
		return err
	}
	if len(rows) < j.Table.Rows() {
		j.Explained = rows
	}
	j.Typical, err = j.examples(typical, rows)
	return err
}

// drawRows returns the given rows and, up to mostExplained, others, in ascending
// order.
func (j *job) drawRows(given []int) []int {
	const stream = 8
	rows := slices.Clone(given)
	taken := make(map[int]bool, len(given))
	for _, row := range given {
		taken[row] = true
	}
	for _, row := range rng.Stream(j.cfg.Seed, stream).Perm(j.Table.Rows()) {
		if len(rows) >= mostExplained {
			break
		}
		if !taken[row] {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

// typicalRows returns, for each segment with rows, the one nearest to its means of
// the features, in standard deviations; of equals the first.
func (j *job) typicalRows() ([]int, error) {
	r := j.Segmentation
	scaler := r.Model.Scaler()
	distances := make([]float64, len(r.Labels))
	for i, name := range scaler.Columns() {
		c, err := j.Table.NumericColumn(name)
		if err != nil {
			return nil, err
		}
		for row, v := range c.Floats() {
			if label := r.Labels[row]; label != segment.Noise {
				mean, _ := r.Segments[label].Mean(name)
				distances[row] += math.Pow((v-mean)/scaler.Std()[i], 2)
			}
		}
	}
	nearest := slices.Repeat([]int{-1}, len(r.Segments))
	for row, label := range r.Labels {
		if label != segment.Noise && (nearest[label] < 0 || distances[row] < distances[nearest[label]]) {
			nearest[label] = row
		}
	}
	return slices.DeleteFunc(nearest, func(row int) bool { return row < 0 }), nil
}

// examples returns the typical rows as those of the explanation of rows.
func (j *job) examples(typical, rows []int) ([]report.Example, error) {
	out := make([]report.Example, len(typical))
	for i, row := range typical {
		at, _ := slices.BinarySearch(rows, row)
		out[i] = report.Example{Row: at, Segment: j.Segmentation.Labels[row]}
		if j.IDColumn != "" {
			c, err := j.Table.Column(j.IDColumn)
			if err != nil {
				return nil, err
			}
			out[i].ID = c.Cell(row)
		}
	}
	return out, nil
}
