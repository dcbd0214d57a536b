package report_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/report"
)

// A report of what is known so far: parts that are not there say why.
func ExampleWriteHTML() {
	table, err := datasource.NewTable(datasource.Categories("Gender", []string{"Female", "Male", "Female"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var page strings.Builder
	err = report.WriteHTML(&page, &report.Content{
		Source: "three.csv", Table: table, GenderColumn: "Gender",
		Quality: datasource.Quality{Rows: 3, Kept: 3},
		Omitted: map[string]string{"segmentation": "Three customers are too few to segment."},
	}, report.Options{Figures: []string{"gender"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, heading := range regexp.MustCompile(`<h2>(.*?)</h2>`).FindAllStringSubmatch(page.String(), -1) {
		fmt.Println(heading[1])
	}
	fmt.Println(strings.Contains(page.String(), "Three customers are too few to segment."))
	// Output:
	// Summary
	// How far to trust this
	// Data quality
	// Segments
	// Prediction
	// Correlation
	// Savings
	// Recommendations
	// Appendix
	// true
}

func ExampleFigureNames() {
	fmt.Println(report.FigureNames())
	// Output: [clusters prediction importance waterfalls correlation savings gender drift]
}
