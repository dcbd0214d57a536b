package cohortlens_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

// A profile of last month's customers is all that it takes to see what is new in
// this month's.
func ExampleCheckDrift() {
	ctx := context.Background()
	before, err := datasource.Load(ctx, cohortlens.SampleData())
	if err != nil {
		fmt.Println(err)
		return
	}
	var cfg cohortlens.Config
	cfg.Drift.Baseline, _, err = cohortlens.Profile(ctx, before, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	var young []int
	age, _ := before.NumericColumn(datasource.Age)
	for row, years := range age.Floats() {
		if years < 50 {
			young = append(young, row)
		}
	}
	now, err := cohortlens.CheckDrift(ctx, before.Take(young), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, alert := range now.Drift.Alerts {
		fmt.Println(alert)
	}
	// Output:
	// Age has drifted: its mean went from 43.97 to 32.7, its standard deviation from 16.3 to 8.407 (PSI 2.30, KS 0.38).
	// Work Experience has drifted: its mean went from 1.584 to 1.007, its standard deviation from 1.369 to 1.095 (PSI 0.20, KS 0.19).
	// Spending Score (1-100) has drifted: its mean went from 50.06 to 54.7, its standard deviation from 15 to 12.84 (PSI 0.36, KS 0.15).
	// Rows of the two tables can be told apart (AUC 0.68, 0.50 is guessing) by Age.
}
