package tree

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/cohortlens/cohortlens/internal/par"
)

// ErrNoBootstrap marks a question about out-of-bag rows to a forest that has none.
var ErrNoBootstrap = errors.New("there are no out-of-bag rows without bootstrap")

// OutOfBag calls visit for each row with what the trees that were grown without it
// predict, in the order of the trees. A tree sees 0.63 of the rows; a row that all
// trees saw has no predictions. visit is called from several goroutines at once,
// for different rows; it may change the predictions, and must not keep them.
//
// Cost is about 0.37 trees x rows walks down a tree. Memory is some 2 MB for each
// worker, more when a few rows of all columns and trees exceed that.
func (f *Forest) OutOfBag(ctx context.Context, visit func(row int, predictions []float64)) error {
	if f.bags == nil {
		return ErrNoBootstrap
	}
	const numbers, fewest = 1 << 18, 64
	rows := min(len(f.y), max(fewest, numbers/(len(f.columns)+len(f.bags))))
	windows := sync.Pool{New: func() any { return f.newWindow(rows) }}
	return par.Chunks(ctx, f.cfg.Workers, len(f.y), rows, func(_, low, high int) error {
		w := windows.Get().(*window)
		defer windows.Put(w)
		w.read(low, high)
		for row := low; row < high; row++ {
			visit(row, w.predictions(row))
		}
		return nil
	})
}

// OutOfBagMeans returns, for each row, the mean of what [Forest.OutOfBag] finds,
// NaN for a row that all trees saw.
func (f *Forest) OutOfBagMeans(ctx context.Context) ([]float64, error) {
	means := make([]float64, len(f.y))
	err := f.OutOfBag(ctx, func(row int, predictions []float64) {
		sum := 0.0
		for _, v := range predictions {
			sum += v
		}
		means[row] = sum / float64(len(predictions))
		if len(predictions) == 0 {
			means[row] = math.NaN()
		}
	})
	return means, err
}

// window holds the out-of-bag predictions for a range of rows.
type window struct {
	*Forest
	low int
	// found has a line for each row, with the predictions of the first
	// counts[row] out-of-bag trees.
	found  []float64
	counts []int
	// rows and x are the out-of-bag rows of one tree, leaves where they end.
	rows      []int
	x, leaves []float64
}

func (f *Forest) newWindow(rows int) *window {
	return &window{
		Forest: f, found: make([]float64, rows*len(f.bags)), counts: make([]int, rows),
		x: make([]float64, 0, rows*len(f.columns)), leaves: make([]float64, rows),
	}
}

func (w *window) read(low, high int) {
	w.low = low
	clear(w.counts)
	for t := range w.bags {
		w.rows, w.x = w.outside(t, low, high, w.rows[:0], w.x[:0])
		leaves := w.leaves[:len(w.rows)]
		clear(leaves)
		w.Ensemble.Trees[t].addLeaves(leaves, w.x, w.Ensemble.Features)
		for i, row := range w.rows {
			at := row - low
			w.found[at*len(w.bags)+w.counts[at]] = w.Ensemble.Base + leaves[i]
			w.counts[at]++
		}
	}
}

func (w *window) predictions(row int) []float64 {
	at := row - w.low
	return w.found[at*len(w.bags):][:w.counts[at]]
}

// outside appends the rows from low to high that a tree was not grown from, and
// their values, row after row.
func (f *Forest) outside(tree, low, high int, rows []int, x []float64) ([]int, []float64) {
	for row := low; row < high; row++ {
		if f.bags[tree].has(row) {
			continue
		}
		rows = append(rows, row)
		for _, column := range f.columns {
			x = append(x, column[row])
		}
	}
	return rows, x
}
