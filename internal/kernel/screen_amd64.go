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

// The verdicts of these functions may differ from those of the plain twin in
// what they are certain of, since they multiply and add in one step.

//go:noescape
func lookAVX512(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)

//go:noescape
func lookAVX2(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)
