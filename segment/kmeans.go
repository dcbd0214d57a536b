package segment

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// kmeans is k-means on one set of points: Lloyd, "Least squares quantization in
// PCM", IEEE Trans. Inf. Theory 28 (1982), from greedy k-means++ starts.
type kmeans struct {
	points
	restarts, maxIterations int
	// tolerance is the sum of squared movements below which a run has
	// converged, in units of the points.
	tolerance float64
	seed      uint64
	workers   int
}

func newKMeans(p points, c Config, seed uint64) *kmeans {
	return &kmeans{
		points: p, restarts: c.Restarts, maxIterations: c.MaxIterations,
		tolerance: c.Tolerance * meanVariance(p), seed: seed, workers: c.Workers,
	}
}

func meanVariance(p points) float64 {
	total := 0.0
	for j := range p.d {
		var sum, squares float64
		for i := range p.n {
			sum += p.x[i*p.d+j]
		}
		mean := sum / float64(p.n)
		for i := range p.n {
			diff := p.x[i*p.d+j] - mean
			squares += diff * diff
		}
		total += squares / float64(p.n)
	}
	return total / float64(p.d)
}

// run makes one start and iterates it.
func (m *kmeans) run(ctx context.Context, k, restart int) (*partition, error) {
	centres, err := m.start(ctx, k, m.random(k, restart))
	if err != nil {
		return nil, err
	}
	return m.lloyd(ctx, centres, m.tolerance)
}

func (m *kmeans) random(k, restart int) *rand.Rand {
	return rng.Stream(m.seed, uint64(k), uint64(restart))
}

// all returns for each k the best partition that was found: the run of least
// inertia, the first of equals, improved by swaps and then iterated until no row
// changes its segment.
func (m *kmeans) all(ctx context.Context, ks []int, done func()) ([]*partition, error) {
	runs := make([]*partition, len(ks)*m.restarts)
	err := par.Each(ctx, m.workers, len(runs), func(task int) (err error) {
		defer done()
		runs[task], err = m.run(ctx, ks[task/m.restarts], task%m.restarts)
		return err
	})
	if err != nil {
		return nil, err
	}
	best := make([]*partition, len(ks))
	err = par.Each(ctx, m.workers, len(ks), func(i int) (err error) {
		defer done()
		best[i], err = m.improve(ctx, lowest(runs[i*m.restarts:(i+1)*m.restarts]))
		if err != nil {
			return err
		}
		if best[i], err = m.lloyd(ctx, best[i].centres, 0); err != nil {
			return err
		}
		best[i].rule = &nearestCentre{best[i].centres}
		return nil
	})
	return best, err
}

// lowest returns the partition of least inertia, the first of equals.
func lowest(runs []*partition) *partition {
	return slices.MinFunc(runs, func(a, b *partition) int { return cmp.Compare(a.inertia, b.inertia) })
}

// rowsPerCheck is how many rows are worked on between two looks at the context.
const rowsPerCheck = 1 << 16

// lloyd moves the centres until they move no more than the tolerance, or, if
// that is 0, until no label changes; or for maxIterations. It takes ownership of
// centres.
func (m *kmeans) lloyd(ctx context.Context, centres []float64, tolerance float64) (*partition, error) {
	k := len(centres) / m.d
	p := &partition{k: k, centres: centres, labels: make([]int32, m.n)}
	for i := range p.labels {
		p.labels[i] = -1
	}
	distances := make([]float64, m.n)
	sums, counts := make([]float64, k*m.d), make([]int, k)
	for range m.maxIterations {
		changed, err := m.assign(ctx, p, distances)
		if err != nil {
			return nil, err
		}
		if !changed {
			return p, nil
		}
		m.sum(p.labels, sums, counts)
		m.fillEmpty(p.labels, distances, sums, counts)
		if moved := m.move(p.centres, sums, counts); moved <= tolerance {
			break
		}
	}
	_, err := m.assign(ctx, p, distances)
	return p, err
}

