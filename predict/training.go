package predict

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// training is a table at which learners try themselves. Its rows stand in the
// order of the split.
type training struct {
	table    *datasource.Table
	cfg      Config
	encoder  *encoder
	target   []float64
	features features
	groups   groups
	split    *split
	sums     *statistics
	known    known
	unfit    error // why no linear model can take the features, if none can

	done, total int // steps of progress
}

func newTraining(ctx context.Context, t *datasource.Table, cfg Config, divide func(*datasource.Table, Config) (*split, error)) (*training, error) {
	target, err := t.NumericColumn(cfg.Target)
	if err != nil {
		return nil, fmt.Errorf("predict: target: %w", err)
	}
	e, err := newEncoder(t, cfg)
	if err != nil {
		return nil, err
	}
	f, err := e.apply(t)
	if err != nil {
		return nil, err
	}
	g, err := newGroups(t, cfg.IntervalGroups)
	if err != nil {
		return nil, err
	}
	s, err := divide(t, cfg)
	if err != nil {
		if lack := checkPresent(ctx, t, append(e.names(), cfg.Target)); errors.Is(err, ErrTooFewRows) && lack != nil {
			return nil, lack
		}
		return nil, err
	}
	out := &training{table: t, cfg: cfg, encoder: e, target: target.Floats(), features: f, groups: g, split: s}
	if s.order != nil {
		out.target = pick(nil, out.target, s.order)
		out.features = new(view).pick(f, s.order)
		out.groups.codes = reorder(g.codes, s.order)
	}
	return out, nil
}

// advance reports progress, if there is any.
func (t *training) advance(steps int) {
	if steps == 0 {
		return
	}
	t.done += steps
	t.cfg.Progress(t.done, t.total)
}

// steps returns how many steps a learner takes to be evaluated on so many subsets.
func (t *training) steps(l learner, subsets int) int {
	p := l.pace()
	batches := (subsets + p.together - 1) / p.together
	return batches * (p.steps + len(t.split.chunks))
}

func (t *training) learner(a Algorithm) learner {
	switch a {
	case Mean:
		return &meanLearner{t}
	case Ridge:
		return &ridgeLearner{t}
	case RandomForest:
		return &forestLearner{t}
	}
	return &linearLearner{t}
}

// obstacle returns why an algorithm cannot be used on the table.
func (t *training) obstacle(a Algorithm) error {
	switch {
	case a == LinearRegression || a == Ridge:
		return t.unfit
	case a == RandomForest && t.encoder.width() == 0:
		return fmt.Errorf("predict: %q needs a feature with more than one level", RandomForest)
	}
	return nil
}

// run trains as configured.
func (t *training) run(ctx context.Context) (*Result, error) {
	if t.cfg.Algorithm == Auto {
		return t.choose(ctx)
	}
	l := t.learner(t.cfg.Algorithm)
	subsets := slices.Concat(crossValidation(t.cfg.Folds), examination(t.cfg.Folds))
	t.total = len(t.split.chunks) + t.steps(l, len(subsets))
	if err := t.collect(ctx); err != nil {
		return nil, err
	}
	if err := t.obstacle(t.cfg.Algorithm); err != nil {
		return nil, err
	}
	e := newEvaluation(t, l)
	if err := e.run(ctx, subsets); err != nil {
		return nil, err
	}
	return e.result(ctx, t.cfg.Algorithm)
}
