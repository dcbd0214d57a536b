package report

import "github.com/cohortlens/cohortlens/predict"

// asForest makes the prediction of the fixture that of a forest, chosen among
// others, with intervals by group.
func asForest(c *Content) {
	p := c.Prediction
	p.Algorithm, p.Coefficients = predict.RandomForest, nil
	p.Verdict = predict.Verdict{Level: predict.UsefulSkill, Skill: 0.31, SkillError: 0.03, Text: "Squared errors are 31.0% smaller than those of the average."}
	p.Intervals = predict.Intervals{
		Level: 0.9, Coverage: 0.9, HalfWidth: 31.2, Low: 1, High: 100, Beyond: 0.25, Method: predict.QuantileWidth,
		Groups: []predict.GroupInterval{
			{Group: "Artist", Rows: 180, Own: true, HalfWidth: 28.4, HeldOut: 40, Coverage: 0.9},
			{Group: "Doctor", Rows: 100, Own: true, HalfWidth: 35.1, HeldOut: 20, Coverage: 0.95},
			{Group: "Pilot", Rows: 20, HalfWidth: 40.7},
		},
	}
	p.OutOfBag = &predict.Metrics{MSE: 548.7, MAE: 18.31, R2: 0.302, RMSE: 23.4, Rows: 298}
	p.Importances = []predict.Importance{
		{Column: "Age", Permutation: 201.5, StdError: 9.31, Impurity: 0.61},
		{Column: "Profession", Permutation: 44.2, StdError: 4.2, Impurity: 0.27, Encoded: []predict.Importance{{Column: "Profession=Doctor", Permutation: 30}}},
		{Column: "Family Size", Permutation: -1.2, StdError: 1.9, Impurity: 0.12},
	}
	cv := func(mse, r2 float64) predict.CrossValidation {
		return predict.CrossValidation{Folds: 2, Mean: predict.Metrics{MSE: mse, R2: r2, Rows: 300}}
	}
	p.Tried = []predict.Trial{
		{Algorithm: predict.Mean, CV: cv(780.1, -0.008), Reason: "the baseline"},
		{Algorithm: predict.LinearRegression, CV: cv(790.2, -0.021), Reason: "not clearly better than the average"},
		{Algorithm: predict.Ridge, Reason: "not tried: values are missing"},
		{Algorithm: predict.RandomForest, CV: cv(540.3, 0.311), Chosen: true, Reason: "the smallest squared errors"},
	}
}

// asRidge makes the prediction of the fixture that of a ridge.
func asRidge(c *Content) {
	p := c.Prediction
	p.Algorithm, p.RidgeAlpha, p.Intervals.Method = predict.Ridge, 12.5, predict.ConstantWidth
	for i := range p.Coefficients {
		k := &p.Coefficients[i]
		k.StdError, k.T, k.P, k.Low, k.High = 0, 0, 0, 0, 0
	}
	p.Importances = []predict.Importance{{Column: "Age", Permutation: 31.2}, {Column: "Annual Income ($)", Permutation: 0.4}, {Column: "Gender"}}
}

// asMean makes the prediction of the fixture that of the average.
func asMean(c *Content) {
	p := c.Prediction
	p.Algorithm, p.Coefficients, p.Notes = predict.Mean, nil, []string{"No algorithm that was tried is clearly better than predicting the average, so the predictor does that."}
}
