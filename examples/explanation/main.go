// Explanation trains a random forest, saves it, loads it again, and says for a new
// customer what the prediction is made of.
//
//	go run ./explanation
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

const customers = `CustomerID,Age,Annual Income ($),Work Experience,Family Size,Profession
new-1,29,91000,3,2,Artist
new-2,63,38000,1,4,Lawyer
`

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	analysis, err := cohortlens.TrainPredictor(ctx, cohortlens.SampleData(), cohortlens.Config{
		Predict: predict.Config{Algorithm: predict.RandomForest}, Seed: 42,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(analysis.Prediction.Verdict.Level.Words() + ".")

	model, err := throughAFile(ctx, analysis)
	if err != nil {
		log.Fatal(err)
	}
	src := datasource.NewCSVBytes("new customers", []byte(customers), datasource.CSVConfig{Kinds: model.Kinds})
	explained, err := cohortlens.Explain(ctx, src, cohortlens.Config{Model: model})
	if err != nil {
		log.Fatal(err)
	}
	r := explained.Explanation
	for row := range r.Rows {
		fmt.Printf("\naverage   %5.1f\n", r.Base)
		for i, adds := range r.Row(row) {
			fmt.Printf("%+8.1f  %s\n", adds, r.Groups[i])
		}
		fmt.Printf("predicted %5.1f\n", r.Predictions[row])
	}
}

// throughAFile saves the predictor and loads it, as another program would.
func throughAFile(ctx context.Context, a *cohortlens.Analysis) (*cohortlens.Model, error) {
	trained, err := cohortlens.NewModel(a)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := trained.Save(ctx, &file); err != nil {
		return nil, err
	}
	return cohortlens.LoadModel(ctx, &file)
}
