//go:build amd64 && !purego

#include "textflag.h"

// func measureAVX2(p, x, to *float64, d, groups int)
TEXT ·measureAVX2(SB), NOSPLIT, $0-40
	MOVQ p+0(FP), SI
	MOVQ x+8(FP), DI
	MOVQ to+16(FP), DX
	MOVQ d+24(FP), CX
	MOVQ groups+32(FP), R8

group:
	VXORPD Y0, Y0, Y0
	VXORPD Y3, Y3, Y3
	MOVQ   SI, R9
	MOVQ   CX, R10

value:
	VBROADCASTSD (R9), Y1
	VSUBPD       (DI), Y1, Y2
	VSUBPD       32(DI), Y1, Y4
	VMULPD       Y2, Y2, Y2
	VMULPD       Y4, Y4, Y4
	VADDPD       Y2, Y0, Y0
	VADDPD       Y4, Y3, Y3
	ADDQ         $8, R9
	ADDQ         $64, DI
	DECQ         R10
	JNZ          value

	VMOVUPD Y0, (DX)
	VMOVUPD Y3, 32(DX)
	ADDQ    $64, DX
	DECQ    R8
	JNZ     group
	VZEROUPPER
	RET
