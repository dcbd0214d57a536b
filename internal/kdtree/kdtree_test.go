package kdtree_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/cohortlens/cohortlens/internal/kdtree"
	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// sets are kinds of points: without ties, with ties everywhere, in clumps of
// equal points, on a line, all equal but for one coordinate, all equal.
var sets = map[string]func(random *rand.Rand, n, d int) []float64{
	"normal": func(random *rand.Rand, n, d int) []float64 {
		return fill(n*d, func(int) float64 { return random.NormFloat64() })
	},
	"ties": func(random *rand.Rand, n, d int) []float64 {
		return fill(n*d, func(int) float64 { return float64(random.IntN(9)) / 4 })
	},
	"clumps": func(random *rand.Rand, n, d int) []float64 {
		clumps := fill(20*d, func(int) float64 { return random.NormFloat64() })
		var x []float64
		for range n {
			at := d * random.IntN(20)
			x = append(x, clumps[at:at+d]...)
		}
		return x
	},
	"line": func(random *rand.Rand, n, d int) []float64 {
		v := 0.0
		return fill(n*d, func(i int) float64 {
			if i%d == 0 {
				v = random.Float64()
			}
			return v
		})
	},
	"one coordinate": func(random *rand.Rand, n, d int) []float64 {
		return fill(n*d, func(i int) float64 { return float64(i%d) * float64(i/d%3/2) })
	},
	"equal": func(random *rand.Rand, n, d int) []float64 {
		return fill(n*d, func(i int) float64 { return float64(i % d) })
	},
}

func fill(n int, value func(i int) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = value(i)
	}
	return x
}

func build(t testing.TB, x []float64, d int) *kdtree.Tree {
	t.Helper()
	tree, err := kdtree.Build(t.Context(), 2, x, d)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// eachProblem runs a test on all kinds of points, few and many, with distances
// that occur between two of them.
func eachProblem(t *testing.T, do func(t *testing.T, x []float64, d int, squared float64)) {
	for name, points := range sets {
		for i, n := range []int{1, 2, 13, 150, 500, 1700} {
			d := 1 + (i+len(name))%7
			random := rng.Stream(uint64(i), uint64(len(name)))
			x := points(random, n, d)
			for range 1 + min(2, 500/n) {
				a, b := random.IntN(n), random.IntN(min(n, 40))
				squared := kernel.SquaredDistance(x[a*d:(a+1)*d], x[b*d:(b+1)*d]) / float64(1+random.IntN(4))
				t.Run(fmt.Sprintf("%s/n=%d/d=%d", name, n, d), func(t *testing.T) { do(t, x, d, squared) })
			}
		}
	}
}

func TestTreeKeepsItsPointsAndItsInput(t *testing.T) {
	eachProblem(t, func(t *testing.T, x []float64, d int, _ float64) {
		before := slices.Clone(x)
		tree := build(t, x, d)
		if tree.Len() != len(x)/d || !slices.Equal(tree.Points(), x) {
			t.Error("the points of the tree are not those that it was given")
		}
		if !slices.Equal(x, before) {
			t.Error("the input has changed")
		}
	})
}

func TestCrowdedCountsByDefinition(t *testing.T) {
	eachProblem(t, func(t *testing.T, x []float64, d int, squared float64) {
		tree := build(t, x, d)
		for _, count := range []int{1, 2, 5, 60, len(x) / d, len(x)/d + 1} {
			got, err := tree.Crowded(t.Context(), 2, squared, count)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if want := kernel.CountWithin(x[i*d:(i+1)*d], x, squared) >= count; got[i] != want {
					t.Fatalf("point %d has %d others within %v: %v, want %v", i, count, squared, got[i], want)
				}
			}
		}
	})
}

func TestNearestIsTheFirstOfTheNearest(t *testing.T) {
	eachProblem(t, func(t *testing.T, x []float64, d int, squared float64) {
		tree := build(t, x, d)
		for i := range min(len(x)/d, 60) {
			p := slices.Clone(x[i*d : (i+1)*d])
			p[0] += float64(i%3) / 8
			want, least := kernel.Nearest(p, x)
			if least > squared {
				want = -1
			}
			if got := tree.Nearest(p, squared); got != want {
				t.Fatalf("the nearest of %v within %v is %d, want %d", p, squared, got, want)
			}
		}
	})
}

// plainComponents is the oracle: it spreads each component from its first point.
func plainComponents(x []float64, d int, squared float64) (labels []int32, count int) {
	n := len(x) / d
	labels = slices.Repeat([]int32{-1}, n)
	for i := range n {
		if labels[i] >= 0 {
			continue
		}
		labels[i] = int32(count)
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			p := x[queue[0]*d : (queue[0]+1)*d]
			for j := range n {
				if labels[j] < 0 && kernel.SquaredDistance(p, x[j*d:(j+1)*d]) <= squared {
					labels[j] = int32(count)
					queue = append(queue, j)
				}
			}
		}
		count++
	}
	return labels, count
}

