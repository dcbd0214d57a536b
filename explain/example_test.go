package explain_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/explain"
)

// ages is a tree by hand: customers of 30 or less spend 10, older ones 20, or 50
// with a gold plan.
var ages = explain.Tree{
	Nodes: []explain.Node{
		{Feature: 0, Value: 30, Right: 2},
		{Feature: explain.Leaf, Value: 10},
		{Feature: 1, Value: 0.5, Right: 4},
		{Feature: explain.Leaf, Value: 20},
		{Feature: explain.Leaf, Value: 50},
	},
	Cover: []float64{100, 40, 60, 40, 20},
}

func ExampleNew_tree() {
	trees := &explain.Ensemble{Features: 2, Scale: 1, Trees: []explain.Tree{ages}}
	columns := []explain.Column{{Name: "Age"}, {Name: "Plan=gold", Group: "Plan"}}
	e, err := explain.New(context.Background(), trees, columns, explain.Config{})
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

// spending is a model of which nothing is known but what it predicts.
type spending struct{}

// Evaluate predicts 2 a visit, and half as much again from the tenth year on.
func (spending) Evaluate(dst, x []float64) {
	for i := range dst {
		visits, years := x[2*i], x[2*i+1]
		dst[i] = 2 * visits
		if years >= 10 {
			dst[i] *= 1.5
		}
	}
}

func ExampleExplainer_Explain() {
	columns := []explain.Column{{Name: "Visits"}, {Name: "Years"}}
	// Customers to compare with: their visits and years.
	background := []float64{4, 1, 6, 3, 10, 12, 12, 20}
	e, err := explain.New(context.Background(), spending{}, columns, explain.Config{Background: background, Permutations: 1000})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := e.Explain(context.Background(), []float64{20, 15})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%4.1f on average\n", r.Base)
	for i, v := range r.Row(0) {
		fmt.Printf("%+5.1f by %s, give or take %.1f\n", v, r.Groups[i], r.StdErrors[i])
	}
	fmt.Printf("%4.1f predicted\n", r.Predictions[0])
	// Output:
	// 21.5 on average
	// +32.3 by Visits, give or take 0.2
	//  +6.3 by Years, give or take 0.2
	// 60.0 predicted
}

// fees is linear: 30, plus 2 for each visit beyond 5, plus what the plan adds.
type fees struct{}

func (fees) Linear() (base float64, centres, slopes []float64, ok bool) {
	return 30, []float64{5, 0, 0}, []float64{2, 12, -4}, true
}

func (fees) Evaluate(dst, x []float64) {
	for i := range dst {
		dst[i] = 30 + 2*(x[3*i]-5) + 12*x[3*i+1] - 4*x[3*i+2]
	}
}

func ExampleResult_Summary() {
	columns := []explain.Column{{Name: "Visits"}, {Name: "Plan=gold", Group: "Plan"}, {Name: "Plan=basic", Group: "Plan"}}
	e, err := explain.New(context.Background(), fees{}, columns, explain.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := e.Explain(context.Background(), []float64{
		3, 1, 0,
		8, 0, 1,
		5, 0, 0,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range r.Summary() {
		fmt.Printf("%-6s moves fees by %.2f on average, direction %+.0f, raised by %q, lowered by %q\n",
			i.Group, i.MeanAbsolute, i.Direction, i.Raises, i.Lowers)
	}
	// Output:
	// Plan   moves fees by 5.33 on average, direction +0, raised by "Plan=gold", lowered by "Plan=basic"
	// Visits moves fees by 3.33 on average, direction +1, raised by "", lowered by ""
}

// What a gold plan adds depends on the age: beyond what each does alone, the two
// raise this prediction by 8.
func ExampleExplainer_Interactions() {
	trees := &explain.Ensemble{Features: 2, Scale: 1, Trees: []explain.Tree{ages}}
	columns := []explain.Column{{Name: "Age"}, {Name: "Plan=gold", Group: "Plan"}}
	e, err := explain.New(context.Background(), trees, columns, explain.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := e.Interactions(context.Background(), []float64{45, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, pair := range r.Pairs(0) {
		fmt.Printf("%+.2f by %s and %s together\n", pair.Effect, pair.Groups[0], pair.Groups[1])
	}
	// Output: +8.00 by Age and Plan together
}
