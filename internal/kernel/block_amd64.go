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

// The sums are rounded like those of the plain twin: it does not multiply and add
// in one step.
//
//go:noescape
func measureAVX2(p, x, to *float64, d, groups int)
