package explain

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// treeGame explains trees, by the covers of their nodes or by a background.
type treeGame struct {
	trees  *tree.Ensemble
	shapes []shape
	mean   float64
	config Config
	// background has no rows when covers count.
	background band
	// kept has the counted patterns of the background, by tree, for the first
	// ones.
	kept []*census
	way  way
}

// shape is what the paths of a tree have in common.
type shape struct {
	// depth is the greatest number of splits on a path, players that of
	// different features.
	depth, players int
	leaves         int
	// patterns is the number of patterns of satisfied features, over all leaves,
	// entries and pairs are those times the number of features, and of pairs.
	patterns, entries, pairs float64
	// mean is the prediction for a row of which nothing is known, by covers.
	mean float64
}

func newTreeGame(ctx context.Context, e *tree.Ensemble, method Method, c Config) (*treeGame, error) {
	g := &treeGame{trees: e, shapes: make([]shape, len(e.Trees)), config: c}
	if method == Interventional && len(c.Background) == 0 {
		return nil, fmt.Errorf("explain: Method %q needs a Background, got none: %w", method, ErrBackground)
	}
	err := par.Each(ctx, c.Workers, len(e.Trees), func(i int) error {
		g.shapes[i] = shapeOf(&e.Trees[i], e.Features)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if method == Interventional {
		return g, g.setBackground(ctx)
	}
	sum := 0.0
	for _, s := range g.shapes {
		sum += s.mean
	}
	g.mean = e.Base + e.Scale*sum
	return g, nil
}

func (g *treeGame) setBackground(ctx context.Context) (err error) {
	g.background = newBand(g.config.Background, g.trees.Features)
	if err := g.keepBackground(ctx); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	_, g.mean, err = evaluateBackground(ctx, g.trees, g.trees.Features, g.config)
	return err
}

func (g *treeGame) base() float64 { return g.mean }

func (g *treeGame) explain(ctx context.Context, x []float64, r *Result) error {
	err := eachTree(ctx, g.config, g.trees, x, r.Encoded, g.trees.Features, func() treeWorker { return &valueWorker{ways{game: g}} })
	for i := range r.Encoded {
		r.Encoded[i] *= g.trees.Scale
	}
	return err
}

// share returns the part of the rows of a split that went to one of its children.
func share(t *tree.Tree, parent, child int) float64 {
	return t.Cover[child] / t.Cover[parent]
}

func shapeOf(t *tree.Tree, features int) shape {
	var s shape
	seen := make([]int, features)
	var visit func(at, depth, players int, weight float64)
	visit = func(at, depth, players int, weight float64) {
		n := t.Nodes[at]
		if n.Feature == tree.Leaf {
			s.addLeaf(depth, players)
			s.mean += weight * n.Value
			return
		}
		if seen[n.Feature] == 0 {
			players++
		}
		seen[n.Feature]++
		for _, child := range []int{at + 1, int(n.Right)} {
			visit(child, depth+1, players, weight*share(t, at, child))
		}
		seen[n.Feature]--
	}
	visit(0, 0, 0, 1)
	return s
}

func (s *shape) addLeaf(depth, players int) {
	s.depth, s.players = max(s.depth, depth), max(s.players, players)
	s.leaves++
	patterns := float64(uint64(1) << min(players, 60))
	s.patterns += patterns
	s.entries += patterns * float64(players)
	s.pairs += patterns * float64(pairs(players))
}

// points returns the number of points of the quadrature of the tree's games.
func (s shape) points() int { return max(1, (s.players+1)/2) }
