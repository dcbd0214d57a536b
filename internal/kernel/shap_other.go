//go:build !amd64 || purego

package kernel

// SplitPatterns sends rows to the children of a split: left gets the patterns,
// less bit where a row's value does not go to the left, right those less bit where
// it does. Values up to the threshold go to the left, and NaN when missingLeft is
// set. All slices are as long as patterns.
func SplitPatterns(left, right, patterns []uint16, values []float64, threshold float64, missingLeft bool, bit uint16) {
	splitPatterns(left, right, patterns, values, threshold, missingLeft, bit)
}

// AddPatterns adds to each of the rows, of stride values, the row of the table
// that its pattern points to, of which only the bits in mask count.
func AddPatterns(rows, table []float64, patterns []uint16, stride int, mask uint16) {
	addPatterns(rows, table, patterns, stride, mask)
}
