package report

import (
	"fmt"
	"math"
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
	Segments    []segmentMoves
	Typical     []typicalRow
	MoreTypical string
	Waterfalls  []*inlineFigure
}

type (
	// importanceRow is the importance of a column. Width is that of its bar.
	importanceRow struct{ Column, Mean, Width, Words string }
	// segmentMoves says what moves the predictions for a segment.
	segmentMoves struct{ ID, Label, Color, Rows, Columns string }
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
	if err := v.segments(c); err != nil {
		return nil, err
	}
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
	list := r.Summary()
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

// segments says of each segment, over its explained customers, how the columns move
// the predictions for it away from the average.
func (v *explanationView) segments(c *Content) error {
	s := c.Segmentation
	if s == nil || len(s.Segments) < 2 {
		return nil
	}
	labels, rows := make([]int, c.Explanation.Rows), make([]int, len(s.Segments))
	for i := range labels {
		if labels[i] = s.Labels[c.tableRow(i)]; labels[i] != segment.Noise {
			rows[labels[i]]++
		}
	}
	by, err := c.Explanation.SummaryBy(labels, len(s.Segments))
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, one := range s.Segments[:min(len(s.Segments), mostSegments)] {
		v.Segments = append(v.Segments, segmentMoves{
			strconv.Itoa(one.ID), plain(one.Label, longest), colorClass(one.ID), count(rows[one.ID]), movesOf(by[one.ID]),
		})
	}
	return nil
}

// movesOf names the columns that move predictions most on average, either way.
func movesOf(list []explain.Importance) string {
	top := largest(list, 3, func(one explain.Importance) float64 { return math.Abs(one.Mean) })
	var parts []string
	for _, one := range top {
		if one.Mean != 0 {
			parts = append(parts, fmt.Sprintf("%s %s", plain(one.Group, longest), signed(one.Mean)))
		}
	}
	return strings.Join(parts, ", ")
}

// directionWords says which way a column moves the predictions.
func directionWords(one explain.Importance) string {
	switch d := one.Direction; {
	case one.MeanAbsolute == 0:
		return "takes no part"
	case d >= 0.8:
		return "higher values raise it"
	case d <= -0.8:
		return "higher values lower it"
	case d >= 0.2:
		return "higher values tend to raise it"
	case d <= -0.2:
		return "higher values tend to lower it"
	}
	var parts []string
	if one.Raises != "" {
		parts = append(parts, levelOf(one.Raises, one.Group)+" raises it most")
	}
	if one.Lowers != "" {
		parts = append(parts, levelOf(one.Lowers, one.Group)+" lowers it most")
	}
	if len(parts) == 0 {
		return "not in one direction"
	}
	return enumerated(parts)
}

// levelOf takes the name of the column off that of an indicator.
func levelOf(indicator, column string) string {
	return plain(strings.TrimPrefix(indicator, column+"="), longest)
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
