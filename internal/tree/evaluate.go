package tree

// lanes is the number of walks made at once. A single walk waits for memory at
// each node, since it does not know the next one before; several wait together.
const lanes = 16

// block is the number of walks whose leaves are gathered before they are added
// up.
const block = 256

// Evaluate sets dst to the predictions for len(dst) rows of encoded columns, which
// x holds one after the other. A prediction has the same bits whichever rows are
// predicted with it. Nothing is allocated. Cost is that of a walk down each tree
// for each row; few rows walk many trees at once, many rows one tree after the
// other.
func (e *Ensemble) Evaluate(dst, x []float64) {
	if len(dst) < lanes {
		for i := range dst {
			dst[i] = e.prediction(e.sum(x[i*e.Features : (i+1)*e.Features]))
		}
		return
	}
	const rows = 8192 // enough to be worth reading a tree into a core's cache
	for low := 0; low < len(dst); low += rows {
		high := min(low+rows, len(dst))
		e.evaluateRows(dst[low:high], x[low*e.Features:high*e.Features])
	}
}

func (e *Ensemble) evaluateRows(dst, x []float64) {
	clear(dst)
	for t := range e.Trees {
		e.Trees[t].addLeaves(dst, x, e.Features)
	}
	for i, sum := range dst {
		dst[i] = e.prediction(sum)
	}
}

// prediction is what the sum of a row's leaves stands for. The product is rounded
// on its own, so that all processors agree.
func (e *Ensemble) prediction(sum float64) float64 { return e.Base + float64(e.Scale*sum) }

// sum returns the sum of the leaves of a row, added in the order of the trees.
func (e *Ensemble) sum(row []float64) float64 {
	var leaves [block]float64
	sum := 0.0
	for low := 0; low < len(e.Trees); low += block {
		some := leaves[:min(block, len(e.Trees)-low)]
		walk(some, e.Trees[low:], 1, row, 0)
		for _, v := range some {
			sum += v
		}
	}
	return sum
}

// Leaves sets dst, which has an entry for each tree, to the values of the leaves
// that a row ends in. Nothing is allocated.
func (e *Ensemble) Leaves(dst, row []float64) { walk(dst, e.Trees, 1, row, 0) }

// addLeaves adds to dst the leaves of as many rows.
func (t *Tree) addLeaves(dst, x []float64, features int) {
	one := [1]Tree{*t}
	var leaves [block]float64
	for len(dst) > 0 {
		n := min(block, len(dst))
		walk(leaves[:n], one[:], 0, x, features)
		for i, v := range leaves[:n] {
			dst[i] += v
		}
		dst, x = dst[n:], x[n*features:]
	}
}

// lane is a walk of a row down a tree, which stands at a node. The row is known by
// where it starts, so that a caller's row can stay on the stack.
type lane struct {
	nodes []Node
	row   int
	at    int32
	item  int32
}

// walk sets leaves[i] to that of the row at x[i*rowStep] in the tree trees[i*treeStep].
func walk(leaves []float64, trees []Tree, treeStep int, x []float64, rowStep int) {
	var walks [lanes]lane
	next := min(lanes, len(leaves))
	for k := range walks[:next] {
		walks[k] = lane{nodes: trees[k*treeStep].Nodes, row: k * rowStep, item: int32(k)}
	}
	for live := walks[:next]; len(live) > 0; {
		for k := 0; k < len(live); k++ {
			l := &live[k]
			n := &l.nodes[l.at]
			if n.Feature != Leaf {
				l.at = n.child(l.at, x[l.row+int(n.Feature)])
				continue
			}
			leaves[l.item] = n.Value
			if next < len(leaves) {
				*l = lane{nodes: trees[next*treeStep].Nodes, row: next * rowStep, item: int32(next)}
				next++
				continue
			}
			*l = live[len(live)-1]
			live = live[:len(live)-1]
			k--
		}
	}
}

// child returns where a row with the value v goes from node at. It does what
// [Node.LeftOf] says, without branches.
func (n *Node) child(at int32, v float64) int32 {
	var left, missing, missingLeft int32
	if v <= n.Value {
		left = 1
	}
	if v != v {
		missing = 1
	}
	if n.MissingLeft {
		missingLeft = 1
	}
	toLeft := -(left | missing&missingLeft)
	return n.Right ^ (n.Right^(at+1))&toLeft
}
