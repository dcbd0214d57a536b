package service

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// Options are what a service takes from the world around it. The zero value
// works.
type Options struct {
	// Stdin is read for the path "-"; there is nothing to read when nil.
	Stdin io.Reader
	// Stdout is where the caller prints documents. Nothing is written to it: it
	// is known so that no result is written over them.
	Stdout io.Writer
	// Dir is the folder from which paths are shown; they are shown in full
	// when empty.
	Dir string
	// Version is that of the program, for reports.
	Version string
	// Actor is who is named in the audit log for what the service changes.
	Actor string
	// Created is the time printed in reports; none when zero.
	Created time.Time
	// Workers bounds the goroutines used; GOMAXPROCS when 0.
	Workers int
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(stage string, done, total int)
	// Log receives what may help to find a fault; nothing is logged when nil.
	Log *slog.Logger
}

// Service answers requests. It is safe for concurrent use if Options.Progress
// and Options.Stdin are.
type Service struct {
	config  *config.Config
	options Options
}

// New returns a service, or an [*InputError] when the configuration asks for
// something that this version does not have.
func New(c *config.Config, o Options) (*Service, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := supported(c); err != nil {
		return nil, err
	}
	return &Service{config: c, options: o}, nil
}

// supported refuses what the configuration knows and this version lacks.
func supported(c *config.Config) error {
	if c.Reporting.Format != "html" {
		return lackingFormat(c.Reporting.Format)
	}
	return nil
}

func lacking(what, instead string) error {
	return &InputError{Err: fmt.Errorf("this version does not have %s yet", what), Hint: instead}
}

func lackingFormat(format string) error {
	return lacking("reports as "+format, "Use html, and print the page to PDF from a browser.")
}

// analysis translates the configuration into the library's.
func (s *Service) analysis(before previous) cohortlens.Config {
	c := s.config
	m, f, i := c.Models, c.Features, c.Insights
	return cohortlens.Config{
		Columns: cohortlens.Columns{
			ID: f.IDColumn, Numerical: f.Numerical, Categorical: f.Categorical, Gender: i.GenderColumn,
			Roles: insights.Roles{
				Spending: i.SpendingColumn, Income: i.IncomeColumn,
				Experience: i.ExperienceColumn, FamilySize: i.FamilySizeColumn,
			},
		},
		Invalid: c.Data.Invalid,
		Segment: segment.Config{
			Algorithm: segment.Algorithm(m.Segmentation.Algorithm), Features: m.Segmentation.Features,
			K: m.Segmentation.Clusters, KMin: m.Segmentation.KMin, KMax: m.Segmentation.KMax,
			Restarts: m.Segmentation.Restarts, MaxIterations: m.Segmentation.MaxIterations,
			Criterion: s.criterion(), Covariance: segment.Covariance(m.Segmentation.Covariance),
			Epsilon: m.Segmentation.Eps, MinSamples: m.Segmentation.MinSamples, Bootstraps: m.Segmentation.Bootstraps,
			Weights: m.Segmentation.Weights, Previous: before.model,
		},
		Predict: predictConfig(m.Prediction),
		Savings: insights.SavingsConfig{PerExperienceYear: i.SpendPerExperienceYear, PerFamilyMember: i.SpendPerFamilyMember},
		Drift:   s.driftConfig(),
		Seed:    m.Seed, Workers: s.options.Workers, Progress: s.options.Progress,
	}
}

func predictConfig(p config.Prediction) predict.Config {
	c := predict.Config{
		Algorithm: predict.Algorithm(p.Algorithm), Target: p.Target,
		Numerical: p.Numerical, Categorical: p.Categorical,
		KeepFirst: !p.DropFirst, TestSize: p.TestSize, Folds: p.Folds, FoldGroups: p.FoldGroups,
		RidgeAlpha: p.Alpha, Trees: p.Trees, MaxDepth: p.MaxDepth, MinSamplesLeaf: p.MinSamplesLeaf, MaxFeatures: p.MaxFeatures,
		Level: p.IntervalLevel, IntervalMethod: predict.IntervalMethod(p.IntervalMethod), IntervalGroups: p.IntervalGroups,
	}
	if p.Shuffle {
		c.FoldOrder = predict.ShuffledFolds
	}
	return c
}
