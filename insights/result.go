package insights

// Description holds the descriptive statistics of a numeric column, missing
// values left out, as pandas' describe gives them.
type Description struct {
	Column string
	Count  int
	// Std is the sample standard deviation (n - 1). All figures are NaN for an
	// empty column, and Std for a single value.
	Mean, Std                  float64
	Min, Q25, Median, Q75, Max float64
}

// Correlation is a symmetric matrix of Pearson correlations. A value is NaN
// where a column is constant or fewer than two rows have both values.
type Correlation struct {
	Columns []string
	R       [][]float64
}

// Savings estimates what customers have left of their income each month.
type Savings struct {
	// Percent has the share of income that is left, times 100, for each row of
	// the table; NaN where the income is missing or not positive.
	Percent []float64
	// Rows counts the rows with a value, Negative those below zero.
	Rows, Negative int
	Mean, Median   float64
	// Formula states the calculation in words.
	Formula string
	// BySegment has the mean and median of each segment, by segment ID.
	BySegment []SegmentSavings
}

// SegmentSavings is [Savings] for one segment. Mean and Median are NaN when no
// row has a value.
type SegmentSavings struct {
	Segment, Rows int
	Mean, Median  float64
}

// Roles says which columns play the parts that savings and recommendations
// speak of. An empty name means that the table has no such column.
type Roles struct {
	Spending, Income, Experience, FamilySize string
}
