package insights_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// quarter makes a table of customers whose plans and incomes follow a simple rule.
func quarter(customers int, raise float64) *datasource.Table {
	incomes, ages, plans := make([]float64, customers), make([]float64, customers), make([]string, customers)
	for i := range customers {
		incomes[i] = 30_000 + raise + float64(i*7919%40_000)
		ages[i] = float64(18 + i*31%60)
		plans[i] = []string{"basic", "basic", "plus"}[i%3]
	}
	table, err := datasource.NewTable(datasource.Numbers("income", incomes), datasource.Numbers("age", ages), datasource.Categories("plan", plans))
	if err != nil {
		panic(err)
	}
	return table
}

func ExampleCheckDrift() {
	ctx := context.Background()
	baseline, err := insights.BuildProfile(ctx, quarter(3000, 0), insights.ProfileConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	current, err := insights.BuildProfile(ctx, quarter(1200, 6000), insights.ProfileConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	drift, err := insights.CheckDrift(baseline, current, insights.DriftConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range drift.Columns {
		fmt.Printf("%s: %s, PSI %.2f, adjusted p %.2g\n", c.Column, c.Verdict, c.PSI, c.AdjustedP)
	}
	for _, alert := range drift.Alerts {
		fmt.Println(alert)
	}
	// Output:
	// income: drifted, PSI 0.86, adjusted p 4e-17
	// age: stable, PSI 0.00, adjusted p 1
	// plan: stable, PSI 0.00, adjusted p 1
	// income has drifted: its mean went from 50,020 to 56,007, its standard deviation from 11,550 to 11,561 (PSI 0.86, KS 0.15).
}

// Each branch profiles its own customers. Who merges the profiles first does not
// matter.
func ExampleProfiler() {
	whole := insights.NewProfiler(insights.ProfileConfig{})
	for _, customers := range []int{400, 250, 350} {
		branch, err := insights.BuildProfile(context.Background(), quarter(customers, 0), insights.ProfileConfig{})
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := whole.Merge(branch); err != nil {
			fmt.Println(err)
			return
		}
	}
	profile, err := whole.Profile()
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := profile.Save(context.Background(), &file); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := insights.LoadProfile(context.Background(), &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	income, _ := loaded.Column("income")
	fmt.Printf("%d rows, mean income %.0f, exact: %v\n", loaded.Rows(), income.Numbers().Mean, income.Exact())
	// Output: 1000 rows, mean income 50068, exact: true
}
