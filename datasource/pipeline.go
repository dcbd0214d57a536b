package datasource

import (
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"
)

// maxParsers bounds the goroutines of one read: beyond it the disk is slower.
const maxParsers = 8

type task[T any] struct {
	block block
	out   T
	err   error
	done  chan struct{}
}

// ordered reads blocks with next until it returns io.EOF, applies work to them
// on several goroutines, and yields the results in the order of the blocks. The
// first error, in that order, ends it. No goroutine is left when it ends.
func ordered[T any](ctx context.Context, next func(context.Context, *block) error,
	newWork func() func(*block) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var group sync.WaitGroup
		defer group.Wait()
		defer cancel()
		parsers := min(runtime.GOMAXPROCS(0), maxParsers)
		tasks := make(chan *task[T], 2*parsers)
		inOrder := make(chan *task[T], 2*parsers)
		free := make(chan []byte, 4*parsers)
		group.Go(func() { feed(ctx, next, tasks, inOrder, free) })
		for range parsers {
			group.Go(func() {
				work := newWork()
				for t := range tasks {
					t.out, t.err = work(&t.block)
					close(t.done)
				}
			})
		}
		collect(ctx, inOrder, free, yield)
	}
}

// feed makes a task of each block, until the last one or the end of ctx.
func feed[T any](ctx context.Context, next func(context.Context, *block) error,
	tasks, inOrder chan<- *task[T], free <-chan []byte) {
	defer close(tasks)
	defer close(inOrder)
	for {
		t := &task[T]{done: make(chan struct{})}
		select {
		case t.block.data = <-free:
		default:
		}
		err := next(ctx, &t.block)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.err = err
			close(t.done)
		}
		select {
		case inOrder <- t:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		select {
		case tasks <- t:
		case <-ctx.Done():
			return
		}
	}
}

func collect[T any](ctx context.Context, inOrder <-chan *task[T], free chan<- []byte, yield func(T, error) bool) {
	var none T
	for t := range inOrder {
		select {
		case <-t.done:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			yield(none, err)
			return
		}
		if t.err != nil {
			yield(none, t.err)
			return
		}
		if !yield(t.out, nil) {
			return
		}
		select {
		case free <- t.block.data:
		default:
		}
	}
	if err := ctx.Err(); err != nil {
		yield(none, err)
	}
}
