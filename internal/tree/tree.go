package tree

import "math"

// Leaf is the Feature of a node without children.
const Leaf = -1

// Node is a split or a leaf. The nodes of a tree stand in preorder, the root
// first: the left child of a split is the next node.
type Node struct {
	// Value is the threshold of a split, the value of a leaf. A row whose
	// feature is at most the threshold goes to the left.
	Value float64
	// Right is the index of the right child, 0 for a leaf.
	Right int32
	// Feature is the encoded column that a split looks at, or [Leaf].
	Feature int16
	// MissingLeft sends rows without a value (NaN) to the left.
	MissingLeft bool
}

// Tree is a regression tree. Cover has, for each node, the weight of the rows
// that it was grown from; that of a split is the sum of its children's.
type Tree struct {
	Nodes []Node
	Cover []float64
}

// Ensemble predicts Base + Scale * (sum of the trees' leaves): Scale is 1 / number
// of trees for a forest. It is immutable.
type Ensemble struct {
	// Features is the number of encoded columns of a row.
	Features    int
	Base, Scale float64
	Trees       []Tree
}

// LeftOf reports whether a row with the value v at the node's feature goes to the
// left.
func (n Node) LeftOf(v float64) bool {
	if math.IsNaN(v) {
		return n.MissingLeft
	}
	return v <= n.Value
}

// Find returns the index of the leaf that a row of encoded columns ends in.
func (t *Tree) Find(row []float64) int {
	at := 0
	for {
		n := t.Nodes[at]
		switch {
		case n.Feature == Leaf:
			return at
		case n.LeftOf(row[n.Feature]):
			at++
		default:
			at = int(n.Right)
		}
	}
}
