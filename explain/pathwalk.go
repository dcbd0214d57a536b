package explain

import (
	"context"
	"iter"

	"github.com/cohortlens/cohortlens/internal/tree"
)

// pathWalk computes path-dependent Shapley values of a tree for a block of rows,
// by one walk down and up: for each point of the quadrature, the product of the
// conditions' factors on the way down, the sum over the leaves on the way up.
// The features of the leaves below an edge share what its condition contributes,
// so that a split costs a few operations for each point and row, at any depth.
// This is the plan of Linear TreeShap (Yu et al. 2022), with the polynomials held
// by their values at the points of the quadrature.
type pathWalk struct {
	ctx     context.Context
	stopped bool
	steps   int

	quadrature
	tree   *tree.Tree
	band   band
	out    []float64
	stride int
	// low and n bound the rows of the block, at most width of them.
	low, n, width int
	levels        []pathLevel
	// last has, by feature, the level of its last condition on the path, -1
	// without one.
	last []int
	// fixed, unless it is -1, is a feature that is no player: it is known or
	// not in all games.
	fixed int
	known bool
}

// pathLevel is the state of the walk behind one edge of the path.
type pathLevel struct {
	// product and sum have a value by point and row.
	product, sum []float64
	// state says of each row how the edge's feature stands: satisfied by all
	// its conditions on the path (2), by all but this last one (1), or not even
	// by those before (0).
	state []uint8
	// share is z: the product of the shares of the edges of this feature.
	share float64
	// factors and gains have, by point, the values for each state.
	factors, gains [][3]float64
}

// walkValues bounds the numbers that a walk holds, unless one row needs more.
const walkValues = 1 << 16

func (w *pathWalk) reset(ctx context.Context, t *tree.Tree, s shape, features int) {
	w.ctx, w.tree, w.stopped, w.fixed = ctx, t, false, -1
	w.quadrature = newQuadrature(s.players)
	q := len(w.points)
	w.width = max(1, min(blockRows, walkValues/(q*(s.depth+1))))
	w.levels = make([]pathLevel, s.depth+1)
	values := make([]float64, 2*q*w.width*(s.depth+1))
	take := func() []float64 {
		v := values[: q*w.width : q*w.width]
		values = values[q*w.width:]
		return v
	}
	for i := range w.levels {
		w.levels[i] = pathLevel{
			product: take(), sum: take(), state: make([]uint8, w.width),
			factors: make([][3]float64, q), gains: make([][3]float64, q),
		}
	}
	w.last = make([]int, features)
	for i := range w.last {
		w.last[i] = -1
	}
}

// add adds the contributions to the rows of a band, block by block.
func (w *pathWalk) add(b band, out []float64, stride int) {
	w.band, w.out, w.stride = b, out, stride
	root := &w.levels[0]
	for i := range root.product {
		root.product[i] = 1
	}
	for w.low = 0; w.low < b.rows && !w.stopped; w.low += w.width {
		w.n = min(w.width, b.rows-w.low)
		w.visit(0, 0)
	}
}

// visit sets the sums of a level to those over the leaves below a node.
func (w *pathWalk) visit(at, depth int) {
	level := &w.levels[depth]
	node := w.tree.Nodes[at]
	if node.Feature == tree.Leaf {
		for q, weight := range w.weights {
			v := weight * node.Value
			sum := level.sum[q*w.width:][:w.n]
			for i, p := range level.product[q*w.width:][:w.n] {
				sum[i] = v * p
			}
		}
		return
	}
	if w.steps++; w.steps%pollRows == 0 && w.ctx.Err() != nil {
		w.stopped = true
	}
	clear(level.sum)
	if !w.stopped {
		w.edge(at, at+1, depth)
		w.edge(at, int(node.Right), depth)
	}
}

// edge walks to a child and back, and adds what the condition of the edge
// contributes.
func (w *pathWalk) edge(parent, child, depth int) {
	node := w.tree.Nodes[parent]
	level, next := &w.levels[depth], &w.levels[depth+1]
	before := w.last[node.Feature]
	w.setStates(next, node, child == parent+1, before)
	if int(node.Feature) == w.fixed {
		w.setFixed(next, share(w.tree, parent, child))
	} else {
		w.setFactors(next, share(w.tree, parent, child), before)
	}
	for q := range w.points {
		f := &next.factors[q]
		product := next.product[q*w.width:][:w.n]
		for i, p := range level.product[q*w.width:][:w.n] {
			product[i] = p * f[next.state[i]]
		}
	}
	w.last[node.Feature] = depth + 1
	w.visit(child, depth+1)
	w.last[node.Feature] = before

	out := w.out[w.low*w.stride+int(node.Feature):]
	for q := range w.points {
		gain := &next.gains[q]
		sum := level.sum[q*w.width:][:w.n]
		for i, s := range next.sum[q*w.width:][:w.n] {
			sum[i] += s
			out[i*w.stride] += s * gain[next.state[i]]
		}
	}
}

func (w *pathWalk) setStates(next *pathLevel, node tree.Node, left bool, before int) {
	values := w.band.column(int(node.Feature))[w.low:][:w.n]
	for i, v := range values {
		state := uint8(1)
		if before >= 0 {
			state = w.levels[before].state[i] >> 1
		}
		if node.LeftOf(v) == left {
			state <<= 1
		}
		next.state[i] = state
	}
}

// setFactors sets, for each point t, what the product of the path is multiplied
// by when z(1-t) + o t of the feature changes, and how much (o-z) / (z(1-t) + o t)
// grows. The latter is -1/(1-t) for any z when o is 0.
func (w *pathWalk) setFactors(next *pathLevel, share float64, before int) {
	old := 1.0
	if before >= 0 {
		old = w.levels[before].share
	}
	z := old * share
	next.share = z
	for q, t := range w.points {
		u := 1 - t
		was, is := old*u+t, z*u+t
		next.factors[q] = [3]float64{share, z * u / was, is / was}
		next.gains[q] = [3]float64{0, -1/u - (1-old)/was, (1-z)/is - (1-old)/was}
	}
}

// setFixed sets the factors of a feature that is no player.
func (w *pathWalk) setFixed(next *pathLevel, share float64) {
	factors := [3]float64{share, share, share}
	if w.known {
		factors = [3]float64{0, 0, 1}
	}
	for q := range w.points {
		next.factors[q], next.gains[q] = factors, [3]float64{}
	}
}

// addInteractions adds, for each feature of the tree, by how much the values of
// those before it change when it becomes known. It works in values, which has
// a value for each row and feature.
func (w *pathWalk) addInteractions(b band, values, out []float64, stride int) {
	d := len(w.last)
	for fixed := range w.features() {
		for _, known := range []bool{true, false} {
			clear(values)
			w.fixed, w.known = fixed, known
			w.add(b, values, d)
			sign := 1.0
			if !known {
				sign = -1
			}
			for i := range b.rows {
				to := out[i*stride+pairs(fixed):][:fixed]
				for j, v := range values[i*d:][:fixed] {
					to[j] += sign * v
				}
			}
		}
	}
}

// features yields the features that the tree splits on, in order.
func (w *pathWalk) features() iter.Seq[int] {
	used := make([]bool, len(w.last))
	for _, n := range w.tree.Nodes {
		if n.Feature != tree.Leaf {
			used[n.Feature] = true
		}
	}
	return func(yield func(int) bool) {
		for f, ok := range used {
			if ok && !yield(f) {
				return
			}
		}
	}
}
