//go:build !amd64 || purego

package kernel

func (b *Bins) move(x []float64, rows, from, to []int32, sums []float64) {
	b.movePlain(x, rows, from, to, sums)
}

func addSpread(x []float64, d, width int, sums []float64) { addSpreadPlain(x, d, width, sums) }
