package tree

import (
	"context"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// Effect is by how much the mean squared error grows when columns are permuted.
type Effect struct {
	// Mean is the mean over the trees, StdError its standard error as they
	// vary; NaN for a single tree.
	Mean, StdError float64
}

// Permutation returns the permutation importance of each group of columns
// (Breiman 2001): how much greater the squared error of a tree on its out-of-bag
// rows becomes when the values of the group are permuted among these rows, all
// columns of the group alike. So a category is measured by permuting its
// indicators together. An effect near or below 0 says that the trees do as well
// without. Columns that tell the same share their importance: permuting one of
// them leaves the other.
//
// The permutations are drawn by the forest's seed, for each tree and group. Cost is
// that of [Forest.OutOfBag] for each group; memory 0.37 rows x columns numbers for
// each worker.
func (f *Forest) Permutation(ctx context.Context, groups [][]int) ([]Effect, error) {
	if f.bags == nil {
		return nil, ErrNoBootstrap
	}
	for g, group := range groups {
		for _, j := range group {
			if j < 0 || j >= len(f.columns) {
				return nil, fmt.Errorf("forest: group %d: column must be from 0 to %d, got %d", g, len(f.columns)-1, j)
			}
		}
	}
	increases := make([][]float64, len(f.bags))
	err := par.Each(ctx, f.cfg.Workers, len(f.bags), func(t int) (err error) {
		increases[t], err = f.permute(ctx, t, groups)
		return err
	})
	if err != nil {
		return nil, err
	}
	effects := make([]Effect, len(groups))
	for g := range groups {
		effects[g] = meanEffect(increases, g)
	}
	return effects, nil
}

// meanEffect summarises the increases of a group over the trees that have
// out-of-bag rows.
func meanEffect(increases [][]float64, group int) Effect {
	n, sum, squares := 0.0, 0.0, 0.0
	for _, tree := range increases {
		if tree != nil {
			n++
			sum += tree[group]
		}
	}
	mean := sum / n
	for _, tree := range increases {
		if tree != nil {
			squares += (tree[group] - mean) * (tree[group] - mean)
		}
	}
	return Effect{Mean: mean, StdError: math.Sqrt(squares / (n - 1) / n)}
}

// permute returns the increase of one tree's mean squared error for each group,
// nil if all rows were drawn.
func (f *Forest) permute(ctx context.Context, tree int, groups [][]int) ([]float64, error) {
	rows, x := f.outside(tree, 0, len(f.y), nil, nil)
	if len(rows) == 0 {
		return nil, nil
	}
	t, features := &f.Ensemble.Trees[tree], len(f.columns)
	used := t.columns(features)
	increases := make([]float64, len(groups))
	leaves := make([]float64, len(rows))
	before, err := f.squaredError(ctx, t, leaves, rows, x)
	if err != nil {
		return nil, err
	}
	for g, group := range groups {
		if !anyOf(used, group) {
			continue
		}
		order := rng.Stream(f.cfg.Seed, uint64(tree), uint64(g), permutations).Perm(len(rows))
		f.setColumns(x, group, rows, order)
		after, err := f.squaredError(ctx, t, leaves, rows, x)
		if err != nil {
			return nil, err
		}
		f.setColumns(x, group, rows, nil)
		increases[g] = (after - before) / float64(len(rows))
	}
	return increases, nil
}

// permutations names the random streams of permutations.
const permutations = 1

// setColumns sets some columns of x to those of the rows, in another order unless
// it is nil.
func (f *Forest) setColumns(x []float64, columns, rows, order []int) {
	for i := range rows {
		from := i
		if order != nil {
			from = order[i]
		}
		for _, j := range columns {
			x[i*len(f.columns)+j] = f.columns[j][rows[from]]
		}
	}
}

// squaredError returns the sum of squared errors of a tree over rows.
func (f *Forest) squaredError(ctx context.Context, t *Tree, leaves []float64, rows []int, x []float64) (float64, error) {
	const often = 1 << 14
	clear(leaves)
	for low := 0; low < len(rows); low += often {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		high := min(low+often, len(rows))
		t.addLeaves(leaves[low:high], x[low*len(f.columns):], len(f.columns))
	}
	sum := 0.0
	for i, row := range rows {
		d := f.Ensemble.Base + leaves[i] - f.y[row]
		sum += float64(d * d)
	}
	return sum, nil
}

// columns says which columns the tree splits by.
func (t *Tree) columns(features int) []bool {
	used := make([]bool, features)
	for _, n := range t.Nodes {
		if n.Feature != Leaf {
			used[n.Feature] = true
		}
	}
	return used
}

func anyOf(used []bool, columns []int) bool {
	for _, j := range columns {
		if used[j] {
			return true
		}
	}
	return false
}
