package stat_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/internal/stat"
)

func TestExactEqualsBigArithmetic(t *testing.T) {
	for _, extent := range []float64{1, 3e5, 1e300, 1e-300, 5e-324} {
		for seed := range uint64(20) {
			random := rng.Stream(seed)
			sum, want := stat.NewExact(extent), new(big.Float).SetPrec(2000)
			n := 1 + random.IntN(500)
			for range n {
				v := extent * (2*random.Float64() - 1)
				sum.Add(v)
				want.Add(want, big.NewFloat(v))
			}
			exact, _ := want.Float64()
			if got := sum.Over(1); math.Abs(got-exact) > 1e-15*extent*float64(n) {
				t.Fatalf("extent %g, seed %d: got %g, want %g", extent, seed, got, exact)
			}
		}
	}
}

func TestExactDoesNotDependOnOrderOrParts(t *testing.T) {
	random := rng.Stream(1)
	values := make([]float64, 10_000)
	for i := range values {
		values[i] = random.NormFloat64() * math.Exp(20*random.Float64()-10)
	}
	whole := stat.NewExact(1e6)
	for _, v := range values {
		whole.Add(v)
	}
	for parts := 1; parts <= 64; parts *= 2 {
		random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		sums := make([]stat.Exact, parts)
		for i := range sums {
			sums[i] = stat.NewExact(1e6)
		}
		for i, v := range values {
			sums[i%parts].Add(v)
		}
		merged := stat.NewExact(1e6)
		for _, s := range sums {
			merged.Merge(s)
		}
		if merged != whole {
			t.Fatalf("%d parts in another order: %v, want %v", parts, merged, whole)
		}
	}
}
