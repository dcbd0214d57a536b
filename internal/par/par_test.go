package par_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/internal/par"
)

func TestEachDoesEveryTaskOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 3, 8, 100} {
		for _, tasks := range []int{0, 1, 2, 7, 1000} {
			counts := make([]atomic.Int32, tasks)
			err := par.Each(t.Context(), workers, tasks, func(task int) error {
				counts[task].Add(1)
				return nil
			})
			if err != nil {
				t.Fatalf("%d workers, %d tasks: %v", workers, tasks, err)
			}
			for task := range counts {
				if n := counts[task].Load(); n != 1 {
					t.Errorf("%d workers: task %d of %d was done %d times", workers, task, tasks, n)
				}
			}
		}
	}
}

func TestEachReturnsTheErrorOfTheLowestFailedTask(t *testing.T) {
	for _, workers := range []int{1, 4} {
		var together sync.WaitGroup // all four tasks fail, whichever ends first
		together.Add(4)
		err := par.Each(t.Context(), workers, 4, func(task int) error {
			together.Done()
			if workers == 4 {
				together.Wait()
			}
			return fmt.Errorf("task %d", task)
		})
		if err == nil || err.Error() != "task 0" {
			t.Errorf("%d workers: got %v, want the error of task 0", workers, err)
		}
	}
}

func TestEachStopsWhenTheContextEnds(t *testing.T) {
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		var done atomic.Int32
		err := par.Each(ctx, workers, 1000, func(int) error {
			done.Add(1)
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: got %v, want context.Canceled", workers, err)
		}
		if n := int(done.Load()); n > workers {
			t.Errorf("%d workers: %d tasks were started after the context had ended", workers, n-workers)
		}
	}
}

func TestEachPassesAPanicOn(t *testing.T) {
	for _, workers := range []int{1, 4} {
		func() {
			defer func() {
				if p := recover(); p != "boom" {
					t.Errorf("%d workers: recovered %v, want boom", workers, p)
				}
			}()
			_ = par.Each(t.Context(), workers, 10, func(task int) error {
				if task == 3 {
					panic("boom")
				}
				return nil
			})
		}()
	}
}

func TestChunksCoverEveryItemOnce(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 11, 105} {
		const size = 10
		bounds := make([][2]int, par.Count(n, size))
		err := par.Chunks(t.Context(), 3, n, size, func(chunk, low, high int) error {
			bounds[chunk] = [2]int{low, high}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var items []int
		for _, b := range bounds {
			for i := b[0]; i < b[1]; i++ {
				items = append(items, i)
			}
		}
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		if !slices.Equal(items, want) {
			t.Errorf("n = %d: chunks cover %v", n, items)
		}
	}
}
