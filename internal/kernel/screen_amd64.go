//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

var hasFMA = cpu.X86.HasFMA

func (s *Screen) look(x []float32, labels *[GroupRows]int32, less, more, margin float32, v *Verdict) {
	switch {
	case hasAVX512:
		lookAVX512(&x[0], s.d, &s.points[0], len(s.points)/(2*s.d), labels, less, more, margin, v)
	case hasAVX2 && hasFMA:
		lookAVX2(&x[0], s.d, &s.points[0], len(s.points)/(2*s.d), labels, less, more, margin, v)
	default:
		s.lookPlain(x, labels, less, more, margin, v)
	}
}

// pack packs whole groups.
func (f Frame) pack(x []float64, packed, reaches []float32) {
	d := len(f.origin)
	if !hasAVX2 || len(reaches) == 0 {
		f.packPlain(x, packed, reaches)
		return
	}
	for g := range reaches {
		size := d * GroupRows
		reaches[g] = reach(packAVX2(&x[g*size : (g+1)*size][0], &f.origin[0], f.scale, d, &packed[g*size : (g+1)*size][0]))
	}
}

// packAVX2 packs one group and returns the square of the distance of its farthest row.
//
//go:noescape
func packAVX2(x, origin *float64, scale float64, d int, packed *float32) (squared float64)

// The verdicts of these functions may differ from those of the plain twin in
// what they are certain of, since they multiply and add in one step.

//go:noescape
func lookAVX512(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)

//go:noescape
func lookAVX2(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)
