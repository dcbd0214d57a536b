// Ownsource segments customers from a storage that the library does not know: it
// implements the one interface that this takes, and says which column is what.
//
//	go run ./ownsource
package main

import (
	"context"
	_ "embed"
	"fmt"
	"log"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

//go:embed customers.jsonl
var customers []byte

func main() {
	log.SetFlags(0)
	source := JSONLines{Data: customers, Columns: []datasource.Field{
		datasource.IDField("account"),
		{Name: "visits", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.Present(), datasource.AtLeast(0)}},
		{Name: "basket", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.Present()}},
		{Name: "plan", Kind: datasource.Categorical},
	}}
	analysis, err := cohortlens.Segment(context.Background(), source, cohortlens.Config{
		Columns: cohortlens.Columns{ID: "account", Numerical: []string{"visits", "basket"}, Categorical: []string{"plan"}},
		Seed:    1,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range analysis.Segmentation.Segments {
		fmt.Printf("%-26s %2d customers, mostly on plan %s\n", s.Label, s.Size, s.Categories[0].Top[0].Level)
	}
	fmt.Printf("Structure: %s\n", analysis.Segmentation.Structure.Verdict)
	fmt.Printf("Set aside: %d of %d rows\n", analysis.Quality.Rows-analysis.Quality.Kept, analysis.Quality.Rows)
}
