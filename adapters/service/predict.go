package service

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// PredictRequest asks for a predictor, and perhaps for predictions.
type PredictRequest struct {
	// Data is what to learn from, as in [SegmentRequest].
	Data string
	// Score is a CSV file of customers to predict for, "-", or the URL of a
	// database; when it is empty and Out is not, predictions are for the
	// customers of Data. The rules of Data hold for it too, in the columns that
	// the predictor uses and the ID, and what becomes of rows that break one is
	// configured alike.
	Score string
	// Out, if not empty, is the CSV file to write: customer_id, prediction, low,
	// high and confidence of each customer. Without it, the predictions for
	// Score are in the document.
	Out       string
	ExcelSafe bool
	// Model, if not empty, is the file to save the predictor to, for
	// [Service.Score] and [Service.Explain].
	Model string
}

// PredictDocument is the answer to a [PredictRequest].
type PredictDocument struct {
	Source     string          `json:"source"`
	SampleData bool            `json:"sample_data"`
	Algorithm  string          `json:"algorithm"`
	Target     string          `json:"target"`
	Rows       int             `json:"rows"`
	Features   []string        `json:"features"`
	Metrics    Metrics         `json:"metrics"`
	CV         CrossValidation `json:"cv"`
	Baseline   Baseline        `json:"baseline"`
	Verdict    string          `json:"verdict"`
	Skill      Skill           `json:"skill"`
	Intervals  Intervals       `json:"intervals"`
	// Coefficients are those of a linear predictor.
	Coefficients []Coefficient `json:"coefficients,omitempty"`
	// Importances has the columns of the table, the most important first.
	Importances []ColumnImportance `json:"importances,omitempty"`
	// OutOfBag measures a forest by the customers that each tree was not grown
	// from.
	OutOfBag *Metrics `json:"out_of_bag,omitempty"`
	// Alpha is the penalty of ridge regression.
	Alpha   *Number            `json:"alpha,omitempty"`
	Tried   []Trial            `json:"tried,omitempty"`
	Quality datasource.Quality `json:"quality"`
	Notes   []string           `json:"notes"`
	Out     string             `json:"out,omitempty"`
	Model   string             `json:"model,omitempty"`
	// ScoreSource, ScoreQuality and Scored are of the customers to predict for.
	ScoreSource  string              `json:"score_source,omitempty"`
	ScoreQuality *datasource.Quality `json:"score_quality,omitempty"`
	Scored       []Scored            `json:"scored,omitempty"`
}

// Metrics measures predictions against what happened.
type Metrics struct {
	MSE  Number `json:"mse"`
	MAE  Number `json:"mae"`
	R2   Number `json:"r2"`
	RMSE Number `json:"rmse"`
	Rows int    `json:"rows"`
}

// Baseline is what predicting the mean of the training rows reaches.
type Baseline struct {
	MSE Number `json:"mse"`
	MAE Number `json:"mae"`
	R2  Number `json:"r2"`
}

// CrossValidation has the means over contiguous blocks of rows, and each block.
type CrossValidation struct {
	Folds   int       `json:"folds"`
	MSE     Number    `json:"mse"`
	MAE     Number    `json:"mae"`
	R2      Number    `json:"r2"`
	RMSE    Number    `json:"rmse"`
	PerFold []Metrics `json:"per_fold"`
}

// Skill grades the predictor against predicting the mean.
type Skill struct {
	Level    string `json:"level"`
	Value    Number `json:"value"`
	StdError Number `json:"std_error"`
}

// Intervals describes the prediction intervals.
type Intervals struct {
	Level    Number `json:"level"`
	Coverage Number `json:"coverage"`
	// HalfWidth is that of the mean interval where they differ in width.
	HalfWidth Number `json:"half_width"`
	// Method is "constant", or "quantiles" for intervals that are wide where
	// the trees of a forest differ.
	Method string `json:"method"`
	// Low and High bound the target in the customers learned from, Beyond is the
	// share of the held-out ones whose interval reaches further.
	Low    Number          `json:"low"`
	High   Number          `json:"high"`
	Beyond Number          `json:"beyond"`
	Groups []GroupInterval `json:"groups,omitempty"`
}

// Coefficient is one term of a linear predictor.
type Coefficient struct {
	Name     string `json:"name"`
	Column   string `json:"column,omitempty"`
	Level    string `json:"level,omitempty"`
	Value    Number `json:"value"`
	StdError Number `json:"std_error"`
	T        Number `json:"t"`
	P        Number `json:"p"`
	Low      Number `json:"low"`
	High     Number `json:"high"`
	SetAside string `json:"set_aside,omitempty"`
}

