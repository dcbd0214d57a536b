package segment

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
)

// StreamSampleRows is the number of rows of a source that [FitStream] draws.
const StreamSampleRows = MaxExactSilhouette

// StreamResult is a segmentation of a source that need not fit into memory.
type StreamResult struct {
	// Model assigns rows; see [Model.AssignBatches].
	Model *Model
	// Rows is the number of rows that were segmented, Skipped that of rows
	// that lack a feature and took no part.
	Rows, Skipped int
	// Passes is how often the source was read.
	Passes int
	// Converged says that the centres came to rest by the tolerance, and not by
	// MaxIterations.
	Converged bool
	// Inertia is the sum of squared distances, in scaled units, of all rows
	// from the centres of their segments.
	Inertia float64
	// Segments describes each segment by the features, from all rows;
	// Segments[i].ID is i.
	Segments []Segment
	// SampleRows is the number of rows that were drawn.
	SampleRows int
	// Silhouette is that of the drawn rows in the segments of the model, and
	// SilhouetteError its standard error as an estimate of that of all rows; 0
	// if all were drawn.
	Silhouette, SilhouetteError float64
	// Scores has one entry for each k that was tried, on the drawn rows.
	Scores []Score
	// Structure and, if asked for, Stability judge the drawn rows.
	Structure Structure
	Stability []Stability
	// Notes says in words what was left out or decided.
	Notes []string
}

// FitStream segments a source of any size by k-means, the only algorithm that it
// has: means, standard deviations and centres are made of sums, which need no row
// in memory.
//
// The first pass over the source measures the features and draws
// [StreamSampleRows] rows by the seed. On these, K is chosen and the start is
// made, as [Fit] would do. Each further pass is one iteration of plain k-means
// over all rows, until the squared movements of the centres sum to at most
// Tolerance times the mean variance, or MaxIterations passes have been made; a
// last one describes the segments. Each row costs k d in each pass. Memory is
// that of the sample, of one batch, and of some 65,000 rows.
//
// The result is the same for any size of batches and any number of workers.
// Unlike that of [Fit] it may depend on the order of the rows, which decides on
// the sample and on the last bits of sums.
//
// A source must give the same rows in each pass; one that can be read only once
// gives [datasource.ErrConsumed]. [Config.Weights] and [Config.Previous] are
// refused.
func FitStream(ctx context.Context, src datasource.Source, cfg Config) (*StreamResult, error) {
	c := cfg.withDefaults()
	if err := c.checkForStream(); err != nil {
		return nil, err
	}
	return fitStream(ctx, src, c, StreamSampleRows)
}

func fitStream(ctx context.Context, src datasource.Source, c Config, sampleRows int) (*StreamResult, error) {
	reader := &rowReader{src: src, features: c.Features, rows: -1}
	survey, err := reader.survey(ctx, c, sampleRows)
	if err != nil {
		return nil, err
	}
	r := &StreamResult{Rows: reader.rows, Skipped: reader.skipped, Notes: survey.notes, SampleRows: survey.sample.n}
	ks, err := candidates(c, countDistinct(survey.sample))
	if err != nil {
		return nil, err
	}
	step := newProgress(c.Progress, c.steps(len(ks))+1)
	start, err := r.begin(ctx, survey.sample, ks, c, step)
	if err != nil {
		return nil, err
	}
	run := newStreamRun(reader, survey.scaler, start.centres, c.Workers)
	if err := run.iterate(ctx, c.MaxIterations, c.Tolerance); err != nil {
		return nil, err
	}
	step()
	r.Passes, r.Converged, r.Inertia = reader.passes, run.ended, run.total.inertia
	ids := r.describe(run, c)
	return r, r.judge(ctx, survey.sample, ids, c, step)
}

func (c Config) checkForStream() error {
	switch {
	case c.Algorithm != KMeans:
		return fmt.Errorf("segment: a stream needs Algorithm %q, got %q", KMeans, c.Algorithm)
	case c.Weights != "":
		return fmt.Errorf("segment: Weights must be empty for a stream, got %q", c.Weights)
	case c.Previous != nil:
		return errors.New("segment: Previous must be nil for a stream: who moved needs the label of each row")
	}
	return c.check()
}

// begin chooses K on the sample and returns the partition to start from.
func (r *StreamResult) begin(ctx context.Context, sample points, ks []int, c Config, step func()) (*partition, error) {
	partitions, err := cut(ctx, sample, ks, c, step)
	if err != nil {
		return nil, err
	}
	r.Scores, _, err = score(ctx, sample, partitions, c)
	step()
	return partitions[choose(r.Scores, c.Criterion)], err
}

// describe makes the model and describes its segments from the sums of the last
// pass. It returns the ID of each label.
func (r *StreamResult) describe(run *streamRun, c Config) []int {
	p := &partition{k: run.k, centres: run.centres, rule: &nearestCentre{run.centres}}
	ids := p.numberBy(run.total.counts)
	r.Segments = make([]Segment, run.k)
	for part, id := range ids {
		size := run.total.counts[part]
		r.Segments[id] = Segment{ID: id, Size: size, Share: float64(size) / float64(r.Rows), Columns: run.summaries(part)}
	}
	label(r.Segments, c.Words, c.Value)
	if c.Recommend != nil {
		for i := range r.Segments {
			r.Segments[i].Recommendation = c.Recommend(r.Segments[i])
		}
	}
	r.Model = newModel(KMeans, run.scaler, p, ids)
	r.Model.segments = copied(r.Segments)
	return ids
}

// judge says of the sample how good its segments are.
func (r *StreamResult) judge(ctx context.Context, sample points, ids []int, c Config, step func()) error {
	p := &partition{k: len(ids), centres: r.Model.centres, labels: make([]int32, sample.n)}
	r.Model.rule.assign(sample.x, p.labels)
	all := sampleRows(sample.n, c.Seed)
	sums, err := widthMoments(ctx, sample, all, []*partition{p}, c.Workers)
	if err != nil {
		return err
	}
	w := sums[0].width(sample.n, sample.n < r.Rows)
	r.Silhouette, r.SilhouetteError = w.mean, w.standardError
	if r.Structure, err = judge(ctx, sample, p.k, w.mean, c, step); err != nil || c.Bootstraps == 0 {
		return err
	}
	r.Stability, err = bootstrap(ctx, sample, p, c, step)
	return err
}

// summaries describes a part by the features.
func (s *streamRun) summaries(part int) []Summary {
	out := make([]Summary, s.d)
	count := float64(s.total.counts[part])
	for j := range out {
		at := part*s.d + j
		summary := Summary{Column: s.scaler.columns[j], Mean: s.scaler.mean[j], Overall: s.scaler.mean[j], Feature: true}
		if count > 0 {
			summary.Z = s.total.sums[at] / count
			summary.Mean += summary.Z * s.scaler.std[j]
			offset := summary.Z - s.centres[at]
			summary.Std = math.Sqrt(max(0, s.total.squares[at]/count-offset*offset)) * s.scaler.std[j]
		}
		out[j] = summary
	}
	return out
}
