package tree

import (
	"fmt"
	"math"
	"sync"
)

const (
	maxTrees   = 10_000
	maxColumns = math.MaxInt16
	maxRows    = 1 << 30 // so that the nodes of a tree can be numbered by int32
	// maxDepth is far beyond what data ask for. It bounds the memory of what
	// goes down a tree that somebody else made.
	maxDepth = 1024
	// maxTarget bounds the target, so that sums of leaves are finite.
	maxTarget = 1e300
)

// Config says how to grow a forest. The zero value grows what scikit-learn's
// RandomForestRegressor does by default.
type Config struct {
	// Trees is the number of trees, up to 10,000; 100 when 0.
	Trees int
	// MaxDepth bounds the splits between the root and a leaf; 1024, which is
	// meant as no bound, when 0 or more than that.
	MaxDepth int
	// MinSamplesLeaf is the least number of rows in a leaf, however often each
	// was drawn; 1 when 0.
	MinSamplesLeaf int
	// MaxFeatures is the number of columns that are tried for a split, drawn
	// anew for each; more are tried when none of them can split. All when 0.
	MaxFeatures int
	// NoBootstrap grows each tree from all rows, in place of as many rows drawn
	// with replacement. There are no out-of-bag rows then.
	NoBootstrap bool
	// Seed draws rows and columns; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Progress, if set, is called after each tree, never concurrently.
	Progress func(done, total int)
}

func (c Config) withDefaults(columns int) Config {
	if c.Trees == 0 {
		c.Trees = 100
	}
	if c.MaxDepth == 0 {
		c.MaxDepth = maxDepth
	}
	c.MaxDepth = min(c.MaxDepth, maxDepth)
	if c.MinSamplesLeaf == 0 {
		c.MinSamplesLeaf = 1
	}
	if c.MaxFeatures == 0 {
		c.MaxFeatures = columns
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check(columns int) error {
	if columns < 1 || columns > maxColumns {
		return fmt.Errorf("forest: the number of encoded columns must be from 1 to %d, got %d", maxColumns, columns)
	}
	if c.Trees < 0 || c.Trees > maxTrees {
		return fmt.Errorf("forest: Trees must be from 1 to %d, or 0 for 100, got %d", maxTrees, c.Trees)
	}
	if c.MaxFeatures < 0 || c.MaxFeatures > columns {
		return fmt.Errorf("forest: MaxFeatures must be from 1 to %d, the number of encoded columns, or 0 for all, got %d",
			columns, c.MaxFeatures)
	}
	for name, value := range map[string]int{"MaxDepth": c.MaxDepth, "MinSamplesLeaf": c.MinSamplesLeaf, "Workers": c.Workers} {
		if value < 0 {
			return fmt.Errorf("forest: %s must be 0 or more, got %d", name, value)
		}
	}
	return nil
}

// progress returns a function that counts trees, from any goroutine.
func (c Config) progress() func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		c.Progress(done, c.Trees)
	}
}
