package predict

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
	// Seed; 0.2 when 0.
	TestSize float64
	// Folds is the number of blocks of the cross-validation; 5 when 0.
	Folds int
	// Level is the share of customers that the prediction intervals cover; 0.9
	// when 0.
	Level float64
	// Seed draws the held-out rows; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(done, total int)
}
