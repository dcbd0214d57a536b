// Package par spreads work over cores in a way that cannot change a result: the
// work is cut into chunks that depend on its size alone, and what a chunk
// computes depends on the chunk alone.
package par

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers returns how many goroutines to use: n when it is positive, else
// GOMAXPROCS.
func Workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// Each calls do for every task from 0 to tasks-1, on up to workers goroutines,
// and returns when all have ended. It starts no task after ctx has ended or a
// task has failed. The error is that of the failed task with the lowest number,
// or ctx's. A panic in a task reaches the caller of Each.
func Each(ctx context.Context, workers, tasks int, do func(task int) error) error {
	workers = min(Workers(workers), tasks)
	if workers <= 1 {
		return inOrder(ctx, tasks, do)
	}
	errs := make([]error, tasks)
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	var panicked atomic.Pointer[any]
	for range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked.CompareAndSwap(nil, &p)
					failed.Store(true)
				}
			}()
			for !failed.Load() && ctx.Err() == nil {
				task := int(next.Add(1)) - 1
				if task >= tasks {
					return
				}
				if errs[task] = do(task); errs[task] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	if p := panicked.Load(); p != nil {
		panic(*p)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func inOrder(ctx context.Context, tasks int, do func(task int) error) error {
	for task := range tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(task); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Chunks cuts n items into chunks of size items, the last one shorter, and calls
// do with the number and the bounds of each, as [Each] does.
func Chunks(ctx context.Context, workers, n, size int, do func(chunk, low, high int) error) error {
	return Each(ctx, workers, Count(n, size), func(chunk int) error {
		low := chunk * size
		return do(chunk, low, min(low+size, n))
	})
}

// Count returns the number of chunks that [Chunks] makes.
func Count(n, size int) int { return (n + size - 1) / size }