// assign gives each row the label of its nearest centre and sets the inertia. It
// reports whether a label changed.
func (m *kmeans) assign(ctx context.Context, p *partition, distances []float64) (changed bool, err error) {
	p.inertia = 0
	for low := 0; low < m.n; low += rowsPerCheck {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		for i := low; i < min(low+rowsPerCheck, m.n); i++ {
			label, squared := kernel.Nearest(m.row(i), p.centres)
			if p.labels[i] != int32(label) {
				p.labels[i] = int32(label)
				changed = true
			}
			distances[i] = squared
			p.inertia += squared
		}
	}
	return changed, nil
}

// sum adds up the rows of each segment.
func (m *kmeans) sum(labels []int32, sums []float64, counts []int) {
	clear(sums)
	clear(counts)
	for i, label := range labels {
		counts[label]++
		to := sums[int(label)*m.d : (int(label)+1)*m.d]
		for j, v := range m.row(i) {
			to[j] += v
		}
	}
}

// fillEmpty gives each empty segment, in order, the row that is farthest from
// its own centre and not alone in its segment, the first of equals.
func (m *kmeans) fillEmpty(labels []int32, distances, sums []float64, counts []int) {
	for c, count := range counts {
		if count > 0 {
			continue
		}
		far, at := -1.0, -1
		for i, dist := range distances {
			if dist > far && counts[labels[i]] > 1 {
				far, at = dist, i
			}
		}
		if at < 0 {
			return
		}
		from := int(labels[at])
		for j, v := range m.row(at) {
			sums[from*m.d+j] -= v
			sums[c*m.d+j] = v
		}
		counts[from]--
		counts[c] = 1
		labels[at] = int32(c)
		distances[at] = 0
	}
}

// move sets each centre to the mean of its segment and returns the sum of the
// squared movements.
func (m *kmeans) move(centres, sums []float64, counts []int) float64 {
	moved := 0.0
	for c, count := range counts {
		if count == 0 {
			continue
		}
		for j := c * m.d; j < (c+1)*m.d; j++ {
			mean := sums[j] / float64(count)
			diff := mean - centres[j]
			moved += diff * diff
			centres[j] = mean
		}
	}
	return moved
}

// start draws centres by greedy k-means++: each centre is the best of a few
// candidates, drawn in proportion to the squared distance from the centres so
// far. Arthur and Vassilvitskii, "k-means++", SODA 2007, section 6 there for the
// greedy form.
func (m *kmeans) start(ctx context.Context, k int, random *rand.Rand) ([]float64, error) {
	centres := make([]float64, 0, k*m.d)
	nearest := make([]float64, m.n)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	total := float64(m.n)
	candidate, best := make([]float64, m.n), make([]float64, m.n)
	for c := range k {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		bestTotal, bestRow := math.Inf(1), 0
		for range trials(k) {
			row := draw(nearest, total, random.Float64())
			if t := m.closer(row, nearest, candidate); t < bestTotal {
				bestTotal, bestRow = t, row
				candidate, best = best, candidate
			}
			if c == 0 {
				break
			}
		}
		nearest, best = best, nearest
		total = bestTotal
		centres = append(centres, m.row(bestRow)...)
	}
	return centres, nil
}

// trials is the number of candidates of which greedy k-means++ takes the best.
func trials(k int) int { return 2 + int(math.Log(float64(k))) }

// closer sets to[i] to the lesser of nearest[i] and the squared distance of row i
// from the given row, and returns the sum.
func (m *kmeans) closer(row int, nearest, to []float64) float64 {
	p := m.row(row)
	total := 0.0
	for i := range to {
		to[i] = min(nearest[i], kernel.SquaredDistance(p, m.row(i)))
		total += to[i]
	}
	return total
}

// draw returns a row with probability in proportion to its weight, where weights
// that are all infinite count as equal.
func draw(weights []float64, total, u float64) int {
	if math.IsInf(weights[0], 1) {
		return min(int(u*float64(len(weights))), len(weights)-1)
	}
	left := u * total
	last := 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if left < w {
			return i
		}
		left -= w
		last = i
	}
	return last
}
