package predict

import (
	"fmt"
	"slices"
)

// Config says how to train. The zero value works, but for Target.
type Config struct {
	// Algorithm is [LinearRegression] when empty.
	Algorithm Algorithm
	// Target names the numeric column to predict. It is required.
	Target string
	// Numerical and Categorical name the columns to predict from. When both
	// are empty, all numeric and categorical columns but the target are used.
	Numerical, Categorical []string
	// KeepFirst keeps the indicator of each category's first level. It is
	// dropped by default, since it follows from the others.
	KeepFirst bool
	// TestSize is the share of rows held out for Metrics, drawn at random by
	// Seed; 0.2 when 0. At least two rows are held out.
	TestSize float64
	// Folds is the number of blocks of the cross-validation, 2 to 100; 5 when
	// 0.
	Folds int
	// Level is the share of customers that the prediction intervals cover,
	// more than 0 and less than 1; 0.9 when 0.
	Level float64
	// Seed draws the held-out rows; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(done, total int)
}

func (c Config) withDefaults() Config {
	if c.Algorithm == "" {
		c.Algorithm = LinearRegression
	}
	if c.TestSize == 0 {
		c.TestSize = 0.2
	}
	if c.Folds == 0 {
		c.Folds = 5
	}
	if c.Level == 0 {
		c.Level = 0.9
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check() error {
	if c.Algorithm != LinearRegression {
		return fmt.Errorf("predict: Algorithm must be %q, got %q: %w", LinearRegression, c.Algorithm, ErrAlgorithm)
	}
	if c.Target == "" {
		return fmt.Errorf("predict: Target must name the numeric column to predict, got none")
	}
	if !(c.TestSize > 0 && c.TestSize < 1) {
		return fmt.Errorf("predict: TestSize must be more than 0 and less than 1, got %v", c.TestSize)
	}
	if c.Folds < 2 || c.Folds > 100 {
		return fmt.Errorf("predict: Folds must be from 2 to 100, got %d", c.Folds)
	}
	if !(c.Level > 0 && c.Level < 1) {
		return fmt.Errorf("predict: Level must be more than 0 and less than 1, got %v", c.Level)
	}
	if c.Workers < 0 {
		return fmt.Errorf("predict: Workers must be 0 or more, got %d", c.Workers)
	}
	return c.checkFeatures()
}

func (c Config) checkFeatures() error {
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
