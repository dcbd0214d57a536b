package kdtree

import (
	"context"
	"sync/atomic"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Components returns the connected components of the graph that joins points
// within the squared distance: for each point the number of its component, and
// how many there are. They are numbered by their points of least number.
//
// Parts of the tree that are known to be of one component are not looked at
// again, so that a large distance is no dearer than a small one.
func (t *Tree) Components(ctx context.Context, workers int, squared float64) ([]int32, int, error) {
	c := &components{
		Tree: t, ctx: ctx, squared: squared,
		forest: newForest(t.n), whole: make([]atomic.Bool, len(t.nodes)),
	}
	err := t.eachSubtree(ctx, workers, c.within)
	if err != nil {
		return nil, 0, err
	}
	first := t.firstTask()
	err = t.eachSubtree(ctx, workers, func(later int) error {
		for earlier := first; earlier < later; earlier++ {
			if err := c.between(earlier, later); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	labels, count := c.number()
	return labels, count, nil
}

// components is the state of a search for connected components.
type components struct {
	*Tree
	ctx     context.Context
	squared float64
	forest  forest
	// whole says of a node that its points are known to be of one component.
	whole []atomic.Bool
}

// within joins the points of node i among themselves.
func (c *components) within(i int) error {
	n := &c.nodes[i]
	switch {
	case n.span <= c.squared:
		c.joinAll(i, n.low)
		return nil
	case c.leaf(i):
		for r := n.low; r < n.high; r++ {
			c.joinRow(r, r+1, n.high, false)
		}
		return c.ctx.Err()
	}
	if err := c.within(left(i)); err != nil {
		return err
	}
	if err := c.within(right(i)); err != nil {
		return err
	}
	return c.between(left(i), right(i))
}

// between joins points of node a with points of node b.
func (c *components) between(a, b int) error {
	na, nb := &c.nodes[a], &c.nodes[b]
	lowA, highA := c.box(a)
	lowB, highB := c.box(b)
	nearest, farthest := kernel.BoxGap(lowA, highA, lowB, highB)
	if nearest > c.squared {
		return nil
	}
	wholeA, wholeB := c.isWhole(a), c.isWhole(b)
	switch {
	case wholeA && wholeB && c.forest.root(na.low) == c.forest.root(nb.low):
		return nil
	case farthest <= c.squared:
		c.joinAll(a, na.low)
		c.joinAll(b, na.low)
		return nil
	case c.leaf(a) && c.leaf(b):
		c.joinLeaves(na, nb, wholeA, wholeB)
		return c.ctx.Err()
	case c.leaf(b) || !c.leaf(a) && na.span >= nb.span:
		return c.betweenChildren(a, b)
	default:
		return c.betweenChildren(b, a)
	}
}

// betweenChildren joins the children of node a with node b, the nearer first.
func (c *components) betweenChildren(a, b int) error {
	low, high := c.box(b)
	column := c.nodes[a].column
	near, far := c.ordered(a, low[column]+(high[column]-low[column])/2)
	if err := c.between(near, b); err != nil {
		return err
	}
	return c.between(far, b)
}

// isWhole reports whether the points of node i are known to be of one component.
func (c *components) isWhole(i int) bool {
	if c.whole[i].Load() {
		return true
	}
	n := &c.nodes[i]
	root := c.forest.root(n.low)
	if c.leaf(i) {
		for r := n.low + 1; r < n.high; r++ {
			if c.forest.root(r) != root {
				return false
			}
		}
	} else if !c.whole[left(i)].Load() || !c.whole[right(i)].Load() || c.forest.root(c.nodes[right(i)].low) != root {
		return false
	}
	c.whole[i].Store(true)
	return true
}

// joinAll joins the points of node i with a row.
func (c *components) joinAll(i int, row int32) {
	n := &c.nodes[i]
	if c.isWhole(i) {
		c.forest.join(row, n.low)
		return
	}
	for r := n.low; r < n.high; r++ {
		c.forest.join(row, r)
	}
	c.whole[i].Store(true)
}

// joinLeaves joins the points of two leaves. One point stands for equal ones,
// and one pair is enough for two that are whole.
func (c *components) joinLeaves(a, b *node, wholeA, wholeB bool) {
	highA, highB := a.high, b.high
	if a.same {
		highA = a.low + 1
	}
	if b.same {
		highB = b.low + 1
	}
	for r := a.low; r < highA; r++ {
		if found := c.joinRow(r, b.low, highB, wholeB); found && wholeA && wholeB {
			return
		}
	}
}

// joinRow joins a row with those of the rows from low to high that are within
// the distance, or with the first of them if one is enough. It reports whether
// there was any.
func (c *components) joinRow(row, low, high int32, one bool) (found bool) {
	p := c.row(int(row))
	for low < high {
		step := kernel.FirstWithin(p, c.x[int(low)*c.d:int(high)*c.d], c.squared)
		if step < 0 {
			return found
		}
		c.forest.join(row, low+int32(step))
		found = true
		if one {
			return true
		}
		low += int32(step) + 1
	}
	return found
}

// number returns the component of each point.
func (c *components) number() (labels []int32, count int) {
	labels = make([]int32, c.n)
	for row, id := range c.ids {
		labels[id] = c.forest.root(int32(row))
	}
	names := make([]int32, c.n) // by root, from 1
	for id, root := range labels {
		if names[root] == 0 {
			count++
			names[root] = int32(count)
		}
		labels[id] = names[root] - 1
	}
	return labels, count
}

// forest is a union-find structure that goroutines may share: Anderson and
// Woll, "Wait-free parallel algorithms for the union-find problem", STOC 1991.
// Each element leads to a lesser one of its set, the least one to itself.
type forest []atomic.Int32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i].Store(int32(i))
	}
	return f
}

// root returns the least element of the set of i, and shortens the way to it.
func (f forest) root(i int32) int32 {
	for {
		up := f[i].Load()
		if up == i {
			return i
		}
		if further := f[up].Load(); further != up {
			f[i].CompareAndSwap(up, further)
		}
		i = up
	}
}

func (f forest) join(a, b int32) {
	for {
		a, b = f.root(a), f.root(b)
		if a == b {
			return
		}
		if f[max(a, b)].CompareAndSwap(max(a, b), min(a, b)) {
			return
		}
	}
}
