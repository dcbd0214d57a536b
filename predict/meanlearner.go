package predict

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// meanLearner predicts the mean of the rows that it was trained on.
type meanLearner struct{ *training }

func (l *meanLearner) pace() pace {
	return pace{together: 2*l.cfg.Folds + 2, steps: 1, cheap: true}
}

func (l *meanLearner) sample(actual []float64) sample { return newSample(actual) }

func (l *meanLearner) fit(_ context.Context, _ subset, g *stat.Gram) (model, error) {
	zeros := make([]float64, l.encoder.width())
	return newLinear(l.encoder, g.Mean(0), zeros, zeros), nil
}

func (l *meanLearner) describe(_ context.Context, r *Result, e *evaluation) error {
	if !constant(e.sums.of(subset{noFold, true}), 0) {
		r.Verdict.Text = averageSentence(r.CV, l.cfg.Target)
	}
	return nil
}
