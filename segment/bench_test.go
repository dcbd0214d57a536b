package segment

import (
	"context"
	"fmt"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// normalPoints returns n points of k groups that overlap.
func normalPoints(n, d, k int) points {
	random := rng.Stream(1, uint64(n))
	centres := make([]float64, k*d)
	for i := range centres {
		centres[i] = 3 * random.NormFloat64()
	}
	p := points{n: n, d: d, x: make([]float64, n*d)}
	for i := range n {
		c := random.IntN(k)
		for j := range d {
			p.x[i*d+j] = centres[c*d+j] + random.NormFloat64()
		}
	}
	return p
}

func BenchmarkLloyd(b *testing.B) {
	for _, size := range []struct{ n, d, k int }{{2_000, 3, 7}, {20_000, 3, 10}, {1_000_000, 10, 8}} {
		b.Run(fmt.Sprintf("n=%d/d=%d/k=%d", size.n, size.d, size.k), func(b *testing.B) {
			p := normalPoints(size.n, size.d, size.k)
			m := kmeansOf(b, p, Config{MaxIterations: 20}.withDefaults(), 1)
			inertia := 0.0
			for b.Loop() {
				q, err := m.lloyd(context.Background(), append([]float64(nil), p.x[:size.k*size.d]...), 20, 0)
				if err != nil {
					b.Fatal(err)
				}
				inertia = q.inertia
			}
			b.ReportMetric(inertia/float64(size.n), "inertia/row")
		})
	}
}

func BenchmarkSilhouettes(b *testing.B) {
	for _, n := range []int{2_000, 20_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			p := normalPoints(n, 3, 6)
			m := kmeansOf(b, p, Config{Restarts: 2}.withDefaults(), 1)
			all, err := m.all(context.Background(), []int{2, 3, 4, 5, 6, 7, 8, 9, 10}, func() {})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := silhouettes(context.Background(), p, all, 1, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkChooseK(b *testing.B) {
	p := normalPoints(20_000, 3, 6)
	m := kmeansOf(b, p, Config{}.withDefaults(), 1)
	for b.Loop() {
		if _, err := m.all(context.Background(), []int{2, 3, 4, 5, 6, 7, 8, 9, 10}, func() {}); err != nil {
			b.Fatal(err)
		}
	}
}
