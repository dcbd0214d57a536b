package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/report"
)

// setting is one thing that can be configured.
type setting struct {
	// key is the path in the YAML file, "" for what only the environment sets.
	key string
	// variable is the environment variable, derived from the key unless it is
	// older than the rule.
	variable string
	rule     rule
	// secret keeps the value out of messages.
	secret bool
}

// settings lists all that can be configured; reading a value writes to c.
func (c *Config) settings() []setting {
	list := c.analysisSettings()
	list = append(list, c.driftSettings()...)
	list = append(list, c.outputSettings()...)
	for i := range list {
		list[i].variable = Variable(list[i].key)
	}
	return append(list, c.environmentSettings()...)
}

// Variable returns the environment variable of a key of the YAML file, such as
// COHORTLENS_MODELS_RANDOM_SEED for "models.random_seed".
func Variable(key string) string {
	return ownPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func (c *Config) analysisSettings() []setting {
	d, s, p, f, i := &c.Data, &c.Models.Segmentation, &c.Models.Prediction, &c.Features, &c.Insights
	positive := func(v float64) bool { return v > 0 }
	share := func(v float64) bool { return v > 0 && v < 1 }
	return []setting{
		{key: "data.raw_path", rule: text(&d.RawPath)},
		{key: "data.processed_path", rule: text(&d.ProcessedPath)},
		{key: "data.raw_filename", rule: text(&d.RawFilename)},
		{key: "data.delimiter", rule: delimiter(&d.Delimiter)},
		{key: "data.invalid", rule: choice((*string)(&d.Invalid), policies, nil)},
		{key: "database.path", rule: text(&c.Database.Path)},
		{key: "models.random_seed", rule: seed(&c.Models.Seed)},
		{key: "models.segmentation.algorithm", rule: algorithm(&s.Algorithm, "kmeans", "gmm", "dbscan")},
		{key: "models.segmentation.n_clusters", rule: whole(&s.Clusters, 1, 1_000_000)},
		{key: "models.segmentation.max_iter", rule: whole(&s.MaxIterations, 1, 1_000_000)},
		{key: "models.segmentation.n_init", rule: whole(&s.Restarts, 1, 10_000)},
		{key: "models.segmentation.features", rule: names(&s.Features)},
		{key: "models.segmentation.silhouette_range", rule: span(&s.KMin, &s.KMax)},
		{key: "models.segmentation.eps", rule: number(&s.Eps, "above 0", positive)},
		{key: "models.segmentation.min_samples", rule: whole(&s.MinSamples, 1, 1_000_000)},
		{key: "models.segmentation.weights", rule: text(&s.Weights)},
		{key: "models.segmentation.covariance", rule: choice(&s.Covariance, []string{"full", "tied", "diag", "spherical"}, nil)},
		{key: "models.segmentation.criterion", rule: choice(&s.Criterion, []string{"silhouette", "bic"}, nil)},
		{key: "models.segmentation.bootstraps", rule: whole(&s.Bootstraps, 0, 1000)},
		{key: "models.prediction.algorithm", rule: algorithm(&p.Algorithm, "linear_regression", "ridge", "random_forest", "auto")},
		{key: "models.prediction.target", rule: text(&p.Target)},
		{key: "models.prediction.test_size", rule: number(&p.TestSize, "above 0 and below 1", share)},
		{key: "models.prediction.cv_folds", rule: whole(&p.Folds, 2, 100)},
		{key: "models.prediction.cv_shuffle", rule: truth(&p.Shuffle)},
		{key: "models.prediction.cv_groups", rule: text(&p.FoldGroups)},
		{key: "models.prediction.drop_first", rule: truth(&p.DropFirst)},
		{key: "models.prediction.alpha", rule: number(&p.Alpha, "of at least 0", func(v float64) bool { return v >= 0 })},
		{key: "models.prediction.n_estimators", rule: whole(&p.Trees, 1, 10_000)},
		{key: "models.prediction.max_depth", rule: whole(&p.MaxDepth, 0, 1_000_000)},
		{key: "models.prediction.min_samples_leaf", rule: whole(&p.MinSamplesLeaf, 1, 1_000_000_000)},
		{key: "models.prediction.max_features", rule: whole(&p.MaxFeatures, 0, 256)},
		{key: "models.prediction.interval_level", rule: number(&p.IntervalLevel, "above 0 and below 1", share)},
		{key: "models.prediction.interval_method", rule: choice(&p.IntervalMethod, []string{"constant", "quantiles"}, nil)},
		{key: "models.prediction.interval_groups", rule: text(&p.IntervalGroups)},
		{key: "models.prediction.features.numerical", rule: names(&p.Numerical)},
		{key: "models.prediction.features.categorical", rule: names(&p.Categorical)},
		{key: "features.numerical", rule: names(&f.Numerical)},
		{key: "features.categorical", rule: names(&f.Categorical)},
		{key: "features.id_column", rule: text(&f.IDColumn)},
		{key: "insights.income_column", rule: text(&i.IncomeColumn)},
		{key: "insights.spending_column", rule: text(&i.SpendingColumn)},
		{key: "insights.experience_column", rule: text(&i.ExperienceColumn)},
		{key: "insights.family_size_column", rule: text(&i.FamilySizeColumn)},
		{key: "insights.gender_column", rule: text(&i.GenderColumn)},
		{key: "insights.spend_per_experience_year", rule: number(&i.SpendPerExperienceYear, "above 0", positive)},
		{key: "insights.spend_per_family_member", rule: number(&i.SpendPerFamilyMember, "above 0", positive)},
	}
}

func (c *Config) driftSettings() []setting {
	d := &c.Drift
	above := func(p *float64) rule { return number(p, "above 0", func(v float64) bool { return v > 0 }) }
	share := func(p *float64) rule {
		return number(p, "above 0 and below 1", func(v float64) bool { return v > 0 && v < 1 })
	}
	return []setting{
		{key: "drift.baseline", rule: text(&d.Baseline)},
		{key: "drift.segments", rule: text(&d.Segments)},
		{key: "drift.alpha", rule: share(&d.Alpha)},
		{key: "drift.adjust", rule: choice(&d.Adjust, []string{"benjamini_hochberg", "holm", "none"}, map[string]string{"BH": "benjamini_hochberg"})},
		{key: "drift.psi_moderate", rule: above(&d.ModeratePSI)},
		{key: "drift.psi_major", rule: above(&d.MajorPSI)},
		{key: "drift.ks", rule: share(&d.KS)},
		{key: "drift.mean_shift", rule: above(&d.MeanShift)},
		{key: "drift.cramers_v", rule: share(&d.CramersV)},
		{key: "drift.missing_share", rule: share(&d.MissingShare)},
		{key: "drift.share_effect", rule: number(&d.ShareEffect, "above 0 and at most 3.14", func(v float64) bool { return v > 0 && v <= 3.14 })},
		{key: "drift.auc", rule: number(&d.AUC, "above 0.5 and at most 1", func(v float64) bool { return v > 0.5 && v <= 1 })},
		{key: "drift.permutations", rule: whole(&d.Permutations, 1, 9999)},
	}
}

var policies = []string{string(datasource.Drop), string(datasource.Fail), string(datasource.Keep)}

func (c *Config) outputSettings() []setting {
	r := &c.Reporting
	return []setting{
		{key: "reporting.format", rule: choice(&r.Format, []string{"html", "pdf"}, nil)},
		{key: "reporting.save_path", rule: text(&r.SavePath)},
		{key: "reporting.figures_path", rule: text(&r.FiguresPath)},
		{key: "reporting.dpi", rule: whole(&r.DPI, 36, 600)},
		{key: "reporting.metrics", rule: names(&r.Metrics, report.MetricNames()...)},
		{key: "reporting.figures", rule: names(&r.Figures, report.FigureNames()...)},
		{key: "ai.provider", rule: provider(&c.AI.Provider)},
		{key: "ai.model", rule: optionalText(&c.AI.Model)},
		{key: "ai.max_tokens", rule: whole(&c.AI.MaxTokens, 1, 100_000)},
		{key: "ai.temperature", rule: number(&c.AI.Temperature, "from 0 to 2", func(v float64) bool { return v >= 0 && v <= 2 })},
		{key: "logging.level", rule: level(&c.Logging.Level)},
		{key: "logging.format", rule: logFormat(&c.Logging.Format)},
	}
}

func (c *Config) environmentSettings() []setting {
	s, a := &c.Server, &c.AI
	return []setting{
		{variable: "DATA_SOURCE", rule: choice(&c.Data.Source, []string{"csv", "neon"}, nil)},
		{variable: "NEON_DATABASE_URL", rule: postgres(&c.Data.NeonURL), secret: true},
		{variable: ownPrefix + "AUDIT_KEY", rule: auditKey(&c.Database.AuditKey), secret: true},
		{variable: ownPrefix + "OLD_AUDIT_KEYS", rule: auditKeys(&c.Database.OldAuditKeys), secret: true},
		{variable: "JWT_SECRET", rule: secret(&s.JWTSecret), secret: true},
		{variable: "JWT_EXPIRE_MINUTES", rule: whole(&s.JWTExpireMinutes, 1, 525_600)},
		{variable: "DEFAULT_AUTH_USER", rule: text(&s.AuthUser)},
		{variable: "DEFAULT_USER_PASSWORD", rule: secret(&s.AuthPassword), secret: true},
		{variable: "RATE_LIMIT_PER_MINUTE", rule: whole(&s.RateLimitPerMinute, 1, 1_000_000)},
		{variable: "CORS_ORIGINS", rule: names(&s.CORSOrigins)},
		{variable: "OPENAI_API_KEY", rule: secret(&a.OpenAIKey), secret: true},
		{variable: "OPENAI_MODEL", rule: text(&a.OpenAIModel)},
		{variable: "ANTHROPIC_API_KEY", rule: secret(&a.AnthropicKey), secret: true},
		{variable: "ANTHROPIC_MODEL", rule: text(&a.AnthropicModel)},
		{variable: "GROQ_API_KEY", rule: secret(&a.GroqKey), secret: true},
		{variable: "STRIPE_WEBHOOK_SECRET", rule: secret(&s.StripeWebhookSecret), secret: true},
		{variable: "IPFS_API_URL", rule: link(&s.IPFSAPIURL, "http", "https")},
	}
}

// algorithm refuses what the Python project only had as a stub.
func algorithm(p *string, words ...string) rule {
	r := choice(p, words, nil)
	instead := "never worked in the Python project and does not exist here; use " + words[0]
	r.refuse = map[string]string{"autogluon": instead, "lstm": instead}
	return r
}

// leastAuditKey is the size of the key of HMAC-SHA256.
const leastAuditKey = 32

func auditKey(p *Secret) rule {
	return rule{want: fmt.Sprintf("a text of at least %d bytes", leastAuditKey), read: func(v value) bool {
		*p = Secret(v.text)
		return len(v.text) >= leastAuditKey
	}}
}

func auditKeys(p *[]Secret) rule {
	return rule{want: fmt.Sprintf("texts of at least %d bytes, separated by commas", leastAuditKey), read: func(v value) bool {
		list, ok := v.names()
		*p = make([]Secret, len(list))
		for i, key := range list {
			(*p)[i] = Secret(key)
		}
		return ok && !slices.ContainsFunc(list, func(key string) bool { return len(key) < leastAuditKey })
	}}
}

func provider(p *string) rule {
	r := choice(p, []string{"openai", "anthropic", "groq"}, map[string]string{"": ""})
	r.want += `, or ""`
	return r
}

// level accepts the names of Python's logging too.
func level(p *string) rule {
	return choice(p, []string{"DEBUG", "INFO", "WARN", "ERROR"},
		map[string]string{"WARNING": "WARN", "CRITICAL": "ERROR", "FATAL": "ERROR", "NOTSET": "DEBUG"})
}

// logFormat takes a format string of Python's logging for "text".
func logFormat(p *string) rule {
	r := choice(p, []string{"text", "json"}, nil)
	word := r.read
	r.read = func(v value) bool {
		if v.is(quoted) && strings.Contains(v.text, "%(") {
			*p = "text"
			return true
		}
		return word(v)
	}
	return r
}
