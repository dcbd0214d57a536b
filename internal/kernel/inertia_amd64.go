//go:build amd64 && !purego

package kernel

func inertia(x, centres []float64, labels []int32, weights []float64, d int, sums *[Lanes]float64) {
	switch {
	case !hasAVX2 || len(labels) == 0:
		inertiaPlain(x, centres, labels, weights, d, sums)
	case weights == nil:
		one := 1.0
		inertiaAVX2(&x[0], &centres[0], &labels[0], &one, 0, d, len(labels), sums)
	default:
		inertiaAVX2(&x[0], &centres[0], &labels[0], &weights[0], 8, d, len(labels), sums)
	}
}

// inertiaAVX2 takes weights that are so many bytes apart.
//
//go:noescape
func inertiaAVX2(x, centres *float64, labels *int32, weights *float64, step, d, n int, sums *[Lanes]float64)
