package predict

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// linearLearner fits by least squares, from statistics alone: the models of all
// subsets at once, without another look at the rows.
type linearLearner struct{ *training }

func (l *linearLearner) pace() pace {
	return pace{together: 2*l.cfg.Folds + 2, steps: 1, cheap: true}
}

// linearFit is the model that predicts, with what it was made of.
type linearFit struct {
	*linear
	*leastSquares
}

func (l *linearLearner) fit(_ context.Context, _ subset, g *stat.Gram) (model, error) {
	m, err := fit(g)
	if err != nil {
		return nil, err
	}
	return linearFit{m.linear(l.encoder), m}, nil
}

func (l *linearLearner) describe(r *Result, e *evaluation) {
	m := e.final.model.(linearFit)
	intercept := m.intercept(m.coefficients, m.means())
	r.Coefficients = m.report(l.encoder.columns(), intercept, e.residuals.squared)
	r.Notes = append(r.Notes, notes(r.Coefficients)...)
	r.Predictor.model = m.linear
}
