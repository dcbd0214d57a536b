package tree

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
)

// coverTolerance is by how much, relatively, the cover of a split may differ from
// the sum of its children's: other tools add them up in single precision.
const coverTolerance = 1e-5

// Validate returns an error that names the field unless the ensemble is sound: a
// number of columns in range; in each tree nodes in preorder, so that every node but
// the root is the child of exactly one split before it, at most 1024 splits deep;
// features among the columns; thresholds, leaves and covers finite; covers positive,
// and those of splits the sum of their children's to a relative 1e-5. What is sound
// can be evaluated for any row, and the prediction is finite. Cost is linear in the
// nodes, and spread over all cores. It ends soon after ctx, with its error.
func (e *Ensemble) Validate(ctx context.Context) error {
	if e.Features < 1 || e.Features > maxColumns {
		return fmt.Errorf("features: must be from 1 to %d, got %d", maxColumns, e.Features)
	}
	if len(e.Trees) < 1 {
		return fmt.Errorf("trees: there must be one or more, got none")
	}
	greatest := make([]float64, len(e.Trees)) // leaves
	err := par.Each(ctx, 0, len(e.Trees), func(i int) error {
		if err := e.Trees[i].validate(e.Features); err != nil {
			return fmt.Errorf("trees[%d].%w", i, err)
		}
		for _, n := range e.Trees[i].Nodes {
			if n.Feature == Leaf {
				greatest[i] = max(greatest[i], math.Abs(n.Value))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.checkRange(slices.Max(greatest))
}

// checkRange refuses predictions that could overflow, given the greatest absolute
// value of a leaf.
func (e *Ensemble) checkRange(greatest float64) error {
	if !finite(math.Abs(e.Base) + math.Abs(e.Scale)*float64(len(e.Trees))*greatest) {
		return fmt.Errorf("base, scale and leaves are too large for predictions to be finite: %v, %v and up to %v", e.Base, e.Scale, greatest)
	}
	return nil
}

func (t *Tree) validate(features int) error {
	n := len(t.Nodes)
	if n < 1 || n > math.MaxInt32 {
		return fmt.Errorf("nodes: their number must be from 1 to %d, got %d", math.MaxInt32, n)
	}
	if len(t.Cover) != n {
		return fmt.Errorf("cover: must have a value for each of %d nodes, got %d", n, len(t.Cover))
	}
	for i := range t.Nodes {
		if err := t.validateNode(i, features); err != nil {
			return err
		}
	}
	if err := t.validateOrder(); err != nil {
		return err
	}
	return t.validateCover()
}

func (t *Tree) validateNode(i, features int) error {
	switch n, cover := t.Nodes[i], t.Cover[i]; {
	case !finite(n.Value):
		return fmt.Errorf("nodes[%d].value: must be finite, got %v", i, n.Value)
	case n.Feature == Leaf && (n.Right != 0 || n.MissingLeft):
		return fmt.Errorf("nodes[%d].right: a leaf has no children and no side for missing values, got %d and %t", i, n.Right, n.MissingLeft)
	case n.Feature != Leaf && (n.Feature < 0 || int(n.Feature) >= features):
		return fmt.Errorf("nodes[%d].feature: must be from 0 to %d, or %d for a leaf, got %d", i, features-1, Leaf, n.Feature)
	case n.Feature != Leaf && (int(n.Right) < i+2 || int(n.Right) >= len(t.Nodes)):
		return fmt.Errorf("nodes[%d].right: must be from %d to %d, got %d", i, i+2, len(t.Nodes)-1, n.Right)
	case !(cover > 0 && finite(cover)):
		return fmt.Errorf("cover[%d]: must be positive and finite, got %v", i, cover)
	}
	return nil
}

// validateOrder checks that the right child of each split is the node after its
// left subtree.
func (t *Tree) validateOrder() error {
	type split struct{ node, depth int }
	var open []split // whose right child was not reached yet
	depth := 0
	for i, n := range t.Nodes {
		if depth > maxDepth {
			return fmt.Errorf("nodes[%d]: it is more than %d splits below the root", i, maxDepth)
		}
		if n.Feature != Leaf {
			open = append(open, split{i, depth})
			depth++
			continue
		}
		if len(open) == 0 {
			if i+1 < len(t.Nodes) {
				return fmt.Errorf("nodes[%d]: it is no node's child", i+1)
			}
			return nil
		}
		last := open[len(open)-1]
		open = open[:len(open)-1]
		if right := int(t.Nodes[last.node].Right); right != i+1 {
			return fmt.Errorf("nodes[%d].right: must be %d, the node after its left subtree, got %d", last.node, i+1, right)
		}
		depth = last.depth + 1
	}
	return fmt.Errorf("nodes[%d].right: there is no such node", open[len(open)-1].node)
}

func (t *Tree) validateCover() error {
	for i, n := range t.Nodes {
		if n.Feature == Leaf {
			continue
		}
		sum := t.Cover[i+1] + t.Cover[n.Right]
		if !(math.Abs(sum-t.Cover[i]) <= coverTolerance*sum) {
			return fmt.Errorf("cover[%d]: must be %v, the sum of its children's, got %v", i, sum, t.Cover[i])
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
