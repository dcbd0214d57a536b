package segment_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

func ExampleModel_Why() {
	customers, err := datasource.NewTable(
		datasource.Numbers("Age", []float64{22, 25, 24, 31, 58, 61, 60, 55}),
		datasource.Numbers("Visits", []float64{9, 10, 12, 8, 3, 2, 4, 9}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	r, err := segment.Fit(ctx, customers, segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	reasons, err := r.Model.Why(ctx, customers.Take([]int{7}))
	if err != nil {
		fmt.Println(err)
		return
	}
	why := reasons[0]
	fmt.Printf("segment %d rather than %d, by %.2f\n", why.Segment, why.Next, why.Margin)
	for _, f := range why.Factors {
		fmt.Printf("%s %v: %+.2f (means %.1f and %.1f)\n", f.Column, f.Value, f.Contribution, f.Centre, f.NextCentre)
	}
	// Output:
	// segment 1 rather than 0, by 1.36
	// Age 55: +3.06 (means 58.5 and 25.5)
	// Visits 9: -1.70 (means 4.5 and 9.8)
}
