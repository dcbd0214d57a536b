package segment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/cohortlens/cohortlens/datasource"
)

// Fit segments the rows of a table. The features must be numeric columns without
// missing values. It returns an error that wraps [ErrTooFewRows] when there are
// fewer distinct rows than segments, or too few to choose K.
//
// Each iteration of a start costs n k d; the silhouettes cost n^2 d for up to
// [MaxExactSilhouette] rows, and the verdict on structure as much again for each
// of its draws.
func Fit(ctx context.Context, t *datasource.Table, cfg Config) (*Result, error) {
	c := cfg.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	data, err := prepare(t, c.Features)
	if err != nil {
		return nil, err
	}
	ks, err := candidates(c, data.distinct)
	if err != nil {
		return nil, err
	}
	step := newProgress(c.Progress, len(ks)*(c.Restarts+1)+c.References+1)
	partitions, err := newKMeans(data.points, c, c.Seed).all(ctx, ks, step)
	if err != nil {
		return nil, err
	}
	widths, err := silhouettes(ctx, data.points, partitions, c.Seed, c.Workers)
	if err != nil {
		return nil, err
	}
	step()
	best := 0
	for i, w := range widths {
		if w.mean > widths[best].mean {
			best = i
		}
	}
	structure, err := judge(ctx, data.points, ks[best], widths[best].mean, c, step)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Algorithm: c.Algorithm, Structure: structure, Notes: data.notes,
		Silhouette: widths[best].mean, SilhouetteError: widths[best].standardError,
		Inertia: partitions[best].inertia,
	}
	for i, p := range partitions {
		r.Scores = append(r.Scores, Score{p.k, widths[i].mean, p.inertia})
	}
	r.finish(t, data, partitions[best], c)
	return r, nil
}

// candidates returns the numbers of segments to try, refusing those that the
// data cannot have before anything is allocated for them.
func candidates(c Config, distinct int) ([]int, error) {
	if c.K > distinct {
		return nil, fmt.Errorf("segment: %w: K must be at most the number of distinct rows, %d, got %d", ErrTooFewRows, distinct, c.K)
	}
	if c.K > 0 {
		return []int{c.K}, nil
	}
	high := min(c.KMax, distinct-1)
	if high < c.KMin {
		return nil, fmt.Errorf("segment: %w: choosing from %d segments or more needs at least %d distinct rows, got %d", ErrTooFewRows, c.KMin, c.KMin+1, distinct)
	}
	ks := make([]int, 0, high-c.KMin+1)
	for k := c.KMin; k <= high; k++ {
		ks = append(ks, k)
	}
	return ks, nil
}

// finish numbers the segments, brings the labels back to the order of the table
// and describes the segments.
func (r *Result) finish(t *datasource.Table, data *prepared, p *partition, c Config) {
	ids := p.number()
	r.Model = newModel(data.scaler, p, ids)
	r.Labels = make([]int, data.n)
	for i, row := range data.order {
		r.Labels[row] = ids[p.labels[i]]
	}
	r.Separation = separate(data.points, data.scaler.columns, p)
	r.Segments = describe(t, r.Labels, p.k, data.scaler.columns)
	label(r.Segments, c.Words, c.Value)
	if c.Recommend != nil {
		for i := range r.Segments {
			r.Segments[i].Recommendation = c.Recommend(r.Segments[i])
		}
	}
}

// number returns the ID of each label: segments by size, the largest first,
// equal sizes by their centres.
func (p *partition) number() []int {
	sizes := make([]int, p.k)
	for _, label := range p.labels {
		sizes[label]++
	}
	order := make([]int, p.k)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), slices.Compare(p.centre(a), p.centre(b)))
	})
	ids := make([]int, p.k)
	for id, label := range order {
		ids[label] = id
	}
	return ids
}

// newProgress returns a function that reports one more step done. It may be
// called from several goroutines.
func newProgress(report func(done, total int), total int) func() {
	if report == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done = min(done+1, total)
		report(done, total)
	}
}
