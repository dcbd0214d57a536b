//go:build !amd64 || purego

package kernel

func (b *Block) measure(p, to []float64) { b.measurePlain(p, to) }

// NearestTwoOf finds, for rows of x, the nearest point of the block, the first of
// equals, its squared distance, and that of the second nearest. The results stand
// in the order of rows, which has at most as many entries as they have. It works
// in distances, which has the block's width.
func (b *Block) NearestTwoOf(x []float64, rows, nearest []int32, first, second, distances []float64) {
	b.nearestTwoOf(x, rows, nearest, first, second, distances)
}

// AddRows adds each row of x, of dimension d, to the sums of its label.
func AddRows(x []float64, labels []int32, d int, sums []float64) { addRows(x, labels, d, sums) }