func TestComponentsAreThoseOfTheGraph(t *testing.T) {
	several := 0
	eachProblem(t, func(t *testing.T, x []float64, d int, squared float64) {
		want, count := plainComponents(x, d, squared/4)
		if count > 1 && count < len(x)/d {
			several++
		}
		for _, workers := range []int{1, 4} {
			got, k, err := build(t, x, d).Components(t.Context(), workers, squared/4)
			if err != nil {
				t.Fatal(err)
			}
			if k != count || !slices.Equal(got, want) {
				t.Fatalf("%d workers: %d components, want %d", workers, k, count)
			}
		}
	})
	if several < 20 {
		t.Errorf("only %d problems had more than one component and fewer than points", several)
	}
}

// Many points, so that parts of the tree are joined that are tasks of their own
// and have several levels. Clumps fill whole leaves, which need not be joined
// because the leaf beside them is.
func TestComponentsOfManyPoints(t *testing.T) {
	random := rng.Stream(1)
	clumps := fill(2*256, func(int) float64 { return random.NormFloat64() })
	tests := []struct {
		name    string
		x       []float64
		d       int
		squared float64
	}{
		{"one dimension", sets["normal"](random, 4000, 1), 1, 1e-7},
		{"two dimensions", sets["normal"](random, 4000, 2), 2, 1e-3},
		{"three dimensions", sets["normal"](random, 4000, 3), 3, 0.02},
		{"five dimensions", sets["normal"](random, 4000, 5), 5, 0.4},
		{"clumps", fill(2*256*16, func(i int) float64 { return clumps[i%len(clumps)] + 0.001*random.Float64() }), 2, 0.008},
	}
	for _, test := range tests {
		want, count := plainComponents(test.x, test.d, test.squared)
		if n := len(test.x) / test.d; count < 50 || count > n-50 {
			t.Errorf("%s: %d components show little", test.name, count)
		}
		got, k, err := build(t, test.x, test.d).Components(t.Context(), 3, test.squared)
		if err != nil {
			t.Fatal(err)
		}
		if k != count || !slices.Equal(got, want) {
			t.Errorf("%s: %d components, want %d", test.name, k, count)
		}
	}
}

func TestComponentsIncludeTheDistance(t *testing.T) {
	tree := build(t, []float64{0, 0, 3, 4}, 2)
	for squared, want := range map[float64]int{25: 1, math.Nextafter(25, 0): 2} {
		if _, got, err := tree.Components(t.Context(), 1, squared); err != nil || got != want {
			t.Errorf("%d components within %v, %v, want %d", got, squared, err, want)
		}
	}
}

func TestTreeOfNothing(t *testing.T) {
	tree := build(t, nil, 3)
	crowded, err := tree.Crowded(t.Context(), 1, 1, 1)
	if err != nil || len(crowded) != 0 {
		t.Errorf("crowded points are %v, %v", crowded, err)
	}
	labels, k, err := tree.Components(t.Context(), 1, 1)
	if err != nil || len(labels) != 0 || k != 0 {
		t.Errorf("components are %v, %d, %v", labels, k, err)
	}
	if got := tree.Nearest([]float64{0, 0, 0}, 1e9); got != -1 {
		t.Errorf("the nearest point is %d, want none", got)
	}
}

func TestTreeMayBeSharedByGoroutines(t *testing.T) {
	x := sets["ties"](rng.Stream(1), 1000, 3)
	tree := build(t, x, 3)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				if want, _ := kernel.Nearest(x[i*3:i*3+3], x); tree.Nearest(x[i*3:i*3+3], 1) != want {
					t.Errorf("the nearest of point %d is not %d", i, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestTreeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	x := sets["normal"](rng.Stream(1), 5000, 3)
	tree := build(t, x, 3)
	cancel()
	_, errBuild := kdtree.Build(ctx, 2, x, 3)
	_, errCrowded := tree.Crowded(ctx, 2, 0.01, 5)
	_, _, errComponents := tree.Components(ctx, 2, 0.01)
	for _, err := range []error{errBuild, errCrowded, errComponents} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, d := range []int{3, 10} {
		x := sets["normal"](rng.Stream(1), 100_000, d)
		b.Run(fmt.Sprintf("n=100000,d=%d", d), func(b *testing.B) {
			for b.Loop() {
				build(b, x, d)
			}
		})
	}
}

func BenchmarkNearest(b *testing.B) {
	for _, d := range []int{3, 10} {
		x := sets["normal"](rng.Stream(1), 100_000, d)
		p := sets["normal"](rng.Stream(2), 1000, d)
		tree := build(b, x, d)
		b.Run(fmt.Sprintf("n=100000,d=%d", d), func(b *testing.B) {
			for b.Loop() {
				for at := 0; at < len(p); at += d {
					tree.Nearest(p[at:at+d], 100)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/point")
		})
	}
}
