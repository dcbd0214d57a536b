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
// Each iteration of k-means costs n k d, of a mixture up to n k d^2; DBSCAN costs
// about n log n in few dimensions, whatever Epsilon is, and n^2 d at worst, with
// memory linear in n. The silhouettes cost n^2
// d for up to [MaxExactSilhouette] rows, and the verdict on structure as much
// again for each of its draws.
func Fit(ctx context.Context, t *datasource.Table, cfg Config) (*Result, error) {
	c := cfg.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := checkPrevious(t, c.Previous); err != nil {
		return nil, err
	}
	data, err := prepare(ctx, t, c)
	if err != nil {
		return nil, err
	}
	ks, err := candidates(c, data.distinct)
	if err != nil {
		return nil, err
	}
	step := newProgress(c.Progress, c.steps(len(ks)))
	partitions, err := cut(ctx, data.points, ks, c, step)
	if err != nil {
		return nil, err
	}
	scores, widths, err := score(ctx, data.points, partitions, c)
	if err != nil {
		return nil, err
	}
	step()
	best := choose(scores, c.Criterion)
	chosen, clustered := partitions[best], data.clustered(partitions[best])
	structure, err := judge(ctx, clustered, chosen.k, widths[best].mean, c, step)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Algorithm: c.Algorithm, Structure: structure, Notes: data.notes, Scores: scores,
		Silhouette: widths[best].mean, SilhouetteError: widths[best].standardError,
		Inertia: chosen.inertia, Noise: data.n - clustered.n,
	}
	r.Notes = append(r.Notes, densityNotes(c, chosen.k, r.Noise)...)
	if err := r.finish(ctx, t, data, chosen, c); err != nil {
		return nil, err
	}
	if err := r.compare(ctx, t, data.points, chosen, c, step); err != nil {
		return nil, err
	}
	return r, nil
}

// cut returns a partition for each k, or the one that the algorithm finds.
func cut(ctx context.Context, p points, ks []int, c Config, done func()) ([]*partition, error) {
	switch c.Algorithm {
	case GMM:
		return newMixtures(p, c).all(ctx, ks, done)
	case DBSCAN:
		defer done()
		found, err := newDensity(p, c).find(ctx)
		return []*partition{found}, err
	default:
		m, err := newKMeans(ctx, p, c, c.Seed)
		if err != nil {
			return nil, err
		}
		return m.all(ctx, ks, done)
	}
}

// score judges each partition by its rows that are not noise.
func score(ctx context.Context, p points, partitions []*partition, c Config) ([]Score, []width, error) {
	q := partitions
	if c.Algorithm == DBSCAN {
		p, q = p.clustered(partitions[0]), []*partition{partitions[0].withoutNoise()}
	}
	widths, err := silhouettes(ctx, p, q, c.Seed, c.Workers)
	if err != nil {
		return nil, nil, err
	}
	scores := make([]Score, len(q))
	for i, one := range q {
		scores[i] = Score{K: one.k, Silhouette: widths[i].mean, Inertia: one.inertia}
		scores[i].DaviesBouldin, scores[i].CalinskiHarabasz, err = spreads(ctx, p, one, c.Workers)
		if err != nil {
			return nil, nil, err
		}
		if m := one.mixture; m != nil {
			scores[i].BIC, scores[i].AIC = m.bic, m.aic
		}
	}
	return scores, widths, nil
}

// choose returns the best of the scores, the first of equals.
func choose(scores []Score, by Criterion) int {
	best := 0
	for i, s := range scores {
		switch {
		case by == ByBIC && s.BIC < scores[best].BIC,
			by == BySilhouette && s.Silhouette > scores[best].Silhouette:
			best = i
		}
	}
	return best
}

// candidates returns the numbers of segments to try, refusing those that the
// data cannot have before anything is allocated for them.
func candidates(c Config, distinct int) ([]int, error) {
	if c.Algorithm == DBSCAN {
		return []int{0}, nil
	}
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
func (r *Result) finish(ctx context.Context, t *datasource.Table, data *prepared, p *partition, c Config) error {
	ids := p.number()
	r.Model = newModel(c.Algorithm, data.scaler, p, ids)
	r.Labels = make([]int, data.n)
	for i, row := range data.order {
		r.Labels[row] = Noise
		if label := p.labels[i]; label >= 0 {
			r.Labels[row] = ids[label]
		}
	}
	if p.mixture != nil {
		var err error
		if r.Mixture, err = p.mixture.result(ctx, data, ids, c.Workers); err != nil {
			return err
		}
	}
	r.Separation = separate(data.clustered(p), data.scaler.columns, p.withoutNoise())
	var err error
	if r.Segments, err = describe(ctx, t, r.Labels, p.k, data.scaler.columns, c.Workers); err != nil {
		return err
	}
	label(r.Segments, c.Words, c.Value)
	if c.Recommend != nil {
		for i := range r.Segments {
			r.Segments[i].Recommendation = c.Recommend(r.Segments[i])
		}
	}
	r.Model.segments = copied(r.Segments)
	return nil
}

// number returns the ID of each label: segments by size, the largest first,
// equal sizes by their centres.
func (p *partition) number() []int { return p.numberBy(p.sizes()) }

func (p *partition) numberBy(sizes []int) []int {
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

// steps returns how many steps of progress there are for so many numbers of
// segments.
func (c Config) steps(ks int) int {
	partitions := ks * (c.Restarts + 1)
	if c.Algorithm == DBSCAN {
		partitions = 1
	}
	return partitions + c.References + c.Bootstraps + 1
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
