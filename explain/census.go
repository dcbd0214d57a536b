package explain

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/par"
)

// census has, for each leaf of a tree in their order, how many rows of the
// background have which pattern there.
type census struct {
	background int
	// ends has, by leaf, where its counts end.
	ends   []int
	counts []patternCount
}

type patternCount struct {
	rows    uint32
	pattern uint16
}

// leaf returns the counts at a leaf.
func (c *census) leaf(i int) []patternCount {
	start := 0
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.counts[start:c.ends[i]]
}

// maxKept bounds the counts that an explainer keeps, of 8 bytes each, and maxCounted
// the patterns that it counts for them, about two in a nanosecond.
const maxKept, maxCounted = 1 << 23, 1 << 28

// keepBackground counts the patterns of the background once for all explanations,
// of the first trees, as far as memory and time allow.
func (g *treeGame) keepBackground(ctx context.Context) error {
	kept, counted, trees := 0.0, 0.0, 0
	for _, s := range g.shapes {
		rows := float64(s.leaves) * float64(g.background.rows)
		kept += min(s.patterns, rows)
		counted += rows
		if s.players > maxPatternBits || kept > maxKept || counted > maxCounted {
			break
		}
		trees++
	}
	g.kept = make([]*census, trees)
	return par.Each(ctx, g.config.Workers, trees, func(index int) error {
		g.kept[index] = g.count(ctx, index)
		return nil
	})
}

// count returns the counts of a tree, some of them when ctx ends.
func (g *treeGame) count(ctx context.Context, index int) *census {
	c := &census{background: g.background.rows}
	var w tableWalk
	w.reset(ctx, index, g) // g.kept[index] is nil yet
	w.walk(1, band{}, func(float64, []uint16) {
		for pattern, rows := range w.table.counts {
			if rows > 0 {
				c.counts = append(c.counts, patternCount{rows, uint16(pattern)})
			}
		}
		c.ends = append(c.ends, len(c.counts))
	})
	return c
}

// census returns the counts that are kept for a tree, nil when there are none.
func (g *treeGame) census(index int) *census {
	if index < len(g.kept) {
		return g.kept[index]
	}
	return nil
}
