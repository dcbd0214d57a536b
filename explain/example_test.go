package explain_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/explain"
)

// A tree by hand: customers of 30 or less spend 10, older ones 20, or 50 with a
// gold plan.
func ExampleNew_tree() {
	ages := explain.Tree{
		Nodes: []explain.Node{
			{Feature: 0, Value: 30, Right: 2},
			{Feature: explain.Leaf, Value: 10},
			{Feature: 1, Value: 0.5, Right: 4},
			{Feature: explain.Leaf, Value: 20},
			{Feature: explain.Leaf, Value: 50},
		},
		Cover: []float64{100, 40, 60, 40, 20},
	}
	trees := &explain.Ensemble{Features: 2, Scale: 1, Trees: []explain.Tree{ages}}
	columns := []explain.Column{{Name: "Age"}, {Name: "Plan=gold", Group: "Plan"}}

	e, err := explain.New(trees, columns, explain.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := e.Explain(context.Background(), []float64{45, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("by", r.Method)
	fmt.Printf("%6.2f on average\n", r.Base)
	for i, v := range r.Row(0) {
		fmt.Printf("%+6.2f by %s\n", v, r.Groups[i])
	}
	fmt.Printf("%6.2f predicted\n", r.Predictions[0])
	// Output:
	// by tree_path_dependent
	//  22.00 on average
	// +12.00 by Age
	// +16.00 by Plan
	//  50.00 predicted
}
