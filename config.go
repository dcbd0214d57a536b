package cohortlens

import (
	"errors"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// ErrNoTarget says that the table is not the customer table and nothing names
// the column to predict.
var ErrNoTarget = errors.New("no target column")

// Config says how to analyse a table. The zero value works.
type Config struct {
	// Columns overrides what is inferred or is the default.
	Columns Columns
	// Invalid says what happens to rows that break a rule; they are dropped
	// when empty.
	Invalid datasource.Policy
	// Segment and Predict configure the two models. Their Seed, Workers and
	// Progress are set from the fields below.
	Segment segment.Config
	Predict predict.Config
	// Explain configures explanations. Its Seed, Workers and Progress are set
	// from the fields below.
	Explain explain.Config
	// Model, if set, is the predictor that [Explain] explains.
	Model *Model
	// Savings holds the coefficients of the savings estimate.
	Savings insights.SavingsConfig
	// Drift says what the table is compared with; nothing by default.
	Drift DriftConfig
	// Seed makes everything reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. No result depends
	// on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently. Stage
	// is "load", "segment", "predict", "explain", "profile", "insights" or "drift".
	Progress func(stage string, done, total int)
}

// Columns says what the columns of a table are. Empty fields are inferred.
type Columns struct {
	// ID names the column that identifies a customer.
	ID string
	// Numerical and Categorical list the columns to analyse, each in its kind.
	// When either is set, columns in neither are ignored, unless a model's
	// configuration names them; the spending score of a customer table stays
	// the default target.
	Numerical, Categorical []string
	// Roles names the columns that savings and recommendations speak of.
	Roles insights.Roles
	// Gender names the categorical column that the gender figure counts.
	Gender string
}
