package explain

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/tree"
)

// pairWalk computes interventional Shapley values of a tree, one row of the
// background after the other. With one such row a leaf is a game of the features
// in which the two rows part: it is reached when all u features that need the
// explained row are known, and all v that need the other one are not. Its Shapley
// values depend on u and v alone, so that a split hands up two sums. Only nodes
// that a mixture of the two rows reaches are visited. Lundberg et al. 2020,
// algorithm 3.
type pairWalk struct {
	ctx   context.Context
	steps int

	tree    *tree.Tree
	weights gameWeights
	// row and other hold the explained row and that of the background.
	row, other []float64
	// sides has, by feature, whose condition the path has taken where the rows
	// part: the row's (1), the other's (2), or none (0). known and unknown have
	// the features of each side.
	sides          []int8
	known, unknown []int
	values         []float64
	// together has the interactions, if they are wanted.
	together []float64
}

// gameWeights has a! b! / (a+b+1)! at [a][b].
type gameWeights [][]float64

// newGameWeights returns the weights for games of the given number of players.
func newGameWeights(players int) gameWeights {
	w := make(gameWeights, players+1)
	for a := range w {
		w[a] = make([]float64, players+1-a)
		w[a][0] = 1 / float64(a+1)
		for b := 1; b < len(w[a]); b++ {
			w[a][b] = w[a][b-1] * float64(b) / float64(a+b+1)
		}
	}
	return w
}

func (w *pairWalk) reset(ctx context.Context, t *tree.Tree, s shape, features int) {
	w.ctx, w.tree, w.steps = ctx, t, 0
	if len(w.weights) <= s.players {
		w.weights = newGameWeights(s.players)
	}
	if w.sides == nil {
		w.sides = make([]int8, features)
		w.row, w.other, w.values = make([]float64, features), make([]float64, features), make([]float64, features)
	}
}

// add adds the contributions to the rows of a band.
func (w *pairWalk) add(b, background band, out []float64, stride int) {
	w.each(b, background, w.values, out, stride)
}

// addInteractions adds the interactions of each feature with those before it.
func (w *pairWalk) addInteractions(b, background band, out []float64, stride int) {
	w.together = resize(w.together, pairs(len(w.row)))
	w.each(b, background, w.together, out, stride)
}

// each adds the means over the background of what pair adds to sums.
func (w *pairWalk) each(b, background band, sums, out []float64, stride int) {
	scale := 1 / float64(background.rows)
	for i := range b.rows {
		clear(sums)
		for j := range background.rows {
			if w.ctx.Err() != nil {
				return
			}
			w.pair(b, i, background, j)
		}
		for j, v := range sums {
			out[i*stride+j] += v * scale
		}
	}
}

// pair adds the values of a row against one row of the background.
func (w *pairWalk) pair(b band, i int, background band, j int) {
	b.row(i, w.row)
	background.row(j, w.other)
	w.visit(0)
}

// visit returns the Shapley values, over the leaves below a node, of a feature
// that follows the explained row and of one that follows the other, and adds those
// of the features in which the rows part below.
func (w *pairWalk) visit(at int) (known, unknown float64) {
	w.steps++
	node := w.tree.Nodes[at]
	if node.Feature == tree.Leaf {
		return w.leaf(node.Value)
	}
	f := node.Feature
	mine, theirs := w.child(at, node, w.row), w.child(at, node, w.other)
	switch {
	case mine == theirs || w.sides[f] == 1:
		return w.visit(mine)
	case w.sides[f] == 2:
		return w.visit(theirs)
	}
	w.sides[f] = 1
	w.known = append(w.known, int(f))
	known, unknown = w.visit(mine)
	w.known = w.known[:len(w.known)-1]
	w.sides[f] = 2
	w.unknown = append(w.unknown, int(f))
	k, u := w.visit(theirs)
	w.unknown = w.unknown[:len(w.unknown)-1]
	w.sides[f] = 0
	w.values[f] += known + u
	return known + k, unknown + u
}

func (w *pairWalk) child(at int, node tree.Node, row []float64) int {
	if node.LeftOf(row[node.Feature]) {
		return at + 1
	}
	return int(node.Right)
}

func (w *pairWalk) leaf(value float64) (known, unknown float64) {
	u, v := len(w.known), len(w.unknown)
	if u > 0 {
		known = value * w.weights[u-1][v]
	}
	if v > 0 {
		unknown = -value * w.weights[u][v-1]
	}
	if w.together != nil {
		w.leafTogether(value)
	}
	return known, unknown
}

// leafTogether adds the interactions at a leaf.
func (w *pairWalk) leafTogether(value float64) {
	u, v := len(w.known), len(w.unknown)
	add := func(i, j int, v float64) { w.together[pairs(max(i, j))+min(i, j)] += v }
	for n, i := range w.known {
		for _, j := range w.known[:n] {
			add(i, j, value*w.weights[u-2][v])
		}
		for _, j := range w.unknown {
			add(i, j, -value*w.weights[u-1][v-1])
		}
	}
	for n, i := range w.unknown {
		for _, j := range w.unknown[:n] {
			add(i, j, value*w.weights[u][v-2])
		}
	}
}
