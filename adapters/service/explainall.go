package service

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
)

// ExplainAllDocument explains the predictions for all customers.
type ExplainAllDocument struct {
	Rows      int    `json:"rows"`
	BaseValue Number `json:"base_value"`
	// Importance has the columns of the table, the one that moves predictions
	// most first.
	Importance []Importance `json:"importance"`
	// Interactions is as in [ExplainDocument], over all customers.
	Interactions []PairImportance `json:"interactions,omitzero"`
	Out          string           `json:"out,omitempty"`
	// Explanations are there when no file was asked for.
	Explanations []CustomerExplanation `json:"explanations,omitempty"`
	Explained
}

// Importance says how much a column moves the predictions: MeanAbsolute is the
// mean size of its contributions, in the target's unit.
type Importance struct {
	Feature      string `json:"feature"`
	MeanAbsolute Number `json:"mean_absolute"`
	Share        Number `json:"share"`
	// Direction is the correlation of values and contributions, 0 for
	// categories.
	Direction Number `json:"direction"`
	// Raises and Lowers are the levels of a category that move predictions
	// most.
	Raises string `json:"raises,omitempty"`
	Lowers string `json:"lowers,omitempty"`
}

// CustomerExplanation has what each column adds to the prediction for a
// customer.
type CustomerExplanation struct {
	CustomerID    string            `json:"customer_id"`
	Prediction    Number            `json:"prediction"`
	Contributions map[string]Number `json:"contributions"`
}

// The columns of an exported explanation: each contribution has the name of its
// column behind the prefix.
const (
	baseColumn         = "base_value"
	contributionPrefix = "contribution_"
)

// ExplainAll explains the predictions for all customers.
func (s *Service) ExplainAll(ctx context.Context, r ExplainRequest) (*ExplainAllDocument, error) {
	x, err := s.startExplanation(ctx, r)
	if err != nil {
		return nil, err
	}
	result, explainer, err := s.contributions(ctx, x, x.table, r.Method)
	if err != nil {
		return nil, err
	}
	d := &ExplainAllDocument{Rows: result.Rows, BaseValue: Number(result.Base), Explained: x.about}
	d.Importance = newImportance(result)
	if r.Interactions {
		x.stage = "interactions"
		if d.Interactions, err = pairImportance(ctx, explainer, result); err != nil {
			return nil, err
		}
	}
	if r.Out == "" {
		d.Explanations = explanationsOf(x, result)
		return d, nil
	}
	table, err := explainedTable(x, result)
	if err != nil {
		return nil, asInput(err)
	}
	d.Out = s.show(r.Out)
	return d, s.export(ctx, r.Out, table, r.ExcelSafe)
}

func newImportance(r *explain.Result) []Importance {
	list := []Importance{}
	for _, i := range r.Summary() {
		list = append(list, Importance{i.Group, Number(i.MeanAbsolute), Number(i.Share), Number(i.Direction), i.Raises, i.Lowers})
	}
	return list
}

func explanationsOf(x *explanation, r *explain.Result) []CustomerExplanation {
	id := customerID(x.table, x.id)
	out := make([]CustomerExplanation, r.Rows)
	for row := range out {
		out[row] = newCustomerExplanation(id(row), r, row)
	}
	return out
}

func newCustomerExplanation(id string, r *explain.Result, row int) CustomerExplanation {
	c := CustomerExplanation{id, Number(r.Predictions[row]), make(map[string]Number, len(r.Groups))}
	for i, v := range r.Row(row) {
		c.Contributions[r.Groups[i]] = Number(v)
	}
	return c
}

// ReportExplanation says what moves the predictions. Rows is the number of
// customers that it rests on.
type ReportExplanation struct {
	Method     string       `json:"method"`
	Rows       int          `json:"rows"`
	BaseValue  Number       `json:"base_value"`
	Importance []Importance `json:"importance"`
	// Typical has a customer of each segment.
	Typical []TypicalCustomer `json:"typical"`
}

// TypicalCustomer is the one nearest to the middle of a segment.
type TypicalCustomer struct {
	Segment int `json:"segment"`
	CustomerExplanation
}

func newReportExplanation(a *cohortlens.Analysis) *ReportExplanation {
	r := a.Explanation
	if r == nil {
		return nil
	}
	d := &ReportExplanation{
		Method: string(r.Method), Rows: r.Rows, BaseValue: Number(r.Base), Importance: newImportance(r), Typical: []TypicalCustomer{},
	}
	for _, e := range a.Typical {
		d.Typical = append(d.Typical, TypicalCustomer{e.Segment, newCustomerExplanation(e.ID, r, e.Row)})
	}
	return d
}

func explainedTable(x *explanation, r *explain.Result) (*datasource.Table, error) {
	columns := []datasource.Column{
		idsOf(x.table, x.id), datasource.Numbers(predictionColumn, r.Predictions),
		datasource.Numbers(baseColumn, slices.Repeat([]float64{r.Base}, r.Rows)),
	}
	for i, feature := range r.Groups {
		values := make([]float64, r.Rows)
		for row := range values {
			values[row] = r.Row(row)[i]
		}
		columns = append(columns, datasource.Numbers(contributionPrefix+feature, values))
	}
	return datasource.NewTable(columns...)
}

// sortContributions puts the greatest first, equal ones by name.
func sortContributions(list []Contribution) {
	slices.SortStableFunc(list, func(a, b Contribution) int {
		return cmp.Or(cmp.Compare(math.Abs(float64(b.Contribution)), math.Abs(float64(a.Contribution))), cmp.Compare(a.Feature, b.Feature))
	})
}

// cellOf returns the value of the first row: a Number, a text, or nil where it is
// missing.
func cellOf(t *datasource.Table, column string) (any, error) {
	c, err := t.Column(column)
	switch {
	case err != nil:
		return nil, asInput(err)
	case c.Missing(0):
		return nil, nil
	case c.Kind() == datasource.Numeric:
		return Number(c.Floats()[0]), nil
	}
	return c.Cell(0), nil
}
