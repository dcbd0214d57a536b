package config

import (
	"path/filepath"

	"github.com/cohortlens/cohortlens/datasource"
)

// Config is the whole configuration, checked. An empty name or list, and a
// count of 0, mean that nothing was said: the library then decides by the table.
type Config struct {
	// File is the configuration file that was read, "" when there is none.
	File string
	// Root is the folder from which the relative paths of the file start: the
	// one that holds config/, or the working directory without a file.
	Root string
	// Warnings say in a sentence each what is odd and yet allowed.
	Warnings []string

	Data      Data
	Database  Database
	Models    Models
	Features  Features
	Reporting Reporting
	Insights  Insights
	Drift     Drift
	AI        AI
	Logging   Logging
	Server    Server
}

// Data says where customers come from.
type Data struct {
	// Source is where customers are read from when no file is named: "csv", or
	// "neon" for the database, whichever that is.
	Source string
	// NeonURL is a PostgreSQL database.
	NeonURL Secret
	// RawPath and RawFilename together name the customer file.
	RawPath, ProcessedPath, RawFilename string
	// Delimiter is one character, or empty to find it in the file.
	Delimiter string
	// Invalid is what to do with rows that break a rule.
	Invalid datasource.Policy
}

// Database says where customers, users, the audit log and the like are stored.
// See [Config.DatabaseURL].
type Database struct {
	// URL is the one that a flag named, "" when none did.
	URL Secret
	// Path is the SQLite file for when no URL is given.
	Path string
	// AuditKey is what the audit log is chained under, OldAuditKeys what it was
	// chained under before.
	AuditKey     Secret
	OldAuditKeys []Secret
}

// Models configures segmentation and prediction.
type Models struct {
	Seed         uint64
	Segmentation Segmentation
	Prediction   Prediction
}

// Segmentation configures the clustering of customers.
type Segmentation struct {
	// Algorithm is "kmeans", "gmm" or "dbscan".
	Algorithm string
	// Clusters is the number of segments; 0 chooses it from KMin to KMax, both
	// included.
	Clusters, KMin, KMax int
	MaxIterations        int
	Restarts             int
	Features             []string
	// Weights names the column of weights of customers, for "kmeans"; all weigh
	// the same when empty.
	Weights string
	// Covariance is the shape of the components of "gmm": "full", "tied",
	// "diag" or "spherical".
	Covariance string
	// Criterion is what the number of segments is chosen by: "silhouette", or
	// "bic" for "gmm".
	Criterion string
	// Eps, in units of standard deviations, and MinSamples belong to "dbscan".
	Eps        float64
	MinSamples int
	// Bootstraps is the number of redrawn tables on which the stability of the
	// segments is measured; it is not measured when 0.
	Bootstraps int
}

// Prediction configures the predictor.
type Prediction struct {
	// Algorithm is "linear_regression", "ridge", "random_forest" or "auto".
	Algorithm string
	Target    string
	// TestSize is the share of rows held out.
	TestSize float64
	Folds    int
	// Shuffle draws the folds at random; FoldGroups names a column whose equal
	// values stay in one fold.
	Shuffle    bool
	FoldGroups string
	// DropFirst drops the indicator of each category's first level.
	DropFirst              bool
	Numerical, Categorical []string
	// Alpha is the penalty of "ridge", chosen by cross-validation when 0.
	Alpha float64
	// Trees, MaxDepth, MinSamplesLeaf and MaxFeatures grow a "random_forest";
	// there is no limit where a number is 0.
	Trees, MaxDepth, MinSamplesLeaf, MaxFeatures int
	// IntervalLevel is the share of customers that intervals cover,
	// IntervalMethod "constant" or "quantiles", chosen when empty, and
	// IntervalGroups a categorical column with intervals of their own.
	IntervalLevel                  float64
	IntervalMethod, IntervalGroups string
}

// Features says what the columns of the customer table are.
type Features struct {
	IDColumn               string
	Numerical, Categorical []string
}

// Reporting configures the report.
type Reporting struct {
	// Format is "html" or "pdf".
	Format                string
	SavePath, FiguresPath string
	// DPI is the resolution of the figures' PNG files.
	DPI int
	// Metrics and Figures choose what the report shows; all when empty.
	Metrics, Figures []string
}

// Insights says which columns savings and recommendations speak of.
type Insights struct {
	IncomeColumn, SpendingColumn, ExperienceColumn, FamilySizeColumn, GenderColumn string
	// SpendPerExperienceYear and SpendPerFamilyMember are the monthly spend
	// that the savings estimate assumes, in the unit of the income.
	SpendPerExperienceYear, SpendPerFamilyMember float64
}

