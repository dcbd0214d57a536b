package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/segment"
)

// mostImportances bounds the columns that the page lists.
const mostImportances = 30

// explanationView is the section on what the predictions are made of.
type explanationView struct {
	// Warning is there when the predictor is worthless.
	Warning     string
	Intro       string
	Figure      *inlineFigure
	Columns     []importanceRow
	MoreColumns string
	Typical     []typicalRow
	MoreTypical string
	Waterfalls  []*inlineFigure
}

type (
	// importanceRow is the importance of a column. Width is that of its bar.
	importanceRow struct{ Column, Mean, Width, Words string }
	// typicalRow is a customer with what moves the prediction most.
	typicalRow struct{ ID, Label, Color, Customer, Prediction, Up, Down string }
)

func newExplanationView(c *Content, figure *inlineFigure, waterfalls []*inlineFigure) (*explanationView, error) {
	r := c.Explanation
	if r == nil {
		return nil, nil
	}
	v := &explanationView{Intro: introduceExplanation(r, c.target()), Figure: figure, Waterfalls: waterfalls}
	if c.Prediction != nil && worthless(c.Prediction) {
		v.Warning = fmt.Sprintf("This explains a model that is %s. It says what the model does, and nothing about the customers.", noBetter)
	}
	v.importances(r)
	shown := c.Typical[:min(len(c.Typical), mostSegments)]
	for _, e := range shown {
		w, err := newWaterfall(c, e)
		if err != nil {
			return nil, fmt.Errorf("report: the customer in row %d of the explanation: %w", e.Row+1, err)
		}
		v.Typical = append(v.Typical, newTypicalRow(c, e, w))
	}
	if more := len(c.Typical) - len(shown); more > 0 {
		v.MoreTypical = fmt.Sprintf("%s not shown.", counted(more, "further customer is", "further customers are"))
	}
	return v, nil
}

func introduceExplanation(r *explain.Result, target string) string {
	text := fmt.Sprintf("A prediction of %s is the average prediction, %s, plus what each column adds for that customer. The parts, which are Shapley values, sum to the prediction. ",
		target, number(r.Base))
	if r.Method == explain.Permutation {
		text += "They were estimated from random orders of the columns, "
	} else {
		text += "They are exact, "
	}
	return text + fmt.Sprintf("for %s. They say what the model takes into account, not what would happen if a customer changed.", counted(r.Rows, "customer", "customers"))
}

func (v *explanationView) importances(r *explain.Result) {
	list := importances(r)
	shown := list[:min(len(list), mostImportances)]
	for _, one := range shown {
		v.Columns = append(v.Columns, importanceRow{
			plain(one.Group, longest), number(one.MeanAbsolute), width(one.MeanAbsolute / shown[0].MeanAbsolute), directionWords(one),
		})
	}
	if more := len(list) - len(shown); more > 0 {
		v.MoreColumns = fmt.Sprintf("%s less.", counted(more, "further column moves the predictions", "further columns move the predictions"))
	}
}

// directionWords says which way a column moves the predictions.
func directionWords(one importance) string {
	switch {
	case one.MeanAbsolute == 0:
		return "takes no part"
	case one.Direction > 0:
		return "higher values raise it"
	case one.Direction < 0:
		return "higher values lower it"
	}
	return "depends on the value"
}

func newTypicalRow(c *Content, e Example, w waterfall) typicalRow {
	row := typicalRow{
		Customer: plain(e.ID, longest), Prediction: w.write(w.prediction),
		Up: strings.Join(w.pushes(true, 2), ", "), Down: strings.Join(w.pushes(false, 2), ", "),
	}
	if c.Segmentation != nil && e.Segment != segment.Noise {
		s := c.Segmentation.Segments[e.Segment]
		row.ID, row.Label, row.Color = strconv.Itoa(s.ID), plain(s.Label, longest), colorClass(s.ID)
	}
	return row
}
