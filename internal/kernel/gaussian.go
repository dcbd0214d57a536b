package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/floats"
)

// The functions of this file work on columns: a block of n points in d
// dimensions is d runs of n values, one for each dimension, end to end.

// AddLowerSquares adds to squared[i] the squared length of the product of a lower
// triangular d x d matrix, row by row, with point i. The product is room for n
// values.
func AddLowerSquares(lower, columns, product, squared []float64) {
	n := len(squared)
	d := len(columns) / n
	product = product[:n]
	for i := range d {
		row := lower[i*d : i*d+i+1]
		floats.ScaleTo(product, row[0], columns[:n])
		for j := 1; j < len(row); j++ {
			floats.AddScaled(product, row[j], columns[j*n:(j+1)*n])
		}
		for r, v := range product {
			squared[r] += v * v
		}
	}
}

// AddScaledSquares adds to squared[i] the squared length of point i with each of
// its coordinates multiplied by that of scale.
func AddScaledSquares(scale, columns, squared []float64) {
	n := len(squared)
	for j, s := range scale {
		for r, v := range columns[j*n : (j+1)*n] {
			squared[r] += (s * v) * (s * v)
		}
	}
}

// AddGram adds to the lower triangle of a d x d matrix, row by row, the sum over
// the points of weight times point times its transpose. Weighted is room for n
// values.
func AddGram(weights, columns, weighted, gram []float64) {
	n := len(weights)
	d := len(columns) / n
	weighted = weighted[:n]
	for i := range d {
		for r, v := range columns[i*n : (i+1)*n] {
			weighted[r] = weights[r] * v
		}
		gonum.Implementation{}.Dgemv(blas.NoTrans, i+1, n, 1, columns, n, weighted, 1, 1, gram[i*d:], 1)
	}
}

// AddSquares adds to sums[j] the weighted sum of the squares of coordinate j.
func AddSquares(weights, columns, sums []float64) {
	n := len(weights)
	for j := range sums {
		sum := 0.0
		for r, v := range columns[j*n : (j+1)*n] {
			sum += weights[r] * v * v
		}
		sums[j] += sum
	}
}

// negligible is the logarithm below which a share of the largest term of a sum
// counts as none. exp(-40) is 4e-18, a fiftieth of the rounding of the sum.
const negligible = -40

// Posteriors turns logarithms of densities into shares of their sum. It takes k
// components of n points each, end to end, and sets total[i] to the logarithm of
// the sum for point i. The logarithms must be finite.
func Posteriors(logs, total, largest []float64) {
	n := len(total)
	largest = largest[:n]
	copy(largest, logs[:n])
	for at := n; at < len(logs); at += n {
		for r, v := range logs[at : at+n] {
			if v > largest[r] {
				largest[r] = v
			}
		}
	}
	clear(total)
	for at := 0; at < len(logs); at += n {
		column := logs[at : at+n]
		for r, v := range column {
			share := 0.0
			if v -= largest[r]; v > negligible {
				share = math.Exp(v)
			}
			column[r] = share
			total[r] += share
		}
	}
	for at := 0; at < len(logs); at += n {
		column := logs[at : at+n]
		for r := range column {
			column[r] /= total[r]
		}
	}
	for r, v := range total {
		total[r] = largest[r] + math.Log(v)
	}
}
