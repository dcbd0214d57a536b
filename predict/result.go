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

// Metrics measures predictions against actual values. MSE, MAE and RMSE are in
// the target's unit (MSE in its square). R2 is 1 - MSE / variance of the actual
// values; for a constant target it is 1 when every prediction is right and 0
// otherwise, as in scikit-learn.
type Metrics struct {
	MSE  float64 `json:"mse"`
	MAE  float64 `json:"mae"`
	R2   float64 `json:"r2"`
	RMSE float64 `json:"rmse"`
	Rows int     `json:"rows"`
}

// CrossValidation holds the metrics over contiguous blocks in row order.
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

// Level grades a predictor against predicting the mean.
type Level string

// The grades, from worst to best. See [Verdict].
const (
	NoSkill     Level = "none"
	WeakSkill   Level = "weak"
	UsefulSkill Level = "useful"
	StrongSkill Level = "strong"
)

// Verdict says in words whether the predictor is worth using.
type Verdict struct {
	Level Level
	// Text is one sentence for a reader without statistics.
	Text string
	// Skill is 1 - MSE / MSE of the baseline, averaged over the folds of the
	// cross-validation; SkillError is the standard error of that mean.
	Skill, SkillError float64
}

// Intervals describes the prediction intervals.
type Intervals struct {
	// Level is the share of customers that the intervals are built to cover,
	// Coverage the share that they covered among the held-out rows.
	Level    float64 `json:"level"`
	Coverage float64 `json:"coverage"`
	// HalfWidth is the distance of each bound from the prediction.
	HalfWidth float64 `json:"half_width"`
}

// Coefficient is one term of a linear predictor.
type Coefficient struct {
	// Name is the encoded column: "Age", "Profession=Doctor", "(intercept)".
	Name string
	// Column is the table's column, Level the category's level, if it is one.
	Column, Level string
	Value         float64
	// StdError, T and P (two-sided, Student's t) judge the value; Low and High
	// are its 95% confidence interval. They are 0 when there are no degrees of
	// freedom left to estimate them.
	StdError, T, P, Low, High float64
	// SetAside says why the column takes no part: "constant", or "a
	// combination of ..." for a collinear one. Its Value is 0.
	SetAside string
}

// Prediction is one predicted value with its interval.
type Prediction struct {
	Value, Low, High float64
	// Unseen names the categorical columns whose level the predictor has not
	// been trained on; see [Predictor.Predict].
	Unseen []string
}
