package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

func momentsOf(parts ...[]float64) stat.Moments {
	var m stat.Moments
	for _, p := range parts {
		var part stat.Moments
		part.Add(p)
		m.Merge(part)
	}
	return m
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(want) && math.IsNaN(got) {
		return
	}
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

// The variance of 0..n-1, each plus an offset, is (n^2 - 1) / 12 for ddof 0.
func TestMomentsMergeToTheExactOnes(t *testing.T) {
	const n = 10_000
	for _, offset := range []float64{0, 1e9, -4e12} {
		values := make([]float64, n)
		for i, p := range rand.New(rand.NewPCG(1, 1)).Perm(n) {
			values[i] = offset + float64(p)
		}
		for _, parts := range []int{1, 2, 7, 64} {
			var split [][]float64
			for i := range parts {
				split = append(split, values[i*n/parts:(i+1)*n/parts])
			}
			m := momentsOf(split...)
			near(t, "mean", m.Mean(), offset+(n-1)/2.0, 1e-15)
			near(t, "variance", m.Variance(0), (n*n-1)/12.0, 1e-12)
			near(t, "sample variance", m.Variance(1), n*(n+1)/12.0, 1e-12)
			low, high := m.Range()
			if m.Count() != n || low != offset || high != offset+n-1 {
				t.Errorf("%d values from %v to %v", m.Count(), low, high)
			}
		}
	}
}

func TestMomentsOfFewValues(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name                                 string
		values                               []float64
		count                                int
		mean, variance, sample, lowest, most float64
	}{
		{"none", nil, 0, nan, nan, nan, nan, nan},
		{"missing only", []float64{nan, nan}, 0, nan, nan, nan, nan, nan},
		{"one", []float64{nan, 3}, 1, 3, 0, nan, 3, 3},
		{"two", []float64{-1, nan, 3}, 2, 1, 4, 8, -1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := momentsOf(tt.values, nil)
			if m.Count() != tt.count {
				t.Errorf("%d values, want %d", m.Count(), tt.count)
			}
			low, high := m.Range()
			near(t, "mean", m.Mean(), tt.mean, 0)
			near(t, "variance", m.Variance(0), tt.variance, 0)
			near(t, "sample variance", m.Variance(1), tt.sample, 0)
			near(t, "least", low, tt.lowest, 0)
			near(t, "most", high, tt.most, 0)
		})
	}
}
