package service

import (
	"context"
	"fmt"
	"strconv"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/predict"
)

// ExplainRequest asks why a predictor says what it says of customers.
type ExplainRequest struct {
	// Data holds the customers, as in [SegmentRequest].
	Data string
	// Model is a file that [Service.Predict] saved. Without it, a predictor is
	// trained on Data. IDColumn is as in [ScoreRequest], for a Model only.
	Model, IDColumn string
	// Method is one of package explain's, "" for the best of the predictor.
	Method string
	// Interactions asks for what pairs of columns do together, too.
	Interactions bool
	// Customer names the one to explain, as customer_id does; empty for all.
	Customer string
	// Out, if not empty, is the CSV file to write when all are explained:
	// customer_id, prediction, base_value and what each column adds. Without
	// it, they are in the document.
	Out       string
	ExcelSafe bool
}

// Contribution is what one column adds to a prediction.
type Contribution struct {
	Feature string `json:"feature"`
	// Value is the customer's: a number, a text, or null where it is missing.
	Value        any    `json:"value"`
	Contribution Number `json:"contribution"`
	// StdError is there for contributions that are estimates.
	StdError *Number `json:"std_error,omitempty"`
}

// Explained says on what an explanation rests.
type Explained struct {
	Source     string `json:"source"`
	SampleData bool   `json:"sample_data"`
	Model      string `json:"model,omitempty"`
	Algorithm  string `json:"algorithm"`
	Target     string `json:"target"`
	Method     string `json:"method"`
	// Verdict is that of the predictor.
	Verdict string   `json:"verdict"`
	Notes   []string `json:"notes"`
}

// ExplainDocument explains the prediction for one customer: BaseValue and all
// contributions add up to Prediction.
type ExplainDocument struct {
	CustomerID string `json:"customer_id"`
	Prediction Number `json:"prediction"`
	Low        Number `json:"low"`
	High       Number `json:"high"`
	Confidence string `json:"confidence"`
	BaseValue  Number `json:"base_value"`
	// Contributions has the columns of the table, the greatest first, Encoded
	// those that the predictor computes with.
	Contributions []Contribution `json:"contributions"`
	RolledUp      bool           `json:"rolled_up"`
	Encoded       []Contribution `json:"encoded"`
	// Interactions is there when it was asked for, the greatest first; it is
	// empty for a predictor in which no two columns act together.
	Interactions []Interaction `json:"interactions,omitzero"`
	Unseen       []string      `json:"unseen,omitempty"`
	Explained
}

// explanation is an [ExplainRequest] under way.
type explanation struct {
	in        input
	predictor *predict.Predictor
	table     *datasource.Table
	id        string
	// left says which customers there is no row of, "" when all have one.
	left  string
	about Explained
	// stage is what progress is reported of.
	stage string
}

// Explain explains the prediction for one customer.
func (s *Service) Explain(ctx context.Context, r ExplainRequest) (*ExplainDocument, error) {
	x, err := s.startExplanation(ctx, r)
	if err != nil {
		return nil, err
	}
	row, err := x.find(r.Customer)
	if err != nil {
		return nil, err
	}
	one := x.table.Take([]int{row})
	result, explainer, err := s.contributions(ctx, x, one, r.Method)
	if err != nil {
		return nil, err
	}
	predictions, err := x.predictor.Predict(ctx, one)
	if err != nil {
		return nil, x.in.fault(err)
	}
	d, err := newExplainDocument(x, one, result, predictions[0])
	if err == nil && r.Interactions {
		x.stage = "interactions"
		d.Interactions, err = customerInteractions(ctx, explainer, result)
	}
	return d, err
}

// startExplanation loads the customers, and loads or trains the predictor.
func (s *Service) startExplanation(ctx context.Context, r ExplainRequest) (*explanation, error) {
	if r.Model != "" {
		return s.explainLoaded(ctx, r)
	}
	if err := s.checkPrediction(); err != nil {
		return nil, err
	}
	in, err := s.open(r.Data)
	if err != nil {
		return nil, err
	}
	if err := s.checkOutput(r.Out, file{"data", in.path}); err != nil {
		return nil, err
	}
	a, err := cohortlens.TrainPredictor(ctx, in.source, s.analysis(previous{}))
	if err != nil {
		return nil, in.fault(err)
	}
	x := &explanation{in: in, predictor: a.Prediction.Predictor, table: a.Table, id: a.IDColumn}
	x.describe(a.Prediction.Verdict.Text, a.Quality, notes(in, a, a.Prediction.Notes))
	return x, nil
}

