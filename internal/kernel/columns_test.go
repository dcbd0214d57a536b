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
					sum := &sums[i*TileWidth+j][row-whole]
					*sum = math.FMA(x[i][row], y[j][row], *sum)
				}
			}
		}
		if want := sums.tile(); got != want {
			t.Errorf("%d rows: got %v, want %v", n, got, want)
		}
		for _, ahead := range []int{1, n / 2, 2 * n} {
			if also := ProductsAhead(&x, &y, make([]float64, ahead)); also != got {
				t.Errorf("%d rows: with %d values ahead got %v, want %v", n, ahead, also, got)
			}
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
			got := make([]float64, n)
			origin, mean := Centre(got, x)
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
			if Centre(x, x); !slices.Equal(x, got) {
				t.Fatalf("n %d: in place it is another one", n)
			}
		}
	}
}

func TestAddSlopes(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		for columns := range 2*TileWidth + 2 {
			got := rough(n, 5, false)
			want := slices.Clone(got)
			x, slopes, centres := make([][]float64, columns), rough(columns, 6, false), rough(columns, 7, false)
			for j := range x {
				x[j] = rough(n, uint64(20+j), true)
				for i, v := range x[j] {
					if !math.IsNaN(v) {
						want[i] += float64(slopes[j] * (v - centres[j]))
					}
				}
			}
			AddSlopes(got, x, slopes, centres)
			if !slices.Equal(got, want) {
				t.Errorf("%d rows, %d columns: got %v, want %v", n, columns, got, want)
			}
		}
	}
}

func TestMisses(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		a, b := rough(n, 8, false), rough(n, 9, false)
		var square, absolute [Lanes]float64
		for i := range a {
			square[i%Lanes] += float64((a[i] - b[i]) * (a[i] - b[i]))
			absolute[i%Lanes] += math.Abs(a[i] - b[i])
		}
		squares, absolutes := Misses(a, b)
		if want, wantAbsolutes := addLanes(&square), addLanes(&absolute); squares != want || absolutes != wantAbsolutes {
			t.Errorf("%d rows: got %v and %v, want %v and %v", n, squares, absolutes, want, wantAbsolutes)
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

func BenchmarkAddSlopes(b *testing.B) {
	const n, columns = 2048, 8
	x, to := make([][]float64, columns), make([]float64, n)
	for j := range x {
		x[j] = rough(n, uint64(j), true)
	}
	slopes, centres := rough(columns, 1, false), rough(columns, 2, false)
	b.SetBytes(8 * n * columns)
	for b.Loop() {
		AddSlopes(to, x, slopes, centres)
	}
}

func BenchmarkMisses(b *testing.B) {
	const n = 2048
	x, y := rough(n, 1, false), rough(n, 2, false)
	b.SetBytes(8 * 2 * n)
	for b.Loop() {
		Misses(x, y)
	}
}
