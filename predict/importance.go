package predict

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// Importance says how much a predictor relies on a column of the table.
//
// Permutation is what the mean squared error grows by when the values of the
// column are shuffled among the rows (Breiman, "Random forests", 2001), in the
// square of the target's unit. For a forest it is measured on the out-of-bag rows,
// with one shuffle for each tree; for a linear predictor it is the expectation over
// all shuffles of the training rows, which follows from the slopes and the
// covariances. It speaks of the predictor, not of causes: of two columns that say
// the same, each may seem to matter little.
type Importance struct {
	// Column is one of the features. For an encoded column it is the name, as in
	// [EncodedColumn].
	Column      string
	Permutation float64
	// StdError is the standard error of Permutation over the trees, 0 for a
	// linear predictor.
	StdError float64
	// Impurity is the column's share of what the splits of a forest take away
	// from the squared error on its training rows, 0 for a linear predictor. It
	// favours columns of many values, even useless ones.
	Impurity float64
	// Encoded has the columns that a category was encoded to, in their order; it
	// is empty for a number.
	Encoded []Importance
}

// sortImportances puts the most important column first.
func sortImportances(all []Importance) {
	slices.SortStableFunc(all, func(a, b Importance) int { return cmp.Compare(b.Permutation, a.Permutation) })
}

// linearImportances takes the statistics that the model was fitted on.
func linearImportances(e *encoder, m *linear, g *stat.Gram) []Importance {
	out := []Importance{}
	for _, x := range e.places() {
		one := Importance{Column: x.name, Permutation: m.shuffled(g, x.low, x.high)}
		if x.category {
			for i := x.low; i < x.high; i++ {
				one.Encoded = append(one.Encoded, Importance{Column: e.columns()[i].Name, Permutation: m.shuffled(g, i, i+1)})
			}
		}
		out = append(out, one)
	}
	sortImportances(out)
	return out
}

// shuffled returns the expected growth of the mean squared error when the encoded
// columns from low on, before high, are shuffled together. With c their
// contribution and e the residual that is 2 var(c) + 2 cov(c, e).
func (m *linear) shuffled(g *stat.Gram, low, high int) float64 {
	sum := 0.0
	for i := low; i < high; i++ {
		if m.slope[i] == 0 {
			continue
		}
		own, all := 0.0, 0.0
		for j, slope := range m.slope {
			if slope == 0 {
				continue
			}
			product := slope * g.At(i+1, j+1)
			all += product
			if j >= low && j < high {
				own += product
			}
		}
		sum += m.slope[i] * (own + g.At(i+1, 0) - all)
	}
	return max(0, 2*sum/float64(g.Rows()))
}

// forestImportances has a forest permute each feature, and each indicator of a
// category.
func forestImportances(ctx context.Context, e *encoder, f *tree.Forest) ([]Importance, error) {
	var out []Importance
	var sets [][]int
	for _, x := range e.places() {
		sets = append(sets, between(x.low, x.high))
		for i := x.low; x.category && i < x.high; i++ {
			sets = append(sets, []int{i})
		}
	}
	effects, err := f.Permutation(ctx, sets)
	if err != nil {
		return nil, err
	}
	columns := e.columns()
	next := func(name string, low, high int) Importance {
		one := Importance{Column: name, Permutation: numberOr0(effects[0].Mean), StdError: numberOr0(effects[0].StdError)}
		for _, share := range f.Impurity[low:high] {
			one.Impurity += share
		}
		effects = effects[1:]
		return one
	}
	for _, x := range e.places() {
		one := next(x.name, x.low, x.high)
		for i := x.low; x.category && i < x.high; i++ {
			one.Encoded = append(one.Encoded, next(columns[i].Name, i, i+1))
		}
		out = append(out, one)
	}
	sortImportances(out)
	return out, nil
}

// numberOr0 stands in for figures that a single tree does not give.
func numberOr0(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func between(low, high int) []int {
	out := make([]int, 0, high-low)
	for i := low; i < high; i++ {
		out = append(out, i)
	}
	return out
}
