package predict

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// training is a table at which learners try themselves.
type training struct {
	table    *datasource.Table
	cfg      Config
	encoder  *encoder
	target   []float64
	features features
	split    *split
	sums     *statistics

	done, total int // steps of progress
}

// advance reports progress.
func (t *training) advance(steps int) {
	t.done += steps
	t.cfg.Progress(t.done, t.total)
}

// steps returns how many steps a learner takes to be examined on so many subsets.
func (t *training) steps(l learner, subsets int) int {
	p := l.pace()
	batches := (subsets + p.together - 1) / p.together
	return batches * (p.steps + len(t.split.chunks))
}

func (t *training) run(ctx context.Context) (*Result, error) {
	l := &linearLearner{t}
	subsets := slices.Concat(crossValidation(t.cfg.Folds), examination(t.cfg.Folds))
	t.total = len(t.split.chunks) + t.steps(l, len(subsets))
	if err := t.collect(ctx); err != nil {
		return nil, err
	}
	if err := t.checkNumbers(ctx); err != nil {
		return nil, err
	}
	e := newEvaluation(t, l)
	if err := e.run(ctx, subsets); err != nil {
		return nil, err
	}
	return e.result(), nil
}

// checkNumbers refuses missing numbers and those that spread too far. Sums tell of
// both: to look for missing values in the rows would take as long as to sum them.
func (t *training) checkNumbers(ctx context.Context) error {
	all := t.sums.of(subset{noFold, true})
	for i := range all.Dim() {
		if !math.IsNaN(all.Mean(i)) {
			continue
		}
		if err := checkPresent(ctx, t.table, append(t.encoder.names(), t.cfg.Target)); err != nil {
			return err
		}
	}
	return checkRange(all, t.cfg.Target, t.encoder.columns())
}

// result gathers what holds for every learner, and has e's add the rest.
func (e *evaluation) result() *Result {
	spread := e.sums.heldOutSpread()
	r := &Result{
		Algorithm: e.cfg.Algorithm, Target: e.cfg.Target, Rows: e.split.rows, Features: e.encoder.names(),
		Metrics: e.heldOutErrors.metrics(spread), Baseline: e.heldOutBaseline.metrics(spread),
		CV: e.crossValidation(), Holdout: e.outcomes(), Notes: []string{},
	}
	r.Intervals = e.intervals()
	r.Verdict = newVerdict(r.CV, e.cfg.Target, constant(e.sums.of(subset{noFold, true}), 0))
	r.Predictor = &Predictor{target: e.cfg.Target, encoder: e.encoder, halfWidth: r.Intervals.HalfWidth}
	e.learner.describe(r, e)
	if note := orderNote(r); note != "" {
		r.Notes = append(r.Notes, note)
	}
	return r
}
