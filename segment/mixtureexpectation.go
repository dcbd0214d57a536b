package segment

import (
	"context"
	"math"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// rowsPerBlock is the number of rows that are worked on at once: few enough for
// their columns to stay in a core's first cache, and enough to make a call of a
// kernel worth its while.
const rowsPerBlock = 256

// expectation passes over the rows with the components of a mixture. It may be
// used again and again, by one goroutine at a time.
type expectation struct {
	points
	shape      Covariance
	k, workers int
	// tasks is the room that the tasks of a pass work in.
	tasks []*mixtureTask
	total *mixtureSums
}

// mixtureTask is the room that one task of a pass works in.
type mixtureTask struct {
	*block
	sums *mixtureSums
}

func newExpectation(p points, shape Covariance, k, workers int) *expectation {
	return &expectation{points: p, shape: shape, k: k, workers: workers, total: newMixtureSums(shape, k, p.d)}
}

// posteriors sums up the rows by their posteriors in each component.
func (e *expectation) posteriors(ctx context.Context, g *gaussians) (*mixtureSums, error) {
	return e.pass(ctx, func(t *mixtureTask, low, high int) {
		t.load(e.x[low*e.d : high*e.d])
		t.sums.logLikelihood += t.evaluate(g)
		t.accumulate(t.sums, g.means)
	})
}

// fromLabels returns the components that the parts of a partition make.
func (e *expectation) fromLabels(ctx context.Context, parts *partition, regularisation float64) (*gaussians, error) {
	sums, err := e.pass(ctx, func(t *mixtureTask, low, high int) {
		t.load(e.x[low*e.d : high*e.d])
		t.indicate(parts.labels[low:high])
		t.accumulate(t.sums, parts.centres)
	})
	if err != nil {
		return nil, err
	}
	return sums.maximise(parts.centres, regularisation)
}

// each calls do with every block of evaluated rows and the number of its first
// row, from several goroutines. Of the sums it returns only the likelihood is set.
func (e *expectation) each(ctx context.Context, g *gaussians, do func(b *block, low int)) (*mixtureSums, error) {
	return e.pass(ctx, func(t *mixtureTask, low, high int) {
		t.load(e.x[low*e.d : high*e.d])
		t.sums.logLikelihood += t.evaluate(g)
		do(t.block, low)
	})
}

// pass calls do with the bounds of every block of rows and merges the sums, in an
// order that depends on the number of rows alone. The sums are valid until the
// next pass.
func (e *expectation) pass(ctx context.Context, do func(t *mixtureTask, low, high int)) (*mixtureSums, error) {
	e.total.reset()
	used := 0
	fresh := func() *mixtureTask {
		if used == len(e.tasks) {
			e.tasks = append(e.tasks, &mixtureTask{newBlock(e.k, e.d, rowsPerBlock), newMixtureSums(e.shape, e.k, e.d)})
		}
		used++
		return e.tasks[used-1]
	}
	work := func(t *mixtureTask, task int) {
		t.sums.reset()
		for low := task * stat.ChunkRows; low < min((task+1)*stat.ChunkRows, e.n) && ctx.Err() == nil; low += rowsPerBlock {
			do(t, low, min(low+rowsPerBlock, e.n))
		}
	}
	merge := func(t *mixtureTask, _ int) { e.total.merge(t.sums) }
	tasks := (e.n + stat.ChunkRows - 1) / stat.ChunkRows
	return e.total, stat.Reduce(ctx, e.workers, tasks, fresh, work, merge)
}

// block is a few rows by columns, with the weight of each component for each of
// them.
type block struct {
	n, d, k int
	// columns has the rows, centred those taken from the mean of a component,
	// both d x n; weights is k x n.
	columns, centred, weights []float64
	room, total               []float64 // n
	rows                      []int32
	moments                   *kernel.Moments
}

func newBlock(k, d, most int) *block {
	return &block{
		d: d, k: k,
		columns: make([]float64, d*most), centred: make([]float64, d*most), weights: make([]float64, k*most),
		room: make([]float64, most), total: make([]float64, most), rows: make([]int32, most),
		moments: kernel.NewMoments(d, most),
	}
}

// load takes in rows.
func (b *block) load(x []float64) {
	b.n = len(x) / b.d
	for j := range b.d {
		column := b.columns[j*b.n : (j+1)*b.n]
		at := j
		for i := range column {
			column[i] = x[at]
			at += b.d
		}
	}
}

// evaluate sets the weights to the posteriors of the components and returns the
// sum of the logarithms of the rows' densities.
func (b *block) evaluate(g *gaussians) float64 {
	squared := b.weights[:g.k*b.n]
	clear(squared)
	for c := range g.k {
		to := squared[c*b.n : (c+1)*b.n]
		b.centre(g.mean(c))
		if g.shape.correlates() {
			kernel.AddLowerSquares(g.factor(c), b.centred[:b.d*b.n], b.room, to)
		} else {
			kernel.AddScaledSquares(g.factor(c), b.centred[:b.d*b.n], to)
		}
	}
	total := b.total[:b.n]
	kernel.Posteriors(g.constants, squared, total, b.room)
	sum := 0.0
	for _, v := range total {
		sum += v
	}
	return sum
}

func (b *block) centre(mean []float64) {
	for j, m := range mean {
		kernel.Subtract(b.centred[j*b.n:(j+1)*b.n], b.columns[j*b.n:(j+1)*b.n], m)
	}
}

// indicate sets the weight of each row to 1 in the component of its label and to
// 0 in the others.
func (b *block) indicate(labels []int32) {
	clear(b.weights)
	for i, label := range labels {
		b.weights[int(label)*b.n+i] = 1
	}
}

// accumulate adds the rows to the sums around the means. A row without weight in
// a component costs next to nothing there, where most have none.
func (b *block) accumulate(sums *mixtureSums, means []float64) {
	for c := range len(means) / b.d {
		weights, mean := b.weights[c*b.n:(c+1)*b.n], means[c*b.d:(c+1)*b.d]
		n := 0
		for _, w := range weights {
			n += counts(w)
		}
		if n > b.n/2 {
			b.centre(mean)
			n = b.n
		} else {
			b.gather(weights, mean)
		}
		if n > 0 {
			sums.add(c, weights[:n], b.centred[:b.d*n], b.moments)
		}
	}
}

// counts returns 1 for a number above 0, and 0 for 0, without a branch.
func counts(w float64) int { return int((math.Float64bits(w) + (1<<63 - 1)) >> 63) }

// gather centres the rows that have weight, and moves their weights to the front.
func (b *block) gather(weights, mean []float64) {
	n := 0
	for i, w := range weights {
		weights[n], b.rows[n] = w, int32(i)
		n += counts(w)
	}
	for j, m := range mean {
		column, to := b.columns[j*b.n:(j+1)*b.n], b.centred[j*n:(j+1)*n]
		for at, i := range b.rows[:n] {
			to[at] = column[i] - m
		}
	}
}

// likeliest returns the component of the greatest posterior of row i, the first
// of equals.
func (b *block) likeliest(i int) int {
	best := 0
	for c := range b.k {
		if b.weights[c*b.n+i] > b.weights[best*b.n+i] {
			best = c
		}
	}
	return best
}

// probabilities sets to[ids[c]] to the posterior of component c for row i.
func (b *block) probabilities(i int, ids []int, to []float64) {
	for c, id := range ids {
		to[id] = b.weights[c*b.n+i]
	}
}
