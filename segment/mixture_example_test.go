package segment_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

func ExampleModel_Probabilities() {
	customers, err := datasource.NewTable(
		datasource.Numbers("Visits", []float64{2, 3, 3, 4, 4, 4, 5, 5, 6, 14, 15, 15, 16, 17}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := segment.Fit(context.Background(), customers, segment.Config{Algorithm: segment.GMM, K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fresh, err := datasource.NewTable(datasource.Numbers("Visits", []float64{4, 10, 16}))
	if err != nil {
		fmt.Println(err)
		return
	}
	probabilities, err := r.Model.Probabilities(fresh)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range probabilities {
		fmt.Printf("customer %d: %.3f rare visitor, %.3f frequent visitor\n", i, p[0], p[1])
	}
	// Output:
	// customer 0: 1.000 rare visitor, 0.000 frequent visitor
	// customer 1: 0.728 rare visitor, 0.272 frequent visitor
	// customer 2: 0.000 rare visitor, 1.000 frequent visitor
}
