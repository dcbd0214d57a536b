package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// grower grows one tree at a time, in memory that it uses again for the next.
// The rows of a tree are numbered without those that were not drawn.
type grower struct {
	*problem
	ctx    context.Context
	random *rand.Rand

	weights []uint32  // of all rows, 0 for those not drawn
	numbers []uint32  // of all rows
	y, w    []float64 // by number
	parts   []part    // by number, within the node at hand

	// A node is a range in rows, and at the same time in each sorted column.
	rows   []uint32
	sorted [][]entry // by column, nil for those that are flags
	bits   []uint64  // flags, by number

	tallies []tally // of the node at hand, by bit

	left       []uint8 // by number: 1 for rows to the left
	spare      []entry
	spareRows  []uint32
	order      []int // the columns to visit, those visited first
	sinceCheck int

	nodes   []Node
	cover   []float64
	pending []pending
	gains   []float64 // by column
}

// part is what a row adds to the sums of a node: its weight, and its weighted
// distance from the node's mean.
type part struct{ sum, weight float64 }

// pending is a node to be grown: its range, and the split whose right child it
// is, or -1.
type pending struct {
	low, high, depth int
	parent           int
}

func newGrower(p *problem) *grower {
	n := len(p.y)
	return &grower{
		problem: p, weights: make([]uint32, n), numbers: make([]uint32, n),
		sorted: make([][]entry, len(p.columns)), tallies: make([]tally, 64*p.flags.words),
		order: make([]int, 0, len(p.columns)), gains: make([]float64, len(p.columns)),
	}
}

// begin draws the rows of the next tree.
func (g *grower) begin(ctx context.Context, random *rand.Rand) {
	g.ctx, g.random, g.sinceCheck = ctx, random, 0
	g.nodes, g.cover, g.pending = g.nodes[:0], g.cover[:0], g.pending[:0]
	clear(g.gains)
	if g.cfg.NoBootstrap {
		for row := range g.weights {
			g.weights[row] = 1
		}
		return
	}
	drawRows(g.weights, random)
}

// grow grows the tree, which then stands in nodes and cover.
func (g *grower) grow() error {
	if err := g.prepare(); err != nil {
		return err
	}
	g.pending = append(g.pending, pending{high: len(g.rows), parent: -1})
	for len(g.pending) > 0 {
		next := g.pending[len(g.pending)-1]
		g.pending = g.pending[:len(g.pending)-1]
		if next.parent >= 0 {
			g.nodes[next.parent].Right = int32(len(g.nodes))
		}
		if err := g.addNode(next); err != nil {
			return err
		}
	}
	return nil
}

// tree returns a copy of what was grown.
func (g *grower) tree() Tree { return Tree{Nodes: slices.Clone(g.nodes), Cover: slices.Clone(g.cover)} }

// prepare numbers the rows drawn and sets all that is kept by number.
func (g *grower) prepare() error {
	g.rows, g.y, g.w, g.bits = g.rows[:0], g.y[:0], g.w[:0], g.bits[:0]
	words := g.flags.words
	for row, weight := range g.weights {
		if weight > 0 {
			g.numbers[row] = uint32(len(g.rows))
			g.rows = append(g.rows, uint32(len(g.rows)))
			g.y, g.w = append(g.y, g.problem.y[row]), append(g.w, float64(weight))
			g.bits = append(g.bits, g.flags.bits[row*words:(row+1)*words]...)
		}
	}
	n := len(g.rows)
	g.parts = slices.Grow(g.parts[:0], n)[:n]
	g.left = slices.Grow(g.left[:0], n)[:n]
	g.spare = slices.Grow(g.spare[:0], n)[:n]
	g.spareRows = slices.Grow(g.spareRows[:0], n)[:n]
	for j, c := range g.columns {
		if c.sorted == nil {
			continue
		}
		if err := g.spend(len(g.weights)); err != nil {
			return err
		}
		g.sorted[j] = g.sortedDrawn(g.sorted[j][:0], c.sorted)
	}
	return nil
}

// sortedDrawn appends what a sorted column has of the rows drawn.
func (g *grower) sortedDrawn(to, from []entry) []entry {
	to = slices.Grow(to, len(g.rows))
	for _, e := range from {
		if g.weights[e.row()] > 0 {
			to = append(to, newEntry(e.code(), g.numbers[e.row()]))
		}
	}
	return to
}

// spend looks at ctx once in a few hundred thousand steps, which is a few
// milliseconds.
func (g *grower) spend(steps int) error {
	const often = 1 << 18
	if g.sinceCheck += steps; g.sinceCheck < often {
		return nil
	}
	g.sinceCheck = 0
	return g.ctx.Err()
}

// addNode adds a leaf, or a split whose children are then pending.
func (g *grower) addNode(p pending) error {
	rows := g.rows[p.low:p.high]
	sums := g.measure(rows)
	g.cover = append(g.cover, sums.weight)
	if g.canSplit(len(rows), p.depth) && !sums.pure {
		g.setParts(rows, &sums)
		s, err := g.search(p, sums)
		if err != nil {
			return err
		}
		if s.found() {
			return g.divide(p, s, sums)
		}
	}
	g.nodes = append(g.nodes, Node{Value: math.Ldexp(sums.mean, g.exponent), Feature: Leaf})
	return nil
}

func (g *grower) canSplit(rows, depth int) bool {
	return rows >= 2*g.cfg.MinSamplesLeaf && rows > 1 && depth < g.cfg.MaxDepth
}

// nodeSums are the weight of a node's rows, the mean of their targets, and the
// weighted sum of squares around it.
type nodeSums struct {
	weight, mean, squares float64
	pure                  bool // all targets are equal
}

func (g *grower) measure(rows []uint32) nodeSums {
	first := g.y[rows[0]]
	low, high := first, first
	sum, weight := 0.0, 0.0
	for _, r := range rows {
		y, w := g.y[r], g.w[r]
		low, high = min(low, y), max(high, y)
		sum += float64(w * y)
		weight += w
	}
	if low == high {
		return nodeSums{weight: weight, mean: first, pure: true}
	}
	return nodeSums{weight: weight, mean: sum / weight}
}

func (g *grower) setParts(rows []uint32, s *nodeSums) {
	for _, r := range rows {
		w, d := g.w[r], g.y[r]-s.mean
		g.parts[r] = part{w * d, w}
		s.squares += float64(w * d * d)
	}
}
