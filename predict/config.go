package predict

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// maxTrees bounds the trees of a forest.
const maxTrees = 10_000

// Config says how to train. The zero value works, but for Target.
type Config struct {
	// Algorithm is [LinearRegression] when empty.
	Algorithm Algorithm
	// Target names the numeric column to predict. It is required.
	Target string
	// Numerical and Categorical name the columns to predict from. When both
	// are empty, all numeric and categorical columns but the target and
	// FoldGroups are used.
	Numerical, Categorical []string
	// KeepFirst keeps the indicator of each category's first level. It is
	// dropped by default, since it follows from the others.
	KeepFirst bool

	// RidgeAlpha is the penalty of [Ridge] on the squared coefficients of the
	// standardised columns, 0 or more, as scikit-learn's alpha; when 0, it is
	// chosen as Ridge describes.
	RidgeAlpha float64
	// Trees, MaxDepth, MinSamplesLeaf and MaxFeatures shape a [RandomForest]:
	// the number of trees, 100 when 0 and at most 10,000; the greatest depth of
	// a tree, unbounded when 0; the fewest rows in a leaf, 1 when 0; and the
	// number of encoded columns tried at each split, all of them when 0.
	Trees, MaxDepth, MinSamplesLeaf, MaxFeatures int

	// TestSize is the share of rows held out for Metrics, drawn at random by
	// Seed; 0.2 when 0. At least two rows are held out.
	TestSize float64
	// Folds is the number of blocks of the cross-validation, 2 to 100; 5 when
	// 0.
	Folds int
	// FoldOrder is [ContiguousFolds] when empty.
	FoldOrder FoldOrder
	// FoldGroups, if not empty, names a column of which rows with the same value
	// stay together: in one fold, and all held out or none. The largest groups
	// are dealt first, each to the fold with the fewest rows, as scikit-learn's
	// GroupKFold does. There must be as many groups as folds, and three at
	// least; no more than half of the rows are held out. FoldOrder must then be
	// empty.
	FoldGroups string

	// Level is the share of customers that the prediction intervals cover,
	// more than 0 and less than 1; 0.9 when 0.
	Level float64
	// IntervalMethod is chosen when empty, as [Intervals] describes.
	// [QuantileWidth] is for [RandomForest] alone.
	IntervalMethod IntervalMethod
	// IntervalGroups, if not empty, names a categorical column whose levels get
	// intervals of their own width; see [Intervals].
	IntervalGroups string

	// Seed draws the held-out rows, shuffled folds and forests; every value is
	// as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(done, total int)
}

// FoldOrder says which rows make a fold of the cross-validation.
type FoldOrder string

const (
	// ContiguousFolds are blocks of neighbouring rows, scikit-learn's KFold:
	// the strict choice for a table that is sorted by time or place.
	ContiguousFolds FoldOrder = "contiguous"
	// ShuffledFolds are drawn at random by Seed.
	ShuffledFolds FoldOrder = "shuffled"
)

func (c Config) withDefaults() Config {
	c.Algorithm = cmp.Or(c.Algorithm, LinearRegression)
	c.Trees = cmp.Or(c.Trees, 100)
	c.TestSize = cmp.Or(c.TestSize, 0.2)
	c.Folds = cmp.Or(c.Folds, 5)
	c.Level = cmp.Or(c.Level, 0.9)
	if c.FoldGroups == "" {
		c.FoldOrder = cmp.Or(c.FoldOrder, ContiguousFolds)
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check() error {
	if err := c.checkAlgorithm(); err != nil {
		return err
	}
	if !(c.TestSize > 0 && c.TestSize < 1) {
		return fmt.Errorf("predict: TestSize must be more than 0 and less than 1, got %v", c.TestSize)
	}
	if !(c.Level > 0 && c.Level < 1) {
		return fmt.Errorf("predict: Level must be more than 0 and less than 1, got %v", c.Level)
	}
	if c.Workers < 0 {
		return fmt.Errorf("predict: Workers must be 0 or more, got %d", c.Workers)
	}
	if err := c.checkFolds(); err != nil {
		return err
	}
	if err := c.checkIntervals(); err != nil {
		return err
	}
	return c.checkFeatures()
}

func (c Config) checkAlgorithm() error {
	if !slices.Contains(algorithms, c.Algorithm) {
		instead := map[Algorithm]Algorithm{"autogluon": Auto, "lstm": RandomForest}[c.Algorithm]
		hint := ""
		if instead != "" {
			hint = fmt.Sprintf("; use %q instead", instead)
		}
		return fmt.Errorf("predict: Algorithm must be one of %q, got %q%s: %w", algorithms, c.Algorithm, hint, ErrAlgorithm)
	}
	if !(c.RidgeAlpha >= 0) || math.IsInf(c.RidgeAlpha, 0) {
		return fmt.Errorf("predict: RidgeAlpha must be a number of 0 or more, got %v", c.RidgeAlpha)
	}
	if c.Trees < 1 || c.Trees > maxTrees {
		return fmt.Errorf("predict: Trees must be from 1 to %d, or 0 for 100, got %d", maxTrees, c.Trees)
	}
	for _, p := range []struct {
		name  string
		value int
	}{{"MaxDepth", c.MaxDepth}, {"MinSamplesLeaf", c.MinSamplesLeaf}, {"MaxFeatures", c.MaxFeatures}} {
		if p.value < 0 {
			return fmt.Errorf("predict: %s must be 0 or more, got %d", p.name, p.value)
		}
	}
	return nil
}

func (c Config) checkFolds() error {
	if c.Folds < 2 || c.Folds > 100 {
		return fmt.Errorf("predict: Folds must be from 2 to 100, got %d", c.Folds)
	}
	if c.FoldGroups != "" {
		if c.FoldOrder != "" {
			return fmt.Errorf("predict: FoldOrder must be empty when FoldGroups names a column, got %q", c.FoldOrder)
		}
		if c.FoldGroups == c.Target {
			return fmt.Errorf("predict: FoldGroups cannot be the target %q", c.Target)
		}
		return nil
	}
	if orders := []FoldOrder{ContiguousFolds, ShuffledFolds}; !slices.Contains(orders, c.FoldOrder) {
		return fmt.Errorf("predict: FoldOrder must be one of %q, got %q", orders, c.FoldOrder)
	}
	return nil
}

func (c Config) checkIntervals() error {
	switch c.IntervalMethod {
	case "", ConstantWidth:
		return nil
	case QuantileWidth:
		if c.Algorithm == RandomForest {
			return nil
		}
		return fmt.Errorf("predict: IntervalMethod %q needs Algorithm %q, got %q", QuantileWidth, RandomForest, c.Algorithm)
	}
	return fmt.Errorf("predict: IntervalMethod must be one of %q or empty, got %q", []IntervalMethod{ConstantWidth, QuantileWidth}, c.IntervalMethod)
}

func (c Config) checkFeatures() error {
	if c.Target == "" {
		return errors.New("predict: Target must name the numeric column to predict, got none")
	}
	all := slices.Concat(c.Numerical, c.Categorical)
	for i, name := range all {
		if name == c.Target {
			return fmt.Errorf("predict: the target %q cannot be among the columns to predict from", name)
		}
		if slices.Contains(all[:i], name) {
			return fmt.Errorf("predict: column %q is named twice in Numerical and Categorical", name)
		}
	}
	return nil
}
