package segment

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

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
	// workers is the number of goroutines for separate runs, inner that within
	// one run. One of them is 1.
	workers, inner int
	// packed has the rows in single precision, seen from the frame, and reaches
	// the distance of the farthest row of each group from the frame's origin.
	frame   kernel.Frame
	packed  []float32
	reaches []float32
	// bins add rows up exactly, unless they are weighted.
	bins *kernel.Bins
}

// manyRows is the number of rows from which one run is worth all cores.
const manyRows = 1 << 16

func newKMeans(ctx context.Context, p points, c Config, seed uint64) (*kmeans, error) {
	m := &kmeans{points: p, restarts: c.Restarts, maxIterations: c.MaxIterations, seed: seed, workers: c.Workers, inner: 1}
	chunks, err := m.pack(ctx, c.Workers)
	if err != nil {
		return nil, err
	}
	variance, extents, leasts := p.spread(chunks)
	m.tolerance = c.Tolerance * variance
	if p.w == nil {
		m.bins = kernel.NewBins(extents, leasts)
	}
	if p.n >= manyRows {
		m.workers, m.inner = 1, c.Workers
	}
	return m, m.packAgain(ctx, extents, c.Workers)
}

// run makes one start and iterates it.
func (m *kmeans) run(ctx context.Context, k, restart int) (*partition, error) {
	centres, err := m.start(ctx, k, m.random(k, restart))
	if err != nil {
		return nil, err
	}
	return m.lloyd(ctx, centres, m.maxIterations, m.tolerance)
}

func (m *kmeans) random(k, restart int) *rand.Rand {
	return rng.Stream(m.seed, uint64(k), uint64(restart))
}

// all returns for each k the best partition that was found: the run of least
// inertia, the first of equals, improved by swaps and then iterated until no row
// changes its segment.
func (m *kmeans) all(ctx context.Context, ks []int, done func()) ([]*partition, error) {
	winners := make([]winner, len(ks))
	err := par.Each(ctx, m.workers, len(ks)*m.restarts, func(task int) error {
		defer done()
		run, err := m.run(ctx, ks[task/m.restarts], task%m.restarts)
		if err == nil {
			winners[task/m.restarts].offer(run, task)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	best := make([]*partition, len(ks))
	err = par.Each(ctx, m.workers, len(ks), func(i int) (err error) {
		defer done()
		best[i], err = m.polish(ctx, winners[i].partition)
		return err
	})
	return best, err
}

// winner keeps the partition of least inertia, that of the first task among
// equals, in whatever order they are offered.
type winner struct {
	mu sync.Mutex
	*partition
	task int
}

func (w *winner) offer(p *partition, task int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.partition == nil || p.inertia < w.inertia || p.inertia == w.inertia && task < w.task {
		w.partition, w.task = p, task
	}
}

// polish improves a partition as far as it goes.
func (m *kmeans) polish(ctx context.Context, p *partition) (*partition, error) {
	p, err := m.improve(ctx, p)
	if err != nil {
		return nil, err
	}
	if p, err = m.lloyd(ctx, p.centres, m.maxIterations, 0); err != nil {
		return nil, err
	}
	p.rule = &nearestCentre{p.centres}
	return p, nil
}

// start draws centres by greedy k-means++: each centre is the best of a few
// candidates, drawn in proportion to the squared distance from the centres so
// far. Arthur and Vassilvitskii, "k-means++", SODA 2007, section 6 there for the
// greedy form.
func (m *kmeans) start(ctx context.Context, k int, random *rand.Rand) ([]float64, error) {
	centres := make([]float64, 0, k*m.d)
	nearest, candidate, best := make([]float64, m.n), make([]float64, m.n), make([]float64, m.n)
	for i := range nearest {
		nearest[i] = m.weight(i) // before there is a centre, all distances are alike
	}
	rows := draws(nearest, sum(nearest), 1, random)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for {
		bestTotal, bestRow := math.Inf(1), 0
		for _, row := range rows {
			total, err := m.closer(ctx, row, nearest, candidate)
			if err != nil {
				return nil, err
			}
			if total < bestTotal {
				bestTotal, bestRow = total, row
				candidate, best = best, candidate
			}
		}
		nearest, best = best, nearest
		if centres = append(centres, m.row(bestRow)...); len(centres) == k*m.d {
			return centres, nil
		}
		rows = draws(nearest, bestTotal, trials(k), random)
	}
}

// trials is the number of candidates of which greedy k-means++ takes the best.
func trials(k int) int { return 2 + int(math.Log(float64(k))) }

// closer sets to[i] to the lesser of nearest[i] and the weighted squared distance
// of row i from the given row, and returns the sum.
func (m *kmeans) closer(ctx context.Context, row int, nearest, to []float64) (float64, error) {
	totals := make([]float64, par.Count(m.n, chunkSize(m.n)))
	err := par.Chunks(ctx, m.inner, m.n, chunkSize(m.n), func(chunk, low, high int) error {
		totals[chunk] = kernel.Closer(m.row(row), m.x[low*m.d:high*m.d], m.weightsOf(low, high), nearest[low:high], to[low:high])
		return nil
	})
	return sum(totals), err
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// draws returns so many rows, each drawn by itself.
func draws(weights []float64, total float64, count int, random *rand.Rand) []int {
	rows := make([]int, count)
	for i := range rows {
		rows[i] = draw(weights, total, random.Float64())
	}
	return rows
}

// draw returns a row with probability in proportion to its weight.
func draw(weights []float64, total, u float64) int {
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
