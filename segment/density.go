package segment

import (
	"context"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kdtree"
	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// density is DBSCAN: Ester, Kriegel, Sander and Xu, "A density-based algorithm
// for discovering clusters in large spatial databases with noise", KDD 1996.
//
// A core row has at least minSamples rows, itself included, within epsilon. Core
// rows within epsilon of each other are of one part. Any other row is a border
// row of the part of its nearest core row within epsilon, or noise. Of core rows
// equally near, the first in canonical order counts, so the answer depends
// neither on the order of rows nor on that of visiting them. scikit-learn gives a
// border row to the part that it visits first; all else is the same.
type density struct {
	points
	epsilon    float64
	minSamples int
	workers    int
}

func newDensity(p points, c Config) *density {
	return &density{p, c.Epsilon, c.MinSamples, c.Workers}
}

// find returns the partition, whose parts are numbered by their first core rows.
func (m *density) find(ctx context.Context) (*partition, error) {
	isCore, index, err := m.core(ctx)
	if err != nil {
		return nil, err
	}
	labels, k, err := index.Components(ctx, m.workers, m.epsilon*m.epsilon)
	if err != nil {
		return nil, err
	}
	p := &partition{k: k, labels: make([]int32, m.n), rule: &nearestCore{m.epsilon, index, labels}}
	if err := m.assign(ctx, p, isCore, labels); err != nil {
		return nil, err
	}
	p.centres, _ = meansOf(m.points, p)
	for i, label := range p.labels {
		if label >= 0 {
			p.inertia += kernel.SquaredDistance(m.row(i), p.centre(int(label)))
		}
	}
	return p, nil
}

// core reports which rows are core rows, and returns the index of these.
func (m *density) core(ctx context.Context) ([]bool, *kdtree.Tree, error) {
	all, err := kdtree.Build(ctx, m.workers, m.x, m.d)
	if err != nil {
		return nil, nil, err
	}
	isCore, err := all.Crowded(ctx, m.workers, m.epsilon*m.epsilon, m.minSamples)
	if err != nil || !slices.Contains(isCore, false) {
		return isCore, all, err
	}
	index, err := all.Only(ctx, m.workers, isCore)
	return isCore, index, err
}

// assign gives core rows their labels, the others by the rule of the partition.
func (m *density) assign(ctx context.Context, p *partition, isCore []bool, labels []int32) error {
	for i, is := range isCore {
		if is {
			p.labels[i], labels = labels[0], labels[1:]
		}
	}
	const rowsPerChunk = 512
	return par.Chunks(ctx, m.workers, m.n, rowsPerChunk, func(_, low, high int) error {
		for i := low; i < high; i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !isCore[i] {
				p.rule.assign(m.row(i), p.labels[i:i+1])
			}
		}
		return nil
	})
}

// nearestCore is the rule of DBSCAN: the part of the nearest core row within
// epsilon, the first of equals, else noise.
type nearestCore struct {
	epsilon float64
	index   *kdtree.Tree // of the core rows
	labels  []int32      // of the core rows
}

func (r *nearestCore) assign(x []float64, labels []int32) {
	d := len(x) / max(1, len(labels))
	for i := range labels {
		labels[i] = Noise
		if row := r.index.Nearest(x[i*d:(i+1)*d], r.epsilon*r.epsilon); row >= 0 {
			labels[i] = r.labels[row]
		}
	}
}

func (r *nearestCore) renumbered(ids []int) rule {
	labels := make([]int32, len(r.labels))
	for i, label := range r.labels {
		labels[i] = int32(ids[label])
	}
	return &nearestCore{r.epsilon, r.index, labels}
}

// densityNotes says what to change when DBSCAN found nothing to tell apart.
func densityNotes(c Config, k, noise int) []string {
	switch {
	case c.Algorithm != DBSCAN:
		return nil
	case k == 0:
		return []string{fmt.Sprintf("No dense group was found: no row has %d rows, itself included, within Epsilon, %v. Raise Epsilon or lower MinSamples.", c.MinSamples, c.Epsilon)}
	case k == 1 && noise == 0:
		return []string{fmt.Sprintf("All rows are in one dense group at Epsilon %v. Lower Epsilon, or raise MinSamples, to tell groups apart.", c.Epsilon)}
	}
	return nil
}
