//go:build amd64 && !purego

package kernel

// sumDistances returns the first point that it has not added.
func sumDistances(p, x []float64, n, low, high int, sums *[Lanes]float64) (next int) {
	groups := (high - low) / Lanes
	switch {
	case hasAVX512 && low < high:
		sumDistancesAVX512(&p[0], &x[:(len(p)-1)*n+high][low], len(p), n, high-low, sums)
		return high
	case hasAVX2 && groups > 0:
		sumDistancesAVX2(&p[0], &x[:(len(p)-1)*n+high][low], len(p), n, groups, sums)
		return low + groups*Lanes
	}
	return low
}

// addDistances returns how many distances it has added.
func addDistances(p, x []float64, n, low int, to []float64, sums *[Lanes]float64) (done int) {
	groups := len(to) / Lanes
	if !hasAVX2 || groups == 0 {
		return 0
	}
	addDistancesAVX2(&p[0], &x[:(len(p)-1)*n+low+len(to)][low], len(p), n, groups, &to[0], sums)
	return groups * Lanes
}

//go:noescape
func sumDistancesAVX512(p, x *float64, d, n, count int, sums *[Lanes]float64)

//go:noescape
func sumDistancesAVX2(p, x *float64, d, n, groups int, sums *[Lanes]float64)

//go:noescape
func addDistancesAVX2(p, x *float64, d, n, groups int, to *float64, sums *[Lanes]float64)
