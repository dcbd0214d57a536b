package cohortlens

import (
	"context"
	"errors"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

// Config says how to analyse a table. The zero value works: a table with the
// columns of [datasource.CustomerSchema] is analysed as the CohortLens backend
// does it, another one by its inferred kinds.
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
	// Savings holds the coefficients of the savings estimate.
	Savings insights.SavingsConfig
	// Seed makes everything reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. No result depends
	// on it.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently. Stage
	// is "load", "segment", "predict" or "insights".
	Progress func(stage string, done, total int)
}

// Columns says what the columns of a table are. Empty fields are inferred.
type Columns struct {
	// ID names the column that identifies a customer.
	ID string
	// Numerical and Categorical list the columns to analyse, each in its kind;
	// when either is set, columns in neither are ignored.
	Numerical, Categorical []string
	// Roles names the columns that savings and recommendations speak of.
	Roles insights.Roles
	// Gender names the column that the gender figure counts.
	Gender string
}

// Analysis is what is known about a table of customers. Parts that were not
// asked for are nil.
type Analysis = report.Content

// Run does the whole job: load, validate, clean, segment, predict, describe. The
// analysis is ready for [Report].
func Run(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	return nil, errors.New("being built")
}

// Segment loads, validates, cleans and segments; the result is in
// Analysis.Segmentation.
func Segment(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	return nil, errors.New("being built")
}

// TrainPredictor loads, validates, cleans and trains a predictor; the result is
// in Analysis.Prediction.
func TrainPredictor(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	return nil, errors.New("being built")
}
