package kernel

import "testing"

func TestCloser(t *testing.T) {
	for d := 1; d <= 9; d++ {
		for _, n := range []int{0, 1, 7, 8, 9, 31} {
			p, x, weights := rough(d, 1, false), rough(n*d, 2, false), rough(n, 3, false)
			nearest, got := make([]float64, n), make([]float64, n)
			for i := range nearest {
				weights[i] *= weights[i]
				nearest[i] = float64(2*d) * weights[i]
			}
			for _, weights := range [][]float64{nil, weights} {
				var sums [Lanes]float64
				total := Closer(p, x, weights, nearest, got)
				for i := range n {
					want := SquaredDistance(p, x[i*d:(i+1)*d])
					if weights != nil {
						want = weights[i] * want
					}
					want = min(want, nearest[i])
					if sums[i%Lanes] += want; got[i] != want {
						t.Fatalf("d %d, n %d, row %d: got %v, want %v", d, n, i, got[i], want)
					}
				}
				if want := addLanes(&sums); total != want {
					t.Errorf("d %d, n %d: the sum is %v, want %v", d, n, total, want)
				}
			}
		}
	}
}

func BenchmarkCloser(b *testing.B) {
	const n = 1000
	for _, d := range []int{3, 10} {
		x, nearest, to := rough(n*d, 1, false), rough(n, 2, false), make([]float64, n)
		b.Run(name(d, 1), func(b *testing.B) {
			for b.Loop() {
				Closer(x[:d], x, nil, nearest, to)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
