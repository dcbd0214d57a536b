package cohortlens_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

func Example() {
	analysis, err := cohortlens.Run(context.Background(), cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(analysis.Quality.Kept, "of", analysis.Quality.Rows, "rows")
	fmt.Println("structure:", analysis.Segmentation.Structure.Verdict)
	for _, s := range analysis.Segmentation.Segments {
		fmt.Printf("  %-21s %4.1f%%\n", s.Label, 100*s.Share)
	}
	fmt.Println("prediction:", analysis.Prediction.Verdict.Level)
	// Output:
	// 1152 of 1200 rows
	// structure: strong
	//   younger, low income   26.9%
	//   average               22.0%
	//   low value, older      19.8%
	//   high value, younger   19.4%
	//   high value, older     11.8%
	// prediction: strong
}

// A table of any kind can be segmented; the configuration says by which columns.
func ExampleSegment() {
	visits := datasource.NewCSVBytes("visits", []byte("id,visits,basket\n"+
		"a,1,20\nb,2,22\nc,1,18\nd,9,91\ne,8,95\nf,9,99\n"), datasource.CSVConfig{})
	analysis, err := cohortlens.Segment(context.Background(), visits, cohortlens.Config{
		Segment: segment.Config{Features: []string{"visits", "basket"}, K: 2},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range analysis.Segmentation.Segments {
		basket, _ := s.Mean("basket")
		fmt.Printf("%s: %d customers, mean basket %.0f\n", s.Label, s.Size, basket)
	}
	// Output:
	// low basket, low visits: 3 customers, mean basket 20
	// high basket, high visits: 3 customers, mean basket 95
}

// The predictor says of every value how far it may be off.
func ExampleTrainPredictor() {
	analysis, err := cohortlens.TrainPredictor(context.Background(), cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer, err := datasource.NewTable(
		datasource.Numbers(datasource.AnnualIncome, []float64{90_000}),
		datasource.Numbers(datasource.Age, []float64{35}),
		datasource.Numbers(datasource.WorkExperience, []float64{4}),
		datasource.Numbers(datasource.FamilySize, []float64{3}),
		datasource.Categories(datasource.Profession, []string{"Artist"}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := analysis.Prediction.Predictor.Predict(context.Background(), customer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f, and in 9 of 10 cases between %.0f and %.0f\n", scores[0].Value, scores[0].Low, scores[0].High)
	// Output: 62, and in 9 of 10 cases between 53 and 70
}

// What each column adds for a customer: from the average to the prediction.
func ExampleExplain() {
	analysis, err := cohortlens.Explain(context.Background(), cohortlens.SampleData(), cohortlens.Config{Seed: 42})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := analysis.Explanation
	fmt.Printf("average   %6.2f\n", r.Base)
	for i, adds := range r.Row(0) {
		fmt.Printf("%+9.2f  %s\n", adds, r.Groups[i])
	}
	fmt.Printf("predicted %6.2f\n", r.Predictions[0])
	// Output:
	// average    50.02
	//    +21.51  Annual Income ($)
	//     +6.79  Age
	//     +0.06  Work Experience
	//     +0.34  Family Size
	//     -4.63  Profession
	// predicted  74.08
}
