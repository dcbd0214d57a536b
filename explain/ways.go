package explain

import "context"

// way says how trees are explained. All ways lead to the same values.
type way uint8

const (
	fastest way = iota
	byTables
	byWalking
)

// Nanoseconds of one core, roughly, by which the faster way is chosen. They decide
// about time alone, and never about a value beyond its rounding.
const (
	patternCost = 5.0 // for each pattern of a leaf
	entryCost   = 2.5 // for each pattern and feature, or pair of features
	lookupCost  = 1.5 // for each leaf and row
	walkCost    = 8.0 // for each node, point of the quadrature and row
	stepCost    = 6.0 // for each node that a pair of rows visits
)

const (
	// maxPatternBits is the greatest number of features on a path for which
	// patterns are tabulated, maxPatterns the number of bits of a pattern.
	maxPatternBits, maxPatterns = 12, 16
	// samplePairs is the number of rows, and of rows of the background, on which
	// the cost of walking in pairs is tried.
	samplePairs = 4
)

// ways holds the walks that a worker uses for all trees of its tasks.
type ways struct {
	game   *treeGame
	tables tableWalk
	path   pathWalk
	pairs  pairWalk
}

// choose gets a walk ready for the rows of a band and a tree, the faster one for
// the values of single features (order 1) or of pairs (order 2), and returns which
// it is: either tables, pairs or path.
func (w *ways) choose(ctx context.Context, index int, b band, order int) (tables *tableWalk, pairs *pairWalk, path *pathWalk) {
	g := w.game
	t, s := &g.trees.Trees[index], g.shapes[index]
	switch {
	case w.tabulated(index, b, order):
		w.tables.reset(ctx, index, g)
		return &w.tables, nil, nil
	case g.background.rows > 0:
		w.pairs.reset(ctx, t, s, g.trees.Features)
		return nil, &w.pairs, nil
	default:
		w.path.reset(ctx, t, s, g.trees.Features)
		return nil, nil, &w.path
	}
}

// tabulated reports whether tables are the faster way.
func (w *ways) tabulated(index int, b band, order int) bool {
	g := w.game
	s := g.shapes[index]
	switch {
	case g.way != fastest:
		return g.way == byTables
	case s.players > maxPatternBits:
		return false
	case g.background.rows > 0:
		background := g.background.rows
		if g.census(index) != nil {
			background = 0
		}
		return s.tableCost(b.rows, background, order) < w.pairCost(index, b, order)
	default:
		return s.tableCost(b.rows, 0, order) < s.walkCost(b.rows, order)
	}
}

func (s shape) tableCost(rows, background, order int) float64 {
	entries, lookup := s.entries, 1.0
	if order == 2 {
		entries, lookup = s.pairs, float64(s.players)
	}
	lookups := float64(s.leaves) * (float64(rows)*lookup + float64(background))
	return s.patterns*patternCost + entries*entryCost + lookups*lookupCost
}

func (s shape) walkCost(rows, order int) float64 {
	blocks := float64(rows + 2*min(rows, blockRows)) // what a block costs beside its rows
	walks := 1
	if order == 2 {
		walks = 2 * s.players
	}
	return 2 * float64(s.leaves) * float64(s.points()*walks) * blocks * walkCost
}

// pairCost tries some pairs to see how many nodes they visit.
func (w *ways) pairCost(index int, b band, order int) float64 {
	g := w.game
	w.pairs.reset(context.Background(), &g.trees.Trees[index], g.shapes[index], g.trees.Features)
	n, m := min(samplePairs, b.rows), min(samplePairs, g.background.rows)
	for i := range n {
		for j := range m {
			w.pairs.pair(b, i*b.rows/n, g.background, j*g.background.rows/m)
		}
	}
	steps := float64(w.pairs.steps) / float64(n*m)
	return steps * float64(order*order) * float64(b.rows) * float64(g.background.rows) * stepCost
}

// valueWorker adds the values of single features.
type valueWorker struct{ ways }

func (w *valueWorker) add(ctx context.Context, index int, b band, out []float64, stride int) {
	tables, pairs, path := w.choose(ctx, index, b, 1)
	switch {
	case tables != nil:
		tables.add(b, out, stride)
	case pairs != nil:
		pairs.add(b, w.game.background, out, stride)
	default:
		path.add(b, out, stride)
	}
}

// interactionWorker adds the values of pairs of features.
type interactionWorker struct {
	ways
	values []float64
}

func (w *interactionWorker) add(ctx context.Context, index int, b band, out []float64, stride int) {
	tables, pairs, path := w.choose(ctx, index, b, 2)
	switch {
	case tables != nil:
		tables.addInteractions(b, out, stride)
	case pairs != nil:
		pairs.addInteractions(b, w.game.background, out, stride)
	default:
		w.values = resize(w.values, b.rows*w.game.trees.Features)
		path.addInteractions(b, w.values, out, stride)
	}
}
