package stat_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// hard are values that ruin sums in floating point.
var hard = [][]float64{
	{1e300, 1, -1e300},
	{1e16, 1, 1, -1e16},
	{math.MaxFloat64, math.MaxFloat64, math.MaxFloat64},
	{-math.MaxFloat64, -math.MaxFloat64, 1},
	{5e-324, -5e-324, 5e-324, 2.5e-310},
	{0.1, 0.1, 0.1},
	{-3, -2.5, -1e-200},
	{1e9, 1e9 + 1, 1e9 + 2},
	{0, math.Copysign(0, -1)},
	{7},
}

func exactly(values ...float64) stat.ExactMoments {
	var m stat.ExactMoments
	m.Add(values, new(stat.Tally))
	return m
}

// slowMoments follows the definitions in rational numbers.
func slowMoments(values []float64) (mean, variance float64) {
	n := new(big.Rat).SetInt64(int64(len(values)))
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	average := sum.Quo(sum, n)
	squares := new(big.Rat)
	for _, v := range values {
		d := new(big.Rat).SetFloat64(v)
		d.Sub(d, average)
		squares.Add(squares, d.Mul(d, d))
	}
	mean, _ = average.Float64()
	variance, _ = squares.Quo(squares, n).Float64()
	return mean, variance
}

func TestExactMomentsFollowTheDefinition(t *testing.T) {
	for _, values := range hard {
		m := exactly(values...)
		mean, variance := slowMoments(values)
		if got := m.Mean(); got != mean {
			t.Errorf("%v: mean %v, want %v", values, got, mean)
		}
		if !math.IsInf(variance, 1) && variance > 1e-300 {
			closeTo(t, fmt.Sprint(values), m.Std(0), math.Sqrt(variance), 1e-15, 0)
		}
	}
}

func TestExactMomentsDoNotDependOnOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		values := make([]float64, 300)
		for i := range values {
			values[i] = math.Float64frombits(random.Uint64() &^ (1 << 62)) // all magnitudes up to 2
			if round%2 == 0 {
				values[i] = random.NormFloat64()
			}
		}
		want := exactly(values...)
		random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		var got stat.ExactMoments
		scratch := new(stat.Tally)
		for len(values) > 0 {
			n := 1 + random.IntN(len(values))
			part := exactly(values[:n]...)
			if random.IntN(2) == 0 {
				got.Merge(&part)
			} else {
				got.Add(values[:n], scratch)
			}
			values = values[n:]
		}
		if got != want {
			t.Fatalf("round %d: merged parts differ from the whole", round)
		}
	}
}

// More values than a tally is for, of the greatest mantissa.
func TestExactMomentsOfManyEqualValues(t *testing.T) {
	v := math.Nextafter(2, 0)
	values := make([]float64, 1<<20+7)
	for i := range values {
		values[i] = v
	}
	if m := exactly(values...); m.Mean() != v || m.Std(0) != 0 || m.Count() != len(values) {
		t.Errorf("%d values, mean %v, standard deviation %v", m.Count(), m.Mean(), m.Std(0))
	}
}

func TestExactMomentsOfNothing(t *testing.T) {
	m := exactly()
	low, high := m.Range()
	one := exactly(3)
	for _, v := range []float64{m.Mean(), m.Std(0), low, high, one.Std(1)} {
		if !math.IsNaN(v) {
			t.Errorf("got %v, want NaN", v)
		}
	}
	one.Merge(&m)
	if one != exactly(3) {
		t.Error("merging nothing changed something")
	}
}

func TestSumsReadBack(t *testing.T) {
	for _, values := range append(hard, nil) {
		m := exactly(values...)
		low, high := m.Range()
		if m.Count() == 0 {
			low, high = 0, 0
		}
		sum, squares := m.Sums()
		back, err := stat.ExactMomentsOf(m.Count(), low, high, sum, squares)
		if err != nil || back != m {
			t.Errorf("%v: %v, sums %.40s and %.40s", values, err, sum, squares)
		}
	}
}

func TestSumsThatNoValuesHaveAreRefused(t *testing.T) {
	tests := []struct {
		n            int
		low, high    float64
		sum, squares string
	}{
		{-1, 0, 0, "0", "0"},
		{2, 2, 1, "0x.cp+02", "0x.ap+03"},
		{0, 0, 1, "0", "0"},
		{0, 0, 0, "0x.8p+01", "0x.8p+01"},
		{2, 1, 2, "0x.cp+2", "0x.8p+1"},  // squares of less than the mean
		{2, 1, 2, "0x.cp+2", "-0x.ap+3"}, // negative squares
		{2, 1, 2, "0x.ap+3", "0x.fp+9"},  // mean of 2.5
		{2, 1, 2, "3", "0x.ap+3"},        // another way to write 3
		{2, 1, 2, "0x.cp+2000000000", "0x.ap+3"},
		{2, 1, 2, "0x.cp-2000000000", "0x.ap+3"},
		{2, 1, 2, "Inf", "0x.ap+3"},
		{2, 1, 2, "NaN", "0x.ap+3"},
		{2, 1, 2, "", "0x.ap+3"},
	}
	for _, tt := range tests {
		if _, err := stat.ExactMomentsOf(tt.n, tt.low, tt.high, tt.sum, tt.squares); err == nil {
			t.Errorf("%+v: no error", tt)
		}
	}
	if _, err := stat.ExactMomentsOf(2, 1, 2, "0x.cp+2", "0x.ap+3"); err != nil {
		t.Errorf("the sums of 1 and 2: %v", err)
	}
}

func BenchmarkExactMoments(b *testing.B) {
	values := make([]float64, 1<<16)
	for i := range values {
		values[i] = rand.NormFloat64()
	}
	scratch := new(stat.Tally)
	b.SetBytes(8 * int64(len(values)))
	for b.Loop() {
		var m stat.ExactMoments
		m.Add(values, scratch)
	}
}
