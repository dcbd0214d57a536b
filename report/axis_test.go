package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, tc := range []struct {
		low, high float64
		want      string
	}{
		{0, 100, "0 20 40 60 80 100"},
		{3700, 169000, "50k 100k 150k"},
		{0, 1.1e6, "0 0.2M 0.4M 0.6M 0.8M 1.0M"},
		{0, 12_000, "0 2k 4k 6k 8k 10k 12k"},
		{-300, 80, "-300 -200 -100 0"},
		{0, 9e12, "0 2tn 4tn 6tn 8tn"},
		{-0.04, 1.04, "0 0.2 0.4 0.6 0.8 1.0"},
		{17.5, 18.5, "17.6 17.8 18.0 18.2 18.4"},
		{0, 1200, "0 200 400 600 800 1,000 1,200"},
		{0, 1e-6, "0 2e-07 4e-07 6e-07 8e-07 1e-06"},
	} {
		var got []string
		for _, tick := range (limits{tc.low, tc.high}).ticks(5) {
			got = append(got, tick.label)
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("ticks from %v to %v: got %q, want %q", tc.low, tc.high, s, tc.want)
		}
	}
}

func TestCountAxis(t *testing.T) {
	for largest, want := range map[int]string{0: "0 1", 1: "0 1", 2: "0 1 2", 7: "0 2 4 6 8", 974: "0 250 500 750 1,000", 12_345: "0 5k 10k 15k"} {
		if got := strings.Join(countAxis("", largest, 1.25).labels(), " "); got != want {
			t.Errorf("axis to %d: %q, want %q", largest, got, want)
		}
	}
}

// Whatever the data, an axis has a few marks within its limits, in ascending
// order and with different labels.
func TestTicksOfAnyLimits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		low := rng.NormFloat64() * math.Pow(10, 30*rng.Float64()-10)
		l := limitsOf([]float64{low, low + math.Abs(low)*math.Pow(10, 12*rng.Float64()-8)}).padded()
		ticks := l.ticks(5)
		if len(ticks) < 2 || len(ticks) > 10 {
			t.Fatalf("limits %v have %d ticks, want 2 to 10", l, len(ticks))
		}
		for i, tick := range ticks {
			if tick.at < l.low || tick.at > l.high || i > 0 && tick.at <= ticks[i-1].at {
				t.Fatalf("limits %v: tick %d is at %v", l, i, tick.at)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, tc := range []struct {
		values []float64
		want   limits
	}{
		{nil, limits{0, 1}},
		{[]float64{nan, inf, -inf}, limits{0, 1}},
		{[]float64{3, nan, -2}, limits{-2, 3}},
		{[]float64{7, 7}, limits{6.3, 7.7}},
		{[]float64{0}, limits{-0.5, 0.5}},
		{[]float64{-1e308, 1e308}, limits{-1e300, 1e300}},
	} {
		if got := limitsOf(tc.values); math.Abs(got.low-tc.want.low) > 1e-12*math.Abs(tc.want.low) || math.Abs(got.high-tc.want.high) > 1e-12*math.Abs(tc.want.high) {
			t.Errorf("limitsOf(%v) = %v, want %v", tc.values, got, tc.want)
		}
	}
}

// Each value is counted once, in the bar over it or in the outer bar on its
// side, and zero is never inside a bar.
func TestHistogramCountsEachValueOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		values := make([]float64, 1+rng.IntN(200))
		for i := range values {
			values[i] = rng.NormFloat64() * math.Exp(4*rng.NormFloat64())
		}
		slices.Sort(values)
		h := newHistogram(values)
		if n := len(h.counts); n < 1 || n > 60 {
			t.Fatalf("%d bars, want 1 to 60", n)
		}
		want := make([]int, len(h.counts))
		for _, v := range values {
			bar := 0
			for bar < len(want)-1 && v >= h.low+h.step*float64(bar+1) {
				bar++
			}
			want[bar]++
		}
		if moved := difference(h.counts, want); moved > 1 {
			t.Fatalf("bars %v, want %v", h.counts, want)
		}
		if edge := -h.low / h.step; math.Abs(edge-math.Round(edge)) > 1e-6 {
			t.Fatalf("zero is not an edge: low %v, step %v", h.low, h.step)
		}
	}
}

// difference counts the values in another bar: rounding may move one that lies
// on an edge.
func difference(a, b []int) int {
	sum := 0
	for i := range a {
		sum += max(a[i]-b[i], b[i]-a[i])
	}
	return sum / 2
}

func TestHistogramOfExtremes(t *testing.T) {
	values := []float64{-9000, 10, 20, 30, 40, 50, 60, 70, 80, 90}
	h := newHistogram(values)
	if h.below != 1 || h.above != 0 || h.low < -300 {
		t.Errorf("got low %v with %d below and %d above, want one value below and low at least -300", h.low, h.below, h.above)
	}
	if h := newHistogram([]float64{-1e300, 1e300}); len(h.counts) > 60 {
		t.Errorf("%d bars, want at most 60", len(h.counts))
	}
}
