package predict

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// linearLearner fits by least squares, from statistics alone: the models of all
// subsets at once, without another look at the rows.
type linearLearner struct{ *training }

// linearFit is the model that predicts, with what it was made of.
type linearFit struct {
	*linear
	*leastSquares
}

func (l *linearLearner) pace() pace {
	return pace{together: 2*l.cfg.Folds + 2, steps: 1, cheap: true}
}

func (l *linearLearner) sample(actual []float64) sample { return newSample(actual) }

func (l *linearLearner) fit(_ context.Context, _ subset, g *stat.Gram) (model, error) {
	m, err := fit(g)
	if err != nil {
		return nil, err
	}
	return linearFit{newLinear(l.encoder, g.Mean(0), m.coefficients, featureMeans(g)), m}, nil
}

func (l *linearLearner) describe(_ context.Context, r *Result, e *evaluation) error {
	m := e.final.model.(linearFit)
	r.Coefficients = m.report(l.encoder.columns(), m.intercept(), e.residuals.squared)
	r.Notes = append(r.Notes, notes(r.Coefficients)...)
	r.Importances = linearImportances(l.encoder, m.linear, m.g)
	return nil
}
