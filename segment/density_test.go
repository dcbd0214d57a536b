package segment

import (
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func gaussian(n, d int, seed uint64) points {
	random := rng.Stream(seed, uint64(n), uint64(d))
	p := points{n, d, make([]float64, n*d)}
	for i := range p.x {
		p.x[i] = random.NormFloat64()
	}
	return p
}

func BenchmarkDensity(b *testing.B) {
	for _, test := range []struct {
		name    string
		n, d    int
		epsilon float64
	}{
		{"n=100000,d=3,eps=0.2", 100_000, 3, 0.2},
		{"n=20000,d=3,eps=all", 20_000, 3, 100},
		{"n=20000,d=3,eps=1", 20_000, 3, 1},
		{"n=20000,d=10,eps=2", 20_000, 10, 2},
		{"n=20000,d=10,eps=1.3", 20_000, 10, 1.3},
		{"n=20000,d=50,eps=8", 20_000, 50, 8},
	} {
		p := gaussian(test.n, test.d, 1)
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				found, err := newDensity(p, Config{Epsilon: test.epsilon, MinSamples: 5, Workers: 2}).find(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(found.k), "parts")
			}
		})
	}
}
