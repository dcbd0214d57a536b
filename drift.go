package cohortlens

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/segment"
)

// ErrNoBaseline says that there is nothing to compare with.
var ErrNoBaseline = errors.New("no baseline to compare with")

// DriftConfig says what a table is compared with, and how. The zero value
// compares with nothing.
type DriftConfig struct {
	// LocateConfig sets what counts as a change, and as one that matters. Its
	// Seed and Workers are set from [Config].
	insights.LocateConfig
	// Baseline is the profile to compare with, made by [Profile].
	Baseline *insights.Profile
	// BaselineColumns compares the columns of Baseline alone, such as those that a
	// predictor uses; see [Model]. Otherwise further columns are found too.
	BaselineColumns bool
	// Segments names a categorical column whose levels are profiled and compared
	// one by one. When empty, it is the one that Baseline was profiled by, if the
	// table has it.
	Segments string
	// Model, if set, is what segments customers, in the place of a column.
	// Baseline must be profiled by the same model. [Run] takes
	// Config.Segment.Previous if Baseline is profiled by a model.
	Model *segment.Model
}

// Profile loads and validates a table and profiles it, to compare later tables
// with. Rows that lack values stay, since how many are missing may change too, and
// so may columns. Without Config.Columns, all columns are profiled, but for those
// that identify a row and text with too many values to count.
func Profile(ctx context.Context, src datasource.Source, cfg Config) (*insights.Profile, datasource.Quality, error) {
	cfg.Drift.Baseline = nil
	j := &job{cfg: cfg, screens: true}
	var p *insights.Profile
	a, err := j.do(ctx, src, func(j *job, ctx context.Context) (err error) {
		p, err = j.profile(ctx, j.Table)
		return err
	})
	if err != nil {
		return nil, datasource.Quality{}, err
	}
	return p, a.Quality, nil
}

// CheckDrift loads and validates a table, profiles it as [Profile] does, and
// compares it with Config.Drift.Baseline, which stays as it is; the result is in
// Analysis.Drift.
func CheckDrift(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	if cfg.Drift.Baseline == nil {
		return nil, fmt.Errorf("check drift: %w", ErrNoBaseline)
	}
	j := &job{cfg: cfg, screens: true}
	return j.do(ctx, src, func(j *job, ctx context.Context) error { return j.drift(ctx, j.Table) })
}

// driftIfAsked compares the table as it was before it was cleaned.
func (j *job) driftIfAsked(ctx context.Context) error {
	if j.cfg.Drift.Baseline == nil {
		return nil
	}
	if c := &j.cfg.Drift; c.Model == nil && c.Baseline.SegmentColumn() == modelSegments {
		c.Model = j.cfg.Segment.Previous
	}
	return j.drift(ctx, j.screened)
}

func (j *job) drift(ctx context.Context, t *datasource.Table) error {
	current, err := j.profile(ctx, t)
	if err != nil {
		return err
	}
	c := j.cfg.Drift.LocateConfig
	c.Seed, c.Workers = j.cfg.Seed, j.cfg.Workers
	j.Drift, err = insights.LocateDrift(ctx, j.cfg.Drift.Baseline, current, c)
	return err
}

// screen takes out the rows that break a rule of a column that is there. What lacks
// is no fault here, but something to compare.
func (j *job) screen(ctx context.Context, t *datasource.Table) (*datasource.Table, datasource.Quality, error) {
	p := plan{schema: datasource.CustomerSchema()}
	if !p.schema.Fits(t.Names()) {
		p.schema = datasource.InferSchema(t)
	}
	if id := j.cfg.Columns.ID; id != "" {
		p.identify(id)
	}
	j.IDColumn = p.schema.ID
	kinds := t.Kinds()
	p.schema.Fields = slices.DeleteFunc(slices.Clone(p.schema.Fields), func(f datasource.Field) bool {
		kind, there := kinds[f.Name]
		return !there || kind != f.Kind
	})
	for i, f := range p.schema.Fields {
		p.schema.Fields[i].Rules = slices.DeleteFunc(slices.Clone(f.Rules), func(r datasource.Rule) bool {
			return r.Name == datasource.Present().Name
		})
	}
	return datasource.Screen(ctx, t, p.schema, j.cfg.Invalid)
}

func (j *job) profile(ctx context.Context, t *datasource.Table) (*insights.Profile, error) {
	done := j.progress("drift")
	done(0, 1)
	t, err := j.withKindsOfBaseline(t)
	if err != nil {
		return nil, err
	}
	t, segments, err := j.segmented(t)
	if err != nil {
		return nil, err
	}
	c := insights.ProfileConfig{Columns: j.profiledColumns(t), Segments: segments, Workers: j.cfg.Workers}
	p, err := insights.BuildProfile(ctx, t, c)
	done(1, 1)
	return p, err
}

// withKindsOfBaseline gives columns the kinds that they had where nothing but their
// number of values tells kinds apart: those without any, and categories with so
// many that they were taken for text.
func (j *job) withKindsOfBaseline(t *datasource.Table) (*datasource.Table, error) {
	if j.cfg.Drift.Baseline == nil {
		return t, nil
	}
	for _, c := range t.Columns() {
		before, found := j.cfg.Drift.Baseline.Column(c.Name())
		if !found || before.Kind() == c.Kind() {
			continue
		}
		var err error
		switch {
		case c.MissingCount() == c.Len():
			t, err = t.With(withoutValues(c, before.Kind()))
		case before.Kind() == datasource.Categorical && c.Kind() == datasource.Text:
			t, err = t.With(categories(c))
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// categories returns a column of text as a categorical one.
func categories(c datasource.Column) datasource.Column {
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = c.Cell(row)
	}
	return datasource.Categories(c.Name(), cells)
}

// withoutValues returns a column of a kind with the name and the rows of another.
func withoutValues(c datasource.Column, kind datasource.Kind) datasource.Column {
	switch cells := make([]string, c.Len()); kind {
	case datasource.Numeric:
		return datasource.Numbers(c.Name(), slices.Repeat([]float64{math.NaN()}, c.Len()))
	case datasource.Categorical:
		return datasource.Categories(c.Name(), cells)
	default:
		return datasource.Texts(c.Name(), cells)
	}
}

// profiledColumns returns the columns to profile: those configured, or else all
// that the baseline has, and all others that do not merely identify rows.
func (j *job) profiledColumns(t *datasource.Table) []string {
	if j.cfg.Columns.named() {
		return union(j.cfg.Columns.Numerical, j.cfg.Columns.Categorical)
	}
	if j.cfg.Drift.BaselineColumns {
		return slices.DeleteFunc(t.Names(), func(name string) bool { return !j.inBaseline(name) })
	}
	identifying := map[string]bool{j.IDColumn: true}
	for _, u := range datasource.Unusable(t, datasource.Schema{ID: j.IDColumn}) {
		if c, err := t.Column(u.Column); err == nil && varies(c) {
			identifying[u.Column] = true
		}
	}
	return slices.DeleteFunc(t.Names(), func(name string) bool {
		return identifying[name] && !j.inBaseline(name)
	})
}

func (j *job) inBaseline(name string) bool {
	if j.cfg.Drift.Baseline == nil {
		return false
	}
	_, found := j.cfg.Drift.Baseline.Column(name)
	return found
}

// varies reports whether a column has two different values.
func varies(c datasource.Column) bool {
	first := ""
	for row := range c.Len() {
		switch cell := c.Cell(row); {
		case c.Missing(row):
		case first == "":
			first = cell
		case cell != first:
			return true
		}
	}
	return false
}
