package kernel

import (
	"fmt"
	"math"
	"testing"
)

// plainDistances is the oracle: the squared distance of p from each point.
func plainDistances(p, block []float64) []float64 {
	d := len(p)
	out := make([]float64, len(block)/d)
	for i := range out {
		_, out[i] = plainNearest(p, block[i*d:(i+1)*d])
	}
	return out
}

// The limits are distances that occur, so that being equal is frequent.
func TestWithinCountsAndFindsByDefinition(t *testing.T) {
	for d := 1; d <= 20; d++ {
		for n := range 14 {
			p, b := coarse(1, d, 3), coarse(n, d, uint64(4+n))
			all := plainDistances(p, b)
			for _, limit := range append(all, -1, 0, math.Inf(1)) {
				count, first := 0, -1
				for i, s := range all {
					if s <= limit {
						count++
						if first < 0 {
							first = i
						}
					}
				}
				if got := CountWithin(p, b, limit); got != count {
					t.Fatalf("d = %d, n = %d: %d points are within %v, want %d", d, n, got, limit, count)
				}
				if got := FirstWithin(p, b, limit); got != first {
					t.Fatalf("d = %d, n = %d: the first point within %v is %d, want %d", d, n, limit, got, first)
				}
			}
		}
	}
}

func bounds(block []float64, d int) (low, high []float64) {
	low, high = make([]float64, d), make([]float64, d)
	Bounds(block, low, high)
	return low, high
}

func TestBoundsAreLeastAndGreatest(t *testing.T) {
	low, high := bounds([]float64{3, -1, 2, 5, 4, 0}, 2)
	if low[0] != 2 || low[1] != -1 || high[0] != 4 || high[1] != 5 {
		t.Errorf("bounds are %v and %v, want [2 -1] and [4 5]", low, high)
	}
}

// Boxes must bound the distances to their points to the last bit, and reach them
// where the box is one point.
func TestBoxesBoundTheDistancesOfTheirPoints(t *testing.T) {
	for d := 1; d <= 20; d++ {
		for seed := range uint64(200) {
			scale := math.Pow(3, float64(seed%7)-3) // 1/27 is not exact
			p, b, c := coarse(1, d, seed), coarse(1+int(seed%5), d, seed+300), coarse(1+int(seed%3), d, seed+600)
			for _, x := range [][]float64{p, b, c} {
				for i := range x {
					x[i] *= scale
				}
			}
			low, high := bounds(b, d)
			near, far := BoxNearest(p, low, high, math.Inf(1)), BoxFarthest(p, low, high)
			for _, s := range plainDistances(p, b) {
				if s < near || s > far || len(b) == d && (s != near || s != far) {
					t.Fatalf("d = %d, seed %d: a point at %v is in a box from %v to %v", d, seed, s, near, far)
				}
			}
			lowC, highC := bounds(c, d)
			near, far = BoxGap(low, high, lowC, highC)
			for at := 0; at < len(c); at += d {
				for _, s := range plainDistances(c[at:at+d], b) {
					if s < near || s > far {
						t.Fatalf("d = %d, seed %d: a pair at %v is in boxes from %v to %v", d, seed, s, near, far)
					}
				}
			}
		}
	}
}

func TestBoxDistances(t *testing.T) {
	low, high := []float64{0, 0}, []float64{2, 1}
	tests := []struct {
		p         []float64
		near, far float64
	}{
		{[]float64{1, 0.5}, 0, 1.25}, {[]float64{-3, 0}, 9, 26}, {[]float64{5, 3}, 13, 34}, {[]float64{2, 1}, 0, 5},
	}
	for _, test := range tests {
		near, far := BoxNearest(test.p, low, high, 100), BoxFarthest(test.p, low, high)
		if near != test.near || far != test.far {
			t.Errorf("%v: the box is from %v to %v away, want from %v to %v", test.p, near, far, test.near, test.far)
		}
	}
	if near, far := BoxGap(low, high, []float64{5, -2}, []float64{6, -1}); near != 10 || far != 45 {
		t.Errorf("the boxes are from %v to %v apart, want from 10 to 45", near, far)
	}
}

// A search that stops early must still say that the limit is exceeded.
func TestBoxNearestStopsEarlyAboveItsLimitOnly(t *testing.T) {
	for seed := range uint64(200) {
		const d = 20
		p, b := coarse(1, d, seed), coarse(2, d, seed+300)
		low, high := bounds(b, d)
		whole := BoxNearest(p, low, high, math.Inf(1))
		for _, limit := range []float64{0, whole / 3, whole, whole + 1} {
			if got := BoxNearest(p, low, high, limit); whole <= limit && got != whole || whole > limit && got <= limit {
				t.Fatalf("seed %d: %v at the limit %v, in full %v", seed, got, limit, whole)
			}
		}
	}
}

func BenchmarkCountWithin(b *testing.B) {
	for _, d := range []int{3, 10, 50} {
		points := coarse(2000, d, 1)
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			for b.Loop() {
				CountWithin(points[:d], points, float64(d))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/pair")
		})
	}
}

func BenchmarkBoxNearest(b *testing.B) {
	for _, d := range []int{3, 10, 50} {
		points := coarse(2000, d, 1)
		low, high := bounds(points[:10*d], d)
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			for b.Loop() {
				for at := 0; at < len(points); at += d {
					BoxNearest(points[at:at+d], low, high, math.Inf(1))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/box")
		})
	}
}
