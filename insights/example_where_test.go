package insights_test

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// visits has customers of two shops, of which the second one's baskets change.
func visits(bigger float64) (*datasource.Table, error) {
	var shops []string
	var visits, baskets []float64
	for i := range 600 {
		basket := 20 + float64(i*7%40)
		if i%2 == 1 {
			basket += bigger
		}
		shops = append(shops, []string{"Bonn", "Ulm"}[i%2])
		visits = append(visits, float64(i*13%31))
		baskets = append(baskets, basket)
	}
	return datasource.NewTable(
		datasource.Categories("shop", shops), datasource.Numbers("visits", visits), datasource.Numbers("basket", baskets))
}

func ExampleLocateDrift() {
	ctx := context.Background()
	var profiles []*insights.Profile
	for _, bigger := range []float64{0, 12} {
		table, err := visits(bigger)
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := insights.BuildProfile(ctx, table, insights.ProfileConfig{Segments: "shop"})
		if err != nil {
			fmt.Println(err)
			return
		}
		profiles = append(profiles, p)
	}
	drift, err := insights.LocateDrift(ctx, profiles[0], profiles[1], insights.LocateConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range drift.Segments {
		fmt.Println(s.Segment, s.Verdict)
	}
	fmt.Printf("AUC %.2f by %v\n", drift.Joint.AUC, drift.Joint.Telling())
	// Output:
	// Ulm drifted
	// Bonn stable
	// AUC 0.62 by [basket]
}
