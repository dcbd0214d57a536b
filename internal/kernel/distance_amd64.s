//go:build amd64 && !purego

#include "textflag.h"

// func sumDistancesAVX512(p, x *float64, d, n, count int, sums *[Lanes]float64)
TEXT ·sumDistancesAVX512(SB), NOSPLIT, $0-48
	MOVQ   p+0(FP), SI
	MOVQ   x+8(FP), DI
	MOVQ   d+16(FP), R8
	MOVQ   n+24(FP), R9
	SHLQ   $3, R9 // bytes of a column
	MOVQ   count+32(FP), DX
	MOVQ   sums+40(FP), AX
	VPXORQ Z0, Z0, Z0
	MOVL   $0xff, BX

group:
	CMPQ  DX, $8
	JGE   whole
	MOVQ  DX, CX // so many points are left
	MOVL  $1, BX
	SHLL  CX, BX
	DECL  BX

whole:
	KMOVW  BX, K1
	VPXORQ Z1, Z1, Z1
	MOVQ   SI, R10
	MOVQ   DI, R11
	MOVQ   R8, R12

coordinate:
	VMOVUPD.Z    (R11), K1, Z2
	VBROADCASTSD (R10), Z3
	VSUBPD       Z2, Z3, Z2
	VMULPD       Z2, Z2, Z2
	VADDPD       Z2, Z1, Z1
	ADDQ         $8, R10
	ADDQ         R9, R11
	DECQ         R12
	JNZ          coordinate

	VSQRTPD Z1, Z1
	VADDPD  Z1, Z0, K1, Z0
	ADDQ    $64, DI
	SUBQ    $8, DX
	JG      group
	VMOVUPD Z0, (AX)
	VZEROUPPER
	RET

// DISTANCES adds the squared differences of a coordinate, Y3, of eight points to Y1
// and Y2.
#define DISTANCES \
	VSUBPD  (R11), Y3, Y4; \
	VSUBPD  32(R11), Y3, Y5; \
	VMULPD  Y4, Y4, Y4; \
	VMULPD  Y5, Y5, Y5; \
	VADDPD  Y4, Y1, Y1; \
	VADDPD  Y5, Y2, Y2

// func sumDistancesAVX2(p, x *float64, d, n, groups int, sums *[Lanes]float64)
TEXT ·sumDistancesAVX2(SB), NOSPLIT, $0-48
	MOVQ   p+0(FP), SI
	MOVQ   x+8(FP), DI
	MOVQ   d+16(FP), R8
	MOVQ   n+24(FP), R9
	SHLQ   $3, R9 // bytes of a column
	MOVQ   groups+32(FP), DX
	MOVQ   sums+40(FP), AX
	VXORPD Y0, Y0, Y0
	VXORPD Y6, Y6, Y6

group:
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	MOVQ   SI, R10
	MOVQ   DI, R11
	MOVQ   R8, R12

coordinate:
	VBROADCASTSD (R10), Y3
	DISTANCES
	ADDQ         $8, R10
	ADDQ         R9, R11
	DECQ         R12
	JNZ          coordinate

	VSQRTPD Y1, Y1
	VSQRTPD Y2, Y2
	VADDPD  Y1, Y0, Y0
	VADDPD  Y2, Y6, Y6
	ADDQ    $64, DI
	DECQ    DX
	JNZ     group
	VMOVUPD Y0, (AX)
	VMOVUPD Y6, 32(AX)
	VZEROUPPER
	RET

// func addDistancesAVX2(p, x *float64, d, n, groups int, to *float64, sums *[Lanes]float64)
TEXT ·addDistancesAVX2(SB), NOSPLIT, $0-56
	MOVQ   p+0(FP), SI
	MOVQ   x+8(FP), DI
	MOVQ   d+16(FP), R8
	MOVQ   n+24(FP), R9
	SHLQ   $3, R9 // bytes of a column
	MOVQ   groups+32(FP), DX
	MOVQ   to+40(FP), BX
	MOVQ   sums+48(FP), AX
	VXORPD Y0, Y0, Y0
	VXORPD Y6, Y6, Y6

group:
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	MOVQ   SI, R10
	MOVQ   DI, R11
	MOVQ   R8, R12

coordinate:
	VBROADCASTSD (R10), Y3
	DISTANCES
	ADDQ         $8, R10
	ADDQ         R9, R11
	DECQ         R12
	JNZ          coordinate

	VSQRTPD Y1, Y1
	VSQRTPD Y2, Y2
	VADDPD  Y1, Y0, Y0
	VADDPD  Y2, Y6, Y6
	VADDPD  (BX), Y1, Y1
	VADDPD  32(BX), Y2, Y2
	VMOVUPD Y1, (BX)
	VMOVUPD Y2, 32(BX)
	ADDQ    $64, BX
	ADDQ    $64, DI
	DECQ    DX
	JNZ     group
	VMOVUPD Y0, (AX)
	VMOVUPD Y6, 32(AX)
	VZEROUPPER
	RET