func (s *Service) explainLoaded(ctx context.Context, r ExplainRequest) (*explanation, error) {
	m, err := loadPredictorFor(ctx, r.Model, r.IDColumn)
	if err != nil {
		return nil, err
	}
	in, t, quality, err := s.loadCustomers(ctx, r.Data, m)
	if err != nil {
		return nil, err
	}
	if err := s.checkOutput(r.Out, file{"data", in.path}, file{"model", r.Model}); err != nil {
		return nil, err
	}
	x := &explanation{in: in, predictor: m.Predictor, table: t, id: m.IDColumn}
	x.about.Model = s.show(r.Model)
	x.describe(m.Predictor.Verdict().Words()+".", quality, append(append([]string{}, in.notes...), quality.Notes...))
	return x, nil
}

func (x *explanation) describe(verdict string, q datasource.Quality, notes []string) {
	if q.Kept < q.Rows {
		x.left = fmt.Sprintf("Rows that are not explained, since they break a rule, lack a value or repeat another: %d of %d.", q.Rows-q.Kept, q.Rows)
		notes = append(notes, x.left)
	}
	x.about.Source, x.about.SampleData = x.in.name, x.in.sample
	x.about.Algorithm, x.about.Target = string(x.predictor.Algorithm()), x.predictor.Target()
	x.about.Verdict, x.about.Notes = verdict, notes
}

// find returns the row of a customer, the first where there are more, with a note.
func (x *explanation) find(customer string) (int, error) {
	name := customerID(x.table, x.id)
	ids := make([]string, x.table.Rows())
	first, rows := -1, 0
	for row := range ids {
		ids[row] = name(row)
		if ids[row] != customer {
			continue
		}
		if rows++; first < 0 {
			first = row
		}
	}
	if rows > 1 {
		x.about.Notes = append(x.about.Notes, fmt.Sprintf("There are %d rows of this customer. This is the first.", rows))
	}
	if first >= 0 {
		return first, nil
	}
	what := "no customer"
	if x.id == "" {
		what = "no usable line"
	}
	fault := &InputError{Err: fmt.Errorf("%s: there is %s %q among the %d that can be predicted for", x.in.name, what, customer, len(ids)), Hint: x.left}
	near, ok := datasource.Nearest(customer, ids[:min(len(ids), mostNames)])
	if _, err := strconv.Atoi(customer); ok && err != nil { // a number near another says nothing
		fault.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return 0, fault
}

// mostNames bounds the IDs that a misspelt one is compared with.
const mostNames = 10_000

// contributions explains all rows of a table. The explainer is for their
// interactions.
func (s *Service) contributions(ctx context.Context, x *explanation, t *datasource.Table, method string) (*explain.Result, *explain.Explainer, error) {
	x.stage = "explain"
	cfg := explain.Config{Method: explain.Method(method), Seed: s.config.Models.Seed, Workers: s.options.Workers}
	if s.options.Progress != nil {
		cfg.Progress = func(done, total int) {
			s.options.Progress(x.stage, done, total)
		}
	}
	explainer, err := cohortlens.NewExplainer(ctx, x.predictor, x.table, cfg)
	if err != nil {
		return nil, nil, asInput(err)
	}
	x.about.Method = string(explainer.Method())
	encoded, err := x.predictor.Encode(ctx, t)
	if err != nil {
		return nil, nil, x.in.fault(err)
	}
	result, err := explainer.Explain(ctx, encoded)
	return result, explainer, asInput(err)
}

func newExplainDocument(x *explanation, one *datasource.Table, r *explain.Result, p predict.Prediction) (*ExplainDocument, error) {
	d := &ExplainDocument{
		CustomerID: customerID(one, x.id)(0), Prediction: Number(r.Predictions[0]), Low: Number(p.Low), High: Number(p.High),
		Confidence: string(p.Confidence), BaseValue: Number(r.Base), RolledUp: true, Unseen: p.Unseen, Explained: x.about,
	}
	for i, feature := range r.Groups {
		value, err := cellOf(one, feature)
		if err != nil {
			return nil, err
		}
		c := Contribution{Feature: feature, Value: value, Contribution: Number(r.Row(0)[i])}
		if r.StdErrors != nil {
			c.StdError = new(Number)
			*c.StdError = Number(r.StdErrors[i])
		}
		d.Contributions = append(d.Contributions, c)
	}
	sortContributions(d.Contributions)
	for i, column := range r.Columns {
		d.Encoded = append(d.Encoded, Contribution{Feature: column, Value: Number(r.X[i]), Contribution: Number(r.Encoded[i])})
	}
	return d, nil
}
