package report

import (
	"time"

	"github.com/cohortlens/cohortlens/datasource"
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

	Prediction  *predict.Result
	Describe    []insights.Description
	Correlation *insights.Correlation
	Savings     *insights.Savings
	// Drift says what has changed since an earlier table; its section is left
	// out when it is nil and Omitted says nothing of it.
	Drift *insights.Drift
	// IDColumn names the column that identifies customers, "" for none.
	IDColumn string
	Roles    insights.Roles
	// GenderColumn names the categorical column that the gender figure
	// counts, "" for none.
	GenderColumn string

	// Omitted says why a part is missing, in a sentence for readers: by
	// "segmentation", "prediction", "correlation", "savings",
	// "recommendations" or "drift".
	Omitted map[string]string
	// Settings lists the parameters that reproduce the report, in order.
	Settings []Setting
}

// Setting is one parameter of the analysis, as text.
type Setting struct{ Name, Value string }
