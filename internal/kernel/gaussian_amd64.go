//go:build amd64 && !purego

package kernel

func subtract(to, x []float64, origin float64) {
	if !hasAVX2 || len(to) == 0 {
		subtractPlain(to, x, origin)
		return
	}
	subtractAVX2(&to[0], &x[0], len(to)/Lanes, origin)
}

func multiply(to, x, y []float64) {
	if !hasAVX2 || len(to) == 0 {
		multiplyPlain(to, x, y)
		return
	}
	multiplyAVX2(&to[0], &x[0], &y[0], len(to)/Lanes)
}

// lowerSquares takes four registers of points at a time. It returns how many
// points it has done.
func lowerSquares(lower, columns []float64, d int, squared []float64) (done int) {
	n := len(squared)
	switch {
	case hasAVX512 && n >= 32:
		lowerSquaresAVX512(&lower[:d*d][0], &columns[:d*n][0], d, n, n/32, &squared[0])
		return n / 32 * 32
	case hasAVX2 && n >= 16:
		lowerSquaresAVX2(&lower[:d*d][0], &columns[:d*n][0], d, n, n/16, &squared[0])
		return n / 16 * 16
	}
	return 0
}

// shares returns how many points it has done.
func shares(constants, squared, total, largest []float64) (done int) {
	k, n := len(constants), len(total)
	switch {
	case k == 0:
		return 0
	case hasAVX512 && n >= 8:
		sharesAVX512(&constants[0], &squared[:k*n][0], k, n, n/8, &powers, &total[0], &largest[:n][0])
		return n / 8 * 8
	case hasAVX2 && n >= 4:
		sharesAVX2(&constants[0], &squared[:k*n][0], k, n, n/4, &powers, &total[0], &largest[:n][0])
		return n / 4 * 4
	}
	return 0
}

//go:noescape
func subtractAVX2(to, x *float64, groups int, origin float64)

//go:noescape
func multiplyAVX2(to, x, y *float64, groups int)

//go:noescape
func lowerSquaresAVX512(lower, columns *float64, d, n, groups int, squared *float64)

//go:noescape
func lowerSquaresAVX2(lower, columns *float64, d, n, groups int, squared *float64)

//go:noescape
func sharesAVX512(constants, squared *float64, k, n, groups int, powers *[18]float64, total, largest *float64)

//go:noescape
func sharesAVX2(constants, squared *float64, k, n, groups int, powers *[18]float64, total, largest *float64)
