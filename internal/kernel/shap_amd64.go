//go:build amd64 && !purego

package kernel

// SplitPatterns sends rows to the children of a split: left gets the patterns,
// less bit where a row's value does not go to the left, right those less bit where
// it does. Values up to the threshold go to the left, and NaN when missingLeft is
// set. All slices are as long as patterns.
func SplitPatterns(left, right, patterns []uint16, values []float64, threshold float64, missingLeft bool, bit uint16) {
	n := 0
	if hasAVX2 && len(patterns) >= splitLanes {
		n = len(patterns) / splitLanes * splitLanes
		_, _, _ = left[n-1], right[n-1], values[n-1]
		if missingLeft {
			splitAboveAVX2(&left[0], &right[0], &patterns[0], &values[0], n/splitLanes, threshold, bit)
		} else {
			splitUpToAVX2(&left[0], &right[0], &patterns[0], &values[0], n/splitLanes, threshold, bit)
		}
	}
	splitPatterns(left[n:], right[n:], patterns[n:], values[n:], threshold, missingLeft, bit)
}

// splitLanes is the number of rows that the assembly of SplitPatterns takes at a
// time.
const splitLanes = 16

// AddPatterns adds to each of the rows, of stride values, the row of the table
// that its pattern points to, of which only the bits in mask count.
func AddPatterns(rows, table []float64, patterns []uint16, stride int, mask uint16) {
	if !hasAVX2 || stride%Lanes != 0 || len(patterns) == 0 {
		addPatterns(rows, table, patterns, stride, mask)
		return
	}
	_, _ = rows[len(patterns)*stride-1], table[(int(mask)+1)*stride-1]
	addPatternsAVX2(&rows[0], &table[0], &patterns[0], len(patterns), stride, int(mask))
}

// splitUpToAVX2 sends NaN to the right: it looks for values up to the threshold.
//
//go:noescape
func splitUpToAVX2(left, right, patterns *uint16, values *float64, groups int, threshold float64, bit uint16)

// splitAboveAVX2 sends NaN to the left: it looks for values above the threshold.
//
//go:noescape
func splitAboveAVX2(left, right, patterns *uint16, values *float64, groups int, threshold float64, bit uint16)

//go:noescape
func addPatternsAVX2(rows, table *float64, patterns *uint16, n, stride, mask int)
