package segment

import (
	"context"
	"math"
	"math/bits"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// lloyd moves the centres until they move no more than the tolerance, or, if
// that is 0, until no label changes; or for so many iterations. It takes ownership
// of centres.
//
// The labels and centres are those of plain k-means to the last bit, at a fraction
// of its cost. Rows are looked at in single precision first, sixteen at a time,
// and measured again in double precision where that does not prove which centre
// is nearest. A group of sixteen rows is not looked at again before the centres
// have moved so far that one of its labels might change: the triangle inequality
// as in Hamerly, "Making k-means even faster", SDM 2010, but with one bound for a
// group. Sums are exact, so that they can be kept from one iteration to the next,
// and only rows that change their segment are added and taken away.
func (m *kmeans) lloyd(ctx context.Context, centres []float64, iterations int, tolerance float64) (*partition, error) {
	r := newLloydRun(m, centres)
	for iteration := 0; ; iteration++ {
		changed, err := r.assign(ctx)
		if err != nil {
			return nil, err
		}
		if !changed || r.ended || iteration == iterations {
			return r.partition, r.measureInertia(ctx)
		}
		r.fillEmpty()
		moved, still := r.move()
		r.ended = still || moved <= tolerance && tolerance > 0
	}
}

// lloydRun is one start of k-means under way.
type lloydRun struct {
	*kmeans
	*partition
	// screen has the centres in single precision, block in double.
	screen *kernel.Screen
	block  *kernel.Block
	// drift is how far, at most, the distances from the nearest and from
	// another centre have come towards each other since the start, for any
	// row. No label of a group can change before drift reaches its entry in
	// quiet. Both are in the units of the frame.
	drift float64
	quiet []float64
	// ended says that the centres have come to rest.
	ended bool
	// chunks have the sums of their rows by segment; totals, sums and counts are
	// those of all rows.
	chunks       []chunkRun
	totals       []int64
	sums, counts []float64
}

func newLloydRun(m *kmeans, centres []float64) *lloydRun {
	k := len(centres) / m.d
	// The labels have room for those of a whole group in the end.
	labels := make([]int32, par.Count(m.n, kernel.GroupRows)*kernel.GroupRows)[:m.n]
	r := &lloydRun{
		kmeans: m, partition: &partition{k: k, centres: centres, labels: labels},
		screen: kernel.NewScreen(k, m.d), block: kernel.NewBlock(centres, m.d),
		quiet: make([]float64, len(m.reaches)), chunks: make([]chunkRun, par.Count(m.n, chunkSize(m.n))),
		sums: make([]float64, k*m.d), counts: make([]float64, k),
	}
	r.screen.Set(m.frame, centres)
	for c := range r.chunks {
		r.chunks[c].counts = make([]float64, k)
	}
	r.makeSums()
	for i := range r.labels {
		r.labels[i] = -1
	}
	return r
}

// chunkSize depends on the number of rows alone, so that sums do not depend on
// the number of workers. It is a multiple of the rows of a group.
func chunkSize(n int) int {
	size := max(1<<12, (n+1023)/1024)
	return (size + kernel.GroupRows - 1) / kernel.GroupRows * kernel.GroupRows
}

// assign gives each row the label of its nearest centre, the first of equals,
// and adds up the rows of each segment. It reports whether a label changed.
func (r *lloydRun) assign(ctx context.Context) (changed bool, err error) {
	err = par.Chunks(ctx, r.inner, r.n, chunkSize(r.n), func(chunk, low, high int) error {
		c := &r.chunks[chunk]
		c.changed = false
		r.assignRows(c, low, high)
		if c.changed && r.w != nil {
			r.weigh(c, low, high)
		}
		return nil
	})
	for i := range r.chunks {
		changed = changed || r.chunks[i].changed
	}
	if changed {
		r.addUp()
	}
	return changed, err
}

// glance is room for looking at rows. Each core has its own.
type glance struct {
	moves     moves
	verdict   kernel.Verdict
	distances []float64
}

// assignRows gives the rows of a chunk their labels.
func (r *lloydRun) assignRows(c *chunkRun, low, high int) {
	g := glance{distances: make([]float64, r.block.Width())}
	for ; low < high; low += kernel.GroupRows {
		if group := low / kernel.GroupRows; r.drift >= r.quiet[group] {
			r.quiet[group] = r.drift + r.look(&g, low, min(kernel.GroupRows, high-low))
			if g.moves.n >= movesAtOnce {
				r.apply(c, &g.moves)
			}
		}
	}
	r.apply(c, &g.moves)
}

// look gives the rows of a group their labels and returns by how much each row is
// nearer to its centre than to any other.
func (r *lloydRun) look(g *glance, low, rows int) (gap float64) {
	v, labels := &g.verdict, (*[kernel.GroupRows]int32)(r.labels[low:cap(r.labels)])
	group := low / kernel.GroupRows
	r.screen.Look(r.packed[group*r.d*kernel.GroupRows:], labels, r.reaches[group], v)
	all := uint32(1)<<rows - 1
	gap = float64(v.Gap)
	for left := v.Doubtful & all; left != 0; left &= left - 1 {
		row := bits.TrailingZeros32(left)
		nearest, certain := r.measure(low+row, g.distances)
		v.Nearest[row], gap = nearest, min(gap, certain)
	}
	for left := (v.Changed | v.Doubtful) & all; left != 0; left &= left - 1 {
		if row := bits.TrailingZeros32(left); v.Nearest[row] != labels[row] {
			g.moves.add(low+row, labels[row], v.Nearest[row])
			labels[row] = v.Nearest[row]
		}
	}
	if math.IsInf(gap, 1) && r.k > 1 {
		return 0 // farther than single precision reaches
	}
	return gap
}

// measure finds the nearest centre of a row in double precision, and how much
// nearer it certainly is than any other.
func (r *lloydRun) measure(row int, distances []float64) (nearest int32, gap float64) {
	index, first, second := r.block.NearestTwo(r.row(row), distances)
	near, far := math.Sqrt(first), math.Sqrt(second)
	// Squares of what is below 2^-537 vanish.
	rounding := float64(r.d+8)*0x1p-52*(near+far) + 0x1p-500
	if gap = (far - near - rounding) * r.frame.Scale(); !(gap > 0) {
		gap = 0
	}
	return int32(index), gap
}

// move sets each centre to the mean of its segment. It returns the sum of the
// squared movements, which vanish below 2^-537, and whether no centre moved at all.
func (r *lloydRun) move() (total float64, still bool) {
	var most, next float64
	still = true
	for c, count := range r.counts {
		squared := 0.0
		for j := c * r.d; j < (c+1)*r.d && count > 0; j++ {
			mean := r.sums[j] / count
			still = still && mean == r.centres[j]
			diff := mean - r.centres[j]
			squared += diff * diff
			r.centres[j] = mean
		}
		total += squared
		moved := math.Sqrt(squared)
		most, next = max(most, moved), max(next, min(most, moved))
	}
	// Rounded up, since many small movements may follow a great one.
	const rounding = 1 + 0x1p-30
	r.drift = math.Nextafter(r.drift+(most+next)*r.frame.Scale()*rounding, math.Inf(1))
	r.screen.Set(r.frame, r.centres)
	r.block.Set(r.centres)
	return total, still
}

// measureInertia adds up the weighted squared distances of the rows from their
// centres.
func (r *lloydRun) measureInertia(ctx context.Context) error {
	inertia := make([]float64, len(r.chunks))
	err := par.Chunks(ctx, r.inner, r.n, chunkSize(r.n), func(chunk, low, high int) error {
		inertia[chunk] = kernel.Inertia(r.x[low*r.d:high*r.d], r.centres, r.labels[low:high], r.weightsOf(low, high), r.d)
		return nil
	})
	for _, v := range inertia {
		r.inertia += v
	}
	return err
}
