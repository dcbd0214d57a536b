package kernel

import (
	"math"
	"testing"
)

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
			points, centres := coarse(20, d, seed), coarse(1+int(seed)%12, d, seed+1000)
			for i := range 20 {
				p := points[i*d : (i+1)*d]
				gotIndex, got := Nearest(p, centres)
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
			p, b := coarse(1, d, 1), coarse(n, d, 2)
			got, want := SumDistances(p, b), plainSum(p, b)
			if math.Abs(got-want) > 1e-13*(1+want) {
				t.Errorf("d = %d, n = %d: got %v, want %v", d, n, got, want)
			}
		}
	}
}

func TestAddDistances(t *testing.T) {
	for d := 1; d <= 7; d++ {
		for n := range 9 {
			p, b := coarse(1, d, 1), coarse(n, d, 2)
			to := make([]float64, n)
			for j := range to {
				to[j] = float64(j)
			}
			total := AddDistances(p, b, to)
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
		points, centres := coarse(2000, d, 1), coarse(8, d, 2)
		b.Run(map[int]string{3: "d=3", 10: "d=10"}[d], func(b *testing.B) {
			for b.Loop() {
				for at := 0; at < len(points); at += d {
					Nearest(points[at:at+d], centres)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/row")
		})
	}
}

func BenchmarkSumDistances(b *testing.B) {
	for _, d := range []int{3, 10} {
		points := coarse(2000, d, 1)
		b.Run(map[int]string{3: "d=3", 10: "d=10"}[d], func(b *testing.B) {
			for b.Loop() {
				SumDistances(points[:d], points)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/pair")
		})
	}
}
