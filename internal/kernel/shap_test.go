package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSplitPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1, math.Nextafter(1, 2), math.Nextafter(1, 0)}
	for n := range 70 {
		patterns, values := make([]uint16, n), make([]float64, n)
		for i := range n {
			patterns[i] = uint16(r.Uint32())
			values[i] = special[r.IntN(len(special))]
		}
		for _, threshold := range []float64{1, 0} {
			for _, missingLeft := range []bool{false, true} {
				const bit = 1 << 9
				left, right := make([]uint16, n), make([]uint16, n)
				SplitPatterns(left, right, patterns, values, threshold, missingLeft, bit)
				for i, v := range values {
					wantLeft, wantRight := patterns[i], patterns[i]
					if v <= threshold || (v != v && missingLeft) {
						wantRight &^= bit
					} else {
						wantLeft &^= bit
					}
					if left[i] != wantLeft || right[i] != wantRight {
						t.Fatalf("%v, threshold %v, missing left %v, pattern %#x: %#x and %#x, want %#x and %#x",
							v, threshold, missingLeft, patterns[i], left[i], right[i], wantLeft, wantRight)
					}
				}
			}
		}
	}
}

func TestAddPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, stride := range []int{1, 5, 8, 16, 24} {
		for _, n := range []int{0, 1, 2, 33} {
			const mask = 0x1f
			rows, table, patterns := make([]float64, n*stride), make([]float64, (mask+1)*stride), make([]uint16, n)
			for _, v := range [][]float64{rows, table} {
				for i := range v {
					v[i] = r.NormFloat64()
				}
			}
			for i := range patterns {
				patterns[i] = uint16(r.Uint32())
			}
			want := slices.Clone(rows)
			for i := range want {
				want[i] += table[int(patterns[i/stride]&mask)*stride+i%stride]
			}
			AddPatterns(rows, table, patterns, stride, mask)
			if !slices.Equal(rows, want) {
				t.Errorf("stride %d, %d rows: wrong sums", stride, n)
			}
		}
	}
}
