package insights_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

func customers() *datasource.Table {
	table, err := datasource.NewTable(
		datasource.Numbers(datasource.AnnualIncome, []float64{24000, 60000, 36000, 96000}),
		datasource.Numbers(datasource.SpendingScore, []float64{20, 55, 40, 90}),
		datasource.Numbers(datasource.WorkExperience, []float64{1, 2, 0, 4}),
		datasource.Numbers(datasource.FamilySize, []float64{1, 4, 3, 2}))
	if err != nil {
		panic(err)
	}
	return table
}

func ExampleDescribe() {
	descriptions, err := insights.Describe(context.Background(), customers(), datasource.AnnualIncome)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range descriptions {
		fmt.Printf("%s: %d values, mean %.0f, median %.0f, from %.0f to %.0f\n", d.Column, d.Count, d.Mean, d.Median, d.Min, d.Max)
	}
	// Output: Annual Income ($): 4 values, mean 54000, median 48000, from 24000 to 96000
}

func ExampleCorrelate() {
	c, err := insights.Correlate(context.Background(), customers(), datasource.AnnualIncome, datasource.SpendingScore)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s and %s: %.2f\n", c.Columns[0], c.Columns[1], c.R[0][1])
	// Output: Annual Income ($) and Spending Score (1-100): 0.99
}

func ExampleComputeSavings() {
	table := customers()
	s, err := insights.ComputeSavings(table, insights.InferRoles(table), insights.SavingsConfig{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Formula)
	fmt.Printf("%.1f, mean %.1f\n", s.Percent, s.Mean)
	// Output:
	// Savings in percent = (income - spend) / income x 100, with a monthly income of Annual Income ($) / 12 and an estimated monthly spend of 1000 x Work Experience + 500 x Family Size.
	// [25.0 20.0 50.0 37.5], mean 33.1
}

func ExampleRecommender() {
	table := customers()
	r, err := insights.NewRecommender(table, insights.InferRoles(table))
	if err != nil {
		fmt.Println(err)
		return
	}
	means := map[string]float64{datasource.SpendingScore: 72, datasource.AnnualIncome: 78000}
	fmt.Println(r.Recommend(func(column string) (float64, bool) { v, ok := means[column]; return v, ok }))
	// Output: Keep and reward them: invite them to a loyalty programme and show them premium offers first.
}
