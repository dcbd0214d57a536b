//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

var (
	hasAVX2   = cpu.X86.HasAVX2
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
)

// measure is measurePlain, eight points at a time where the processor can.
func (b *Block) measure(p, to []float64) {
	if !hasAVX2 || len(p) != b.d || len(to) < b.Width() || len(b.x) == 0 {
		b.measurePlain(p, to)
		return
	}
	measureAVX2(&p[0], &b.x[0], &to[0], b.d, len(b.x)/(Lanes*b.d))
}

// NearestTwoOf finds, for rows of x, the nearest point of the block, the first of
// equals, its squared distance, and that of the second nearest. The results stand
// in the order of rows, which has at most as many entries as they have. It works
// in distances, which has the block's width.
func (b *Block) NearestTwoOf(x []float64, rows, nearest []int32, first, second, distances []float64) {
	if !hasAVX2 || b.Width() != Lanes || len(rows) == 0 {
		b.nearestTwoOf(x, rows, nearest, first, second, distances)
		return
	}
	_, _, _ = nearest[len(rows)-1], first[len(rows)-1], second[len(rows)-1]
	for _, row := range rows {
		_ = x[int(row)*b.d : int(row+1)*b.d]
	}
	if hasAVX512 {
		nearestTwoAVX512(&x[0], &rows[0], len(rows), &b.x[0], b.d, &nearest[0], &first[0], &second[0])
		return
	}
	nearestTwoAVX2(&x[0], &rows[0], len(rows), &b.x[0], b.d, &nearest[0], &first[0], &second[0])
}

// AddRows adds each row of x, of dimension d, to the sums of its label.
func AddRows(x []float64, labels []int32, d int, sums []float64) {
	if !hasAVX2 || len(labels) == 0 {
		addRows(x, labels, d, sums)
		return
	}
	_ = x[:len(labels)*d]
	for _, label := range labels {
		_ = sums[int(label)*d : int(label+1)*d]
	}
	addRowsAVX2(&x[0], &labels[0], len(labels), d, &sums[0])
}

// The sums in these functions are rounded like those of their plain twins: they
// do not multiply and add in one step.

//go:noescape
func measureAVX2(p, x, to *float64, d, groups int)

//go:noescape
func nearestTwoAVX2(x *float64, rows *int32, n int, block *float64, d int, nearest *int32, first, second *float64)

//go:noescape
func nearestTwoAVX512(x *float64, rows *int32, n int, block *float64, d int, nearest *int32, first, second *float64)

//go:noescape
func addRowsAVX2(x *float64, labels *int32, n, d int, sums *float64)
