package explain_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

// shapForest is testdata/shap_forest.json, made by shap_forest.py beside it with
// shap 0.51.0 and scikit-learn 1.9.1: TreeExplainer by path, ExactExplainer with a
// background.
type shapForest struct {
	// Trees have nodes of feature, threshold or value, right child and cover.
	Trees          [][][4]float64 `json:"trees"`
	Rows           []float64      `json:"rows"`
	Background     []float64      `json:"background"`
	Predictions    []float64      `json:"predictions"`
	PathDependent  shapValues     `json:"path_dependent"`
	Interventional shapValues     `json:"interventional"`
}

type shapValues struct {
	Base         float64   `json:"base"`
	Values       []float64 `json:"values"`
	Interactions []float64 `json:"interactions"`
}

func (f *shapForest) ensemble() *explain.Ensemble {
	e := &explain.Ensemble{Features: 5, Scale: 1 / float64(len(f.Trees))}
	for _, nodes := range f.Trees {
		var t explain.Tree
		for _, n := range nodes {
			t.Nodes = append(t.Nodes, explain.Node{Feature: int16(n[0]), Value: n[1], Right: int32(n[2])})
			t.Cover = append(t.Cover, n[3])
		}
		e.Trees = append(e.Trees, t)
	}
	return e
}

func TestTreesEqualShap(t *testing.T) {
	raw, err := os.ReadFile("testdata/shap_forest.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden shapForest
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for method, want := range map[explain.Method]shapValues{
		explain.PathDependent: golden.PathDependent, explain.Interventional: golden.Interventional,
	} {
		e, err := explain.New(t.Context(), golden.ensemble(), names(5), explain.Config{Method: method, Background: golden.Background})
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Interactions(t.Context(), golden.Rows)
		if err != nil {
			t.Fatal(err)
		}
		const tolerance = 1e-9
		nearTo(t, tolerance, "predictions", r.Contributions.Predictions, golden.Predictions)
		nearTo(t, tolerance, "base", []float64{r.Contributions.Base}, []float64{want.Base})
		nearTo(t, tolerance, "contributions", r.Contributions.Encoded, want.Values)
		if want.Interactions != nil { // ExactExplainer was not asked for any
			nearTo(t, tolerance, "interactions", r.Encoded, want.Interactions)
		}
	}
}
