package predict

// Algorithm names a way to learn a predictor.
type Algorithm string

const (
	// LinearRegression is ordinary least squares. It is the default.
	LinearRegression Algorithm = "linear_regression"
	// Ridge is least squares on standardised columns with a penalty on the
	// squares of the coefficients: Hoerl and Kennard, "Ridge regression", 1970;
	// scikit-learn's Ridge after StandardScaler. Unless Config.RidgeAlpha says
	// otherwise, each model takes its own alpha, from its own training rows:
	// of 10^-6, 10^-5.5 ... 10^3 times their number, the one with the least
	// generalised cross-validation error, the greatest of equals; Golub, Heath
	// and Wahba, Technometrics 21, 1979.
	Ridge Algorithm = "ridge"
	// RandomForest is a forest of regression trees on bootstrap samples:
	// Breiman, "Random forests", 2001. It takes rows with missing values, and
	// learns on which side of a split they belong.
	RandomForest Algorithm = "random_forest"
	// Auto tries Mean, LinearRegression, Ridge and RandomForest in the
	// cross-validation, and takes one: of those whose verdict there is better
	// than [NoSkill], the simplest, in this order, whose mean squared error
	// exceeds the least by no more than the standard error of the difference
	// over the folds. When there is none it takes Mean, so that the predictor is
	// never worse than the average. The errors of the one taken are a little
	// flattered by the choice among four. LinearRegression and Ridge are not
	// tried where they refuse the features, which have missing values or spread
	// beyond 1e140.
	Auto Algorithm = "auto"
	// Mean predicts the mean of the target for everybody.
	Mean Algorithm = "mean"
)

// algorithms may be asked for.
var algorithms = []Algorithm{LinearRegression, Ridge, RandomForest, Auto, Mean}

// Result is a trained predictor with the account of what it is worth.
type Result struct {
	// Algorithm is the one that the predictor was learned by: never Auto.
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
	// Coefficients of the final fit of LinearRegression and Ridge, the intercept
	// first, then one for each encoded column, those set aside included. They
	// are judged for LinearRegression only.
	Coefficients []Coefficient
	// RidgeAlpha is the penalty of the final fit of Ridge.
	RidgeAlpha float64
	// Importances has each of the Features, the most important first; it is
	// empty for Mean.
	Importances []Importance
	// OutOfBag measures a RandomForest on its training rows, each predicted by
	// the trees that were grown without it. It is nil for any other predictor.
	OutOfBag *Metrics
	// Tried lists what Auto tried, from the simplest on.
	Tried []Trial
	// Notes says in words what was left out or decided, such as collinear
	// columns.
	Notes []string
}

// Trial is an algorithm that [Auto] tried, or could not.
type Trial struct {
	Algorithm Algorithm
	// CV is empty when the algorithm could not be tried.
	CV     CrossValidation
	Chosen bool
	// Reason says in words why it was chosen, passed over or not tried.
	Reason string
}

// CrossValidation holds the metrics over the folds. By default these are
// contiguous blocks in row order, the first ones a row longer when they cannot be
// equal: scikit-learn's KFold.
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
