package segment

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkMixture(b *testing.B) {
	const n, d, k = 200_000, 10, 8
	p := normalPoints(n, d, k)
	for _, shape := range []Covariance{FullCovariance, TiedCovariance, DiagonalCovariance, SphericalCovariance} {
		b.Run(fmt.Sprintf("%s/n=%d/d=%d/k=%d", shape, n, d, k), func(b *testing.B) {
			c := Config{Algorithm: GMM, Covariance: shape, Restarts: 1, MaxIterations: 20, Tolerance: 1e-300}.withDefaults()
			likelihood := 0.0
			for b.Loop() {
				all, err := newMixtures(p, c).all(context.Background(), []int{k}, func() {})
				if err != nil {
					b.Fatal(err)
				}
				likelihood = all[0].mixture.logLikelihood
			}
			b.ReportMetric(likelihood, "log-likelihood/row")
		})
	}
}
