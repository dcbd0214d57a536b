package kernel

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// rough returns columns of values that need rounding, and a few that are missing
// where asked for.
func rough(n int, seed uint64, missing bool) []float64 {
	random := rng.Stream(seed, uint64(n))
	x := make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64() * math.Pi
		if missing && random.IntN(5) == 0 {
			x[i] = math.NaN()
		}
	}
	return x
}

func tileSides(n int) (x, y [TileWidth][]float64) {
	for i := range x {
		x[i], y[i] = rough(n, uint64(i), false), rough(n, uint64(i+10), false)
	}
	return x, y
}

func TestProductsLikeThePlainOnes(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 16, 100, 1031} {
		x, y := tileSides(n)
		got := Products(&x, &y)
		var sums partials
		whole := n / Lanes * Lanes
		sums.addGroupsPlain(&x, &y, n/Lanes)
		for i := range x {
			for j := range y {
				for row := whole; row < n; row++ {
					sums[i*TileWidth+j][row-whole] += float64(x[i][row] * y[j][row])
				}
			}
		}
		if want := sums.tile(); got != want {
			t.Errorf("%d rows: got %v, want %v", n, got, want)
		}
	}
}

func TestProductsAreAccurate(t *testing.T) {
	const n = 1031
	x, y := tileSides(n)
	got := Products(&x, &y)
	for i := range x {
		for j := range y {
			sum, size := new(big.Float).SetPrec(200), 0.0
			for row := range n {
				a, b := big.NewFloat(x[i][row]), big.NewFloat(y[j][row])
				sum.Add(sum, new(big.Float).SetPrec(200).Mul(a, b))
				size += math.Abs(x[i][row] * y[j][row])
			}
			if want, _ := sum.Float64(); math.Abs(got[i][j]-want) > 1e-15*size {
				t.Errorf("columns %d and %d: got %v, want %v", i, j, got[i][j], want)
			}
		}
	}
}

func TestCentre(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 100, 1031} {
		for _, offset := range []float64{0, 1e12} {
			x := rough(n, 3, false)
			for i := range x {
				x[i] += offset
			}
			got := slices.Clone(x)
			origin, mean := Centre(got)
			var sums [Lanes]float64
			for i, v := range x {
				sums[i%Lanes] += v - x[0]
			}
			wantMean := addLanes(&sums) / float64(n)
			if origin != x[0] || mean != wantMean {
				t.Fatalf("n %d: origin %v, mean %v, want %v, %v", n, origin, mean, x[0], wantMean)
			}
			for i, v := range x {
				if want := (v - x[0]) - wantMean; got[i] != want {
					t.Fatalf("n %d, row %d: got %v, want %v", n, i, got[i], want)
				}
			}
		}
	}
}

func TestAddSlope(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		x, got := rough(n, 4, true), rough(n, 5, false)
		want := slices.Clone(got)
		for i, v := range x {
			if !math.IsNaN(v) {
				product := float64(1.7 * (v - 0.3))
				want[i] += product
			}
		}
		AddSlope(got, x, 1.7, 0.3)
		if !slices.Equal(got, want) {
			t.Errorf("n %d: got %v, want %v", n, got, want)
		}
	}
}

func TestRange(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 16, 100} {
		for _, missing := range []bool{false, true} {
			x := rough(n, 8, missing)
			low, high, found := Range(x)
			wantLow, wantHigh, want := rangePlain(x)
			if low != wantLow || high != wantHigh || found != want {
				t.Errorf("n %d: got %v, %v, %v, want %v, %v, %v", n, low, high, found, wantLow, wantHigh, want)
			}
		}
	}
	for at := range 17 {
		x := make([]float64, 17)
		x[at] = math.NaN()
		if low, high, missing := Range(x); low != 0 || high != 0 || !missing {
			t.Errorf("NaN at %d: got %v, %v, %v", at, low, high, missing)
		}
		x[at] = math.Copysign(0, -1)
		if low, high, _ := Range(x); math.Signbit(low) || math.Signbit(high) {
			t.Errorf("-0 at %d: got %v, %v", at, low, high)
		}
	}
}

func TestPart(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 63, 64, 100} {
		x, random := rough(n, 6, false), rng.Stream(uint64(n))
		chosen := make([]uint8, (n+Lanes-1)/Lanes)
		var want, wantOthers []float64
		for i, v := range x {
			if random.IntN(3) == 0 {
				chosen[i/Lanes] |= 1 << (i % Lanes)
				want = append(want, v)
			} else {
				wantOthers = append(wantOthers, v)
			}
		}
		to, others := make([]float64, n), make([]float64, n)
		if got := Part(x, chosen, to, others); got != len(want) {
			t.Fatalf("n %d: %d chosen, want %d", n, got, len(want))
		}
		if !slices.Equal(to[:len(want)], want) || !slices.Equal(others[:len(wantOthers)], wantOthers) {
			t.Errorf("n %d: got %v and %v, want %v and %v", n, to, others, want, wantOthers)
		}
	}
}

func BenchmarkProducts(b *testing.B) {
	const n = 1024
	x, y := tileSides(n)
	for b.Loop() {
		Products(&x, &y)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(n*TileWidth*TileWidth), "ns/product")
}

func BenchmarkPart(b *testing.B) {
	const n = 2048
	x, chosen := rough(n, 1, false), make([]uint8, n/Lanes)
	for i := range chosen {
		chosen[i] = uint8(i)
	}
	to, others := make([]float64, n), make([]float64, n)
	b.SetBytes(8 * n)
	for b.Loop() {
		Part(x, chosen, to, others)
	}
}

func BenchmarkAddSlope(b *testing.B) {
	const n = 2048
	x, to := rough(n, 1, true), make([]float64, n)
	b.SetBytes(8 * n)
	for b.Loop() {
		AddSlope(to, x, 1.5, 0.25)
	}
}
