// Package predict learns to predict a numeric column of a table of customers
// from the others, and says what each prediction is worth.
//
// [Train] takes a table and a [Config] that names the target and the [Algorithm],
// and returns a [Result]: the [Predictor], fitted on all rows, with its errors on
// held-out rows and in a cross-validation, the same for the plain average as a
// baseline, a [Verdict] in words, prediction [Intervals] with their measured
// coverage, and what the predictor relies on. [Auto] tries several algorithms and
// never takes one that is no better than the average. [Fit] only fits, where it is
// known already what a predictor is worth.
//
// A [Prediction] has an interval and a [Confidence]. [Predictor.Predict] predicts
// for a table, [Predictor.PredictRow] for a single customer without allocating.
// [Predictor.Save] and [Load] keep a predictor in a file, and [FromRegression] makes
// one of a regression trained elsewhere. [Predictor.Encode], Evaluate, Linear and
// Trees open the model for explanations.
//
// # What becomes of odd tables
//
// The same holds for every algorithm unless it is named. Less than two rows for
// each fold are an [ErrTooFewRows]; Fit takes a single one, and one row to predict
// for is as good as many. A
// constant target is predicted exactly, with intervals of no width and the verdict
// [NoSkill]. More columns than rows make no error: least squares sets aside what
// it cannot tell apart, ridge and forests share it out, and the cross-validation
// tells what that is worth. A missing target, and for [LinearRegression] and
// [Ridge] any missing value, is an [ErrMissing] in training. In rows to predict
// for, what is missing or was never seen is not an error: Unseen names it, and the
// confidence is lower. Columns are found by name, whatever their order, and those
// that are not needed are not looked at.
//
// # Guarantees
//
// The result is the same to the last bit for the same table, configuration and
// seed, whatever the number of workers. It holds no NaN and no infinity. Tables
// are never changed. Errors name the parameter or the column, and what is
// allowed; the sentinels of this package and of datasource tell them apart.
package predict
