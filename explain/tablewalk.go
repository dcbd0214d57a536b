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
	leaf func(value float64, rows, background []uint16)

	band, background band
	// players are the features on the path, in the order of their bits, and
	// slots has by feature its bit, -1 for one that is not on the path.
	players []player
	slots   []int8
	// rows and others have, by level, the patterns of the rows and of the
	// background. A feature that is not on the path counts as satisfied.
	rows, others []splitPatterns
	table        leafTable
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

func (w *tableWalk) reset(ctx context.Context, t *tree.Tree, s shape, g *treeGame) {
	w.ctx, w.tree, w.background = ctx, t, g.background
	if w.slots == nil {
		w.slots = make([]int8, g.trees.Features)
		for i := range w.slots {
			w.slots[i] = -1
		}
	}
	for len(w.rows) <= s.depth {
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
	w.walk(b, func(value float64, rows, background []uint16) {
		columns = columns[:len(w.players)]
		w.table.fill(1, w.players, value, background)
		if stride <= denseStride {
			for k, p := range w.players {
				columns[k] = p.feature
			}
			w.table.setValues(columns, stride)
			kernel.AddPatterns(out, w.table.values, rows, stride, w.table.mask())
			return
		}
		for k := range columns {
			columns[k] = k
		}
		w.table.setValues(columns, len(columns))
		for k, p := range w.players {
			columns[k] = p.feature
		}
		w.table.scatter(out, rows, stride, columns)
	})
}

// addInteractions adds the interactions of each feature with those before it.
func (w *tableWalk) addInteractions(b band, out []float64, stride int) {
	var columns []int
	w.walk(b, func(value float64, rows, background []uint16) {
		columns = columns[:0]
		for k, p := range w.players {
			for _, other := range w.players[:k] {
				columns = append(columns, pairs(max(p.feature, other.feature))+min(p.feature, other.feature))
			}
		}
		w.table.fill(2, w.players, value, background)
		w.table.setInteractions()
		w.table.scatter(out, rows, stride, columns)
	})
}

// walk calls leaf for each leaf with its value and the patterns there.
func (w *tableWalk) walk(b band, leaf func(value float64, rows, background []uint16)) {
	w.band, w.leaf = b, leaf
	w.visit(0, 0, satisfied(b.rows), satisfied(w.background.rows))
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
		if len(w.players) > 0 {
			w.leaf(node.Value, rows, others)
		}
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
