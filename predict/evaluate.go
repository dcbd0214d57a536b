package predict

import (
	"context"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

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

func newEvaluation(t *training, l learner) *evaluation {
	folds, rows, out := t.cfg.Folds, t.split.rows, len(t.split.heldOut)
	e := &evaluation{
		training: t, learner: l,
		cv: l.sample(t.target), inner: l.sample(make([]float64, rows-out)), heldOut: l.sample(make([]float64, out)),
		cvErrors: make([]errorSums, folds), cvBaseline: make([]errorSums, folds),
	}
	if codes := t.groups.codes; codes != nil {
		e.cv.groups, e.heldOut.groups = codes, pick(nil, codes, t.split.heldOut)
		e.inner.groups = pick(nil, codes, t.split.of(nil, subset{noFold, false}))
	}
	return e
}

// run fits models on the subsets and has them predict, as many at a time as may
// exist at once.
func (e *evaluation) run(ctx context.Context, subsets []subset) error {
	for batch := range slices.Chunk(subsets, e.learner.pace().together) {
		models, fittedAt := make([]fitted, len(batch)), e.done+e.learner.pace().steps
		err := par.Each(ctx, e.cfg.Workers, len(batch), func(i int) (err error) {
			g := e.sums.of(batch[i])
			if g.Rows() == 0 {
				return fmt.Errorf("predict: no row is left to train on: %w", ErrTooFewRows)
			}
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
	ctx context.Context

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
			*s = scores{ctx: ctx, view: s.view, kept: s.kept, buffer: s.buffer}
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
	m.model.predict(s.ctx, part, s.view.slice(e.features, c.low, c.high))
	s.cv.addAll(part.actual, part.predicted)
	s.cvBaseline.addAll(part.actual, s.constant(m.average, len(part.actual)))
}

func (e *evaluation) scoreInner(s *scores, m fitted, c chunk) {
	_, before := e.split.heldOutIn(c)
	s.kept = e.split.kept(s.kept[:0], c)
	e.predictSome(s, m.model, e.inner.slice(c.low-before, c.low-before+len(s.kept)), s.kept, c)
}

func (e *evaluation) scoreHeldOut(s *scores, m fitted, c chunk) {
	rows, before := e.split.heldOutIn(c)
	part := e.heldOut.slice(before, before+len(rows))
	e.predictSome(s, m.model, part, rows, c)
	s.heldOut.addAll(part.actual, part.predicted)
	s.heldBaseline.addAll(part.actual, s.constant(m.average, len(rows)))
}

// constant returns n times the same prediction, in the buffer.
func (s *scores) constant(v float64, n int) []float64 {
	out := s.buffer[:n]
	for i := range out {
		out[i] = v
	}
	return out
}

// predictSome has a model predict some rows of a chunk.
func (e *evaluation) predictSome(s *scores, m model, part sample, rows []int, c chunk) {
	pick(part.actual[:0], e.target, rows)
	if !e.learner.pace().cheap {
		m.predict(s.ctx, part, s.view.pick(e.features, rows))
		return
	}
	all := s.buffer[:c.high-c.low]
	m.predict(s.ctx, sample{predicted: all}, s.view.slice(e.features, c.low, c.high))
	for i, row := range rows {
		part.predicted[i] = all[row-c.low]
	}
}

func (e *evaluation) scoreFinal(s *scores, m fitted, c chunk) {
	part := sample{actual: e.target[c.low:c.high], predicted: s.buffer[:c.high-c.low]}
	m.model.predict(s.ctx, part, s.view.slice(e.features, c.low, c.high))
	s.final.addAll(part.actual, part.predicted)
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

// outcomes returns the held-out rows with their predictions, in the order of the
// table.
func (e *evaluation) outcomes() []Outcome {
	out := make([]Outcome, len(e.split.heldOut))
	order := e.split.heldOutOrder()
	_ = par.Chunks(context.Background(), e.cfg.Workers, len(out), stat.ChunkRows, func(_, low, high int) error {
		for i := low; i < high; i++ {
			at := i
			if order != nil {
				at = order[i]
			}
			out[i] = Outcome{e.heldOut.actual[at], e.heldOut.predicted[at]}
		}
		return nil
	}) // which cannot fail
	return out
}

// result gathers what holds for every learner, and has e's add the rest.
func (e *evaluation) result(ctx context.Context, a Algorithm) (*Result, error) {
	all := e.sums.of(subset{noFold, true})
	spread := e.sums.heldOutSpread()
	r := &Result{
		Algorithm: a, Target: e.cfg.Target, Rows: e.split.rows, Features: e.encoder.names(),
		Metrics: e.heldOutErrors.metrics(spread), Baseline: e.heldOutBaseline.metrics(spread),
		CV: e.crossValidation(), Holdout: e.outcomes(), Notes: []string{},
	}
	r.Verdict = newVerdict(r.CV, e.cfg.Target, constant(all, 0))
	r.Predictor = e.predictor(a, e.final.model, r.Verdict.Level)
	r.Intervals, r.Predictor.widths = e.intervals()
	if err := e.learner.describe(ctx, r, e); err != nil {
		return nil, err
	}
	for _, note := range []string{orderNote(r), levelNote(e.cfg.Level, r.Rows)} {
		if note != "" {
			r.Notes = append(r.Notes, note)
		}
	}
	return r, nil
}
