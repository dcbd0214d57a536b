package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
)

const (
	mostTerms = 60
	mostFolds = 10
)

// predictionView is the section on the prediction.
type predictionView struct {
	Verdict, Class            string
	Explanation, Intro        string
	HoldoutCaption, CVCaption string
	Holdout, CV               []measureRow
	Folds                     []foldRow
	FoldHead                  []string
	FoldCaption               string
	OutOfBag, Interval        string
	Tried                     []trialRow
	Groups                    []groupRow
	MoreGroups                string
	Figure                    *inlineFigure
	Importances               []shareRow
	HasImpurity               bool
	MoreImportances, Caution  string
	Terms                     []termRow
	MoreTerms, TermsNote      string
	Notes                     []string
}

type (
	// measureRow compares the model with predicting the average.
	measureRow struct{ Name, Model, Baseline string }
	// foldRow holds one measure of each fold.
	foldRow struct {
		Name   string
		Values []string
	}
	termRow struct{ Name, Value, Interval, P, Words string }
)

func newPredictionView(r *predict.Result, metrics []string, figure *inlineFigure) *predictionView {
	if r == nil {
		return nil
	}
	v := &predictionView{
		Verdict: skillSentence(r), Class: skillGrade(r).Class, Explanation: plain(r.Verdict.Text, 600), Intro: introducePrediction(r),
		HoldoutCaption: fmt.Sprintf("On %s that the model had not seen", counted(r.Metrics.Rows, "customer", "customers")),
		CVCaption:      fmt.Sprintf("Cross-validated: mean of %s", counted(r.CV.Folds, "fold", "folds")),
		OutOfBag:       outOfBag(r.OutOfBag, metrics), Interval: intervalSentence(r), Figure: figure, Notes: plainAll(r.Notes),
	}
	for _, name := range metrics {
		m := measures[name]
		v.Holdout = append(v.Holdout, measureRow{m.name, m.of(r.Metrics), m.of(r.Baseline)})
		if r.CV.Folds > 0 {
			v.CV = append(v.CV, measureRow{m.name, m.of(r.CV.Mean), m.of(r.CV.Baseline)})
			v.Folds = append(v.Folds, foldRow{m.name, perFold(m, r.CV.PerFold)})
		}
	}
	v.headFolds(len(r.CV.PerFold))
	v.trials(r.Tried)
	v.groups(r.Intervals.Groups)
	v.importances(r.Importances)
	if worthless(r) {
		v.Caution = fmt.Sprintf("The model is %s, so what it relies on says nothing about the customers.", noBetter)
	}
	v.terms(r)
	return v
}

// measure writes one of the metrics.
type measure struct {
	name string
	of   func(predict.Metrics) string
}

var measures = map[string]measure{
	"mse":  {"Mean squared error", func(m predict.Metrics) string { return number(m.MSE) }},
	"mae":  {"Mean absolute error", func(m predict.Metrics) string { return number(m.MAE) }},
	"rmse": {"Root mean squared error", func(m predict.Metrics) string { return number(m.RMSE) }},
	"r2":   {"R²", func(m predict.Metrics) string { return score(m.R2) }},
}

func perFold(m measure, folds []predict.Metrics) []string {
	out := make([]string, min(len(folds), mostFolds))
	for i := range out {
		out[i] = m.of(folds[i])
	}
	return out
}

// headFolds names the columns of the table of folds.
func (v *predictionView) headFolds(folds int) {
	v.FoldCaption = "The model, fold by fold"
	if folds > mostFolds {
		v.FoldCaption += fmt.Sprintf(": the first %d of %s", mostFolds, count(folds))
	}
	for i := range min(folds, mostFolds) {
		v.FoldHead = append(v.FoldHead, fmt.Sprintf("Fold %d", i+1))
	}
}

func introducePrediction(r *predict.Result) string {
	names := plainAll(r.Features)
	if len(names) > 12 {
		names = append(names[:12], fmt.Sprintf("%d more", len(r.Features)-12))
	}
	return fmt.Sprintf("The model (%s) predicts %s from %s. It was trained on %s.", algorithmName(string(r.Algorithm)),
		plain(r.Target, longest), strings.Join(names, ", "), counted(r.Rows, "customer", "customers"))
}

func (v *predictionView) terms(r *predict.Result) {
	v.TermsNote = termsNote(r)
	shown := r.Coefficients[:min(len(r.Coefficients), mostTerms)]
	for _, c := range shown {
		v.Terms = append(v.Terms, newTermRow(c, r.Algorithm))
	}
	if more := len(r.Coefficients) - len(shown); more > 0 {
		v.MoreTerms = fmt.Sprintf("%s not shown.", counted(more, "further term is", "further terms are"))
	}
}

// termsNote says how to read coefficients.
func termsNote(r *predict.Result) string {
	text := "A coefficient is the change of the prediction when the column rises by one, all else equal; for a category, the difference from the level that is not listed. "
	if r.Algorithm == predict.Ridge {
		return text + fmt.Sprintf("The penalty of the ridge (alpha) is %s. It pulls coefficients towards 0, so that they cannot be judged one by one.", number(r.RidgeAlpha))
	}
	return text + "About one term in twenty seems to matter by chance alone."
}

func newTermRow(c predict.Coefficient, a predict.Algorithm) termRow {
	row := termRow{Name: plain(c.Name, longest), Value: number(c.Value)}
	row.Interval, row.P = number(c.Low)+" to "+number(c.High), probability(c.P)
	switch {
	case c.SetAside != "":
		row.Value, row.Interval, row.P, row.Words = "", "", "", "left out: "+plain(c.SetAside, 200)
	case a == predict.Ridge:
		row.Interval, row.P = notAvailable, notAvailable
	case c.StdError == 0:
		row.Interval, row.P, row.Words = notAvailable, notAvailable, "too few rows to judge"
	case c.Column == "":
		row.Words = "where the prediction starts"
	default:
		row.Words = evidence(c.P)
	}
	return row
}

// evidence puts a p-value into words.
func evidence(p float64) string {
	switch {
	case !finite(p):
		return notAvailable
	case p < 0.001:
		return "very strong evidence of an effect"
	case p < 0.01:
		return "strong evidence of an effect"
	case p < 0.05:
		return "some evidence of an effect"
	}
	return "no clear effect"
}

// correlationView is the section on correlation.
type correlationView struct {
	Intro  string
	Pairs  []pairRow
	Figure *inlineFigure
}

type pairRow struct{ Columns, R, Words string }

func newCorrelationView(c *insights.Correlation, figure *inlineFigure) *correlationView {
	if c == nil {
		return nil
	}
	v := &correlationView{Figure: figure, Intro: "No pair of columns has a correlation."}
	for _, p := range strongestPairs(c, 5) {
		v.Pairs = append(v.Pairs, pairRow{plain(p.a, longest) + " and " + plain(p.b, longest), correlation(p.r), strength(p.r)})
	}
	if len(v.Pairs) > 0 {
		v.Intro = fmt.Sprintf("The strongest relation is between %s: %s.", v.Pairs[0].Columns, v.Pairs[0].Words)
	}
	return v
}

// strength puts a correlation into words.
func strength(r float64) string {
	together := "they rise together"
	if r < 0 {
		together = "one rises as the other falls"
	}
	switch size := math.Abs(r); {
	case size < 0.1:
		return "next to none"
	case size < 0.3:
		return "weak, " + together
	case size < 0.6:
		return "moderate, " + together
	}
	return "strong, " + together
}
