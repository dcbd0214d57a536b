package kernel

// Closer sets to[i] to the lesser of nearest[i] and the squared distance of p from row
// i of x, times weights[i] unless weights is nil, and returns the sum. It adds every
// eighth row apart, and is the same on any processor to the last bit.
func Closer(p, x, weights, nearest, to []float64) float64 {
	var sums [Lanes]float64
	done := closer(p, x, weights, nearest, to, &sums)
	if weights != nil {
		weights = weights[done:]
	}
	closerPlain(p, x[done*len(p):], weights, nearest[done:], to[done:], &sums)
	return addLanes(&sums)
}

func closerPlain(p, x, weights, nearest, to []float64, sums *[Lanes]float64) {
	for i := range to {
		squared := SquaredDistance(p, x[i*len(p):(i+1)*len(p)])
		if weights != nil {
			squared *= weights[i]
		}
		to[i] = min(nearest[i], squared)
		sums[i%Lanes] += to[i]
	}
}
