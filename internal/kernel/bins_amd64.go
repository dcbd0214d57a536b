//go:build amd64 && !purego

package kernel

func (b *Bins) move(x []float64, rows, from, to []int32, sums []float64) {
	if !hasAVX2 || len(rows) == 0 {
		b.movePlain(x, rows, from, to, sums)
		return
	}
	moveAVX2(&x[0], &rows[0], &from[0], &to[0], len(rows), b.d, b.width, b.levels, &b.magic[0], &sums[0])
}

func addSpread(x []float64, d, width int, sums []float64) {
	if !hasAVX2 || len(x) < d {
		addSpreadPlain(x, d, width, sums)
		return
	}
	addSpreadAVX2(&x[0], len(x)/d, d, width, &sums[0])
}

//go:noescape
func moveAVX2(x *float64, rows, from, to *int32, n, d, width, levels int, magic, sums *float64)

//go:noescape
func addSpreadAVX2(x *float64, n, d, width int, sums *float64)
