package explain_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// forestSpec says what random ensembles are like.
type forestSpec struct {
	features, trees, depth int
	// bushy is the chance that a node above the greatest depth is split.
	bushy float64
	// hot is the number of features, the last ones, that are 0 or 1.
	hot int
}

// randomForest grows trees at random: features repeat on paths, thresholds meet
// the values of the rows, and covers are split at random.
func randomForest(r *rand.Rand, s forestSpec) *explain.Ensemble {
	e := &explain.Ensemble{Features: s.features, Base: r.NormFloat64(), Scale: 0.5 + r.Float64()}
	for range s.trees {
		g := grower{Rand: r, spec: s}
		g.grow(0, 1+99*r.Float64())
		e.Trees = append(e.Trees, g.tree)
	}
	return e
}

type grower struct {
	*rand.Rand
	spec forestSpec
	tree explain.Tree
}

func (g *grower) grow(depth int, cover float64) {
	at := len(g.tree.Nodes)
	g.tree.Nodes = append(g.tree.Nodes, explain.Node{Feature: explain.Leaf, Value: g.NormFloat64()})
	g.tree.Cover = append(g.tree.Cover, cover)
	if depth == g.spec.depth || (depth > 0 && g.Float64() > g.spec.bushy) {
		return
	}
	feature := g.IntN(g.spec.features)
	threshold := float64(g.IntN(7)-3) / 2
	if feature >= g.spec.features-g.spec.hot {
		threshold = 0.5
	}
	left := cover * (0.001 + 0.998*g.Float64())
	missingLeft := g.IntN(2) == 0
	g.grow(depth+1, left)
	g.tree.Nodes[at] = explain.Node{Feature: int16(feature), Value: threshold, Right: int32(len(g.tree.Nodes)), MissingLeft: missingLeft}
	g.grow(depth+1, cover-left)
}

// randomRows draws rows whose values meet thresholds, some of them missing.
func randomRows(r *rand.Rand, s forestSpec, rows int) []float64 {
	x := make([]float64, rows*s.features)
	for i := range x {
		switch {
		case r.IntN(10) == 0:
			x[i] = math.NaN()
		case i%s.features >= s.features-s.hot:
			x[i] = float64(r.IntN(2))
		default:
			x[i] = float64(r.IntN(9)-4) / 2
		}
	}
	return x
}

func names(d int) []explain.Column {
	columns := make([]explain.Column, d)
	for i := range columns {
		columns[i].Name = fmt.Sprint("x", i)
	}
	return columns
}

func stream(path ...uint64) *rand.Rand { return rng.Stream(1, path...) }
