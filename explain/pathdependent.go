package explain

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/internal/tree"
)

// pathDependent explains trees by the covers of their nodes.
type pathDependent struct {
	trees  *tree.Ensemble
	shapes []shape
	mean   float64
	config Config
}

// shape is what the paths of a tree have in common.
type shape struct {
	// depth is the greatest number of splits on a path, players that of
	// different features.
	depth, players int
	// mean is the prediction for a row of which nothing is known.
	mean float64
}

// maxPathValues bounds depth * players / 2, the numbers that a walk down a tree
// holds for one row.
const maxPathValues = 1 << 20

func newPathDependent(e *tree.Ensemble, c Config) (*pathDependent, error) {
	p := &pathDependent{trees: e, shapes: make([]shape, len(e.Trees)), config: c}
	sum := 0.0
	for i := range e.Trees {
		t := &e.Trees[i]
		if len(t.Cover) != len(t.Nodes) {
			return nil, fmt.Errorf("explain: tree %d has covers of %d nodes, %d are needed for Method %q: %w", i, len(t.Cover), len(t.Nodes), PathDependent, ErrModel)
		}
		s := shapeOf(t, e.Features)
		if s.depth*(s.players+1)/2 > maxPathValues {
			return nil, fmt.Errorf("explain: tree %d has a depth of %d and paths with %d features: %w", i, s.depth, s.players, ErrTooDeep)
		}
		p.shapes[i] = s
		sum += s.mean
	}
	p.mean = e.Base + e.Scale*sum
	return p, nil
}

func (p *pathDependent) base() float64 { return p.mean }

func (p *pathDependent) explain(ctx context.Context, x []float64, r *Result) error {
	d := p.trees.Features
	err := eachTree(ctx, p.config, p.trees, x, r.Encoded, d, func() treeWorker { return &pathWorker{game: p} })
	for i := range r.Encoded {
		r.Encoded[i] *= p.trees.Scale
	}
	return err
}

// share returns the part of the rows of a split that went to one of its children.
func share(t *tree.Tree, parent, child int) float64 {
	if t.Cover[parent] > 0 {
		return t.Cover[child] / t.Cover[parent]
	}
	return 0.5
}

func shapeOf(t *tree.Tree, features int) shape {
	var s shape
	seen := make([]int, features)
	var visit func(at, depth, players int, weight float64)
	visit = func(at, depth, players int, weight float64) {
		n := t.Nodes[at]
		if n.Feature == tree.Leaf {
			s.depth, s.players = max(s.depth, depth), max(s.players, players)
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

// pathWorker holds the walk that is used for all trees of its tasks.
type pathWorker struct {
	game *pathDependent
	walk pathWalk
}

func (w *pathWorker) add(ctx context.Context, index int, b band, out []float64) {
	w.walk.reset(ctx, &w.game.trees.Trees[index], w.game.shapes[index], w.game.trees.Features)
	for low := 0; low < b.rows && !w.walk.stopped; low += w.walk.width {
		w.walk.block(b, low, out)
	}
}
