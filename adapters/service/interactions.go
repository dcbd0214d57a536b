package service

import (
	"context"

	"github.com/cohortlens/cohortlens/explain"
)

// Interaction is what two columns do together to the prediction for a customer,
// beyond what each does alone. Half of it is in the contribution of either.
type Interaction struct {
	Features     [2]string `json:"features"`
	Contribution Number    `json:"contribution"`
}

// PairImportance is the mean size of an [Interaction] over all customers.
type PairImportance struct {
	Features     [2]string `json:"features"`
	MeanAbsolute Number    `json:"mean_absolute"`
}

// customerInteractions returns those of the only customer of a result, the
// strongest first.
func customerInteractions(ctx context.Context, e *explain.Explainer, r *explain.Result) ([]Interaction, error) {
	found, err := e.Interactions(ctx, r.X)
	if err != nil {
		return nil, asInput(err)
	}
	list := []Interaction{}
	for _, p := range found.Pairs(0) {
		list = append(list, Interaction{p.Groups, Number(p.Effect)})
	}
	return list, nil
}

// pairImportance returns the mean sizes over all customers of a result, the
// greatest first.
func pairImportance(ctx context.Context, e *explain.Explainer, r *explain.Result) ([]PairImportance, error) {
	pairs, err := e.InteractionSummary(ctx, r.X)
	if err != nil {
		return nil, asInput(err)
	}
	list := []PairImportance{}
	for _, p := range pairs {
		list = append(list, PairImportance{p.Groups, Number(p.Effect)})
	}
	return list, nil
}
