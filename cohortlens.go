package cohortlens

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/sample"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/report"
	"github.com/cohortlens/cohortlens/segment"
)

// Analysis is what is known about a table of customers. Parts that were not
// asked for, or that the table does not allow, are nil; Omitted then says why.
type Analysis = report.Content

// SampleData returns the sample table that comes with the library.
func SampleData() datasource.Source { return sample.Customers() }

// Run does the whole job: load, validate, clean, segment, predict, explain,
// describe. The analysis is ready for [Report]. Of a large table, the predictions
// for 1,000 customers are explained. Unless Config.Predict.IntervalGroups names
// other groups, each segment gets prediction intervals of its own where the
// segmentation does not use the target. Further customers have no such segment, so
// a predictor to keep is made by [TrainPredictor].
//
// A part that the table does not allow is left out with its reason: a
// prediction without a target or enough rows, savings without the columns they
// are made of. What was asked for by name and cannot be done is an error.
func Run(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	j := &job{cfg: cfg, predicts: true}
	return j.do(ctx, src, (*job).segment, (*job).predictIfPossible, (*job).explainSome, (*job).describe, (*job).driftIfAsked)
}

// Segment loads, validates, cleans and segments; the result is in
// Analysis.Segmentation.
func Segment(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	j := &job{cfg: cfg}
	return j.do(ctx, src, (*job).segment)
}

// TrainPredictor loads, validates, cleans and trains a predictor; the result is
// in Analysis.Prediction. Analysis.Profile is that of its columns before rows that
// lack values were dropped, so that a later table with as many has not drifted. See
// [NewModel]. A table without the columns of
// [datasource.CustomerSchema] needs Config.Predict.Target.
func TrainPredictor(ctx context.Context, src datasource.Source, cfg Config) (*Analysis, error) {
	j := &job{cfg: cfg, predicts: true, profiles: true}
	return j.do(ctx, src, (*job).predict, (*job).profileTraining)
}

// Report writes the analysis as one HTML file that needs nothing else.
func Report(ctx context.Context, w io.Writer, a *Analysis, o report.Options) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return report.WriteHTML(w, a, o)
}

// job is one analysis under way.
type job struct {
	*Analysis
	cfg Config
	// predicts says that a predictor is wanted, so that its target is needed.
	predicts bool
	// screens says that the table is only profiled, profiles that it is among
	// other things.
	screens, profiles bool
	plan              plan
	// screened is the table with rows that lack values, if it is to be profiled.
	screened *datasource.Table
}

// do loads and prepares a table and takes the given steps on it.
func (j *job) do(ctx context.Context, src datasource.Source, steps ...func(*job, context.Context) error) (*Analysis, error) {
	j.Analysis = &Analysis{Omitted: map[string]string{}}
	if err := j.load(ctx, src); err != nil {
		return nil, err
	}
	for _, step := range steps {
		if err := step(j, ctx); err != nil {
			return nil, err
		}
	}
	j.Settings = j.settings()
	return j.Analysis, nil
}

func (j *job) load(ctx context.Context, src datasource.Source) error {
	j.progress("load")(0, 1)
	t, err := datasource.Load(ctx, src)
	if err != nil {
		return err
	}
	if err := checkCells(t); err != nil {
		return err
	}
	if t, err = withTextID(t, j.cfg.Columns.ID); err != nil {
		return err
	}
	if err := j.prepare(ctx, t); err != nil {
		return err
	}
	j.progress("load")(1, 1)
	return nil
}

// prepare plans the analysis, and takes from the table what can be analysed.
func (j *job) prepare(ctx context.Context, t *datasource.Table) (err error) {
	if j.screens {
		j.Table, j.Quality, err = j.screen(ctx, t)
		return err
	}
	if j.plan, err = newPlan(t, j.cfg, j.predicts); err != nil {
		return err
	}
	if j.profiles || j.cfg.Drift.Baseline != nil {
		if j.screened, _, err = j.screen(ctx, t); err != nil {
			return err
		}
	}
	if j.Table, j.Quality, err = datasource.Prepare(ctx, t, j.plan.schema, j.cfg.Invalid, j.plan.used...); err != nil {
		return err
	}
	j.Quality.Notes = append(j.Quality.Notes, j.plan.notes...)
	j.IDColumn, j.Roles, j.GenderColumn = j.plan.schema.ID, j.plan.roles, j.plan.gender
	return nil
}

// checkCells refuses a table that is most likely not cut into cells.
func checkCells(t *datasource.Table) error {
	columns := t.Columns()
	if len(columns) != 1 || columns[0].Kind() == datasource.Numeric {
		return nil
	}
	return fmt.Errorf("the table has one column only, %.60q, which does not hold numbers; perhaps another delimiter separates its cells: %w",
		columns[0].Name(), datasource.ErrKind)
}

// segmentConfig completes the configuration by what is known of the columns.
func (j *job) segmentConfig() (segment.Config, error) {
	c := j.cfg.Segment
	if len(j.plan.features) == 0 {
		return c, fmt.Errorf("no column of this table can be segmented by: it takes a numeric column with more than one value: %w", segment.ErrTooFewRows)
	}
	if id := j.IDColumn; slices.Contains(j.plan.features, id) {
		return c, fmt.Errorf("the column %q identifies customers, and they are segmented by numbers: %w", id, datasource.ErrKind)
	}
	c.Features = j.plan.features
	c.Seed, c.Workers, c.Progress = j.cfg.Seed, j.cfg.Workers, j.progress("segment")
	c.Words, c.Value = j.plan.words(c.Words), j.plan.value(c.Value)
	return c, nil
}

