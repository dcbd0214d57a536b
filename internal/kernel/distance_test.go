package kernel_test

import (
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/rng"
)

func block(n, d int, seed uint64) []float64 {
	random := rng.Stream(seed, uint64(n), uint64(d))
	x := make([]float64, n*d)
	for i := range x {
		x[i] = math.Round(random.NormFloat64()*4) / 4 // ties are frequent
	}
	return x
}

// plainNearest and plainSum are the oracles: the definitions, written down.
func plainNearest(p, block []float64) (index int, squared float64) {
	d := len(p)
	squared = math.Inf(1)
	for i := range len(block) / d {
		s := 0.0
		for j := range p {
			s += (p[j] - block[i*d+j]) * (p[j] - block[i*d+j])
		}
		if s < squared {
			index, squared = i, s
		}
	}
	return index, squared
}

func plainSum(p, block []float64) float64 {
	d, sum := len(p), 0.0
	for i := range len(block) / d {
		_, s := plainNearest(p, block[i*d:(i+1)*d])
		sum += math.Sqrt(s)
	}
	return sum
}

func TestNearestIsTheFirstOfTheNearest(t *testing.T) {
	for d := 1; d <= 7; d++ {
		for seed := range uint64(50) {
			points, centres := block(20, d, seed), block(1+int(seed)%12, d, seed+1000)
			for i := range 20 {
				p := points[i*d : (i+1)*d]
				gotIndex, got := kernel.Nearest(p, centres)
				wantIndex, want := plainNearest(p, centres)
				if gotIndex != wantIndex || got != want {
					t.Fatalf("d = %d, seed %d: got %d at %v, want %d at %v", d, seed, gotIndex, got, wantIndex, want)
				}
			}
		}
	}
}

func TestSumDistances(t *testing.T) {
	for d := 1; d <= 7; d++ {
		for n := range 9 {
			p, b := block(1, d, 1), block(n, d, 2)
			got, want := kernel.SumDistances(p, b), plainSum(p, b)
			if math.Abs(got-want) > 1e-13*(1+want) {
				t.Errorf("d = %d, n = %d: got %v, want %v", d, n, got, want)
			}
		}
	}
}

func TestAddDistances(t *testing.T) {
	for d := 1; d <= 7; d++ {
		for n := range 9 {
			p, b := block(1, d, 1), block(n, d, 2)
			to := make([]float64, n)
			for j := range to {
				to[j] = float64(j)
			}
			total := kernel.AddDistances(p, b, to)
			if want := plainSum(p, b); math.Abs(total-want) > 1e-13*(1+want) {
				t.Errorf("d = %d, n = %d: sum %v, want %v", d, n, total, want)
			}
			for j := range to {
				if want := float64(j) + plainSum(p, b[j*d:(j+1)*d]); to[j] != want {
					t.Errorf("d = %d, point %d: got %v, want %v", d, j, to[j], want)
				}
			}
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	for _, d := range []int{3, 10} {
		points, centres := block(2000, d, 1), block(8, d, 2)
		b.Run(map[int]string{3: "d=3", 10: "d=10"}[d], func(b *testing.B) {
			for b.Loop() {
				for at := 0; at < len(points); at += d {
					kernel.Nearest(points[at:at+d], centres)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/row")
		})
	}
}

func BenchmarkSumDistances(b *testing.B) {
	for _, d := range []int{3, 10} {
		points := block(2000, d, 1)
		b.Run(map[int]string{3: "d=3", 10: "d=10"}[d], func(b *testing.B) {
			for b.Loop() {
				kernel.SumDistances(points[:d], points)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/pair")
		})
	}
}
