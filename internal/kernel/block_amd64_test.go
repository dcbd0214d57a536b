//go:build amd64 && !purego

package kernel

import "testing"

// The other tests use the best instructions of this processor; these use each set
// that it has.
func TestEachInstructionSet(t *testing.T) {
	avx2, avx512 := hasAVX2, hasAVX512
	defer func() { hasAVX2, hasAVX512 = avx2, avx512 }()
	for _, set := range []struct {
		name         string
		avx2, avx512 bool
	}{{"plain", false, false}, {"AVX2", avx2, false}, {"AVX-512", avx2, avx512}} {
		hasAVX2, hasAVX512 = set.avx2, set.avx512
		t.Run(set.name, func(t *testing.T) {
			t.Run("measure", TestBlockMeasuresLikeSquaredDistance)
			t.Run("nearest two", TestBlockNearestTwo)
			t.Run("screen", TestScreenIsRightWhereItIsCertain)
			t.Run("inertia", TestInertia)
			t.Run("pack", TestPackLikeThePlainOne)
			t.Run("bins", TestBinsAddUpExactly)
			t.Run("spread", TestSpread)
			t.Run("products", TestProductsLikeThePlainOnes)
			t.Run("centre", TestCentre)
			t.Run("add slopes", TestAddSlopes)
			t.Run("misses", TestMisses)
			t.Run("range", TestRange)
			t.Run("part", TestPart)
			t.Run("closer", TestCloser)
			t.Run("sum distances", TestSumDistances)
			t.Run("add distances", TestAddDistances)
			t.Run("lower squares", TestAddLowerSquaresOfOnePointIsThatOfMany)
			t.Run("moments", TestMoments)
			t.Run("posteriors", TestPosteriors)
			t.Run("many", TestGaussiansOfManyPointsAreThoseOfEach)
		})
	}
}
