package explain

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// bands holds rows column by column, cut into bands that are computed apart.
// Their size depends on the numbers of columns alone.
type bands struct {
	features, rows, size int
	x                    []float64
}

const (
	// bandRows and bandValues bound a band. What is computed once for a tree
	// and a band is shared by its rows.
	bandRows, bandValues = 4096, 1 << 18
	// blockRows is the number of rows that take a step together.
	blockRows = 64
	// taskCount is the number of parts that an ensemble is cut into.
	taskCount = 50
)

func newBands(ctx context.Context, workers int, x []float64, features, width int) (*bands, error) {
	b := &bands{features: features, rows: len(x) / features, x: make([]float64, len(x))}
	b.size = min(bandRows, max(1, bandValues/max(features, width)))
	err := par.Chunks(ctx, workers, b.rows, b.size, func(_, low, high int) error {
		n := high - low
		to := b.x[low*features : high*features]
		for i := range n {
			for j, v := range x[(low+i)*features : (low+i+1)*features] {
				to[j*n+i] = v
			}
		}
		return nil
	})
	return b, err
}

// band is some rows, column by column.
type band struct {
	rows int
	x    []float64
}

func (b *bands) band(i int) band {
	low := i * b.size
	high := min(low+b.size, b.rows)
	return band{rows: high - low, x: b.x[low*b.features : high*b.features]}
}

// newBand returns all rows as one band.
func newBand(x []float64, features int) band {
	b := band{rows: len(x) / features, x: make([]float64, len(x))}
	for i, v := range x {
		b.x[i%features*b.rows+i/features] = v
	}
	return b
}

// row sets dst to the values of a row.
func (b band) row(i int, dst []float64) {
	for j := range dst {
		dst[j] = b.x[j*b.rows+i]
	}
}

// column returns the values of a feature.
func (b band) column(feature int) []float64 { return b.x[feature*b.rows : (feature+1)*b.rows] }

// treeWorker computes contributions of the rows of a band.
type treeWorker interface {
	// add adds what a tree contributes to out, which has stride values for each
	// row. It may stop early when ctx has ended.
	add(ctx context.Context, tree int, b band, out []float64, stride int)
}

// eachTree adds what all trees contribute to the rows of x to sums, row after
// row of width columns, always in the same order.
func eachTree(ctx context.Context, c Config, e *tree.Ensemble, x, sums []float64, width int, fresh func() treeWorker) error {
	b, err := newBands(ctx, c.Workers, x, e.Features, width)
	if err != nil {
		return err
	}
	type worker struct {
		treeWorker
		out []float64
	}
	stride := (width + kernel.Lanes - 1) / kernel.Lanes * kernel.Lanes
	part := par.Count(len(e.Trees), taskCount)
	parts := par.Count(len(e.Trees), max(part, 1))
	total := parts * par.Count(b.rows, b.size)
	return stat.Reduce(ctx, c.Workers, total,
		func() *worker { return &worker{fresh(), make([]float64, min(b.size, b.rows)*stride)} },
		func(w *worker, task int) {
			clear(w.out)
			low := task % parts * part
			for t := low; t < min(low+part, len(e.Trees)) && ctx.Err() == nil; t++ {
				w.add(ctx, t, b.band(task/parts), w.out, stride)
			}
		},
		func(w *worker, task int) {
			n := b.band(task / parts).rows
			to := sums[task/parts*b.size*width:]
			for i := range n {
				for j, v := range w.out[i*stride : i*stride+width] {
					to[i*width+j] += v
				}
			}
			c.Progress(task+1, total)
		})
}
