package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// ErrRange marks numbers that are too large to compute with.
var ErrRange = errors.New("numbers too large")

// Forest is a random forest and what is known about its training.
type Forest struct {
	Ensemble *Ensemble
	// Impurity has, for each column, its share of the decrease of the squared
	// error over all splits, the mean over the trees (Breiman's mean decrease
	// in impurity). The shares add up to 1, or are all 0 when no tree has a
	// split. They are known to favour columns of many values, even useless
	// ones, since they are measured on the training rows.
	Impurity []float64

	columns [][]float64
	y       []float64
	bags    []bag // by tree; nil without bootstrap
	cfg     Config
}

// Grow grows a random forest that predicts y: regression trees that minimise the
// squared error (Breiman et al., "Classification and Regression Trees", 1984), each
// from as many rows drawn with replacement (Breiman, "Random Forests", 2001). For a
// y of 0 and 1 it predicts the share of ones.
//
// columns holds the encoded columns, each with a value per row; NaN is a missing
// one. Neither is changed, and both must stay unchanged for as long as the forest
// is asked about its out-of-bag rows.
//
// A split sends values up to a threshold, midway between two neighbouring values
// of the node, to the left. Missing values are tried on both sides, and on a side
// of their own; where a node has none, they go to the side of more drawn rows, the
// left one if both have as many. The split is the one that decreases the squared
// error most. One split counts as better than another when its decrease is
// greater by more than 1e-10 of it, and than 1e-24 of the node's squared error; among
// equals the first wins, with columns visited in an order drawn anew for each node,
// thresholds in ascending order, and missing values to the right before those to the
// left. A node becomes a leaf, with
// the weighted mean of its rows, when all its targets or all its values are equal,
// or by MaxDepth or MinSamplesLeaf.
//
// The result depends on data, parameters and Seed alone, to the last bit. It
// depends on the order of the rows, through what is drawn.
//
// Cost is about trees x columns x rows x depth, where the depth of grown trees is
// some 1.5 log2 rows. Memory is 16 bytes for each row and column, 5 more for each
// of them and 60 for each row in each worker, and 24 for each node of a tree, of
// which there are up to two for each row drawn (0.63 of the rows). It stops, with
// ctx's error, within 100 ms of ctx's
// end. Targets must be finite and at most 1e300 in absolute value, values finite or
// NaN ([ErrRange]).
func Grow(ctx context.Context, columns [][]float64, y []float64, cfg Config) (*Forest, error) {
	if err := cfg.check(len(columns)); err != nil {
		return nil, err
	}
	if err := checkData(columns, y); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults(len(columns))
	p, err := newProblem(ctx, columns, y, cfg)
	if err != nil {
		return nil, err
	}
	f := &Forest{
		Ensemble: &Ensemble{
			Features: len(columns), Base: p.centre, Scale: 1 / float64(cfg.Trees), Trees: make([]Tree, cfg.Trees),
		},
		columns: columns, y: y, cfg: cfg,
	}
	if err := f.grow(ctx, p); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Forest) grow(ctx context.Context, p *problem) error {
	if !f.cfg.NoBootstrap {
		f.bags = make([]bag, f.cfg.Trees)
	}
	gains := make([][]float64, f.cfg.Trees)
	growers := sync.Pool{New: func() any { return newGrower(p) }}
	step := f.cfg.progress()
	err := par.Each(ctx, f.cfg.Workers, f.cfg.Trees, func(number int) error {
		g := growers.Get().(*grower)
		defer growers.Put(g)
		g.begin(ctx, rng.Stream(f.cfg.Seed, uint64(number)))
		if !f.cfg.NoBootstrap {
			f.bags[number] = newBag(g.weights)
		}
		if err := g.grow(); err != nil {
			return err
		}
		f.Ensemble.Trees[number], gains[number] = g.tree(), shares(g.gains)
		step()
		return nil
	})
	f.Impurity = meanShares(gains, len(f.columns))
	return err
}

// checkData refuses data that no tree can be grown from.
func checkData(columns [][]float64, y []float64) error {
	if len(y) < 1 || len(y) > maxRows {
		return fmt.Errorf("forest: the number of rows must be from 1 to %d, got %d", maxRows, len(y))
	}
	for row, v := range y {
		if !(math.Abs(v) <= maxTarget) {
			return fmt.Errorf("forest: row %d: the target must be a number from -%g to %g, got %v: %w", row, maxTarget, maxTarget, v, ErrRange)
		}
	}
	for j, x := range columns {
		if len(x) != len(y) {
			return fmt.Errorf("forest: column %d has %d values, want one for each of %d rows", j, len(x), len(y))
		}
		for row, v := range x {
			if math.IsInf(v, 0) {
				return fmt.Errorf("forest: row %d of column %d: values must be finite or NaN, got %v: %w", row, j, v, ErrRange)
			}
		}
	}
	return nil
}

// problem is what all trees of a forest share.
type problem struct {
	columns []*column
	flags   flags
	// y is the target less centre, its mean, over 2 to the power of exponent,
	// so that squares neither overflow nor vanish.
	y        []float64
	centre   float64
	exponent int
	cfg      Config
}

func newProblem(ctx context.Context, columns [][]float64, y []float64, cfg Config) (*problem, error) {
	p := &problem{columns: make([]*column, len(columns)), cfg: cfg}
	p.setTarget(y)
	err := par.Each(ctx, cfg.Workers, len(columns), func(j int) (err error) {
		p.columns[j], err = newColumn(ctx, columns[j])
		return err
	})
	if err != nil {
		return nil, err
	}
	p.flags, err = newFlags(ctx, p.columns, len(y))
	return p, err
}

func (p *problem) setTarget(y []float64) {
	greatest := 0.0
	for _, v := range y {
		greatest = max(greatest, math.Abs(v))
	}
	_, p.exponent = math.Frexp(greatest)
	sum := 0.0
	p.y = make([]float64, len(y))
	for i, v := range y {
		p.y[i] = math.Ldexp(v, -p.exponent)
		sum += p.y[i]
	}
	p.centre = math.Ldexp(sum/float64(len(y)), p.exponent)
	mean := math.Ldexp(p.centre, -p.exponent)
	for i := range p.y {
		p.y[i] -= mean
	}
}

// shares returns the values over their sum, or zeros.
func shares(values []float64) []float64 {
	out := make([]float64, len(values))
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if sum > 0 {
		for i, v := range values {
			out[i] = v / sum
		}
	}
	return out
}

// meanShares returns the shares of the mean of all.
func meanShares(all [][]float64, columns int) []float64 {
	sums := make([]float64, columns)
	for _, one := range all {
		for j, v := range one {
			sums[j] += v
		}
	}
	return shares(sums)
}
