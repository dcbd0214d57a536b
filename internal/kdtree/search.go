package kdtree

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// Crowded reports for each point whether at least count points, itself included,
// are within the squared distance. Each point costs what it takes to find so
// many.
func (t *Tree) Crowded(ctx context.Context, workers int, squared float64, count int) ([]bool, error) {
	crowded := make([]bool, t.n)
	err := t.eachSubtree(ctx, workers, func(i int) error { return t.crowded(ctx, i, squared, count, crowded) })
	return crowded, err
}

// crowded decides for the points of node i. Where the box is small, its own
// points suffice.
func (t *Tree) crowded(ctx context.Context, i int, squared float64, count int, to []bool) error {
	n := &t.nodes[i]
	if n.span <= squared && n.size() >= count {
		for _, id := range t.ids[n.low:n.high] {
			to[id] = true
		}
		return nil
	}
	if !t.leaf(i) {
		if err := t.crowded(ctx, left(i), squared, count, to); err != nil {
			return err
		}
		return t.crowded(ctx, right(i), squared, count, to)
	}
	known := false
	for r := int(n.low); r < int(n.high); r++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r == int(n.low) || !n.same {
			known = t.reaches(i, t.row(r), squared, count)
		}
		to[t.ids[r]] = known
	}
	return nil
}

// reaches reports whether count points are within the squared distance of p,
// which lies in leaf i. It looks at the nearest parts of the tree first.
func (t *Tree) reaches(i int, p []float64, squared float64, count int) bool {
	lacking := t.lacking(i, p, squared, count)
	for ; lacking > 0 && i > 0; i = parent(i) {
		lacking = t.lacking(sibling(i), p, squared, lacking)
	}
	return lacking <= 0
}

// lacking returns what remains of count, or less than 1, when the points of node
// i within the squared distance of p are taken from it. A box can be within a
// distance only if its diagonal is at most twice that.
func (t *Tree) lacking(i int, p []float64, squared float64, count int) int {
	n := &t.nodes[i]
	low, high := t.box(i)
	switch {
	case kernel.BoxNearest(p, low, high, squared) > squared:
		return count
	case n.span <= 4*squared && kernel.BoxFarthest(p, low, high) <= squared:
		return count - n.size()
	case t.leaf(i):
		return count - kernel.CountWithin(p, t.rows(n), squared)
	}
	near, far := t.ordered(i, p[n.column])
	if count = t.lacking(near, p, squared, count); count > 0 {
		count = t.lacking(far, p, squared, count)
	}
	return count
}

// ordered returns the children of node i, that of the value first.
func (t *Tree) ordered(i int, value float64) (near, far int) {
	if value < t.nodes[i].split {
		return left(i), right(i)
	}
	return right(i), left(i)
}

// Nearest returns the point nearest to p among those within the squared
// distance, of equals the one of the least number; -1 if there is none.
func (t *Tree) Nearest(p []float64, squared float64) int {
	if t.n == 0 {
		return -1
	}
	s := search{t, p, squared, -1}
	s.visit(0)
	return int(s.id)
}

// search is what is known of the nearest point so far.
type search struct {
	*Tree
	p       []float64
	squared float64
	id      int32
}

func (s *search) visit(i int) {
	n := &s.nodes[i]
	low, high := s.box(i)
	nearest := kernel.BoxNearest(s.p, low, high, s.squared)
	switch {
	case !s.beats(nearest, n.first):
		return
	case n.same:
		s.squared, s.id = nearest, n.first
	case s.leaf(i):
		for r := int(n.low); r < int(n.high); r++ {
			if squared := kernel.SquaredDistance(s.p, s.row(r)); s.beats(squared, s.ids[r]) {
				s.squared, s.id = squared, s.ids[r]
			}
		}
	default:
		near, far := s.ordered(i, s.p[n.column])
		s.visit(near)
		s.visit(far)
	}
}

func (s *search) beats(squared float64, id int32) bool {
	return squared < s.squared || squared == s.squared && (s.id < 0 || id < s.id)
}