// Drift says what drift is measured from, and what counts as one that matters.
type Drift struct {
	// Baseline is the file of the profile to compare with; drift_baseline.json
	// in the folder of derived files when empty.
	Baseline string
	// Segments names the categorical column whose levels are compared one by
	// one; none when empty.
	Segments string
	// Alpha is the level of the tests, Adjust how they share it:
	// "benjamini_hochberg", "holm" or "none".
	Alpha  float64
	Adjust string
	// From the others on, a change is material: of a distribution, of a mean in
	// standard deviations, of levels, of the share of missing values, of the
	// share of a segment as Cohen's h, and of all columns together.
	ModeratePSI, MajorPSI, KS, MeanShift, CramersV, MissingShare, ShareEffect, AUC float64
	// Permutations is the number of those that all columns together are
	// compared with; 0 lets the library choose.
	Permutations int
}

// AI configures the language model behind recommendations in natural language.
type AI struct {
	// Provider is "openai", "anthropic", "groq" or empty.
	Provider, Model string
	MaxTokens       int
	Temperature     float64

	OpenAIKey, AnthropicKey, GroqKey Secret
	OpenAIModel, AnthropicModel      string
}

// Logging configures the log on standard error.
type Logging struct {
	// Level is "DEBUG", "INFO", "WARN" or "ERROR".
	Level string
	// Format is "text" or "json".
	Format string
}

// Server configures the HTTP server and what it talks to.
type Server struct {
	JWTSecret           Secret
	JWTExpireMinutes    int
	AuthUser            string
	AuthPassword        Secret
	RateLimitPerMinute  int
	CORSOrigins         []string
	StripeWebhookSecret Secret
	IPFSAPIURL          string
}

// Default returns the configuration of someone who said nothing.
func Default() *Config {
	return &Config{
		Data: Data{
			Source: "csv", RawPath: "data/raw", ProcessedPath: "data/processed",
			RawFilename: "Customers.csv", Invalid: datasource.Drop,
		},
		Database: Database{Path: "data/cohortlens.db"},
		Models: Models{
			Seed: 42,
			Segmentation: Segmentation{
				Algorithm: "kmeans", KMin: 2, KMax: 10, MaxIterations: 300, Restarts: 10,
				Covariance: "full", Criterion: "silhouette", Eps: 0.5, MinSamples: 5,
			},
			Prediction: Prediction{
				Algorithm: "linear_regression", TestSize: 0.2, Folds: 5, DropFirst: true,
				Trees: 100, MinSamplesLeaf: 1, IntervalLevel: 0.9,
			},
		},
		Reporting: Reporting{Format: "html", SavePath: "reports", FiguresPath: "reports/figures", DPI: 150},
		Insights:  Insights{SpendPerExperienceYear: 1000, SpendPerFamilyMember: 500},
		Drift: Drift{
			Alpha: 0.05, Adjust: "benjamini_hochberg", ModeratePSI: 0.1, MajorPSI: 0.2, KS: 0.1, MeanShift: 0.2, CramersV: 0.1, MissingShare: 0.05, ShareEffect: 0.2, AUC: 0.55,
		},
		AI:      AI{MaxTokens: 150, Temperature: 0.3},
		Logging: Logging{Level: "INFO", Format: "text"},
		Server:  Server{JWTExpireMinutes: 60, RateLimitPerMinute: 60},
	}
}

// Path resolves a path of the configuration: a relative one starts at Root.
func (c *Config) Path(elements ...string) string {
	p := filepath.Join(elements...)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Root, p)
}

// DatabaseURL returns the URL of the database: the one that a flag named, or else
// that of NEON_DATABASE_URL, or else that of the SQLite file.
func (c *Config) DatabaseURL() Secret {
	switch {
	case c.Database.URL != "":
		return c.Database.URL
	case c.Data.NeonURL != "":
		return c.Data.NeonURL
	}
	return Secret("sqlite:" + c.Path(c.Database.Path))
}

// BaselinePath returns the file that drift is measured from.
func (c *Config) BaselinePath() string {
	if c.Drift.Baseline != "" {
		return c.Path(c.Drift.Baseline)
	}
	return c.Path(c.Data.ProcessedPath, "drift_baseline.json")
}

// ForgetColumnLists drops every list of columns to analyse, so that lists given
// afterwards are not mixed with those of another table.
func (c *Config) ForgetColumnLists() {
	c.Features.Numerical, c.Features.Categorical = nil, nil
	c.Models.Segmentation.Features = nil
	c.Models.Prediction.Numerical, c.Models.Prediction.Categorical = nil, nil
}
