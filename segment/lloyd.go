package segment

import (
	"context"
	"math"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// lloyd moves the centres until they move no more than the tolerance, or, if
// that is 0, until no label changes; or for so many iterations. It takes ownership
// of centres.
//
// It spares most distances by the triangle inequality: Hamerly, "Making k-means
// even faster", SDM 2010. A row keeps an upper bound of the distance from its own
// centre and a lower bound of that from all others; while they do not meet, its
// label cannot change. The bounds leave room for rounding, and where they meet
// distances are computed as plain k-means computes them, so that the labels and
// centres are those of plain k-means to the last bit.
func (m *kmeans) lloyd(ctx context.Context, centres []float64, iterations int, tolerance float64) (*partition, error) {
	r := newLloydRun(m, centres)
	for iteration := 0; ; iteration++ {
		r.measureCentres(iteration)
		changed, err := r.assign(ctx)
		if err != nil {
			return nil, err
		}
		if !changed || r.ended || iteration == iterations {
			return r.partition, r.measureInertia(ctx)
		}
		r.fillEmpty()
		r.ended = r.move() <= tolerance
	}
}

// lloydRun is one start of k-means under way.
type lloydRun struct {
	*kmeans
	*partition
	upper, lower []float64
	// block holds the centres for measuring to all of them. Measuring to one
	// first pays where there are more than it measures to at a time.
	block   *kernel.Block
	tighten bool
	// moved is how far each centre moved last, half is half the distance from
	// each centre to the nearest other one.
	moved, half []float64
	// mostMoved is the largest of moved, and nextMoved the second largest.
	mostMoved, nextMoved float64
	fastest              int32
	// ended says that the centres have come to rest.
	ended bool
	// origin is the point 0.
	origin []float64
	// slack bounds what rounding can have done to the bounds.
	slack float64
	// sums of the rows and of the weights of each segment: of all rows, and of
	// each chunk.
	sums   []float64
	counts []float64
	chunks []chunkSums
	size   int
}

type chunkSums struct {
	sums    []float64
	counts  []float64
	changed bool
	// What is found for the rows in doubt, and what the block works in.
	rows, nearest            []int32
	first, second, distances []float64
}

func newChunkSums(k, d, width int) chunkSums {
	return chunkSums{
		sums: make([]float64, k*d), counts: make([]float64, k),
		rows: make([]int32, 0, rowsPerBlock), nearest: make([]int32, rowsPerBlock),
		first: make([]float64, rowsPerBlock), second: make([]float64, rowsPerBlock),
		distances: make([]float64, width),
	}
}

func newLloydRun(m *kmeans, centres []float64) *lloydRun {
	k := len(centres) / m.d
	r := &lloydRun{
		kmeans: m, partition: &partition{k: k, centres: centres, labels: make([]int32, m.n)},
		upper: make([]float64, m.n), lower: make([]float64, m.n),
		moved: make([]float64, k), half: make([]float64, k),
		sums: make([]float64, k*m.d), counts: make([]float64, k),
		size: chunkSize(m.n), block: kernel.NewBlock(centres, m.d),
		origin: make([]float64, m.d),
	}
	r.tighten = k > kernel.Lanes
	r.chunks = make([]chunkSums, par.Count(m.n, r.size))
	for c := range r.chunks {
		r.chunks[c] = newChunkSums(k, m.d, r.block.Width())
	}
	for i := range r.labels {
		r.labels[i] = -1
		r.upper[i] = math.Inf(1)
	}
	return r
}

// chunkSize depends on the number of rows alone, so that sums do not depend on
// the number of workers.
func chunkSize(n int) int { return max(1<<12, (n+1023)/1024) }

// measureCentres prepares an iteration.
func (r *lloydRun) measureCentres(iteration int) {
	r.block.Set(r.centres)
	for a := range r.k {
		nearest := math.Inf(1)
		for b := range r.k {
			if a != b {
				nearest = min(nearest, kernel.SquaredDistance(r.centre(a), r.centre(b)))
			}
		}
		r.half[a] = math.Sqrt(nearest) / 2
	}
	reach := r.extent
	for c := range r.k {
		reach = max(reach, r.extent+math.Sqrt(kernel.SquaredDistance(r.centre(c), r.origin)))
	}
	const roundings = 8 // in one iteration, at most
	r.slack = reach * float64(iteration+1) * roundings * 0x1p-52
	r.mostMoved, r.nextMoved, r.fastest = 0, 0, -1
	for c, moved := range r.moved {
		switch {
		case moved > r.mostMoved:
			r.mostMoved, r.nextMoved, r.fastest = moved, r.mostMoved, int32(c)
		case moved > r.nextMoved:
			r.nextMoved = moved
		}
	}
}

// assign gives each row the label of its nearest centre, the first of equals,
// and adds up the rows of each segment. It reports whether a label changed.
func (r *lloydRun) assign(ctx context.Context) (changed bool, err error) {
	err = par.Chunks(ctx, r.inner, r.n, r.size, func(chunk, low, high int) error {
		r.assignChunk(&r.chunks[chunk], low, high)
		return nil
	})
	clear(r.sums)
	clear(r.counts)
	for _, c := range r.chunks {
		changed = changed || c.changed
		for j, v := range c.sums {
			r.sums[j] += v
		}
		for j, n := range c.counts {
			r.counts[j] += n
		}
	}
	return changed, err
}

// assignChunk gives rows their labels and adds them up, block by block. Where the
// bounds prove little in the first block, they are not asked in the others.
func (r *lloydRun) assignChunk(c *chunkSums, low, high int) {
	clear(c.sums)
	clear(c.counts)
	c.changed = false
	hopeless := false
	for first := low; low < high; low += rowsPerBlock {
		end := min(low+rowsPerBlock, high)
		rows := everyRow[:end-low]
		if !hopeless {
			rows = r.doubtful(c, low, end)
		}
		if low == first {
			hopeless = 2*len(rows) > end-low && !r.tighten
		}
		r.search(c, low, rows)
		r.add(c, low, end)
	}
}

// everyRow lists all rows of a block.
var everyRow = func() (rows [rowsPerBlock]int32) {
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}()

// doubtful brings the bounds of rows up to date and returns those for which they
// do not prove that their label is still right, counted from low.
func (r *lloydRun) doubtful(c *chunkSums, low, high int) []int32 {
	rows := c.rows[:0]
	for i := low; i < high; i++ {
		if label := r.labels[i]; label < 0 || !r.stays(i, label) {
			rows = append(rows, int32(i-low))
		}
	}
	return rows
}

// stays brings the bounds of a row up to date and reports whether they prove that
// its label is still right. Where that spares work, it measures the distance from
// the row's own centre before it gives up.
func (r *lloydRun) stays(i int, label int32) bool {
	upper, lower := r.upper[i]+r.moved[label], r.lower[i]
	if label == r.fastest {
		lower -= r.nextMoved
	} else {
		lower -= r.mostMoved
	}
	r.lower[i] = lower
	bound := r.half[label]
	if lower > bound {
		bound = lower
	}
	bound -= r.slack
	if upper >= bound && r.tighten {
		upper = math.Sqrt(kernel.SquaredDistance(r.x[i*r.d:][:r.d], r.centres[int(label)*r.d:][:r.d]))
	}
	r.upper[i] = upper
	return upper < bound
}

// search finds the nearest centre of rows, counted from low.
func (r *lloydRun) search(c *chunkSums, low int, rows []int32) {
	r.block.NearestTwoOf(r.x[low*r.d:], rows, c.nearest, c.first, c.second, c.distances)
	for i, row := range rows {
		at := low + int(row)
		r.upper[at], r.lower[at] = math.Sqrt(c.first[i]), math.Sqrt(c.second[i])
		if r.labels[at] != c.nearest[i] {
			r.labels[at] = c.nearest[i]
			c.changed = true
		}
	}
}

// add adds rows to the sums of their segments.
func (r *lloydRun) add(c *chunkSums, low, high int) {
	labels := r.labels[low:high]
	if r.w == nil {
		for _, label := range labels {
			c.counts[label]++
		}
		kernel.AddRows(r.x[low*r.d:high*r.d], labels, r.d, c.sums)
		return
	}
	for i, label := range labels {
		w := r.w[low+i]
		c.counts[label] += w
		to := c.sums[int(label)*r.d:][:r.d]
		for j, v := range r.row(low + i) {
			to[j] += w * v
		}
	}
}

// fillEmpty gives each empty segment, in order, the row that is farthest from its
// own centre, by weight, and not alone in its segment, the first of equals.
func (r *lloydRun) fillEmpty() {
	for c, count := range r.counts {
		if count > 0 {
			continue
		}
		far, at := -1.0, -1
		for i, label := range r.labels {
			if r.counts[label] <= r.weight(i) {
				continue
			}
			if s := r.weight(i) * kernel.SquaredDistance(r.row(i), r.centre(int(label))); s > far {
				far, at = s, i
			}
		}
		if at < 0 {
			return
		}
		from := int(r.labels[at])
		for j, v := range r.row(at) {
			r.sums[from*r.d+j] -= r.weight(at) * v
			r.sums[c*r.d+j] = r.weight(at) * v
		}
		r.counts[from] -= r.weight(at)
		r.counts[c] = r.weight(at)
		r.labels[at] = int32(c)
		r.upper[at], r.lower[at] = math.Inf(1), math.Inf(-1)
	}
}

// move sets each centre to the mean of its segment and returns the sum of the
// squared movements.
func (r *lloydRun) move() float64 {
	total := 0.0
	for c, count := range r.counts {
		squared := 0.0
		for j := c * r.d; j < (c+1)*r.d && count > 0; j++ {
			mean := r.sums[j] / count
			diff := mean - r.centres[j]
			squared += diff * diff
			r.centres[j] = mean
		}
		r.moved[c] = math.Sqrt(squared)
		total += squared
	}
	return total
}

// measureInertia adds up the weighted squared distances of the rows from their
// centres.
func (r *lloydRun) measureInertia(ctx context.Context) error {
	inertia := make([]float64, len(r.chunks))
	err := par.Chunks(ctx, r.inner, r.n, r.size, func(chunk, low, high int) error {
		for i := low; i < high; i++ {
			inertia[chunk] += r.weight(i) * kernel.SquaredDistance(r.row(i), r.centres[int(r.labels[i])*r.d:][:r.d])
		}
		return nil
	})
	for _, v := range inertia {
		r.inertia += v
	}
	return err
}
