package explain

import "github.com/cohortlens/cohortlens/internal/tree"

// Model is what can be explained: anything that predicts a number from a row of
// encoded columns.
type Model interface {
	// Evaluate sets dst to the predictions for len(dst) rows, which x holds one
	// after the other; NaN stands for a missing value. It is called from
	// several goroutines at once, and must neither keep nor change x.
	Evaluate(dst, x []float64)
}

// LinearModel is a [Model] that may be linear: when ok, its prediction is
// base + the sum over the columns of slope * (value - centre), to which a missing
// value adds nothing.
type LinearModel interface {
	Model
	Linear() (base float64, centres, slopes []float64, ok bool)
}

// TreeModel is a [Model] that may be an ensemble of trees: when not nil, Trees
// predicts what the model does. An [*Ensemble] needs no wrapping, it is
// recognised as a model by [New].
type TreeModel interface {
	Model
	Trees() *Ensemble
}

// Ensemble is a sum of regression trees, of any origin; see the example of New. A
// tool whose trees send a value to the left that is below the threshold, not equal
// to it, needs thresholds one step lower: math.Nextafter32 for xgboost.
type Ensemble = tree.Ensemble

// Tree is a regression tree as an array of nodes.
type Tree = tree.Tree

// Node is a split or, with the Feature [Leaf], a leaf.
type Node = tree.Node

// Leaf is the Feature of a [Node] without children.
const Leaf = tree.Leaf

// Column is an encoded column of a model.
type Column struct {
	// Name tells the column from the others of its group, such as "Plan=gold".
	Name string
	// Group is the user's column that it is rolled up to, such as "Plan"; Name
	// when empty.
	Group string
	// Reference names what a row is that has 0 in all columns of the group, such
	// as "Plan=basic", if these are indicators of all levels but one; else it is
	// empty. The columns of a group have the same.
	Reference string
}