func (j *job) segment(ctx context.Context) error {
	c, err := j.segmentConfig()
	if err != nil {
		return err
	}
	if c.Recommend == nil {
		advice, err := insights.NewRecommender(j.Table, j.plan.roles)
		if err != nil {
			return err
		}
		c.Recommend = func(s segment.Segment) string { return advice.Recommend(s.Mean) }
	}
	columns := j.plan.profiled(j.Table)
	if c.Previous != nil {
		columns = union(columns, c.Previous.Scaler().Columns())
		j.PreviousSegments = c.Previous.Segments()
	}
	analysed, err := j.Table.Select(columns...)
	if err != nil {
		return err
	}
	j.Segmentation, err = segment.Fit(ctx, analysed, c)
	return err
}

// errNoFeature says that nothing is left to predict from.
var errNoFeature = errors.New("there is no column to predict")

func (j *job) predict(ctx context.Context) error {
	if j.plan.target == "" {
		return fmt.Errorf("name the column to predict: %w", ErrNoTarget)
	}
	c := j.cfg.Predict
	c.Target, c.Numerical, c.Categorical = j.plan.target, j.plan.numerical, j.plan.categorical
	if len(c.Numerical)+len(c.Categorical) == 0 {
		return fmt.Errorf("%w %q from: each of the others is constant, free text, an identifier or mostly missing", errNoFeature, c.Target)
	}
	c.Seed, c.Workers, c.Progress = j.cfg.Seed, j.cfg.Workers, j.progress("predict")
	t, err := j.withSegments(&c)
	if err != nil {
		return err
	}
	j.Prediction, err = predict.Train(ctx, t, c)
	return err
}

// segmentColumn names the column that holds the segments while a predictor is
// trained.
const segmentColumn = "segment"

// withSegments gives each segment prediction intervals of its own, unless other
// groups are asked for. Segments that were made from the target, among others, do
// not count: nobody knows them before the target.
func (j *job) withSegments(c *predict.Config) (*datasource.Table, error) {
	r := j.Segmentation
	if c.IntervalGroups != "" || r == nil || len(r.Segments) < 2 || slices.Contains(j.plan.features, c.Target) ||
		j.Table.Has(segmentColumn) {
		return j.Table, nil
	}
	names := make([]string, len(r.Labels))
	for row, label := range r.Labels {
		names[row] = "noise"
		if label != segment.Noise {
			names[row] = fmt.Sprintf("%d: %s", label, r.Segments[label].Label)
		}
	}
	c.IntervalGroups = segmentColumn
	return j.Table.With(datasource.Categories(segmentColumn, names))
}

// profileTraining keeps what a later check for drift needs.
func (j *job) profileTraining(ctx context.Context) error {
	done := j.progress("profile")
	p := j.Prediction.Predictor
	done(0, 1)
	var err error
	j.Profile, err = insights.BuildProfile(ctx, j.screened, insights.ProfileConfig{
		Columns: append(p.Features(), p.Target()), Workers: j.cfg.Workers,
	})
	done(1, 1)
	return err
}

// predictIfPossible leaves the prediction out where the table does not allow it
// and nobody asked for it by name.
func (j *job) predictIfPossible(ctx context.Context) error {
	err := j.predict(ctx)
	switch {
	case errors.Is(err, ErrNoTarget):
		j.Omitted["prediction"] = "No column to predict was named."
	case errors.Is(err, predict.ErrTooFewRows):
		j.Omitted["prediction"] = "There are too few rows to train and test a predictor."
	case errors.Is(err, predict.ErrTooManyColumns), errors.Is(err, predict.ErrRange), errors.Is(err, errNoFeature):
		j.Omitted["prediction"] = fmt.Sprintf("No predictor was trained: %v.", err)
	default:
		return err
	}
	return nil
}

func (j *job) describe(ctx context.Context) error {
	done := j.progress("insights")
	numbers := j.plan.numbers
	var err error
	if j.Describe, err = insights.Describe(ctx, j.Table, numbers...); err != nil {
		return err
	}
	done(1, 3)
	if len(numbers) > 1 {
		correlation, err := insights.Correlate(ctx, j.Table, numbers...)
		if err != nil {
			return err
		}
		j.Correlation = &correlation
	}
	done(2, 3)
	j.Savings, err = insights.ComputeSavings(j.Table, j.plan.roles, j.cfg.Savings, j.Segmentation.Labels)
	if role := (*insights.RoleError)(nil); errors.As(err, &role) && role.Err == nil {
		j.Omitted["savings"] = fmt.Sprintf("Savings are estimated from income, work experience and family size, and %v.", role)
		err = nil
	}
	done(3, 3)
	return err
}

// progress returns the callback for one stage of the job.
func (j *job) progress(stage string) func(done, total int) {
	return func(done, total int) {
		if j.cfg.Progress != nil {
			j.cfg.Progress(stage, done, total)
		}
	}
}
