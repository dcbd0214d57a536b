package stat

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/par"
)

// ChunkRows is the number of rows that one task of a reduction adds up. It is
// constant, so that no result depends on the number of workers, and small enough
// for a few columns to stay in a core's cache.
const ChunkRows = 2048

// wave is the number of results that exist at once. It bounds the memory of a
// reduction, and the cores that it can use.
const wave = 16

// Reduce calls do for every task on up to workers goroutines, each time with a
// value made by fresh that no other call uses meanwhile, and then merge for
// every task, in order and never concurrently. Values are used again, so do must
// reset what it was given. It ends early, with ctx's error, when ctx ends.
func Reduce[A any](ctx context.Context, workers, tasks int, fresh func() A, do, merge func(a A, task int)) error {
	values := make([]A, min(tasks, wave))
	for i := range values {
		values[i] = fresh()
	}
	for base := 0; base < tasks; base += wave {
		n := min(wave, tasks-base)
		err := par.Each(ctx, workers, n, func(i int) error {
			do(values[i], base+i)
			return nil
		})
		if err != nil {
			return err
		}
		for i := range n {
			merge(values[i], base+i)
		}
	}
	return ctx.Err()
}
