package explain

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// Method names a way to compute contributions. Each is the Shapley value of a
// game whose players are the encoded columns; they differ in what the model
// predicts for a row of which only some columns are known.
type Method string

const (
	// Linear is for linear models: a column that is not known has its centre.
	// The contribution is slope * (value - centre), which is exact for
	// independent and for dependent columns alike.
	Linear Method = "linear"
	// PathDependent is for trees: at a split on a column that is not known,
	// the row goes both ways, in the proportion of the rows that the tree was
	// grown from. Lundberg et al. 2020, "tree_path_dependent".
	PathDependent Method = "tree_path_dependent"
	// Interventional is for trees: columns that are not known have the values
	// of a row of the background sample, and the prediction is averaged over
	// these rows. Exact. Janzing et al. 2020.
	Interventional Method = "tree_interventional"
	// Permutation estimates the values of the same game as Interventional for
	// any model, from permutations of the columns drawn at random, and says
	// how well. Castro et al. 2009.
	Permutation Method = "permutation"
)

// Config says how to explain. The zero value works for linear models and trees.
type Config struct {
	// Method is chosen by the model when empty: Linear for one that is linear,
	// for trees PathDependent, or Interventional when there is a Background,
	// else Permutation.
	Method Method
	// Background holds encoded rows that stand for the customers with whom the
	// explained ones are compared, one after the other; NaN is missing. It is
	// required by Interventional and Permutation. 100 to 1,000 rows are enough
	// for most purposes. The explainer keeps it, so it must not be changed.
	Background []float64
	// Permutations is the number of antithetic pairs of permutations that
	// Permutation draws for a row; 256 when 0. It is rounded up to a multiple
	// of the rows of the background, so that each of these counts alike.
	Permutations int
	// Seed draws the permutations; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently. Steps
	// take about the same time each.
	Progress func(done, total int)
}

const maxPermutations = 1_000_000

func (c Config) withDefaults() Config {
	if c.Permutations == 0 {
		c.Permutations = 256
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check(columns int) error {
	methods := []Method{"", Linear, PathDependent, Interventional, Permutation}
	if !slices.Contains(methods, c.Method) {
		return fmt.Errorf("explain: Method must be one of %q, got %q: %w", methods, c.Method, ErrMethod)
	}
	if c.Permutations < 2 || c.Permutations > maxPermutations {
		return fmt.Errorf("explain: Permutations must be from 2 to %d, got %d: %w", maxPermutations, c.Permutations, ErrRange)
	}
	if c.Workers < 0 {
		return fmt.Errorf("explain: Workers must be 0 or more, got %d: %w", c.Workers, ErrRange)
	}
	if err := checkRows(c.Background, columns, "Background"); err != nil {
		return fmt.Errorf("%w (%w)", err, ErrBackground)
	}
	return nil
}

// countProgress returns a function that counts steps, from any goroutine.
func (c Config) countProgress(total int) func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		c.Progress(done, total)
	}
}

// checkRows refuses numbers that are not whole rows, and infinite ones.
func checkRows(x []float64, columns int, name string) error {
	if len(x)%columns != 0 {
		return fmt.Errorf("explain: %s must hold whole rows of %d encoded columns, got %d values: %w", name, columns, len(x), ErrShape)
	}
	for i, v := range x {
		if math.IsInf(v, 0) {
			return fmt.Errorf("explain: %s: row %d, column %d is %v, want a finite number, or NaN for a missing one: %w",
				name, i/columns, i%columns, v, ErrRange)
		}
	}
	return nil
}
