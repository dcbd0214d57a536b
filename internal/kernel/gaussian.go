package kernel

import "math"

// The functions of this file work on columns: a block of n points in d
// dimensions is d runs of n values, one for each dimension, end to end. What they
// find is the same on any processor to the last bit.

// Subtract sets to[i] to x[i] - origin.
func Subtract(to, x []float64, origin float64) {
	x = x[:len(to)]
	whole := len(to) / Lanes * Lanes
	subtract(to[:whole], x, origin)
	subtractPlain(to[whole:], x[whole:], origin)
}

func subtractPlain(to, x []float64, origin float64) {
	for i := range to {
		to[i] = x[i] - origin
	}
}

// Multiply sets to[i] to x[i] times y[i].
func Multiply(to, x, y []float64) {
	x, y = x[:len(to)], y[:len(to)]
	whole := len(to) / Lanes * Lanes
	multiply(to[:whole], x, y)
	multiplyPlain(to[whole:], x[whole:], y[whole:])
}

func multiplyPlain(to, x, y []float64) {
	for i := range to {
		to[i] = x[i] * y[i]
	}
}

// AddLowerSquares adds to squared[i] the squared length of the product of a lower
// triangular d x d matrix, row by row, with point i. The product is room for n
// values.
func AddLowerSquares(lower, columns, product, squared []float64) {
	if n := len(squared); n > 0 {
		low := lowerSquares(lower, columns, len(columns)/n, squared)
		lowerSquaresPlain(lower, columns, low, product, squared)
	}
}

// lowerSquaresPlain takes the points from low on.
func lowerSquaresPlain(lower, columns []float64, low int, product, squared []float64) {
	n := len(squared)
	d := len(columns) / n
	product, squared = product[:n-low], squared[low:]
	for i := range d {
		clear(product)
		for j, factor := range lower[i*d : i*d+i+1] {
			for r, v := range columns[j*n+low : (j+1)*n] {
				product[r] += float64(factor * v)
			}
		}
		for r, v := range product {
			squared[r] += float64(v * v)
		}
	}
}

// AddScaledSquares adds to squared[i] the squared length of point i with each of
// its coordinates multiplied by that of scale.
func AddScaledSquares(scale, columns, squared []float64) {
	n := len(squared)
	for j, s := range scale {
		for r, v := range columns[j*n : (j+1)*n] {
			squared[r] += float64((s * v) * (s * v))
		}
	}
}

// Dot returns the sum of the products of two columns, each rounded before it is
// added; those of every eighth row are added apart.
func Dot(x, y []float64) float64 {
	var sums [Lanes]float64
	whole := len(x) / Lanes * Lanes
	addProducts(x[:whole], y[:whole], &sums)
	for i, v := range x[whole:] {
		sums[i] += float64(v * y[whole+i])
	}
	return addLanes(&sums)
}

// farthest bounds squared distances, in standard deviations. So far out all
// densities are 0, and the components count as equal.
const farthest = 1e300

// negligible is the logarithm below which a share of the largest term of a sum
// counts as none. exp(-40) is 4e-18, a fiftieth of the rounding of the sum.
const negligible = -40

// Posteriors turns squared distances, in standard deviations, into the shares that
// components have of the densities of points. It takes k components of n points each,
// end to end, and the logarithm of each component's density at its mean, and sets
// total[i] to the logarithm of the sum of the densities of point i. Largest is room
// for n values.
func Posteriors(constants, squared, total, largest []float64) {
	low := shares(constants, squared, total, largest)
	sharesPlain(constants, squared, low, total, largest)
	for r, v := range total {
		total[r] = largest[r] + math.Log(v)
	}
}

// sharesPlain takes the points from low on. It sets total to their sum of
// densities in parts of the largest, of which it returns the logarithm.
func sharesPlain(constants, squared []float64, low int, total, largest []float64) {
	n := len(total)
	total, largest = total[low:], largest[low:n]
	clear(total)
	for r := range largest {
		largest[r] = math.Inf(-1)
	}
	for c, constant := range constants {
		for r, v := range squared[c*n+low : (c+1)*n] {
			if !(v < farthest) {
				v = farthest
			}
			v = constant - v/2
			squared[c*n+low+r], largest[r] = v, max(largest[r], v)
		}
	}
	for c := range constants {
		column := squared[c*n+low : (c+1)*n]
		for r, v := range column {
			column[r] = 0
			if v -= largest[r]; v > negligible {
				column[r] = exponential(v)
			}
			total[r] += column[r]
		}
	}
	for r, v := range total {
		inverse := 1 / v
		for at := low + r; at < len(constants)*n; at += n {
			squared[at] *= inverse
		}
	}
}

// powers is what [exponential] computes with: the inverse of the logarithm of 2, a
// number that rounds what is added to it to an integer, the logarithm of 2 in two
// parts, of which the first has 20 zeros at its end, and the coefficients of the
// series of the exponential function, the last one first.
var powers = [...]float64{
	1 / math.Ln2, 0x1.8p52, 0x1.62e42feep-1, math.Ln2 - 0x1.62e42feep-1,
	1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
	1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1,
}

// exponential returns e^v for v from -700 to 0. The remainder after a multiple n of
// the logarithm of 2 is at most 0.35, and known to within 2^-54: the product of n
// with the first part and what it leaves of v are exact. The series is cut after the
// thirteenth power, which loses 2^-57 at most, and each of its steps adds less than
// its rounding. In all the result is wrong by less than 2^-51 of itself.
func exponential(v float64) float64 {
	shifted := float64(v*powers[0]) + powers[1]
	n := shifted - powers[1]
	rest := (v - float64(n*powers[2])) - float64(n*powers[3])
	sum := powers[4]
	for _, coefficient := range powers[5:] {
		sum = float64(sum*rest) + coefficient
	}
	// The last bits of shifted are n, which becomes part of the exponent.
	return math.Float64frombits(math.Float64bits(sum) + math.Float64bits(shifted)<<52)
}
