//go:build amd64 && !purego

package kernel

// closer returns how many rows it has done.
func closer(p, x, weights, nearest, to []float64, sums *[Lanes]float64) (done int) {
	groups := len(to) / Lanes
	if !hasAVX2 || groups == 0 {
		return 0
	}
	done = groups * Lanes
	var w *float64
	if weights != nil {
		w = &weights[:done][0]
	}
	closerAVX2(&p[0], &x[:done*len(p)][0], w, &nearest[:done][0], &to[0], len(p), groups, sums)
	return done
}

//go:noescape
func closerAVX2(p, x, weights, nearest, to *float64, d, groups int, sums *[Lanes]float64)
