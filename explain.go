package cohortlens

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/predict"
)

// Explain says what each column adds to the prediction for each customer; the
// result is in Analysis.Explanation, in the order of Analysis.Table. It explains
// Config.Model if that is set, or else a predictor trained as [TrainPredictor]
// does.
func Explain(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	j := &job{cfg: cfg, predicts: cfg.Model == nil}
	if cfg.Model == nil {
		return j.do(ctx, src, (*job).predict, (*job).explain)
	}
	j.Analysis = &Analysis{Omitted: map[string]string{}, IDColumn: cfg.Model.IDColumn}
	var err error
	if j.Table, j.Quality, err = cfg.Model.Customers(ctx, src, cfg.Invalid); err != nil {
		return nil, err
	}
	return j.Analysis, j.explain(ctx)
}

// backgroundRows is the number of rows that NewExplainer draws.
const backgroundRows = 256

// NewExplainer returns an explainer of a predictor. It takes the rows that
// [predict.Predictor.Encode] makes. Where the method needs a background and cfg has
// none, it is 256 rows of t, drawn by cfg.Seed. A predictor without encoded columns
// is an [explain.ErrModel].
func NewExplainer(ctx context.Context, p *predict.Predictor, t *datasource.Table, cfg explain.Config) (*explain.Explainer, error) {
	if len(p.Columns()) == 0 {
		return nil, fmt.Errorf("the columns that %s is predicted from have one value each, so there is nothing to explain: %w", p.Target(), explain.ErrModel)
	}
	columns := make([]explain.Column, 0, len(p.Columns()))
	for _, c := range p.Columns() {
		one := explain.Column{Name: c.Name, Group: c.Column}
		if c.Reference != "" {
			one.Reference = c.Column + "=" + c.Reference
		}
		columns = append(columns, one)
	}
	if needs := cfg.Method == explain.Interventional || cfg.Method == explain.Permutation; needs && cfg.Background == nil {
		const stream = 7
		rows := rng.Stream(cfg.Seed, stream).Perm(t.Rows())
		var err error
		if cfg.Background, err = p.Encode(ctx, t.Take(rows[:min(len(rows), backgroundRows)])); err != nil {
			return nil, err
		}
	}
	return explain.New(ctx, p, columns, cfg)
}

// explain explains the predictions for all rows.
func (j *job) explain(ctx context.Context) (err error) {
	j.Explanation, err = j.explainRows(ctx, j.Table)
	return err
}

func (j *job) explainRows(ctx context.Context, t *datasource.Table) (*explain.Result, error) {
	c := j.cfg.Explain
	c.Seed, c.Workers, c.Progress = j.cfg.Seed, j.cfg.Workers, j.progress("explain")
	e, err := NewExplainer(ctx, j.predictor(), j.Table, c)
	if err != nil {
		return nil, err
	}
	x, err := j.predictor().Encode(ctx, t)
	if err != nil {
		return nil, err
	}
	return e.Explain(ctx, x)
}

func (j *job) predictor() *predict.Predictor {
	if j.cfg.Model != nil {
		return j.cfg.Model.Predictor
	}
	return j.Prediction.Predictor
}
