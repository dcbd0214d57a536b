package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// Scored is the prediction for one customer.
type Scored struct {
	CustomerID string `json:"customer_id"`
	Prediction Number `json:"prediction"`
	Low        Number `json:"low"`
	High       Number `json:"high"`
	// Unseen names the columns whose value the predictor could not use.
	Unseen []string `json:"unseen,omitempty"`
}

// score predicts for the customers of r.Score, or of the analysis without it.
func (s *Service) score(ctx context.Context, r PredictRequest, a *cohortlens.Analysis, d *PredictDocument) error {
	t := a.Table
	if r.Score != "" {
		var err error
		if t, err = s.loadScored(ctx, r.Score, a, d); err != nil {
			return err
		}
	}
	predictions, err := a.Prediction.Predictor.Predict(t)
	if err != nil {
		return asInput(err)
	}
	scored := scoredOf(t, a.IDColumn, predictions)
	d.Notes = append(d.Notes, unseenNote(scored)...)
	if r.Out == "" {
		d.Scored = scored
		return nil
	}
	table, err := scoredTable(scored)
	if err != nil {
		return err
	}
	d.Out = s.show(r.Out)
	return s.export(ctx, r.Out, table, r.ExcelSafe)
}

// loadScored reads the customers to predict for, and sets aside those that break
// a rule, as the configuration says.
func (s *Service) loadScored(ctx context.Context, path string, a *cohortlens.Analysis, d *PredictDocument) (*datasource.Table, error) {
	in, err := s.openCSV(path, s.csvOf(kindsOf(a)))
	if err != nil {
		return nil, err
	}
	t, err := datasource.Load(ctx, in.source)
	if err != nil {
		return nil, in.fault(err)
	}
	if t.Rows() == 0 {
		return nil, in.fault(errors.New("there are no rows to predict for"))
	}
	valid, found, err := datasource.Validate(t, scoredSchema(a), s.config.Data.Invalid)
	if err != nil {
		return nil, in.fault(err)
	}
	if valid.Rows() == 0 {
		return nil, in.fault(fmt.Errorf("no usable row: every row breaks a rule; first: %s", found.Examples[0]))
	}
	d.ScoreSource = in.name
	d.ScoreQuality = &datasource.Quality{
		Rows: t.Rows(), Kept: valid.Rows(), Policy: a.Quality.Policy,
		BadRows: found.BadRows, SetAside: t.Rows() - valid.Rows(), Missing: []datasource.ColumnCount{},
		Violations: orEmpty(found.Counts), Examples: orEmpty(found.Examples), Notes: []string{},
	}
	return valid, nil
}

// scoredSchema has the rules for customers to predict for: those that held for
// the customers trained on, in the columns that the predictor uses and the ID.
func scoredSchema(a *cohortlens.Analysis) datasource.Schema {
	var schema datasource.Schema
	if customer := datasource.CustomerSchema(); customer.Fits(a.Table.Names()) {
		schema = customer.Only(a.Prediction.Predictor.Features()...)
	}
	if a.IDColumn != "" {
		schema.ID = a.IDColumn
		schema.Fields = append([]datasource.Field{datasource.IDField(a.IDColumn)}, schema.Fields...)
	}
	return schema
}

// kindsOf returns the columns that customers to score must have: those that the
// predictor uses, and the ID, in the kinds of the table trained on.
func kindsOf(a *cohortlens.Analysis) map[string]datasource.Kind {
	kinds := make(map[string]datasource.Kind)
	for _, name := range append(a.Prediction.Predictor.Features(), a.IDColumn) {
		if c, err := a.Table.Column(name); err == nil {
			kinds[name] = c.Kind()
		}
	}
	return kinds
}

func scoredOf(t *datasource.Table, idColumn string, predictions []predict.Prediction) []Scored {
	id := customerID(t, idColumn)
	scored := make([]Scored, len(predictions))
	for row, p := range predictions {
		scored[row] = Scored{id(row), Number(p.Value), Number(p.Low), Number(p.High), p.Unseen}
	}
	return scored
}

// unseenNote says how many predictions lean on an average.
func unseenNote(scored []Scored) []string {
	n := 0
	for _, s := range scored {
		if len(s.Unseen) > 0 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Customers with a missing value, or a category never seen in training: %d of %d. "+
		"In their predictions, the average stands in for it.", n, len(scored))}
}

func scoredTable(scored []Scored) (*datasource.Table, error) {
	ids := make([]string, len(scored))
	value, low, high := make([]float64, len(scored)), make([]float64, len(scored)), make([]float64, len(scored))
	for i, s := range scored {
		ids[i], value[i], low[i], high[i] = s.CustomerID, float64(s.Prediction), float64(s.Low), float64(s.High)
	}
	return datasource.NewTable(datasource.Texts(idColumn, ids), datasource.Numbers(predictionColumn, value),
		datasource.Numbers(lowColumn, low), datasource.Numbers(highColumn, high))
}
