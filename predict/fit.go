package predict

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
)

// Fit is the last step of [Train] alone: it fits a predictor on all rows of the
// table and does not ask what it is worth, in a small part of the time. It is for
// models whose worth is known, such as those that are fitted anew every night.
// The predictor is that of Train up to rounding, but its predictions have no
// intervals (Low and High are the value), their confidence is low, and its verdict
// is [Unjudged].
//
// Of cfg count the columns, what shapes the algorithm, Seed, Workers and Progress;
// the rest is checked and has no effect. [Auto] needs Train to choose. One row is
// enough. Errors and cost are otherwise those of Train, for a single model; least
// squares reads the rows once.
func Fit(ctx context.Context, t *datasource.Table, cfg Config) (*Predictor, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Algorithm == Auto {
		return nil, fmt.Errorf("predict: Fit does not choose an algorithm: Algorithm must not be %q, which is for Train", Auto)
	}
	cfg.Folds, cfg.IntervalGroups = 1, ""
	work, err := newTraining(ctx, t, cfg, undivided)
	if err != nil {
		return nil, err
	}
	return work.fit(ctx)
}

// undivided is the split of rows that are all trained on at once.
func undivided(t *datasource.Table, _ Config) (*split, error) {
	if t.Rows() == 0 {
		return nil, fmt.Errorf("predict: there is no row to fit on: %w", ErrTooFewRows)
	}
	s := &split{rows: t.Rows()}
	s.cut([]int{t.Rows()})
	return s, nil
}

// fit fits a single model on all rows.
func (t *training) fit(ctx context.Context) (*Predictor, error) {
	l, all := t.learner(t.cfg.Algorithm), subset{noFold, true}
	t.total = len(t.split.chunks) + l.pace().steps
	if err := t.collect(ctx); err != nil {
		return nil, err
	}
	if err := t.obstacle(t.cfg.Algorithm); err != nil {
		return nil, err
	}
	m, err := l.fit(ctx, all, t.sums.of(all))
	if err != nil {
		return nil, err
	}
	t.advance(t.total - t.done)
	return t.predictor(t.cfg.Algorithm, m, Unjudged), nil
}

// predictor makes a predictor of a model, without intervals.
func (t *training) predictor(a Algorithm, m model, v Level) *Predictor {
	p := &Predictor{algorithm: a, target: t.cfg.Target, encoder: t.encoder, known: t.known, groups: t.groups.category, verdict: v}
	m.install(p)
	return p
}
