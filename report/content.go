package report

import (
	"time"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// Content is everything that a report shows. A nil part is left out, with the
// reason from Omitted if there is one.
type Content struct {
	// Title heads the report; "Customer report" when empty.
	Title string
	// Source names the data, such as a file's base name.
	Source string
	// Sample says that the data is the sample that comes with the library.
	Sample bool
	// Created is printed when it is not zero.
	Created time.Time
	// Version is that of the program, printed when it is not empty.
	Version string

	// Table is the data as analysed, one row for each label and each saving.
	// The figures of segments and gender need it.
	Table   *datasource.Table
	Quality datasource.Quality

	Segmentation *segment.Result
	// PreviousSegments are those of the model that Segmentation.Migration
	// compares with.
	PreviousSegments []segment.Segment

	Prediction *predict.Result
	// Explanation splits predictions for rows of Table by column. Explained has
	// the row of Table that each of its rows is about; nil when it has them all.
	// Like that on drift, its section is left out when it is nil and Omitted says
	// nothing of it.
	Explanation *explain.Result
	Explained   []int
	// Typical are the customers whose predictions are shown column by column,
	// such as a typical one of each segment.
	Typical []Example

	// Profile is that of the target and the features, with the rows that lack
	// some of them, for a later check. It is not shown.
	Profile *insights.Profile

	Describe    []insights.Description
	Correlation *insights.Correlation
	Savings     *insights.Savings
	// Drift says what has changed since an earlier table.
	Drift *insights.Drift
	// IDColumn names the column that identifies customers, "" for none.
	IDColumn string
	Roles    insights.Roles
	// GenderColumn names the categorical column that the gender figure
	// counts, "" for none.
	GenderColumn string

	// Omitted says why a part is missing, in a sentence for readers: by
	// "segmentation", "prediction", "explanation", "correlation", "savings",
	// "recommendations" or "drift".
	Omitted map[string]string
	// Settings lists the parameters that reproduce the report, in order.
	Settings []Setting
}

// span returns the limits of a column, both 0 when they are not known.
func (c *Content) span(column string) limits {
	for _, d := range c.Describe {
		if d.Column == column {
			return limits{d.Min, d.Max}
		}
	}
	return limits{}
}

// Setting is one parameter of the analysis, as text.
type Setting struct{ Name, Value string }

// Example is a customer who stands for others.
type Example struct {
	// Row is that of [Content.Explanation].
	Row int
	// ID names the customer, "" for no name.
	ID string
	// Segment is the customer's, or [segment.Noise] for none.
	Segment int
}
