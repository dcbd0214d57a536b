package service

import (
	"github.com/cohortlens/cohortlens/predict"
)

// ColumnImportance says how much the predictor relies on a column: what the mean
// squared error grows by when the column is shuffled, and for a forest its share
// of what the splits take away from it.
type ColumnImportance struct {
	Feature     string `json:"feature"`
	Permutation Number `json:"permutation"`
	StdError    Number `json:"std_error"`
	Impurity    Number `json:"impurity"`
	// Encoded has the columns that a category was encoded to.
	Encoded []ColumnImportance `json:"encoded,omitempty"`
}

// Trial is an algorithm that "auto" tried. CV is left out if it could not be.
type Trial struct {
	Algorithm string           `json:"algorithm"`
	CV        *CrossValidation `json:"cv,omitempty"`
	Chosen    bool             `json:"chosen"`
	Reason    string           `json:"reason"`
}

// GroupInterval describes the intervals of one group of customers.
type GroupInterval struct {
	Group     string `json:"group"`
	Rows      int    `json:"rows"`
	Own       bool   `json:"own"`
	HalfWidth Number `json:"half_width"`
	HeldOut   int    `json:"held_out"`
	Coverage  Number `json:"coverage"`
}

// addParts fills what only some predictors have.
func (d *PredictDocument) addParts(r *predict.Result) {
	for _, c := range r.Coefficients {
		d.Coefficients = append(d.Coefficients, newCoefficient(c))
	}
	d.Importances = importances(r.Importances)
	if r.OutOfBag != nil {
		m := newMetrics(*r.OutOfBag)
		d.OutOfBag = &m
	}
	if r.Algorithm == predict.Ridge {
		alpha := Number(r.RidgeAlpha)
		d.Alpha = &alpha
	}
	for _, t := range r.Tried {
		trial := Trial{Algorithm: string(t.Algorithm), Chosen: t.Chosen, Reason: t.Reason}
		if t.CV.Folds > 0 {
			cv := newCrossValidation(t.CV)
			trial.CV = &cv
		}
		d.Tried = append(d.Tried, trial)
	}
}

func importances(list []predict.Importance) []ColumnImportance {
	var out []ColumnImportance
	for _, i := range list {
		out = append(out, ColumnImportance{i.Column, Number(i.Permutation), Number(i.StdError), Number(i.Impurity), importances(i.Encoded)})
	}
	return out
}

func newCrossValidation(cv predict.CrossValidation) CrossValidation {
	m := cv.Mean
	d := CrossValidation{
		Folds: cv.Folds, MSE: Number(m.MSE), MAE: Number(m.MAE), R2: Number(m.R2), RMSE: Number(m.RMSE),
		PerFold: make([]Metrics, len(cv.PerFold)),
	}
	for i, m := range cv.PerFold {
		d.PerFold[i] = newMetrics(m)
	}
	return d
}

func newIntervals(i predict.Intervals) Intervals {
	d := Intervals{Level: Number(i.Level), Coverage: Number(i.Coverage), HalfWidth: Number(i.HalfWidth), Method: string(i.Method),
		Low: Number(i.Low), High: Number(i.High), Beyond: Number(i.Beyond)}
	for _, g := range i.Groups {
		d.Groups = append(d.Groups, GroupInterval{g.Group, g.Rows, g.Own, Number(g.HalfWidth), g.HeldOut, Number(g.Coverage)})
	}
	return d
}
