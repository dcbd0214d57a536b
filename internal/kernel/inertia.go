package kernel

// Inertia returns the sum of the squared distances of the rows of x from the centres
// of their labels, each times its weight unless weights is nil. It adds every eighth
// column apart, and is the same on any processor to the last bit.
func Inertia(x, centres []float64, labels []int32, weights []float64, d int) float64 {
	_ = x[:len(labels)*d]
	for _, label := range labels {
		_ = centres[int(label)*d : int(label+1)*d]
	}
	if weights != nil {
		_ = weights[:len(labels)]
	}
	var sums [Lanes]float64
	inertia(x, centres, labels, weights, d, &sums)
	return addLanes(&sums)
}

func inertiaPlain(x, centres []float64, labels []int32, weights []float64, d int, sums *[Lanes]float64) {
	w := 1.0
	for i, label := range labels {
		if weights != nil {
			w = weights[i]
		}
		centre := centres[int(label)*d : int(label+1)*d]
		for j, v := range x[i*d : (i+1)*d] {
			diff := v - centre[j]
			sums[j%Lanes] += float64(float64(diff*diff) * w)
		}
	}
}
