// Driftcheck keeps a profile of today's customers, and asks of next month's
// whether they have changed, whether it matters, and where.
//
//	go run ./driftcheck
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	baseline, _, err := cohortlens.Profile(ctx, cohortlens.SampleData(), cohortlens.Config{})
	if err != nil {
		log.Fatal(err)
	}
	later, err := nextMonth(ctx)
	if err != nil {
		log.Fatal(err)
	}
	analysis, err := cohortlens.CheckDrift(ctx, later, cohortlens.Config{Drift: cohortlens.DriftConfig{Baseline: baseline}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("drift:", analysis.Drift.Detected)
	for _, c := range analysis.Drift.Columns {
		fmt.Printf("%-24s %-10s PSI %.3f\n", c.Column, c.Verdict, c.PSI)
	}
}

// nextMonth is the sample with incomes 15% higher.
func nextMonth(ctx context.Context) (*datasource.Table, error) {
	t, err := datasource.Load(ctx, cohortlens.SampleData())
	if err != nil {
		return nil, err
	}
	incomes, err := t.NumericColumn(datasource.AnnualIncome)
	if err != nil {
		return nil, err
	}
	raised := make([]float64, t.Rows())
	for row, v := range incomes.Floats() {
		raised[row] = 1.15 * v
	}
	return t.With(datasource.Numbers(datasource.AnnualIncome, raised))
}
