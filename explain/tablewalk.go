package explain

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// tableWalk computes Shapley values of a tree leaf by leaf. What a leaf
// contributes to a row depends on nothing but the pattern of the row there: the
// features on the path whose conditions it satisfies, as bits. So the values of
// all patterns are computed once, whatever the rows, and adding them up is all
// that is left to do for a row. The patterns are found on the way down. This is
// the plan of Fast TreeSHAP v2 (Yang 2021), and, with the patterns of the
// background counted at each leaf, of WOODELF (Nadel and Wettenstein 2026): where
// few features are on a path there are few patterns, at any depth.
type tableWalk struct {
	ctx  context.Context
	tree *tree.Tree
	leaf func(value float64, rows []uint16)

	band, background band
	// players are the features on the path, in the order of their bits, and
	// slots has by feature its bit, -1 for one that is not on the path.
	players []player
	slots   []int8
	// rows and others have, by level, the patterns of the rows and of the
	// background. A feature that is not on the path counts as satisfied.
	rows, others []splitPatterns
	table        leafTable
	// order is that of the table. leaves counts the leaves that were passed, and
	// kept has the counts of the background at them, if they are known already.
	order, leaves int
	kept          *census
}

// player is a feature on a path, and the share of the rows of the tree that goes
// along its edges.
type player struct {
	feature int
	share   float64
}

// splitPatterns has room for the patterns at the children of a split.
type splitPatterns [2][]uint16

func (s *splitPatterns) split(b band, patterns []uint16, node tree.Node, bit uint16) {
	if len(s[0]) != len(patterns) {
		s[0], s[1] = make([]uint16, len(patterns)), make([]uint16, len(patterns))
	}
	kernel.SplitPatterns(s[0], s[1], patterns, b.column(int(node.Feature)), node.Value, node.MissingLeft, bit)
}

func (w *tableWalk) reset(ctx context.Context, index int, g *treeGame) {
	w.ctx, w.tree, w.background, w.kept = ctx, &g.trees.Trees[index], g.background, g.census(index)
	if w.kept != nil {
		w.background = band{}
	}
	if w.slots == nil {
		w.slots = make([]int8, g.trees.Features)
		for i := range w.slots {
			w.slots[i] = -1
		}
	}
	for len(w.rows) <= g.shapes[index].depth {
		w.rows = append(w.rows, splitPatterns{})
		w.others = append(w.others, splitPatterns{})
	}
}

// denseStride is the greatest stride up to which whole rows of values are added,
// with zeros for the features that are not on the path.
const denseStride = 32

// add adds the contributions to the rows of a band.
func (w *tableWalk) add(b band, out []float64, stride int) {
	columns := make([]int, maxPatterns)
	w.walk(1, b, func(value float64, rows []uint16) {
		columns = columns[:len(w.players)]
		for k, p := range w.players {
			columns[k] = p.feature
		}
		w.table.fill(value)
		if stride <= denseStride {
			w.table.setValues(columns, stride)
			kernel.AddPatterns(out, w.table.values, rows, stride, w.table.mask())
			return
		}
		w.table.setValues(nil, len(columns))
		w.table.scatter(out, rows, stride, columns)
	})
}

// addInteractions adds the interactions of each feature with those before it.
func (w *tableWalk) addInteractions(b band, out []float64, stride int) {
	var columns []int
	w.walk(2, b, func(value float64, rows []uint16) {
		columns = columns[:0]
		for k, p := range w.players {
			for _, other := range w.players[:k] {
				columns = append(columns, pairs(max(p.feature, other.feature))+min(p.feature, other.feature))
			}
		}
		w.table.fill(value)
		w.table.setInteractions()
		w.table.scatter(out, rows, stride, columns)
	})
}

// walk gets the table ready at each leaf, and calls leaf with its value and the
// patterns of the rows there.
func (w *tableWalk) walk(order int, b band, leaf func(value float64, rows []uint16)) {
	w.order, w.band, w.leaf, w.leaves = order, b, leaf, 0
	w.visit(0, 0, satisfied(b.rows), satisfied(w.background.rows))
}

// visitLeaf calls leaf, unless nothing leads to it.
func (w *tableWalk) visitLeaf(value float64, rows, others []uint16) {
	if len(w.players) == 0 {
		return
	}
	w.table.reset(w.order, w.players)
	switch {
	case w.kept != nil:
		w.table.recall(w.kept.leaf(w.leaves), w.kept.background)
	case len(others) > 0:
		w.table.count(others)
	}
	w.leaf(value, rows)
	w.leaves++
}

func satisfied(rows int) []uint16 {
	patterns := make([]uint16, rows)
	for i := range patterns {
		patterns[i] = 0xffff
	}
	return patterns
}

func (w *tableWalk) visit(at, depth int, rows, others []uint16) {
	node := w.tree.Nodes[at]
	if node.Feature == tree.Leaf {
		w.visitLeaf(node.Value, rows, others)
		return
	}
	if w.ctx.Err() != nil {
		return
	}
	slot := w.slots[node.Feature]
	added := slot < 0
	if added {
		slot = int8(len(w.players))
		w.slots[node.Feature] = slot
		w.players = append(w.players, player{feature: int(node.Feature), share: 1})
	}
	before := w.players[slot].share
	w.rows[depth].split(w.band, rows, node, 1<<slot)
	w.others[depth].split(w.background, others, node, 1<<slot)
	for i, child := range []int{at + 1, int(node.Right)} {
		w.players[slot].share = before * share(w.tree, at, child)
		w.visit(child, depth+1, w.rows[depth][i], w.others[depth][i])
	}
	w.players[slot].share = before
	if added {
		w.players = w.players[:slot]
		w.slots[node.Feature] = -1
	}
}
