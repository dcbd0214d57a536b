// Package predict learns to predict a numeric column of a table of customers
// from the others, and says what the prediction is worth.
//
// [Train] takes a table without missing values and a [Config] that names the
// target, and returns a [Result]: the [Predictor], fitted on all rows, with its
// errors on held-out rows and in a cross-validation, the same for the plain
// average as a baseline, a [Verdict] in words, prediction intervals with their
// measured coverage, and coefficients with their standard errors.
//
// The result is the same to the last bit for the same table, configuration and
// seed, whatever the number of workers. It holds no NaN and no infinity. Tables
// are never changed. Errors name the parameter or the column, and what is
// allowed; the sentinels of this package and of datasource tell them apart.
package predict
