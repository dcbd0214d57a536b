package predict

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// models are all fits of one training. Each is trained on merged statistics, and
// so without another look at the rows.
type models struct {
	final   *leastSquares
	holdout *leastSquares   // on the rows not held out
	cv      []*leastSquares // by fold, on all rows of the other folds
	inner   []*leastSquares // the same, on the rows not held out
}

func fitModels(ctx context.Context, s *statistics, cfg Config) (*models, error) {
	m := &models{cv: make([]*leastSquares, cfg.Folds), inner: make([]*leastSquares, cfg.Folds)}
	err := par.Each(ctx, cfg.Workers, 2*cfg.Folds+2, func(task int) (err error) {
		switch fold := task / 2; {
		case task == 2*cfg.Folds:
			m.final, err = fit(s.all(-1))
		case task == 2*cfg.Folds+1:
			m.holdout, err = fit(s.training(-1))
		case task%2 == 0:
			m.cv[fold], err = fit(s.all(fold))
		default:
			m.inner[fold], err = fit(s.training(fold))
		}
		return err
	})
	return m, err
}

// evaluation is what a second pass over the rows finds.
type evaluation struct {
	split          *split
	target         []float64
	features       features
	final, holdout *linear
	cv, inner      []*linear

	cvErrors, cvBaseline           []errorSums // by fold
	heldOutErrors, heldOutBaseline errorSums
	residuals                      errorSums // of the final model
	cvResiduals, innerResiduals    []float64 // absolute; by row, by row not held out
	outcomes                       []Outcome
}

func newEvaluation(m *models, e *encoder, target []float64, f features, s *split) *evaluation {
	bind := func(fits []*leastSquares) []*linear {
		out := make([]*linear, len(fits))
		for i, fit := range fits {
			out[i] = fit.linear(e)
		}
		return out
	}
	folds := len(m.cv)
	return &evaluation{
		split: s, target: target, features: f,
		final: m.final.linear(e), holdout: m.holdout.linear(e), cv: bind(m.cv), inner: bind(m.inner),
		cvErrors: make([]errorSums, folds), cvBaseline: make([]errorSums, folds),
		cvResiduals: make([]float64, s.rows), innerResiduals: make([]float64, s.rows-len(s.heldOut)),
		outcomes: make([]Outcome, len(s.heldOut)),
	}
}

// scores are the errors within one chunk; buffer holds its predictions.
type scores struct {
	buffer                                       []float64
	cv, cvBaseline, heldOut, heldBaseline, final errorSums
}

func (e *evaluation) run(ctx context.Context, workers int, step func()) error {
	fresh := func() *scores { return &scores{buffer: make([]float64, min(stat.ChunkRows, e.split.rows))} }
	return stat.Reduce(ctx, workers, len(e.split.chunks), fresh,
		func(s *scores, task int) {
			*s = scores{buffer: s.buffer}
			c := e.split.chunks[task]
			e.scoreAll(s, c)
			e.scoreHeldOut(s, c)
		},
		func(s *scores, task int) {
			fold := e.split.chunks[task].fold
			e.cvErrors[fold].merge(s.cv)
			e.cvBaseline[fold].merge(s.cvBaseline)
			e.heldOutErrors.merge(s.heldOut)
			e.heldOutBaseline.merge(s.heldBaseline)
			e.residuals.merge(s.final)
			step()
		})
}

// scoreAll measures the final model and that of the chunk's fold.
func (e *evaluation) scoreAll(s *scores, c chunk) {
	predicted := s.buffer[:c.high-c.low]
	actual := e.target[c.low:c.high]
	e.final.predict(predicted, e.features, c.low)
	for i, p := range predicted {
		s.final.add(actual[i], p)
	}
	model := e.cv[c.fold]
	model.predict(predicted, e.features, c.low)
	for i, p := range predicted {
		s.cv.add(actual[i], p)
		s.cvBaseline.add(actual[i], model.mean)
		e.cvResiduals[c.low+i] = math.Abs(actual[i] - p)
	}
}

// scoreHeldOut measures the models that know only the rows not held out: on the
// held-out rows, and by cross-validation on the others.
func (e *evaluation) scoreHeldOut(s *scores, c chunk) {
	predicted := s.buffer[:c.high-c.low]
	out, before := e.split.heldOutIn(c)
	e.holdout.predict(predicted, e.features, c.low)
	for i, row := range out {
		actual, p := e.target[row], predicted[row-c.low]
		s.heldOut.add(actual, p)
		s.heldBaseline.add(actual, e.holdout.mean)
		e.outcomes[before+i] = Outcome{actual, p}
	}
	e.inner[c.fold].predict(predicted, e.features, c.low)
	for row := c.low; row < c.high; row++ {
		if len(out) > 0 && out[0] == row {
			out, before = out[1:], before+1
			continue
		}
		e.innerResiduals[row-before] = math.Abs(e.target[row] - predicted[row-c.low])
	}
}

// crossValidation gathers the metrics of the folds.
func (e *evaluation) crossValidation(s *statistics) CrossValidation {
	cv := CrossValidation{Folds: len(e.cv)}
	for fold := range e.cv {
		spread := s.spread(fold)
		cv.PerFold = append(cv.PerFold, e.cvErrors[fold].metrics(spread))
		cv.BaselinePerFold = append(cv.BaselinePerFold, e.cvBaseline[fold].metrics(spread))
	}
	cv.Mean, cv.Baseline = meanMetrics(cv.PerFold), meanMetrics(cv.BaselinePerFold)
	return cv
}

// intervals sets the width for the final model, and measures how wide intervals
// that know nothing of the held-out rows would have covered these.
func (e *evaluation) intervals(level float64) Intervals {
	honest := conformal(slices.Clone(e.innerResiduals), level)
	i := Intervals{
		Level: level, HalfWidth: conformal(slices.Clone(e.cvResiduals), level),
		Low: slices.Min(e.target), High: slices.Max(e.target),
	}
	covered, beyond := 0, 0
	for _, o := range e.outcomes {
		if math.Abs(o.Actual-o.Predicted) <= honest {
			covered++
		}
		if o.Predicted-i.HalfWidth < i.Low || o.Predicted+i.HalfWidth > i.High {
			beyond++
		}
	}
	i.Coverage = float64(covered) / float64(len(e.outcomes))
	i.Beyond = float64(beyond) / float64(len(e.outcomes))
	return i
}

// conformal returns the half-width of intervals of the given level: the
// ceil((n+1) level)-th smallest of n absolute residuals, the largest if that is
// more than n. It reorders the residuals.
func conformal(residuals []float64, level float64) float64 {
	n := len(residuals)
	const rounding = 1e-12 // of a level such as 0.07, which has no exact float64
	rank := int(math.Ceil(float64(n+1) * level * (1 - rounding)))
	return stat.Select(residuals, min(rank, n)-1)
}
