package predict

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// model predicts the target.
type model interface {
	// predict fills dst with the predictions for as many rows.
	predict(dst []float64, f features)
}

// learner is an algorithm at work on one training.
type learner interface {
	pace() pace
	// fit fits on a set of rows, whose statistics are given.
	fit(ctx context.Context, s subset, g *stat.Gram) (model, error)
	// describe adds to a result what is known about this kind of model.
	describe(r *Result, e *evaluation)
}

// pace says how the models of a learner are fitted.
type pace struct {
	together int  // models that may exist at once
	steps    int  // of progress while so many are fitted
	cheap    bool // whether a prediction costs no more than a copy of its row
}

// subset names the rows that a model is fitted on: those of all folds but one,
// and of these either all or those not held out.
type subset struct {
	without int // a fold, or noFold
	heldOut bool
}

const noFold = -1

// crossValidation returns the subsets for predicting each row by a model that has
// not seen its fold.
func crossValidation(folds int) []subset {
	out := make([]subset, folds)
	for fold := range out {
		out[fold] = subset{fold, true}
	}
	return out
}

// examination returns the other subsets: those of the final model, of the one that
// the held-out rows judge, and of the cross-validation without these rows.
func examination(folds int) []subset {
	out := []subset{{noFold, true}, {noFold, false}}
	for fold := range folds {
		out = append(out, subset{fold, false})
	}
	return out
}

// fitted is a model with the rows that it was fitted on, and the mean of their
// target.
type fitted struct {
	subset
	model   model
	average float64
}

// evaluation is what the models of a learner are worth: what they predict for each
// row, for each row not held out and for each held-out row.
type evaluation struct {
	*training
	learner            learner
	final              fitted
	cv, inner, heldOut sample

	cvErrors, cvBaseline           []errorSums // by fold
	heldOutErrors, heldOutBaseline errorSums
	residuals                      errorSums // of the final model
}

// sample holds what was predicted for rows beside what happened.
type sample struct{ actual, predicted []float64 }

func newSample(rows int) sample { return sample{make([]float64, rows), make([]float64, rows)} }

func (s sample) slice(low, high int) sample {
	return sample{s.actual[low:high], s.predicted[low:high]}
}

func newEvaluation(t *training, l learner) *evaluation {
	folds, rows, out := t.cfg.Folds, t.split.rows, len(t.split.heldOut)
	return &evaluation{
		training: t, learner: l,
		cv: newSample(rows), inner: newSample(rows - out), heldOut: newSample(out),
		cvErrors: make([]errorSums, folds), cvBaseline: make([]errorSums, folds),
	}
}

// run fits models on the subsets and has them predict, as many at a time as may
// exist at once.
func (e *evaluation) run(ctx context.Context, subsets []subset) error {
	for batch := range slices.Chunk(subsets, e.learner.pace().together) {
		models, fittedAt := make([]fitted, len(batch)), e.done+e.learner.pace().steps
		err := par.Each(ctx, e.cfg.Workers, len(batch), func(i int) (err error) {
			g := e.sums.of(batch[i])
			models[i].subset, models[i].average = batch[i], g.Mean(0)
			models[i].model, err = e.learner.fit(ctx, batch[i], g)
			return err
		})
		if err != nil {
			return err
		}
		e.advance(fittedAt - e.done)
		if err := e.predictAll(ctx, models); err != nil {
			return err
		}
	}
	return nil
}

// scores are the errors within one chunk, and buffers for its rows.
type scores struct {
	cv, cvBaseline, heldOut, heldBaseline, final errorSums

	view   view
	kept   []int
	buffer []float64
}

func (e *evaluation) predictAll(ctx context.Context, models []fitted) error {
	for _, m := range models {
		if m.subset == (subset{noFold, true}) {
			e.final = m
		}
	}
	fresh := func() *scores { return &scores{buffer: make([]float64, min(stat.ChunkRows, e.split.rows))} }
	return stat.Reduce(ctx, e.cfg.Workers, len(e.split.chunks), fresh,
		func(s *scores, task int) {
			*s = scores{view: s.view, kept: s.kept, buffer: s.buffer}
			for _, m := range models {
				e.score(s, m, e.split.chunks[task])
			}
		},
		func(s *scores, task int) {
			fold := e.split.chunks[task].fold
			e.cvErrors[fold].merge(s.cv)
			e.cvBaseline[fold].merge(s.cvBaseline)
			e.heldOutErrors.merge(s.heldOut)
			e.heldOutBaseline.merge(s.heldBaseline)
			e.residuals.merge(s.final)
			e.advance(1)
		})
}

// score has a model predict the rows of a chunk that it is there for.
func (e *evaluation) score(s *scores, m fitted, c chunk) {
	switch {
	case m.without != noFold && m.without != c.fold:
	case m.without != noFold && m.heldOut:
		e.scoreFold(s, m, c)
	case m.without != noFold:
		e.scoreInner(s, m, c)
	case !m.heldOut:
		e.scoreHeldOut(s, m, c)
	case e.learner.pace().cheap:
		e.scoreFinal(s, m, c)
	}
}

