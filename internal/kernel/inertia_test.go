package kernel

import (
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func TestInertia(t *testing.T) {
	const n, k = 20, 3
	random := rng.Stream(9, 9)
	for d := 1; d <= 26; d++ {
		x, centres, weights, labels := rough(n*d, 1, false), rough(k*d, 2, false), rough(n, 3, false), make([]int32, n)
		for i := range labels {
			labels[i], weights[i] = int32(random.IntN(k)), math.Abs(weights[i])
		}
		for _, weights := range [][]float64{nil, weights} {
			want := 0.0
			for i, label := range labels {
				squared := SquaredDistance(x[i*d:(i+1)*d], centres[int(label)*d:int(label+1)*d])
				if weights != nil {
					squared *= weights[i]
				}
				want += squared
			}
			var sums [Lanes]float64
			inertiaPlain(x, centres, labels, weights, d, &sums)
			got := Inertia(x, centres, labels, weights, d)
			if got != addLanes(&sums) || math.Abs(got-want) > 1e-13*want {
				t.Errorf("d %d: got %v, by the plain twin %v, by the definition %v", d, got, addLanes(&sums), want)
			}
		}
	}
	if got := Inertia(nil, nil, nil, nil, 3); got != 0 {
		t.Errorf("that of no rows is %v", got)
	}
}

func BenchmarkInertia(b *testing.B) {
	const n, d = 1000, 10
	x, labels := rough(n*d, 1, false), make([]int32, n)
	for b.Loop() {
		Inertia(x, x[:d], labels, nil, d)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
