package datasourcetest

import (
	"context"
	"iter"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

type sourceFunc func(ctx context.Context, yield func(*datasource.Table, error) bool)

func (f sourceFunc) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) { f(ctx, yield) }
}

// Faulty returns a source that yields up to afterBatches batches of src, and then
// err, also when src has fewer.
func Faulty(src datasource.Source, afterBatches int, err error) datasource.Source {
	return sourceFunc(func(ctx context.Context, yield func(*datasource.Table, error) bool) {
		left := afterBatches
		if left > 0 {
			for batch, sourceErr := range src.Batches(ctx) {
				if !yield(batch, sourceErr) || sourceErr != nil {
					return
				}
				if left--; left == 0 {
					break
				}
			}
		}
		yield(nil, err)
	})
}

// Slow returns a source that waits before each batch of src, at most until its
// context ends.
func Slow(src datasource.Source, delay time.Duration) datasource.Source {
	return sourceFunc(func(ctx context.Context, yield func(*datasource.Table, error) bool) {
		for batch, err := range src.Batches(ctx) {
			select {
			case <-time.After(delay):
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
			if !yield(batch, err) {
				return
			}
		}
	})
}

// InBatches returns a source that yields a table in batches of a number of rows,
// which must be positive.
func InBatches(t *datasource.Table, rows int) datasource.Source {
	return sourceFunc(func(ctx context.Context, yield func(*datasource.Table, error) bool) {
		for low := 0; low == 0 || low < t.Rows(); low += rows {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			var batch []int
			for row := low; row < min(low+rows, t.Rows()); row++ {
				batch = append(batch, row)
			}
			if !yield(t.Take(batch), nil) {
				return
			}
		}
	})
}
