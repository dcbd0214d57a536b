package cohortlens

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

// plan says which columns of a table do what. It is made of, in this order, what
// the configuration names, the customer schema if the table follows it, and what
// can be seen from the columns.
type plan struct {
	schema datasource.Schema
	// numbers and categories are the columns to analyse, used all columns that
	// a row must have a value in.
	numbers, categories, used []string
	features                  []string // to segment by
	weights                   string   // of rows, "" for none
	target                    string   // to predict, "" if unknown
	numerical, categorical    []string // to predict from
	roles                     insights.Roles
	gender                    string
	notes                     []string
}

func newPlan(t *datasource.Table, cfg Config, predicts bool) (plan, error) {
	customer := datasource.CustomerSchema()
	isCustomer := customer.Fits(t.Names())
	var p plan
	p.schema = customer
	if !isCustomer {
		p.schema = datasource.InferSchema(t)
	}
	if cfg.Columns.ID != "" {
		p.identify(cfg.Columns.ID)
	}
	named := cfg.Columns.named()
	switch {
	case named:
		p.numbers, p.categories = cfg.Columns.Numerical, cfg.Columns.Categorical
	case isCustomer:
		p.numbers, p.categories = p.schema.Names(datasource.Numeric), p.schema.Names(datasource.Categorical)
	default:
		p.infer(t, cfg)
	}
	if cfg.Predict.Target == "" && isCustomer && (!named || predicts && t.Has(datasource.SpendingScore)) {
		cfg.Predict.Target = datasource.SpendingScore
	}
	p.choose(cfg, isCustomer && !named)
	p.used = union(p.numbers, p.categories, p.features, p.numerical, p.categorical, nonEmpty(p.target, p.schema.ID, p.weights))
	if predicts {
		p.used = union(p.used, nonEmpty(cfg.Predict.FoldGroups))
	}
	for _, name := range p.used {
		if _, err := t.Column(name); err != nil {
			return plan{}, err
		}
	}
	if named || !isCustomer {
		p.schema = p.schema.Only(p.used...)
	}
	p.roles = overlay(insights.InferRoles(t), cfg.Columns.Roles)
	if cfg.Columns.Gender != "" {
		if _, err := t.CategoricalColumn(cfg.Columns.Gender); err != nil {
			return plan{}, fmt.Errorf("the column for the gender: %w", err)
		}
	}
	p.gender = cmp.Or(cfg.Columns.Gender, genderColumn(t))
	return p, nil
}

func (c Columns) named() bool { return len(c.Numerical)+len(c.Categorical) > 0 }

// identify makes a column the one that identifies customers.
func (p *plan) identify(name string) {
	fields := slices.DeleteFunc(slices.Clone(p.schema.Fields), func(f datasource.Field) bool {
		return f.Name == name || f.Name == p.schema.ID
	})
	p.schema.ID = name
	p.schema.Fields = slices.Insert(fields, 0, datasource.IDField(name))
}

// mostMissing is the share of missing values above which a column that nobody
// named is left out, since every row without a value would be lost.
const mostMissing = 0.2

// infer picks the columns of an unknown table that say something. Of those that it
// leaves out, it notes the ones that no model's configuration names.
func (p *plan) infer(t *datasource.Table, cfg Config) {
	named := union(cfg.Segment.Features, cfg.Predict.Numerical, cfg.Predict.Categorical,
		nonEmpty(cfg.Segment.Weights, cfg.Predict.Target, cfg.Predict.FoldGroups, cfg.Predict.IntervalGroups))
	leftOut := map[string]string{}
	for _, u := range datasource.Unusable(t, p.schema) {
		leftOut[u.Column] = u.Reason
	}
	for _, c := range t.Columns() {
		if c.Name() == p.schema.ID {
			continue
		}
		reason := leftOut[c.Name()]
		if n := c.MissingCount(); reason == "" && float64(n) > mostMissing*float64(c.Len()) {
			reason = fmt.Sprintf("%d of %d values are missing (name the column to use it all the same)", n, c.Len())
		}
		switch {
		case reason != "" && slices.Contains(named, c.Name()):
		case reason != "":
			p.notes = append(p.notes, fmt.Sprintf("The column %q takes no part: %s.", c.Name(), reason))
		case c.Kind() == datasource.Numeric:
			p.numbers = append(p.numbers, c.Name())
		default:
			p.categories = append(p.categories, c.Name())
		}
	}
}

// choose assigns columns to the two models.
func (p *plan) choose(cfg Config, customer bool) {
	p.features, p.weights, p.target = cfg.Segment.Features, cfg.Segment.Weights, cfg.Predict.Target
	p.numerical, p.categorical = cfg.Predict.Numerical, cfg.Predict.Categorical
	if customer {
		if len(p.features) == 0 {
			p.features = []string{datasource.Age, datasource.AnnualIncome, datasource.SpendingScore}
		}
		if len(p.numerical)+len(p.categorical) == 0 && p.target == datasource.SpendingScore {
			p.numerical = []string{datasource.AnnualIncome, datasource.Age, datasource.WorkExperience, datasource.FamilySize}
			p.categorical = []string{datasource.Profession}
		}
	}
	if len(p.features) == 0 {
		p.features = without(p.numbers, p.weights)
	}
	if len(p.numerical)+len(p.categorical) == 0 {
		p.numerical = without(without(p.numbers, p.target), cfg.Predict.FoldGroups)
		p.categorical = without(without(p.categories, p.target), cfg.Predict.FoldGroups)
	}
}

