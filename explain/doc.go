// Package explain says how much each column of a customer adds to a prediction.
//
// [New] takes any [Model], which has one method, and returns an [Explainer].
// [Explainer.Explain] takes rows of encoded columns and returns a [Result]: for
// each row a base value and the contribution of each encoded column, and the same
// rolled up to the user's columns, so that a category has one contribution and
// not one for each of its levels. Contributions are Shapley values: they are the
// only ones that add up to the prediction, treat columns alike that act alike, and
// give nothing to a column that changes nothing (Shapley 1953; Lundberg and Lee,
// "A unified approach to interpreting model predictions", 2017).
//
// They are exact for linear models and for trees, and estimated with a standard
// error for any other model; see [Method]. Whatever the method, base +
// contributions = prediction is checked for every row, to 1e-9 of the scale of its
// numbers, and is an [*AdditivityError] when it fails. There is no switch for it.
//
// A result is the same to the last bit for the same model, rows, configuration
// and seed, whatever the number of workers. That of a row depends on the rows that
// it is explained with in its rounding alone, since many rows are explained in
// another way than few. A missing value is NaN, and goes where the model sends it.
// Infinite values are refused. Rows are never changed; results keep the slice of
// rows that they were made from.
//
// Contributions say what the model does with a column, not what would happen if
// the customer changed.
package explain
