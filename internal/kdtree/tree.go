package kdtree

import (
	"context"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

const (
	// leafRows is what the number of points of a leaf, rounded down, is at most.
	leafRows = 12
	// workDepth is the depth at which subtrees become tasks of their own.
	workDepth = 7
)

// Tree is an immutable k-d tree, safe for concurrent use.
//
// It is a complete binary tree: the children of node i are 2i+1 and 2i+2. Each
// node has a run of rows, which its children halve.
type Tree struct {
	n, d   int
	depth  int       // that of the leaves; the root has 0
	x      []float64 // points, leaf by leaf
	ids    []int32   // the number of each row
	nodes  []node
	bounds []float64 // for each node d least values, then d greatest
}

type node struct {
	low, high int32 // rows
	// first is the least number of the points.
	first int32
	// column is what the children are split by, at the value split.
	column int32
	split  float64
	// span is the squared diagonal of the box, which no two points exceed.
	span float64
	// same says that all points are equal.
	same bool
}

// Build makes a tree of the points in x, d values each, which it copies. Cost is
// n log n steps of d on average.
func Build(ctx context.Context, workers int, x []float64, d int) (*Tree, error) {
	t := newTree(len(x)/d, d)
	copy(t.x, x)
	for i := range t.ids {
		t.ids[i] = int32(i)
	}
	return t, t.buildAll(ctx, workers)
}

// Only makes a tree of the chosen points, numbered anew in the same order. It is
// cheaper than [Build], since the points are nearly in place.
func (t *Tree) Only(ctx context.Context, workers int, chosen []bool) (*Tree, error) {
	numbers, n := make([]int32, t.n), 0
	for id, is := range chosen {
		numbers[id] = int32(n)
		if is {
			n++
		}
	}
	part := newTree(n, t.d)
	at := 0
	for row, id := range t.ids {
		if chosen[id] {
			part.ids[at] = numbers[id]
			copy(part.row(at), t.row(row))
			at++
		}
	}
	return part, part.buildAll(ctx, workers)
}

// newTree returns a tree of n points that are yet to be filled in and divided.
func newTree(n, d int) *Tree {
	t := &Tree{n: n, d: d, x: make([]float64, n*d), ids: make([]int32, n)}
	for n>>t.depth > leafRows {
		t.depth++
	}
	size := 2<<t.depth - 1
	t.nodes, t.bounds = make([]node, size), make([]float64, size*2*d)
	t.nodes[0].high = int32(n)
	return t
}

// buildAll splits level by level until there are enough subtrees to share out.
func (t *Tree) buildAll(ctx context.Context, workers int) error {
	for level := range min(workDepth, t.depth) {
		err := par.Each(ctx, workers, 1<<level, func(task int) error {
			t.divide(ctx, 1<<level-1+task)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := t.eachSubtree(ctx, workers, func(i int) error { return t.build(ctx, i) }); err != nil {
		return err
	}
	for i := t.firstTask() - 1; i >= 0; i-- {
		t.enclose(i)
	}
	return nil
}

// eachSubtree calls do with the root of each subtree that is a task. The number
// of subtrees depends on that of the points alone.
func (t *Tree) eachSubtree(ctx context.Context, workers int, do func(i int) error) error {
	if t.n == 0 {
		return ctx.Err()
	}
	first := t.firstTask()
	return par.Each(ctx, workers, first+1, func(task int) error { return do(first + task) })
}

// firstTask returns the first of the nodes whose subtrees are tasks; there is
// one more of them than of nodes before it.
func (t *Tree) firstTask() int { return 1<<min(workDepth, t.depth) - 1 }

// build divides node i and all below it, and then measures them.
func (t *Tree) build(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !t.leaf(i) {
		t.divide(ctx, i)
		if err := t.build(ctx, left(i)); err != nil {
			return err
		}
		if err := t.build(ctx, right(i)); err != nil {
			return err
		}
	}
	t.enclose(i)
	return nil
}

// divide halves node i at the median of its widest column. It leaves that undone
// when ctx ends.
func (t *Tree) divide(ctx context.Context, i int) {
	n := &t.nodes[i]
	column := t.widest(n)
	middle := n.low + (n.high-n.low)/2
	t.partition(ctx, int(n.low), int(n.high), int(middle), column)
	n.column, n.split = int32(column), t.x[int(middle)*t.d+column]
	t.nodes[left(i)].low, t.nodes[left(i)].high = n.low, middle
	t.nodes[right(i)].low, t.nodes[right(i)].high = middle, n.high
}

// widest returns the column in which a few rows of the node, evenly taken, are
// farthest apart.
func (t *Tree) widest(n *node) int {
	const most = 32
	step := (n.size() + most - 1) / most
	column, width := 0, 0.0
	for j := range t.d {
		low := t.x[int(n.low)*t.d+j]
		high := low
		for row := int(n.low); row < int(n.high); row += step {
			v := t.x[row*t.d+j]
			low, high = min(low, v), max(high, v)
		}
		if high-low > width {
			column, width = j, high-low
		}
	}
	return column
}

// enclose measures node i; those below it have been measured.
func (t *Tree) enclose(i int) {
	n := &t.nodes[i]
	low, high := t.box(i)
	if t.leaf(i) {
		kernel.Bounds(t.rows(n), low, high)
		n.first = slices.Min(t.ids[n.low:n.high])
	} else {
		lowA, highA := t.box(left(i))
		lowB, highB := t.box(right(i))
		for j := range low {
			low[j], high[j] = min(lowA[j], lowB[j]), max(highA[j], highB[j])
		}
		n.first = min(t.nodes[left(i)].first, t.nodes[right(i)].first)
	}
	n.span = kernel.SquaredDistance(low, high)
	n.same = slices.Equal(low, high)
}

// partition moves rows until none before the middle has a greater value in the
// column, and none after it a lesser: Hoare, "Algorithm 65: Find", Commun. ACM 4
// (1961).
func (t *Tree) partition(ctx context.Context, low, high, middle, column int) {
	for high-low > 1 && ctx.Err() == nil {
		pivot := t.pivot(low, high, column)
		i, j := low, high-1
		for i <= j {
			for t.x[i*t.d+column] < pivot {
				i++
			}
			for t.x[j*t.d+column] > pivot {
				j--
			}
			if i <= j {
				t.swap(i, j)
				i++
				j--
			}
		}
		switch {
		case middle <= j:
			high = j + 1
		case middle >= i:
			low = i
		default:
			return
		}
	}
}

// pivot returns the median of three medians of three.
func (t *Tree) pivot(low, high, column int) float64 {
	at := func(eighth int) float64 { return t.x[(low+(high-1-low)*eighth/8)*t.d+column] }
	return median(median(at(0), at(1), at(2)), median(at(3), at(4), at(5)), median(at(6), at(7), at(8)))
}

func median(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

func (t *Tree) swap(i, j int) {
	t.ids[i], t.ids[j] = t.ids[j], t.ids[i]
	a, b := t.row(i), t.row(j)
	for k, v := range a {
		a[k], b[k] = b[k], v
	}
}

// leaf reports whether node i is one.
func (t *Tree) leaf(i int) bool { return i >= 1<<t.depth-1 }

func left(i int) int    { return 2*i + 1 }
func right(i int) int   { return 2*i + 2 }
func parent(i int) int  { return (i - 1) / 2 }
func sibling(i int) int { return (i - 1) ^ 1 + 1 }

func (t *Tree) row(i int) []float64 { return t.x[i*t.d : (i+1)*t.d] }

func (t *Tree) rows(n *node) []float64 { return t.x[int(n.low)*t.d : int(n.high)*t.d] }

func (n *node) size() int { return int(n.high - n.low) }

// box returns the least and the greatest values of node i.
func (t *Tree) box(i int) (low, high []float64) {
	b := t.bounds[2*i*t.d : 2*(i+1)*t.d]
	return b[:t.d:t.d], b[t.d:]
}

// Len returns the number of points.
func (t *Tree) Len() int { return t.n }

// Points returns a copy of the points, by number.
func (t *Tree) Points() []float64 {
	out := make([]float64, len(t.x))
	for i, id := range t.ids {
		copy(out[int(id)*t.d:], t.row(i))
	}
	return out
}
