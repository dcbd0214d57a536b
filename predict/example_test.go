package predict_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// clients is a small table: spending is 200 a visit, and 500 more for gold.
func clients() *datasource.Table {
	visits := []float64{1, 4, 2, 8, 5, 7, 1, 3, 6, 2, 9, 4}
	plan := []string{"basic", "gold", "gold", "basic", "gold", "basic", "basic", "gold", "basic", "basic", "gold", "gold"}
	noise := []float64{30, -20, 10, -40, 25, -5, 15, -30, 40, -10, 20, -35}
	spend := make([]float64, len(visits))
	for i := range spend {
		spend[i] = 200*visits[i] + noise[i]
		if plan[i] == "gold" {
			spend[i] += 500
		}
	}
	table, err := datasource.NewTable(
		datasource.Numbers("Visits", visits), datasource.Categories("Plan", plan), datasource.Numbers("Spend", spend))
	if err != nil {
		panic(err)
	}
	return table
}

func ExampleTrain() {
	result, err := predict.Train(context.Background(), clients(), predict.Config{Target: "Spend", Folds: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Verdict.Text)
	for _, c := range result.Coefficients {
		fmt.Printf("%-12s %6.1f, 95%% from %.1f to %.1f\n", c.Name, c.Value, c.Low, c.High)
	}
	// Output:
	// Much better than predicting the average: for customers it had not seen, squared errors were 99% smaller; the predictor missed Spend by 31.0 on average, the plain average by 477.
	// (intercept)     8.4, 95% from -32.7 to 49.4
	// Visits        199.2, 95% from 191.8 to 206.6
	// Plan=gold     490.3, 95% from 451.9 to 528.7
}

func ExamplePredictor_Predict() {
	result, err := predict.Train(context.Background(), clients(), predict.Config{Target: "Spend", Folds: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	further, err := datasource.NewTable(
		datasource.Numbers("Visits", []float64{3, 3}), datasource.Categories("Plan", []string{"gold", "platinum"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	predictions, err := result.Predictor.Predict(context.Background(), further)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range predictions {
		fmt.Printf("%.0f (%.0f to %.0f), not seen in training: %q\n", p.Value, p.Low, p.High, p.Unseen)
	}
	// Output:
	// 1096 (1027 to 1165), not seen in training: []
	// 851 (782 to 920), not seen in training: ["Plan"]
}

// A predictor that was found to be good is fitted anew, on the customers of today.
func ExampleFit() {
	p, err := predict.Fit(context.Background(), clients(), predict.Config{Target: "Spend"})
	if err != nil {
		fmt.Println(err)
		return
	}
	one, err := p.PredictRow([]float64{3}, []string{"gold"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f. %s.\n", one.Value, p.Verdict().Words())
	// Output: 1096. Not compared with predicting the average.
}

func ExampleTrain_auto() {
	result, err := predict.Train(context.Background(), clients(), predict.Config{Target: "Spend", Algorithm: predict.Auto, Folds: 3, Trees: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, trial := range result.Tried {
		fmt.Printf("%s: %s\n", trial.Algorithm, trial.Reason)
	}
	one, err := result.Predictor.PredictRow([]float64{3}, []string{"gold"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f (%.0f to %.0f), confidence %s\n", one.Value, one.Low, one.High, one.Confidence)
	// Output:
	// mean: the baseline
	// linear_regression: the simplest whose squared errors are, within chance, as small as those of ridge
	// ridge: not clearly better than linear_regression, which is simpler
	// random_forest: larger squared errors than ridge
	// 1096 (1027 to 1165), confidence high
}
