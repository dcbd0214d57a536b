package predict

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
)

// Train evaluates and fits a predictor of cfg.Target on all rows of the table.
//
// Of models there are one on all rows, one on those not held out, and one for each
// fold of each of these two sets.
//
// For [LinearRegression] and [Ridge] the rows are read twice. The first pass
// collects sums of products by fold, the rows held out apart, from which every
// model is fitted. The second pass measures the errors. Cost is n (q^2 + c^2) for
// n rows, q numbers and c categories, plus p^3 for each model of p encoded columns.
// Columns that are constant (or spread less than 1e-140) are set aside and named in
// Coefficients and Notes. So are, for LinearRegression, those that are up to
// rounding a combination of those before them, and those that exceed the number of
// rows less one: the fit is then perfect, and the cross-validation tells what it is
// worth.
//
// A [RandomForest] is grown for each model, one after the other, at a cost of trees
// times p n log n times their depth. Memory holds one forest, some 24 bytes for each
// node, of which there are up to 1.3 for each tree and row, and the encoded columns
// of its rows.
//
// For LinearRegression and Ridge no value may be missing in target and features
// ([ErrMissing]; datasource's Clean drops such rows), for others in the target.
// There must be two rows for each fold ([ErrTooFewRows]), at most [MaxColumns]
// encoded columns ([ErrTooManyColumns]) and no numbers that spread beyond 1e140
// ([ErrRange]; for RandomForest, [Mean] and [Auto] in the target). Columns that do not exist
// or are of another kind give datasource's errors. The error is ctx's when ctx ends.
func Train(ctx context.Context, t *datasource.Table, cfg Config) (*Result, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	training, err := newTraining(ctx, t, cfg, newSplit)
	if err != nil {
		return nil, err
	}
	return training.run(ctx)
}

// checkPresent refuses missing values, with their number and columns.
func checkPresent(ctx context.Context, t *datasource.Table, names []string) error {
	var lacking []string
	missing := make([]bool, t.Rows())
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := t.Column(name)
		if err != nil {
			return err
		}
		if c.MissingCount() == 0 {
			continue
		}
		lacking = append(lacking, name)
		for row := range missing {
			missing[row] = missing[row] || c.Missing(row)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	rows := 0
	for _, m := range missing {
		if m {
			rows++
		}
	}
	lack := "lack"
	if rows == 1 {
		lack = "lacks"
	}
	return fmt.Errorf("predict: %d of %d rows %s a value in %s; drop them with Clean first: %w",
		rows, t.Rows(), lack, list(lacking), ErrMissing)
}
