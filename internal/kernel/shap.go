package kernel

import "math"

// splitPatterns is the plain twin of [SplitPatterns].
func splitPatterns(left, right, patterns []uint16, values []float64, threshold float64, missingLeft bool, bit uint16) {
	left, right, values = left[:len(patterns)], right[:len(patterns)], values[:len(patterns)]
	for i, p := range patterns {
		v := values[i]
		var toLeft uint16
		if v <= threshold || (missingLeft && math.IsNaN(v)) {
			toLeft = bit
		}
		left[i] = p &^ (bit ^ toLeft)
		right[i] = p &^ toLeft
	}
}

// addPatterns is the plain twin of [AddPatterns].
func addPatterns(rows, table []float64, patterns []uint16, stride int, mask uint16) {
	for i, p := range patterns {
		to := rows[i*stride : (i+1)*stride]
		for j, v := range table[int(p&mask)*stride:][:stride] {
			to[j] += v
		}
	}
}