func (e *evaluation) scoreFold(s *scores, m fitted, c chunk) {
	part := e.cv.slice(c.low, c.high)
	copy(part.actual, e.target[c.low:c.high])
	m.model.predict(part.predicted, s.view.slice(e.features, c.low, c.high))
	s.cv.addAll(part)
	s.cvBaseline.addConstant(part.actual, m.average)
}

func (e *evaluation) scoreInner(s *scores, m fitted, c chunk) {
	_, before := e.split.heldOutIn(c)
	s.kept = e.split.kept(s.kept[:0], c)
	part := e.inner.slice(c.low-before, c.low-before+len(s.kept))
	pick(part.actual[:0], e.target, s.kept)
	e.predictSome(s, m.model, part.predicted, s.kept, c)
}

func (e *evaluation) scoreHeldOut(s *scores, m fitted, c chunk) {
	rows, before := e.split.heldOutIn(c)
	part := e.heldOut.slice(before, before+len(rows))
	pick(part.actual[:0], e.target, rows)
	e.predictSome(s, m.model, part.predicted, rows, c)
	s.heldOut.addAll(part)
	s.heldBaseline.addConstant(part.actual, m.average)
}

// predictSome has a model predict some rows of a chunk.
func (e *evaluation) predictSome(s *scores, m model, dst []float64, rows []int, c chunk) {
	if !e.learner.pace().cheap {
		m.predict(dst, s.view.pick(e.features, rows))
		return
	}
	all := s.buffer[:c.high-c.low]
	m.predict(all, s.view.slice(e.features, c.low, c.high))
	for i, row := range rows {
		dst[i] = all[row-c.low]
	}
}

func (e *evaluation) scoreFinal(s *scores, m fitted, c chunk) {
	part := sample{e.target[c.low:c.high], s.buffer[:c.high-c.low]}
	m.model.predict(part.predicted, s.view.slice(e.features, c.low, c.high))
	s.final.addAll(part)
}

// crossValidation gathers the metrics of the folds.
func (e *evaluation) crossValidation() CrossValidation {
	cv := CrossValidation{Folds: e.cfg.Folds}
	for fold := range e.cfg.Folds {
		spread := e.sums.spread(fold)
		cv.PerFold = append(cv.PerFold, e.cvErrors[fold].metrics(spread))
		cv.BaselinePerFold = append(cv.BaselinePerFold, e.cvBaseline[fold].metrics(spread))
	}
	cv.Mean, cv.Baseline = meanMetrics(cv.PerFold), meanMetrics(cv.BaselinePerFold)
	return cv
}

// outcomes returns the held-out rows with their predictions.
func (e *evaluation) outcomes() []Outcome {
	out := make([]Outcome, len(e.heldOut.actual))
	for i, actual := range e.heldOut.actual {
		out[i] = Outcome{actual, e.heldOut.predicted[i]}
	}
	return out
}

// intervals sets the width for the final model, and measures how wide intervals
// that know nothing of the held-out rows would have covered these.
func (e *evaluation) intervals() Intervals {
	i, honest := Intervals{Level: e.cfg.Level}, 0.0
	tasks := []func(){
		func() { honest = conformal(e.inner.residuals(), e.cfg.Level) },
		func() { i.HalfWidth = conformal(e.cv.residuals(), e.cfg.Level) },
		func() { i.Low, i.High = extent(e.target) },
	}
	// The tasks are short and cannot fail, so they have no context.
	_ = par.Each(context.Background(), e.cfg.Workers, len(tasks), func(task int) error {
		tasks[task]()
		return nil
	})
	covered, beyond := 0, 0
	for row, residual := range e.heldOut.residuals() {
		if residual <= honest {
			covered++
		}
		if v := e.heldOut.predicted[row]; v-i.HalfWidth < i.Low || v+i.HalfWidth > i.High {
			beyond++
		}
	}
	n := float64(len(e.heldOut.actual))
	i.Coverage, i.Beyond = float64(covered)/n, float64(beyond)/n
	return i
}

func (s sample) residuals() []float64 {
	out := make([]float64, len(s.actual))
	for i, actual := range s.actual {
		out[i] = math.Abs(actual - s.predicted[i])
	}
	return out
}

// conformal returns the half-width of intervals of the given level: the
// ceil((n+1) level)-th smallest of n absolute residuals, the largest if that is
// more than n.
func conformal(residuals []float64, level float64) float64 {
	n := len(residuals)
	const rounding = 1e-12 // of a level such as 0.07, which has no exact float64
	rank := int(math.Ceil(float64(n+1) * level * (1 - rounding)))
	return stat.Nth(residuals, min(rank, n)-1)
}

// extent returns the least and the greatest value.
func extent(x []float64) (low, high float64) {
	low, high = x[0], x[0]
	for _, v := range x {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return low, high
}
