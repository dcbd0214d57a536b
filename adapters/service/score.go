package service

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

// Scored is the prediction for one customer.
type Scored struct {
	CustomerID string `json:"customer_id"`
	Prediction Number `json:"prediction"`
	Low        Number `json:"low"`
	High       Number `json:"high"`
	// Confidence is low, medium or high.
	Confidence string `json:"confidence"`
	// Unseen names the columns whose value the predictor could not use.
	Unseen []string `json:"unseen,omitempty"`
}

// scoreInto predicts for the customers of r.Score, or for those of t, which are from
// in, without it.
func (s *Service) scoreInto(ctx context.Context, files *outbox, r PredictRequest, in input, t *datasource.Table, m *cohortlens.Model, d *PredictDocument) error {
	if r.Score != "" {
		var quality datasource.Quality
		var err error
		if in, t, quality, err = s.loadCustomers(ctx, r.Score, m); err != nil {
			return err
		}
		d.ScoreSource, d.ScoreQuality = in.name, &quality
	}
	scored, err := scoredOf(ctx, in, t, m)
	if err != nil {
		return err
	}
	d.Notes = append(d.Notes, unseenNote(scored)...)
	if r.Out == "" {
		d.Scored = scored
		return nil
	}
	d.Out = s.show(r.Out)
	return writeScored(files, r.Out, scored, r.ExcelSafe)
}

// ScoreRequest asks for predictions by a saved predictor.
type ScoreRequest struct {
	// Model is a file that [Service.Predict] saved. Customers is a CSV file, "-",
	// or the URL of a database.
	Model, Customers string
	// IDColumn identifies the customers; that of the model does when it is empty.
	IDColumn string
	// Out is the CSV file to write, as in [PredictRequest]. Without it, the
	// predictions are in the document.
	Out       string
	ExcelSafe bool
}

// ScoreDocument is the answer to a [ScoreRequest].
type ScoreDocument struct {
	Source    string             `json:"source"`
	Model     string             `json:"model"`
	Algorithm string             `json:"algorithm"`
	Target    string             `json:"target"`
	Features  []string           `json:"features"`
	Verdict   string             `json:"verdict"`
	Rows      int                `json:"rows"`
	Quality   datasource.Quality `json:"quality"`
	Notes     []string           `json:"notes"`
	Out       string             `json:"out,omitempty"`
	Scored    []Scored           `json:"scored,omitempty"`
}

// Score predicts without training anything.
func (s *Service) Score(ctx context.Context, r ScoreRequest) (*ScoreDocument, error) {
	m, err := loadPredictorFor(ctx, r.Model, r.IDColumn)
	if err != nil {
		return nil, err
	}
	if err := s.checkOutput(r.Out, file{"data", r.Customers}, file{"model", r.Model}); err != nil {
		return nil, err
	}
	in, t, quality, err := s.loadCustomers(ctx, r.Customers, m)
	if err != nil {
		return nil, err
	}
	scored, err := scoredOf(ctx, in, t, m)
	if err != nil {
		return nil, err
	}
	d := &ScoreDocument{
		Source: in.name, Model: s.show(r.Model), Algorithm: string(m.Predictor.Algorithm()), Target: m.Predictor.Target(),
		Features: orEmpty(m.Predictor.Features()), Verdict: m.Predictor.Verdict().Words() + ".", Rows: len(scored), Quality: quality,
		Notes: append(orEmpty(in.notes), unseenNote(scored)...),
	}
	if m.IDColumn == "" {
		d.Notes = append(d.Notes, noIDNote)
	}
	if r.Out == "" {
		d.Scored = scored
		return d, nil
	}
	d.Out = s.show(r.Out)
	var files outbox
	defer files.discard()
	if err := writeScored(&files, r.Out, scored, r.ExcelSafe); err != nil {
		return nil, err
	}
	return d, files.commit(ctx)
}

func scoredOf(ctx context.Context, in input, t *datasource.Table, m *cohortlens.Model) ([]Scored, error) {
	predictions, err := m.Predictor.Predict(ctx, t)
	if err != nil {
		return nil, in.fault(err)
	}
	id := customerID(t, m.IDColumn)
	scored := make([]Scored, len(predictions))
	for row, p := range predictions {
		scored[row] = Scored{id(row), Number(p.Value), Number(p.Low), Number(p.High), string(p.Confidence), p.Unseen}
	}
	return scored, nil
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
		"Their predictions do without it.", n, len(scored))}
}

func writeScored(files *outbox, path string, scored []Scored, excelSafe bool) error {
	n := len(scored)
	ids, confidence := make([]string, n), make([]string, n)
	value, low, high := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, s := range scored {
		ids[i], confidence[i] = s.CustomerID, s.Confidence
		value[i], low[i], high[i] = float64(s.Prediction), float64(s.Low), float64(s.High)
	}
	t, err := datasource.NewTable(datasource.Texts(idColumn, ids), datasource.Numbers(predictionColumn, value),
		datasource.Numbers(lowColumn, low), datasource.Numbers(highColumn, high), datasource.Categories(confidenceColumn, confidence))
	if err != nil {
		return err
	}
	return files.writeTable(path, t, excelSafe)
}
