//go:build !amd64 || purego

package kernel

func inertia(x, centres []float64, labels []int32, weights []float64, d int, sums *[Lanes]float64) {
	inertiaPlain(x, centres, labels, weights, d, sums)
}