// profiled returns the columns that segments are described by: those analysed,
// the features and the weights, without the ID.
func (p plan) profiled(t *datasource.Table) []string {
	return slices.DeleteFunc(union(p.features, p.numbers, p.categories, nonEmpty(p.weights)), func(name string) bool {
		return name == p.schema.ID || !t.Has(name)
	})
}

// words adds to the given words those for the columns that play a part.
func (p plan) words(given map[string]segment.Words) map[string]segment.Words {
	words := map[string]segment.Words{}
	if p.roles.Spending != "" {
		words[p.roles.Spending] = segment.Words{High: "high engagement", Low: "low engagement"}
	}
	if p.roles.Income != "" {
		words[p.roles.Income] = segment.Words{High: "high income", Low: "low income"}
	}
	for _, name := range p.features {
		if strings.EqualFold(name, datasource.Age) {
			words[name] = segment.Words{High: "older", Low: "younger"}
		}
	}
	for name, w := range given {
		words[name] = w
	}
	return words
}

// value returns the features that make a customer valuable: income and spending
// when the segmentation knows both.
func (p plan) value(given []string) []string {
	if len(given) > 0 {
		return given
	}
	value := nonEmpty(p.roles.Income, p.roles.Spending)
	for _, name := range value {
		if !slices.Contains(p.features, name) {
			return nil
		}
	}
	if len(value) < 2 {
		return nil
	}
	return value
}

func (j *job) settings() []report.Setting {
	s := []report.Setting{
		{Name: "Random seed", Value: strconv.FormatUint(j.cfg.Seed, 10)},
		{Name: "Rows that break a rule", Value: string(j.Quality.Policy)},
	}
	if r := j.Segmentation; r != nil {
		s = append(s,
			report.Setting{Name: "Segmentation", Value: string(r.Algorithm)},
			report.Setting{Name: "Segmentation features", Value: strings.Join(j.plan.features, ", ")},
			report.Setting{Name: "Segments", Value: segmentCount(j.cfg.Segment, r)},
		)
		s = append(s, algorithmSettings(j.cfg.Segment, r)...)
	}
	if r := j.Prediction; r != nil {
		s = append(s,
			report.Setting{Name: "Prediction", Value: string(r.Algorithm)},
			report.Setting{Name: "Target", Value: r.Target},
			report.Setting{Name: "Predictors", Value: strings.Join(r.Features, ", ")},
			report.Setting{Name: "Cross-validation folds", Value: strconv.Itoa(r.CV.Folds)},
		)
	}
	return s
}

func segmentCount(c segment.Config, r *segment.Result) string {
	k := len(r.Segments)
	switch {
	case r.Algorithm == segment.DBSCAN:
		return fmt.Sprintf("%d, found by their density", k)
	case c.K > 0:
		return fmt.Sprintf("%d, as asked for", k)
	}
	by := "the silhouette"
	if c.Criterion == segment.ByBIC {
		by = "the BIC"
	}
	return fmt.Sprintf("%d, chosen from %d to %d by %s", k, r.Scores[0].K, r.Scores[len(r.Scores)-1].K, by)
}

// algorithmSettings lists what matters to one algorithm only, as far as it was
// set.
func algorithmSettings(c segment.Config, r *segment.Result) []report.Setting {
	var s []report.Setting
	if r.Mixture != nil {
		s = append(s, report.Setting{Name: "Covariance", Value: string(r.Mixture.Covariance)})
	}
	if r.Algorithm == segment.DBSCAN && c.Epsilon > 0 {
		s = append(s, report.Setting{Name: "Epsilon, in standard deviations", Value: strconv.FormatFloat(c.Epsilon, 'g', -1, 64)})
	}
	if r.Algorithm == segment.DBSCAN && c.MinSamples > 0 {
		s = append(s, report.Setting{Name: "Neighbours of a core customer", Value: strconv.Itoa(c.MinSamples)})
	}
	if c.Weights != "" {
		s = append(s, report.Setting{Name: "Weights of customers", Value: c.Weights})
	}
	if c.Bootstraps > 0 {
		s = append(s, report.Setting{Name: "Draws for stability", Value: strconv.Itoa(c.Bootstraps)})
	}
	return s
}

// overlay returns the given roles where they name a column, else the inferred.
func overlay(inferred, given insights.Roles) insights.Roles {
	return insights.Roles{
		Spending:   cmp.Or(given.Spending, inferred.Spending),
		Income:     cmp.Or(given.Income, inferred.Income),
		Experience: cmp.Or(given.Experience, inferred.Experience),
		FamilySize: cmp.Or(given.FamilySize, inferred.FamilySize),
	}
}

// genderColumn returns the categorical column that is named for it, if any.
func genderColumn(t *datasource.Table) string {
	for _, c := range t.Columns() {
		switch strings.ToLower(c.Name()) {
		case "gender", "genre", "sex":
			if c.Kind() == datasource.Categorical {
				return c.Name()
			}
		}
	}
	return ""
}

// withTextID turns a column of whole numbers that identifies customers into
// text, as a database or a data frame may bring it.
func withTextID(t *datasource.Table, name string) (*datasource.Table, error) {
	if name == "" && t.Has(datasource.CustomerID) && datasource.CustomerSchema().Fits(t.Names()) {
		name = datasource.CustomerID
	}
	if name == "" {
		return t, nil
	}
	c, err := t.Column(name)
	if err != nil || c.Kind() == datasource.Text {
		return t, err
	}
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = c.Cell(row)
	}
	return t.With(datasource.Texts(name, cells))
}

func union(lists ...[]string) []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range lists {
		for _, name := range list {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

func without(names []string, drop string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == drop })
}

func nonEmpty(names ...string) []string { return without(names, "") }
