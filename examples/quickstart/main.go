// Quickstart analyses a customer file, or the sample data when none is named,
// prints what was found and writes the report to report.html in a temporary
// folder.
//
//	go run ./quickstart [customers.csv]
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/report"
)

func main() {
	log.SetFlags(0)
	customers := cohortlens.SampleData()
	if len(os.Args) > 1 {
		customers = datasource.NewCSVFile(os.Args[1], datasource.CSVConfig{Schema: datasource.CustomerSchema()})
	}
	ctx := context.Background()
	analysis, err := cohortlens.Run(ctx, customers, cohortlens.Config{Seed: 42})
	if err != nil {
		log.Fatal(err)
	}
	describe(analysis)
	if err := save(ctx, analysis); err != nil {
		log.Fatal(err)
	}
}

// describe prints the verdicts and the segments.
func describe(a *cohortlens.Analysis) {
	fmt.Printf("%d of %d rows are good.\n\n", a.Quality.Kept, a.Quality.Rows)
	fmt.Printf("Segments: %s structure\n", a.Segmentation.Structure.Verdict)
	for _, s := range a.Segmentation.Segments {
		fmt.Printf("  %-22s %4d customers, %2.0f%%\n", s.Label, s.Size, 100*s.Share)
	}
	if a.Prediction != nil {
		fmt.Printf("\nPrediction of %s: %s\n", a.Prediction.Target, a.Prediction.Verdict.Level)
	}
}

// save writes the report and says where it is.
func save(ctx context.Context, a *cohortlens.Analysis) error {
	dir, err := os.MkdirTemp("", "cohortlens")
	if err != nil {
		return err
	}
	file, err := os.Create(dir + "/report.html")
	if err != nil {
		return err
	}
	if err := cohortlens.Report(ctx, file, a, report.Options{}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "The report is", file.Name())
	return file.Close()
}
