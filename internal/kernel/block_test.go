package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// coarse returns points on a grid, where ties are frequent.
func coarse(n, d int, seed uint64) []float64 {
	random := rng.Stream(seed, uint64(n), uint64(d))
	x := make([]float64, n*d)
	for i := range x {
		x[i] = math.Round(random.NormFloat64()*4) / 4
	}
	return x
}

func TestBlockMeasuresLikeSquaredDistance(t *testing.T) {
	for d := 1; d <= 12; d++ {
		for n := 1; n <= 20; n++ {
			points := coarse(n, d, 1)
			for i := range points {
				points[i] *= math.Pi // sums that need rounding
			}
			b, p := NewBlock(points, d), coarse(1, d, 2)
			fast, plain := make([]float64, b.Width()), make([]float64, b.Width())
			b.measure(p, fast)
			b.measurePlain(p, plain)
			if !slices.Equal(fast, plain) {
				t.Fatalf("d %d, n %d: got %v, plainly %v", d, n, fast, plain)
			}
			for i := range n {
				if want := SquaredDistance(p, points[i*d:(i+1)*d]); fast[i] != want {
					t.Fatalf("d %d, n %d, point %d: got %v, want %v", d, n, i, fast[i], want)
				}
			}
		}
	}
}

func TestBlockNearestTwo(t *testing.T) {
	for d := 1; d <= 5; d++ {
		for n := 1; n <= 20; n++ {
			for seed := range uint64(30) {
				points, p := coarse(n, d, seed), coarse(1, d, seed+100)
				b := NewBlock(coarse(n, d, seed+200), d)
				b.Set(points)
				index, first, second := b.NearestTwo(p, make([]float64, b.Width()))
				wantIndex, wantFirst := Nearest(p, points)
				wantSecond := math.Inf(1)
				for i := range n {
					if i != wantIndex {
						wantSecond = min(wantSecond, SquaredDistance(p, points[i*d:(i+1)*d]))
					}
				}
				if index != wantIndex || first != wantFirst || second != wantSecond {
					t.Fatalf("d %d, n %d, seed %d: got %d, %v, %v, want %d, %v, %v", d, n, seed, index, first, second, wantIndex, wantFirst, wantSecond)
				}
			}
		}
	}
}

func BenchmarkBlockNearestTwo(b *testing.B) {
	for _, size := range []struct{ d, n int }{{3, 7}, {10, 8}} {
		points, block := coarse(2000, size.d, 1), NewBlock(coarse(size.n, size.d, 2), size.d)
		distances := make([]float64, block.Width())
		b.Run(fmt.Sprintf("d=%d/n=%d", size.d, size.n), func(b *testing.B) {
			for b.Loop() {
				for at := 0; at < len(points); at += size.d {
					block.NearestTwo(points[at:at+size.d], distances)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/row")
		})
	}
}
