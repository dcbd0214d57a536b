//go:build amd64 && !purego

#include "textflag.h"

// ADDSQUARES adds the squared differences from Y2 of a value of four rows, two from
// FIRST and two from SECOND on, R9 bytes apart, to SUM.
#define ADDSQUARES(FIRST, SECOND, SUM) \
	VMOVSD      (FIRST), X4; \
	VMOVHPD     (FIRST)(R9*1), X4, X4; \
	VMOVSD      (SECOND), X5; \
	VMOVHPD     (SECOND)(R9*1), X5, X5; \
	VINSERTF128 $1, X5, Y4, Y4; \
	VSUBPD      Y4, Y2, Y4; \
	VMULPD      Y4, Y4, Y4; \
	VADDPD      Y4, SUM, SUM

// func closerAVX2(p, x, weights, nearest, to *float64, d, groups int, sums *[Lanes]float64)
TEXT ·closerAVX2(SB), NOSPLIT, $0-64
	MOVQ   x+8(FP), SI
	MOVQ   weights+16(FP), DX
	MOVQ   nearest+24(FP), BX
	MOVQ   to+32(FP), DI
	MOVQ   d+40(FP), R8
	MOVQ   groups+48(FP), CX
	MOVQ   R8, R9
	SHLQ   $3, R9 // bytes of a row
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7

group:
	MOVQ   p+0(FP), R10
	LEAQ   (SI)(R9*2), R11
	LEAQ   (SI)(R9*4), R12
	LEAQ   (R11)(R9*4), R13
	MOVQ   R8, AX
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1

value:
	VBROADCASTSD (R10), Y2
	ADDSQUARES(SI, R11, Y0)
	ADDSQUARES(R12, R13, Y1)
	ADDQ         $8, R10
	ADDQ         $8, SI
	ADDQ         $8, R11
	ADDQ         $8, R12
	ADDQ         $8, R13
	DECQ         AX
	JNZ          value

	SUBQ  R9, R13
	LEAQ  (R13)(R9*2), SI
	TESTQ DX, DX
	JZ    alike
	VMULPD (DX), Y0, Y0
	VMULPD 32(DX), Y1, Y1
	ADDQ   $64, DX

alike:
	VMINPD  (BX), Y0, Y0
	VMINPD  32(BX), Y1, Y1
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VADDPD  Y0, Y6, Y6
	VADDPD  Y1, Y7, Y7
	ADDQ    $64, BX
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group
	MOVQ    sums+56(FP), AX
	VMOVUPD Y6, (AX)
	VMOVUPD Y7, 32(AX)
	VZEROUPPER
	RET
