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

// byColumns returns points coordinate by coordinate.
func byColumns(block []float64, d int) []float64 {
	n := len(block) / d
	x := make([]float64, len(block))
	for i := range n {
		for j := range d {
			x[j*n+i] = block[i*d+j]
		}
	}
	return x
}

// sumByLanes is the sum as it is documented, to the last bit.
func sumByLanes(p, block []float64) float64 {
	var sums [Lanes]float64
	for i := range len(block) / len(p) {
		sums[i%Lanes] += math.Sqrt(SquaredDistance(p, block[i*len(p):(i+1)*len(p)]))
	}
	return addLanes(&sums)
}

func TestSumDistances(t *testing.T) {
	for d := 1; d <= 7; d++ {
		const n = 30
		p, b := rough(d, 1, false), rough(n*d, 2, false)
		x := byColumns(b, d)
		for low := range 9 {
			for high := low; high <= n; high++ {
				part := b[low*d : high*d]
				got, want := SumDistances(p, x, low, high), sumByLanes(p, part)
				if got != want || math.Abs(got-plainSum(p, part)) > 1e-13*(1+want) {
					t.Fatalf("d = %d, points %d to %d: got %v, want %v", d, low, high, got, want)
				}
			}
		}
	}
}

func TestAddDistances(t *testing.T) {
	for d := 1; d <= 7; d++ {
		const n, low = 30, 2
		p, b := rough(d, 1, false), rough(n*d, 2, false)
		x := byColumns(b, d)
		for high := low; high <= n; high++ {
			to := make([]float64, high-low)
			for j := range to {
				to[j] = float64(j)
			}
			total := AddDistances(p, x, low, to)
			if want := sumByLanes(p, b[low*d:high*d]); total != want {
				t.Errorf("d = %d, up to point %d: sum %v, want %v", d, high, total, want)
			}
			for j := range to {
				at := (low + j) * d
				if want := float64(j) + plainSum(p, b[at:at+d]); math.Abs(to[j]-want) > 1e-15*(1+want) {
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
				SumDistances(points[:d], points, 0, 2000)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/pair")
		})
	}
}
