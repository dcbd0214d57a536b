package segment

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

func TestCanonicalOrderIsAStableSort(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100, rowsPerSort, rowsPerSort + 1, 5*rowsPerSort + 17} {
		random := rng.Stream(uint64(n))
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i] = float64(random.IntN(40)), float64(random.IntN(1000))
		}
		columns := []datasource.Column{datasource.Numbers("a", a), datasource.Numbers("b", b)}
		got, err := canonicalOrder(t.Context(), columns, n, 3)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(x, y int) int {
			return slices.Compare([]float64{a[x], b[x]}, []float64{a[y], b[y]})
		})
		if !slices.Equal(got, want) {
			t.Errorf("n = %d: not the order of a stable sort", n)
		}
	}
}

func TestCanonicalOrderStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	column := datasource.Numbers("a", make([]float64, 3*rowsPerSort))
	if _, err := canonicalOrder(ctx, []datasource.Column{column}, column.Len(), 2); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// numpy 2.4.6: numpy.mean and numpy.std of the first three; the others follow by
// exact scaling.
func TestMeanStd(t *testing.T) {
	tests := []struct {
		values    []float64
		mean, std float64
	}{
		{[]float64{2, 4, 4, 4, 5, 5, 7, 9}, 5, 2},
		{[]float64{1e9 + 1, 1e9 + 2, 1e9 + 4}, 1000000002.3333334, 1.247219128924647},
		{[]float64{7}, 7, 0},
		{[]float64{2e-310, 4e-310}, 3e-310, 1e-310},
		{[]float64{2e299, 4e299}, 3e299, 1e299},
		{[]float64{-1e300, 1e300}, 0, 1e300},
		{nil, 0, 0},
	}
	for _, test := range tests {
		mean, std := meanStd(test.values, nil)
		if math.Abs(mean-test.mean) > 1e-15*math.Abs(test.mean) || math.Abs(std-test.std) > 1e-9*test.std {
			t.Errorf("%v: mean %v and deviation %v, want %v and %v", test.values, mean, std, test.mean, test.std)
		}
	}
}
