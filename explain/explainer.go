package explain

import (
	"context"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// pollRows is the number of cheap steps between two looks at the context.
const pollRows = 256

// tolerance is the share of its scale by which the sum of contributions may
// differ from the prediction.
const tolerance = 1e-9

// Explainer explains the predictions of one model. It is immutable and safe for
// concurrent use.
type Explainer struct {
	model      Model
	columns    []string
	groups     []string
	groupOf    []int
	references []string
	method     Method
	game       game
	config     Config
}

// game computes contributions by one method.
type game interface {
	// base returns the worth of knowing nothing.
	base() float64
	// explain sets r.Encoded, which is zero, and the standard errors.
	explain(ctx context.Context, x []float64, r *Result) error
}

// New returns an explainer of a model with the given encoded columns, of which
// those of a group must differ in name. A model whose Linear or Trees do not have as
// many columns, or whose trees are not sound, is an [ErrModel]: covers must be
// positive, and at most 1,024 splits lead to a leaf. The model must not change while
// the explainer is used. Cost is linear in the nodes of trees, and in these times the
// rows of a Background; a model without a method of its own evaluates the Background.
// It ends within 100 ms of ctx, unless the model's Evaluate takes longer.
func New(ctx context.Context, m Model, columns []Column, cfg Config) (*Explainer, error) {
	if m == nil || len(columns) == 0 {
		return nil, fmt.Errorf("explain: a model and at least one column are needed: %w", ErrModel)
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(len(columns)); err != nil {
		return nil, err
	}
	e := &Explainer{model: m, method: cfg.Method, config: cfg}
	if err := e.setColumns(columns); err != nil {
		return nil, err
	}
	if err := e.setGame(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Explainer) setColumns(columns []Column) error {
	seen, groups := map[[2]string]bool{}, map[string]int{}
	for _, c := range columns {
		if c.Group == "" {
			c.Group = c.Name
		}
		group, ok := groups[c.Group]
		if !ok {
			group = len(groups)
			groups[c.Group] = group
			e.groups, e.references = append(e.groups, c.Group), append(e.references, c.Reference)
		}
		switch key := [2]string{c.Group, c.Name}; {
		case c.Name == "" || seen[key]:
			return fmt.Errorf("explain: the encoded columns of a group must have names of their own, got %q in %q: %w", c.Name, c.Group, ErrModel)
		case c.Reference != e.references[group]:
			return fmt.Errorf("explain: the columns of %q must have one Reference, got %q and %q: %w", c.Group, e.references[group], c.Reference, ErrModel)
		default:
			seen[key] = true
		}
		e.columns = append(e.columns, c.Name)
		e.groupOf = append(e.groupOf, group)
	}
	return nil
}

// setGame chooses the method by what the model offers.
func (e *Explainer) setGame(ctx context.Context) error {
	l, err := newLinear(e.model, len(e.columns), e.config)
	if err != nil {
		return err
	}
	trees, err := treesOf(ctx, e.model, len(e.columns))
	if err != nil {
		return err
	}
	if e.method == "" {
		e.method = e.defaultMethod(l, trees)
	}
	switch {
	case e.method == Linear && l != nil:
		e.game = l
	case (e.method == PathDependent || e.method == Interventional) && trees != nil:
		e.game, err = newTreeGame(ctx, trees, e.method, e.config)
	case e.method == Permutation:
		e.game, err = newSampled(ctx, e.model, len(e.columns), e.config)
	default:
		err = fmt.Errorf("explain: Method must be one of %q for this model, got %q: %w", methodsFor(l, trees), e.method, ErrMethod)
	}
	return err
}

// methodsFor lists the methods that a model allows.
func methodsFor(l *linear, trees *Ensemble) []Method {
	var methods []Method
	if l != nil {
		methods = append(methods, Linear)
	}
	if trees != nil {
		methods = append(methods, PathDependent, Interventional)
	}
	return append(methods, Permutation)
}

func (e *Explainer) defaultMethod(l *linear, trees *Ensemble) Method {
	switch {
	case l != nil:
		return Linear
	case trees == nil:
		return Permutation
	case len(e.config.Background) > 0:
		return Interventional
	default:
		return PathDependent
	}
}

// treesOf returns the validated trees of a model, nil when it has none.
func treesOf(ctx context.Context, m Model, columns int) (*tree.Ensemble, error) {
	trees, ok := m.(*tree.Ensemble)
	if !ok {
		if tm, isTrees := m.(TreeModel); isTrees {
			trees = tm.Trees()
		}
	}
	if trees == nil {
		return nil, nil
	}
	if trees.Features != columns {
		return nil, fmt.Errorf("explain: the trees have %d features for %d columns: %w", trees.Features, columns, ErrModel)
	}
	if err := trees.Validate(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		return nil, fmt.Errorf("explain: %w: %w", err, ErrModel)
	}
	return trees, nil
}

// Method returns how contributions are computed.
func (e *Explainer) Method() Method { return e.method }

// Base returns the prediction for a row of which nothing is known.
func (e *Explainer) Base() float64 { return e.game.base() }

// Explain returns the contributions to the predictions for rows of encoded
// columns, which x holds one after the other; NaN is a missing value. No rows
// make an empty result. It is an [ErrShape] when x does not hold whole rows, an
// [ErrRange] when a value is infinite or a prediction not finite, and an
// [*AdditivityError] when contributions do not add up. It ends within 100 ms of
// ctx, unless the model's Evaluate takes longer.
//
// Trees of which at most 12 features are on a path take time linear in their
// leaves times rows, others in their nodes times features on a path times rows; a
// background adds to neither. Permutation evaluates twice as many rows as there are
// columns for each row and pair of permutations. Memory is that of the result, of a
// copy of x, and of some 64 MiB at most to work in.
func (e *Explainer) Explain(ctx context.Context, x []float64) (*Result, error) {
	if err := checkRows(x, len(e.columns), "x"); err != nil {
		return nil, err
	}
	r := &Result{
		Method: e.method, Base: e.game.base(), Columns: e.columns, Groups: e.groups, GroupOf: e.groupOf, References: e.references,
		Rows: len(x) / len(e.columns), X: x, Encoded: make([]float64, len(x)),
	}
	var err error
	if r.Predictions, err = evaluate(ctx, e.model, x, len(e.columns), e.config.Workers); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if err := e.game.explain(ctx, x, r); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if err := r.checkAdditivity(); err != nil {
		return nil, err
	}
	r.rollUp()
	return r, nil
}

// evaluate returns the predictions for rows of encoded columns, which must be finite.
func evaluate(ctx context.Context, m Model, x []float64, columns, workers int) ([]float64, error) {
	out := make([]float64, len(x)/columns)
	err := par.Chunks(ctx, workers, len(out), pollRows, func(_, low, high int) error {
		m.Evaluate(out[low:high], x[low*columns:high*columns])
		return nil
	})
	if err != nil {
		return nil, err
	}
	for row, v := range out {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("row %d: the prediction is %v: %w", row, v, ErrRange)
		}
	}
	return out, nil
}

// checkAdditivity compares, for each row, base + contributions with the
// prediction. The scale of a row is the greatest of its numbers in size.
func (r *Result) checkAdditivity() error {
	d := len(r.Columns)
	for row, prediction := range r.Predictions {
		sum, scale := r.Base, max(math.Abs(r.Base), math.Abs(prediction))
		for _, v := range r.Encoded[row*d : (row+1)*d] {
			sum += v
			scale = max(scale, math.Abs(v))
		}
		if !(math.Abs(sum-prediction) <= tolerance*scale) {
			return &AdditivityError{Row: row, Prediction: prediction, Sum: sum}
		}
	}
	return nil
}
