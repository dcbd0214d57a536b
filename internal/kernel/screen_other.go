//go:build !amd64 || purego

package kernel

func (s *Screen) look(x []float32, labels *[GroupRows]int32, less, more, margin float32, v *Verdict) {
	s.lookPlain(x, labels, less, more, margin, v)
}

func (f Frame) pack(x []float64, packed, reaches []float32) { f.packPlain(x, packed, reaches) }
