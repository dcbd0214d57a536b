package tree

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// sound returns an ensemble of two trees: five nodes, with a split to the left of
// the root, and a single leaf.
func sound() *Ensemble {
	leaf := func(v float64) Node { return Node{Value: v, Feature: Leaf} }
	return &Ensemble{Features: 2, Base: 10, Scale: 0.5, Trees: []Tree{
		{
			Nodes: []Node{{Value: 1, Right: 4}, {Value: 3, Right: 3, Feature: 1, MissingLeft: true}, leaf(-1), leaf(2), leaf(4)},
			Cover: []float64{7, 5, 2, 3, 2},
		},
		{Nodes: []Node{leaf(1)}, Cover: []float64{7}},
	}}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	node := func(i int, change func(n *Node)) func(e *Ensemble) {
		return func(e *Ensemble) { change(&e.Trees[0].Nodes[i]) }
	}
	cover := func(i int, to float64) func(e *Ensemble) { return func(e *Ensemble) { e.Trees[0].Cover[i] = to } }
	cases := []struct {
		name   string
		damage func(e *Ensemble)
		want   string
	}{
		{"no column", func(e *Ensemble) { e.Features = 0 }, "features: must be from 1 to 32767, got 0"},
		{"too many columns", func(e *Ensemble) { e.Features = 40_000 }, "features: must be from 1 to 32767, got 40000"},
		{"base", func(e *Ensemble) { e.Base = nan }, "base, scale and leaves"},
		{"scale", func(e *Ensemble) { e.Scale = inf }, "base, scale and leaves"},
		{"overflow", func(e *Ensemble) { e.Trees[0].Nodes[4].Value, e.Scale = 1e300, 1e10 }, "base, scale and leaves"},
		{"no trees", func(e *Ensemble) { e.Trees = nil }, "trees: there must be one or more"},
		{"no nodes", func(e *Ensemble) { e.Trees[0] = Tree{} }, "trees[0].nodes: their number must be from 1"},
		{"few covers", func(e *Ensemble) { e.Trees[0].Cover = e.Trees[0].Cover[:4] }, "trees[0].cover: must have a value for each of 5 nodes, got 4"},
		{"threshold", node(0, func(n *Node) { n.Value = inf }), "trees[0].nodes[0].value: must be finite, got +Inf"},
		{"leaf", node(2, func(n *Node) { n.Value = nan }), "trees[0].nodes[2].value: must be finite, got NaN"},
		{"feature above", node(0, func(n *Node) { n.Feature = 2 }), "trees[0].nodes[0].feature: must be from 0 to 1, or -1 for a leaf, got 2"},
		{"feature below", node(0, func(n *Node) { n.Feature = -2 }), "trees[0].nodes[0].feature: must be from 0 to 1, or -1 for a leaf, got -2"},
		{"child beyond the end", node(0, func(n *Node) { n.Right = 5 }), "trees[0].nodes[0].right: must be from 2 to 4, got 5"},
		{"child before", node(1, func(n *Node) { n.Right = 0 }), "trees[0].nodes[1].right: must be from 3 to 4, got 0"},
		{"cycle", node(1, func(n *Node) { n.Right = 1 }), "trees[0].nodes[1].right: must be from 3 to 4, got 1"},
		{"negative child", node(0, func(n *Node) { n.Right = -3 }), "trees[0].nodes[0].right: must be from 2 to 4, got -3"},
		{"shared child", node(1, func(n *Node) { n.Right = 4 }), "trees[0].nodes[1].right: must be 3, the node after its left subtree, got 4"},
		{"child of a left child", node(0, func(n *Node) { n.Right = 3 }), "trees[0].nodes[0].right: must be 4"},
		{"leaf with a child", node(2, func(n *Node) { n.Right = 3 }), "trees[0].nodes[2].right: a leaf has no children"},
		{"leaf with a side", node(2, func(n *Node) { n.MissingLeft = true }), "trees[0].nodes[2].right: a leaf has no children"},
		{"split at the end", node(4, func(n *Node) { *n = Node{Value: 1, Right: 6} }), "trees[0].nodes[4].right: must be from 6 to 4, got 6"},
		{"node of no parent", func(e *Ensemble) {
			e.Trees[1] = Tree{Nodes: []Node{{Feature: Leaf}, {Feature: Leaf}}, Cover: []float64{1, 1}}
		}, "trees[1].nodes[1]: it is no node's child"},
		{"missing right child", func(e *Ensemble) {
			e.Trees[1] = Tree{Nodes: []Node{{Right: 2}, {Right: 3}, {Feature: Leaf}, {Feature: Leaf}}, Cover: []float64{2, 2, 1, 1}}
		}, "trees[1].nodes[0].right: must be 4"},
		{"zero cover", cover(2, 0), "trees[0].cover[2]: must be positive and finite, got 0"},
		{"infinite cover", cover(2, inf), "trees[0].cover[2]: must be positive and finite, got +Inf"},
		{"cover that does not add up", cover(1, 5.001), "trees[0].cover[0]: must be 7.001"},
		{"too deep", func(e *Ensemble) { e.Trees[1] = chain(maxDepth + 1) }, "trees[1].nodes[1025]: it is more than 1024 splits below the root"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := sound()
			c.damage(e)
			if err := e.Validate(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// chain returns a tree in which each right child is a leaf.
func chain(depth int) Tree {
	t := Tree{Nodes: make([]Node, 2*depth+1), Cover: make([]float64, 2*depth+1)}
	for i := range t.Nodes {
		if t.Nodes[i].Feature, t.Cover[i] = Leaf, 1; i < depth {
			t.Nodes[i] = Node{Right: int32(2*depth - i)}
			t.Cover[i] = float64(depth + 1 - i)
		}
	}
	return t
}

func TestSoundEnsemblesAreValid(t *testing.T) {
	rounded := sound()
	rounded.Trees[0].Cover[0] *= 1 + 1e-6
	deep := sound()
	deep.Trees[1] = chain(maxDepth)
	columns, y := mixed(500, 4)
	for i, e := range []*Ensemble{sound(), rounded, deep, grow(t, columns, y, Config{Trees: 5}).Ensemble} {
		if err := e.Validate(t.Context()); err != nil {
			t.Errorf("ensemble %d: %v", i, err)
		}
	}
}

// Whatever a file says, an ensemble that passes can be evaluated.
func TestWhatIsValidCanBeEvaluated(t *testing.T) {
	base := sound().Trees[0]
	passed := 0
	for at := range base.Nodes {
		for right := int32(-2); right < 8; right++ {
			for feature := int16(-3); feature < 4; feature++ {
				e := sound()
				e.Trees[0].Nodes = slices.Clone(base.Nodes)
				e.Trees[0].Nodes[at].Right, e.Trees[0].Nodes[at].Feature = right, feature
				if e.Validate(t.Context()) == nil {
					passed++
					e.Evaluate(make([]float64, 3), []float64{0, 0, 2, 5, math.NaN(), math.NaN()})
				}
			}
		}
	}
	if passed != 7 { // five times as it was, and the other feature of each split
		t.Errorf("%d of the changed trees passed, want 7", passed)
	}
}
