package report

import (
	"fmt"
	"strings"

	"github.com/cohortlens/cohortlens/predict"
)

const (
	mostGroups = 30
	// mostShares bounds the columns whose importance to the model is listed.
	mostShares = 30
)

type (
	// trialRow is an algorithm that was tried. Width is that of the bar of its
	// squared error, in percent of the greatest.
	trialRow struct {
		Name, MSE, R2, Width, Reason string
		Chosen                       bool
	}
	// shareRow is the importance of a column to the model.
	shareRow struct{ Column, Permutation, Width, Impurity string }
	// groupRow describes the intervals of one group of customers.
	groupRow struct{ Group, Rows, HalfWidth, Coverage, Note string }
)

// trials lists the algorithms that were tried, from the simplest on.
func (v *predictionView) trials(tried []predict.Trial) {
	most := 0.0
	for _, t := range tried {
		most = max(most, t.CV.Mean.MSE)
	}
	for _, t := range tried {
		row := trialRow{
			Name: capital(algorithmName(string(t.Algorithm))), MSE: notAvailable, R2: notAvailable, Width: "0",
			Reason: plain(t.Reason, 300), Chosen: t.Chosen,
		}
		if t.CV.Folds > 0 {
			row.MSE, row.R2, row.Width = number(t.CV.Mean.MSE), score(t.CV.Mean.R2), width(t.CV.Mean.MSE/most)
		}
		v.Tried = append(v.Tried, row)
	}
}

// importances lists what the model relies on. Impurity is shown for forests, which
// alone have it.
func (v *predictionView) importances(list []predict.Importance) {
	most := 0.0
	for _, one := range list {
		most = max(most, one.Permutation)
		v.HasImpurity = v.HasImpurity || one.Impurity > 0
	}
	shown := list[:min(len(list), mostShares)]
	for _, one := range shown {
		row := shareRow{plain(one.Column, longest), number(one.Permutation), width(one.Permutation / most), percent(one.Impurity)}
		if one.StdError > 0 {
			row.Permutation += " ± " + number(one.StdError)
		}
		v.Importances = append(v.Importances, row)
	}
	if more := len(list) - len(shown); more > 0 {
		v.MoreImportances = fmt.Sprintf("%s not shown.", counted(more, "further column is", "further columns are"))
	}
}

// groups lists the intervals of groups of customers.
func (v *predictionView) groups(groups []predict.GroupInterval) {
	shown := groups[:min(len(groups), mostGroups)]
	for _, g := range shown {
		row := groupRow{Group: plain(g.Group, longest), Rows: count(g.Rows), HalfWidth: number(g.HalfWidth), Coverage: notAvailable}
		if g.HeldOut > 0 {
			row.Coverage = fmt.Sprintf("%s of %s", percent(g.Coverage), count(g.HeldOut))
		}
		if !g.Own {
			row.Note = "too few customers for a width of their own"
		}
		v.Groups = append(v.Groups, row)
	}
	if more := len(groups) - len(shown); more > 0 {
		v.MoreGroups = fmt.Sprintf("%s not shown.", counted(more, "further group is", "further groups are"))
	}
}

// outOfBag says how a forest does on the rows that its trees had not seen, "" for
// other models.
func outOfBag(m *predict.Metrics, metrics []string) string {
	if m == nil {
		return ""
	}
	parts := make([]string, len(metrics))
	for i, name := range metrics {
		parts[i] = fmt.Sprintf("%s %s", inSentence(measures[name].name), measures[name].of(*m))
	}
	return fmt.Sprintf("Out of bag, where each of %s is predicted by the trees that were grown without it: %s.",
		counted(m.Rows, "customer", "customers"), strings.Join(parts, ", "))
}

// inSentence starts the name of a measure with a small letter unless it is a symbol.
func inSentence(name string) string {
	if name == measures["r2"].name {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// intervalSentence says how wide the intervals are and how well they hold.
func intervalSentence(r *predict.Result) string {
	i := r.Intervals
	if i.Level == 0 {
		return "The model gives no intervals."
	}
	reach := "an interval of plus or minus " + number(i.HalfWidth)
	if i.Method == predict.QuantileWidth {
		reach = fmt.Sprintf("an interval that is wide where the model is unsure, on average plus or minus %s", number(i.HalfWidth))
	}
	text := fmt.Sprintf("Each prediction comes with %s, built to hold the true value for %s of customers. Among the customers held out it did so for %s.",
		reach, percent(i.Level), percent(i.Coverage))
	if i.Beyond > 0 && i.Low < i.High {
		text += fmt.Sprintf(" For %s of them it reaches beyond %s to %s, the least and the greatest value in this table: the model knows of no limits.",
			percent(i.Beyond), observed(i.Low), observed(i.High))
	}
	return text
}
