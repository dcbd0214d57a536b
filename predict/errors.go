package predict

import "errors"

var (
	// ErrAlgorithm marks an algorithm that does not exist.
	ErrAlgorithm = errors.New("no such algorithm")
	// ErrMissing marks a table with missing values, which training does not
	// take; see datasource.Clean.
	ErrMissing = errors.New("values are missing")
	// ErrTooFewRows marks a table that is too small for the evaluation asked
	// for.
	ErrTooFewRows = errors.New("too few rows")
	// ErrTooManyColumns marks features that make more than [MaxColumns]
	// encoded columns.
	ErrTooManyColumns = errors.New("too many encoded columns")
	// ErrRange marks numbers that are too large to compute with.
	ErrRange = errors.New("numbers too large")
)
