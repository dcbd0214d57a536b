package stat_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// numpy.quantile(x, p), NumPy 2.4.6, default method "linear".
func TestQuantileEqualsNumPy(t *testing.T) {
	tests := []struct {
		x    []float64
		p    float64
		want float64
	}{
		{[]float64{3}, 0.5, 3},
		{[]float64{4, 1}, 0.25, 1.75},
		{[]float64{4, 1}, 0.75, 3.25},
		{[]float64{7, 1, 3, 2}, 0.5, 2.5},
		{[]float64{7, 1, 3, 2}, 0.1, 1.3},
		{[]float64{7, 1, 3, 2}, 0, 1},
		{[]float64{7, 1, 3, 2}, 1, 7},
		{[]float64{0.1, 0.2, 0.7, 0.4, 0.9}, 0.33, 0.264},
		{[]float64{8.7, 3.1}, 0.71, 7.075999999999999},
	}
	for _, tt := range tests {
		if got := stat.Quantile(slices.Clone(tt.x), tt.p); got != tt.want {
			t.Errorf("quantile %v of %v = %v, want %v", tt.p, tt.x, got, tt.want)
		}
	}
	if got := stat.Quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("the quantile of nothing is %v, want NaN", got)
	}
}

func TestSelectEqualsSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	inputs := map[string]func(i, n int) float64{
		"random":     func(int, int) float64 { return random.NormFloat64() },
		"ascending":  func(i, _ int) float64 { return float64(i) },
		"descending": func(i, _ int) float64 { return -float64(i) },
		"equal":      func(int, int) float64 { return 7 },
		"two values": func(int, int) float64 { return float64(random.IntN(2)) },
		"organ pipe": func(i, n int) float64 { return float64(min(i, n-i)) },
		"sawtooth":   func(i, _ int) float64 { return float64(i % 5) },
		"hidden":     func(i, _ int) float64 { return float64(i % 2 * (i%7 + 1)) }, // from an even stride
	}
	for name, of := range inputs {
		for _, n := range []int{1, 2, 3, 10, 101, 1000, 1 << 14} {
			x := make([]float64, n)
			for i := range x {
				x[i] = of(i, n)
			}
			sorted := slices.Sorted(slices.Values(x))
			for _, k := range []int{0, n / 4, n / 2, n - 1} {
				if got := stat.Nth(x, k); got != sorted[k] {
					t.Fatalf("%s%d: value %d is %v without reordering, want %v", name, n, k, got, sorted[k])
				}
				checkSelect(t, fmt.Sprint(name, n), slices.Clone(x), sorted, k)
			}
		}
	}
}

func checkSelect(t *testing.T, name string, x, sorted []float64, k int) {
	t.Helper()
	if got := stat.Select(x, k); got != sorted[k] || x[k] != sorted[k] {
		t.Fatalf("%s: value %d is %v, want %v", name, k, got, sorted[k])
	}
	if slices.Max(x[:k+1]) > x[k] || slices.Min(x[k:]) < x[k] {
		t.Fatalf("%s: the values around %d are not parted", name, k)
	}
	slices.Sort(x)
	if !slices.Equal(x, sorted) {
		t.Fatalf("%s: the values have changed", name)
	}
}

// In each range of this permutation the second smallest value is the pivot, so
// that a partition takes off two values: without its guard Select would take half
// an hour, beyond the time limit of go test. It is built from the end, each step
// undoing what the partition of a longer range does.
func TestSelectStaysFastWhenPivotsAreBad(t *testing.T) {
	const n = 1 << 22
	x := make([]float64, n)
	for i := n - 4; i < n; i++ {
		x[i] = float64(i)
	}
	for low := n - 6; low >= 0; low -= 2 {
		middle := low + (n-1-low)/2
		x[low], x[low+1], x[middle] = float64(low), x[middle], float64(low+1)
	}
	if got := stat.Select(x, n-1); got != n-1 {
		t.Errorf("the largest value is %v, want %v", got, n-1)
	}
}
