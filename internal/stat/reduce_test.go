package stat_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

func TestReduceMergesInOrder(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		for _, tasks := range []int{0, 1, 16, 17, 100} {
			var made atomic.Int32
			var merged []int
			err := stat.Reduce(t.Context(), workers, tasks,
				func() *int { made.Add(1); return new(int) },
				func(v *int, task int) { *v = task * task },
				func(v *int, task int) {
					if *v != task*task {
						t.Errorf("task %d came with %d", task, *v)
					}
					merged = append(merged, task)
				})
			if err != nil {
				t.Fatal(err)
			}
			if len(merged) != tasks || !slices.IsSorted(merged) || made.Load() > 16 {
				t.Errorf("%d tasks: merged %v from %d values", tasks, merged, made.Load())
			}
		}
	}
}

// Floating-point sums depend on their order, so equal bits show a fixed one.
func TestReductionIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	values := make([]float64, 50*stat.ChunkRows)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range values {
		values[i] = random.NormFloat64() * 1e8
	}
	sum := func(workers int) stat.Moments {
		var total stat.Moments
		err := stat.Reduce(t.Context(), workers, 50, func() *stat.Moments { return new(stat.Moments) },
			func(m *stat.Moments, task int) {
				*m = stat.Moments{}
				m.Add(values[task*stat.ChunkRows : (task+1)*stat.ChunkRows])
			},
			func(m *stat.Moments, _ int) { total.Merge(*m) })
		if err != nil {
			t.Fatal(err)
		}
		return total
	}
	want := sum(1)
	for _, workers := range []int{2, 3, 8} {
		if got := sum(workers); got != want {
			t.Errorf("with %d workers: %+v, want %+v", workers, got, want)
		}
	}
}

func TestReduceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	err := stat.Reduce(ctx, 1, 1000, func() int { return 0 }, func(int, int) {
		if done++; done == 20 {
			cancel()
		}
	}, func(int, int) {})
	if !errors.Is(err, context.Canceled) || done != 20 {
		t.Errorf("error %v after %d tasks, want the context's after 20", err, done)
	}
}