// checkPrediction refuses settings that contradict each other, before any data is
// read.
func (s *Service) checkPrediction() error {
	p := s.config.Models.Prediction
	if predict.IntervalMethod(p.IntervalMethod) == predict.QuantileWidth && predict.Algorithm(p.Algorithm) != predict.RandomForest {
		return &InputError{
			Err:  fmt.Errorf("the interval method quantiles is for the algorithm random_forest, and the algorithm is %s", p.Algorithm),
			Hint: "Use --interval-method constant, or --algorithm random_forest (models.prediction.interval_method and algorithm in the configuration).",
		}
	}
	return nil
}

// Predict trains a predictor and applies it if asked to.
func (s *Service) Predict(ctx context.Context, r PredictRequest) (*PredictDocument, error) {
	if err := s.checkPrediction(); err != nil {
		return nil, err
	}
	in, err := s.open(r.Data)
	if err != nil {
		return nil, err
	}
	if err := s.checkPredict(r, in); err != nil {
		return nil, err
	}
	a, err := cohortlens.TrainPredictor(ctx, in.source, s.analysis(previous{}))
	if err != nil {
		return nil, in.fault(err)
	}
	m, err := cohortlens.NewModel(a)
	if err != nil {
		return nil, err
	}
	document := newPredictDocument(in, a)
	var files outbox
	defer files.discard()
	if r.Out != "" || r.Score != "" {
		if err := s.scoreInto(ctx, &files, r, in, a.Table, m, document); err != nil {
			return nil, err
		}
	}
	if r.Model != "" {
		document.Model = s.show(r.Model)
		if err := files.write(r.Model, func(w io.Writer) error { return m.Save(ctx, w) }); err != nil {
			return nil, asInput(err)
		}
	}
	return document, files.commit(ctx)
}

// checkPredict refuses before any long work what cannot be done after it.
func (s *Service) checkPredict(r PredictRequest, in input) error {
	if r.Data == stdin && r.Score == stdin {
		return inputErrorf("standard input cannot be both the data and the customers to score")
	}
	if r.Score != "" && r.Score != stdin && !isDatabase(r.Score) {
		if err := checkFile(r.Score); err != nil {
			return err
		}
	}
	if err := differ(r.Out, r.Model, "predictions"); err != nil {
		return err
	}
	for _, out := range []string{r.Out, r.Model} {
		if err := s.checkOutput(out, file{"data", in.path}, file{"data", r.Score}); err != nil {
			return err
		}
	}
	return nil
}

// differ refuses one file for a model and for results.
func differ(out, model, results string) error {
	if out != "" && model != "" && filepath.Clean(out) == filepath.Clean(model) {
		return inputErrorf("%s cannot hold both the model and the %s; name two files", out, results)
	}
	return nil
}

func newPredictDocument(in input, a *cohortlens.Analysis) *PredictDocument {
	r := a.Prediction
	d := &PredictDocument{
		Source: in.name, SampleData: in.sample,
		Algorithm: string(r.Algorithm), Target: r.Target, Rows: r.Rows, Features: orEmpty(r.Features),
		Metrics: newMetrics(r.Metrics), CV: newCrossValidation(r.CV),
		Baseline:  Baseline{Number(r.Baseline.MSE), Number(r.Baseline.MAE), Number(r.Baseline.R2)},
		Verdict:   r.Verdict.Text,
		Skill:     Skill{string(r.Verdict.Level), Number(r.Verdict.Skill), Number(r.Verdict.SkillError)},
		Intervals: newIntervals(r.Intervals),
		Quality:   a.Quality, Notes: notes(in, a, r.Notes),
	}
	d.addParts(r)
	return d
}

func newMetrics(m predict.Metrics) Metrics {
	return Metrics{Number(m.MSE), Number(m.MAE), Number(m.R2), Number(m.RMSE), m.Rows}
}

func newCoefficient(c predict.Coefficient) Coefficient {
	return Coefficient{
		Name: c.Name, Column: c.Column, Level: c.Level, Value: Number(c.Value), StdError: Number(c.StdError),
		T: Number(c.T), P: Number(c.P), Low: Number(c.Low), High: Number(c.High), SetAside: c.SetAside,
	}
}
