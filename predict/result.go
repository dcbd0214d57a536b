package predict

// Algorithm names a way to learn a predictor.
type Algorithm string

// LinearRegression is ordinary least squares. It is the default.
const LinearRegression Algorithm = "linear_regression"

// Result is a trained predictor with the account of what it is worth.
type Result struct {
	Algorithm Algorithm
	Target    string
	// Rows is the number of rows trained on, Features the columns of the
	// table that the predictor uses, numerical ones first.
	Rows     int
	Features []string
	// Predictor is fitted on all rows, after the evaluation.
	Predictor *Predictor
	// Metrics are those of the held-out share, Baseline those of predicting,
	// for the same rows, the mean of the rows trained on.
	Metrics, Baseline Metrics
	CV                CrossValidation
	Verdict           Verdict
	Intervals         Intervals
	// Holdout pairs actual and predicted values of the held-out rows, in the
	// order of the table.
	Holdout []Outcome
	// Coefficients of the final fit, the intercept first, then one for each
	// encoded column, those set aside included.
	Coefficients []Coefficient
	// Notes says in words what was left out or decided, such as collinear
	// columns.
	Notes []string
}

// CrossValidation holds the metrics over contiguous blocks in row order, the
// first ones a row longer when they cannot be equal: scikit-learn's KFold.
type CrossValidation struct {
	Folds int
	// Mean averages each metric over the folds; Mean.RMSE is the mean of the
	// folds' RMSE. Rows is the number of rows predicted.
	Mean Metrics
	// Baseline is the same for predicting the mean of the training rows.
	Baseline        Metrics
	PerFold         []Metrics
	BaselinePerFold []Metrics
}

// Outcome is a prediction beside what happened.
type Outcome struct{ Actual, Predicted float64 }

// Intervals describes the prediction intervals. They are conformal: each reaches
// as far to both sides of the prediction as the smallest distance that the
// wanted share of the cross-validation's residuals keeps. Nothing is assumed of
// the distribution of the errors, only that further customers are like those
// trained on. Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random
// World", 2005; Lei et al., "Distribution-free predictive inference for
// regression", 2018.
type Intervals struct {
	// Level is the share of customers that the intervals are built to cover.
	Level float64 `json:"level"`
	// Coverage is the share of the held-out rows that they covered, when model
	// and width came from the other rows alone.
	Coverage float64 `json:"coverage"`
	// HalfWidth is the distance of each bound from the prediction, in the
	// target's unit, as [Predictor.Predict] uses it.
	HalfWidth float64 `json:"half_width"`
	// Low and High are the least and the greatest value of the target among all
	// rows. Beyond is the share of the held-out rows whose interval, with
	// HalfWidth, reaches further: intervals know nothing of the target's limits.
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Beyond float64 `json:"beyond"`
}
