package segment

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func TestLikelihoodNeverFalls(t *testing.T) {
	for _, shape := range shapes {
		for seed := range uint64(10) {
			p, parts := overlapping(200, 3, 4, seed)
			e := newExpectation(p, shape, 4, 1)
			g, err := e.fromLabels(t.Context(), parts, 1e-9)
			if err != nil {
				t.Fatal(err)
			}
			before := math.Inf(-1)
			for step := range 40 {
				sums, err := e.posteriors(t.Context(), g)
				if err != nil {
					t.Fatal(err)
				}
				if sums.logLikelihood < before-1e-6 {
					t.Fatalf("%s, seed %d, step %d: the log-likelihood fell from %v to %v", shape, seed, step, before, sums.logLikelihood)
				}
				before = sums.logLikelihood
				if g, err = sums.maximise(g.means, 1e-9); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// A split of the rows into tasks, blocks or merges must not show beyond rounding.
func TestSumsMerge(t *testing.T) {
	p, parts := overlapping(1000, 3, 3, 1)
	for _, shape := range shapes {
		of := func(rows points, labels []int32) *mixtureSums {
			e := newExpectation(rows, shape, 3, 1)
			sums, err := e.pass(t.Context(), func(task *mixtureTask, low, high int) {
				task.load(rows.x[low*3 : high*3])
				task.indicate(labels[low:high])
				task.accumulate(task.sums, parts.centres)
			})
			if err != nil {
				t.Fatal(err)
			}
			return sums
		}
		whole := of(p, parts.labels)
		for _, at := range []int{1, 255, 256, 257, 999} {
			merged := of(points{n: at, d: 3, x: p.x[:at*3]}, parts.labels[:at])
			merged.merge(of(points{n: p.n - at, d: 3, x: p.x[at*3:]}, parts.labels[at:]))
			for i, want := range slices.Concat(whole.mass, whole.first, whole.second) {
				if got := slices.Concat(merged.mass, merged.first, merged.second)[i]; math.Abs(got-want) > 1e-9 {
					t.Fatalf("%s: cut at row %d, sum %d is %v, want %v", shape, at, i, got, want)
				}
			}
		}
	}
}

func TestRelocateMovesOneComponent(t *testing.T) {
	for _, shape := range shapes {
		p, parts := overlapping(300, 2, 4, 3)
		p.x[0], p.x[1] = 80, 80 // a row that nobody expects
		g, err := newExpectation(p, shape, 4, 1).fromLabels(t.Context(), parts, 1e-6)
		if err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(g.means)
		for seed := range uint64(20) {
			q, err := relocate(p, g, rng.Stream(seed))
			if err != nil {
				t.Fatal(err)
			}
			var at []int
			for c := range 4 {
				if !slices.Equal(q.mean(c), g.mean(c)) {
					at = append(at, c)
				} else if !slices.Equal(q.expanded(c).RawSymmetric().Data, g.expanded(c).RawSymmetric().Data) {
					t.Errorf("%s: the covariance of component %d has changed", shape, c)
				}
			}
			if len(at) != 1 {
				t.Fatalf("%s: components %v have moved, want one", shape, at)
			}
			isRow := func(i int) bool { return slices.Equal(p.row(i), q.mean(at[0])) }
			if !slices.ContainsFunc(slices.Collect(indices(p.n)), isRow) {
				t.Errorf("%s: component %d has moved to %v, which is no row", shape, at[0], q.mean(at[0]))
			}
		}
		if !slices.Equal(g.means, before) {
			t.Errorf("%s: the mixture that was to be kept has changed", shape)
		}
	}
}

func indices(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// fuse is a context that ends when it has been asked often enough.
type fuse struct {
	context.Context
	left, asked atomic.Int64
}

func (f *fuse) Err() error {
	f.asked.Add(1)
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Between two looks at the context there is no more than a block of rows: a
// million rows end as soon as a few.
func TestPassesHeedTheContextAtEveryBlock(t *testing.T) {
	const n = 1_000_000
	p := points{n: n, d: 1, x: make([]float64, n)}
	g, err := newGaussians(SphericalCovariance, []float64{1}, []float64{0}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	ctx := &fuse{Context: t.Context()}
	ctx.left.Store(20)
	var rows atomic.Int64
	_, err = newExpectation(p, SphericalCovariance, 1, 2).each(ctx, g, func(b *block, _ int) { rows.Add(int64(b.n)) })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if rows.Load() > 20*rowsPerBlock {
		t.Errorf("%d rows were worked on before 20 looks at the context", rows.Load())
	}
	if late := ctx.asked.Load() - 20; late > 100 {
		t.Errorf("the context was asked %d times after its end", late)
	}
}

func TestIterateSaysHowItEnded(t *testing.T) {
	p, parts := overlapping(300, 2, 3, 5)
	m := newMixtures(p, Config{Algorithm: GMM}.withDefaults())
	e := newExpectation(p, FullCovariance, 3, 1)
	g, err := e.fromLabels(t.Context(), parts, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	short, err := m.iterate(t.Context(), e, unfinished(g), 3, m.c.Tolerance)
	if err != nil {
		t.Fatal(err)
	}
	if short.iterations != 3 || short.converged {
		t.Errorf("of 3 iterations %d were made, converged: %v", short.iterations, short.converged)
	}
	long, err := m.iterate(t.Context(), e, short, 1000, m.c.Tolerance)
	if err != nil {
		t.Fatal(err)
	}
	if long.iterations <= 3 || long.iterations == 1000 || !long.converged {
		t.Errorf("of 1000 iterations %d were made, converged: %v", long.iterations, long.converged)
	}
	if short.iterations != 3 || short.converged {
		t.Error("going on from a fit has changed it")
	}
}
