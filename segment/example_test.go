package segment_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

func ExampleFit() {
	customers, err := datasource.NewTable(
		datasource.Numbers("Age", []float64{23, 25, 24, 26, 61, 60, 64, 62, 63}),
		datasource.Numbers("Visits", []float64{9, 10, 8, 9, 2, 1, 2, 3, 2}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := segment.Fit(context.Background(), customers, segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("labels:", r.Labels)
	for _, s := range r.Segments {
		age, _ := s.Mean("Age")
		fmt.Printf("segment %d: %s, %d customers, mean age %.1f\n", s.ID, s.Label, s.Size, age)
	}
	// Output:
	// labels: [1 1 1 1 0 0 0 0 0]
	// segment 0: high Age, low Visits, 5 customers, mean age 62.0
	// segment 1: low Age, high Visits, 4 customers, mean age 24.5
}

func ExampleModel_Assign() {
	customers, err := datasource.NewTable(
		datasource.Numbers("Age", []float64{23, 25, 24, 61, 60, 64, 62}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := segment.Fit(context.Background(), customers, segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	newcomers, err := datasource.NewTable(datasource.Numbers("Age", []float64{30, 70}))
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := r.Model.Assign(newcomers)
	fmt.Println(labels, err)
	// Output: [1 0] <nil>
}
