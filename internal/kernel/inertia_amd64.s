//go:build amd64 && !purego

#include "textflag.h"

// what masks the last eight columns: eight words from 8 - columns on
DATA eight<>+0(SB)/8, $-1
DATA eight<>+8(SB)/8, $-1
DATA eight<>+16(SB)/8, $-1
DATA eight<>+24(SB)/8, $-1
DATA eight<>+32(SB)/8, $-1
DATA eight<>+40(SB)/8, $-1
DATA eight<>+48(SB)/8, $-1
DATA eight<>+56(SB)/8, $-1
DATA eight<>+64(SB)/8, $0
DATA eight<>+72(SB)/8, $0
DATA eight<>+80(SB)/8, $0
DATA eight<>+88(SB)/8, $0
DATA eight<>+96(SB)/8, $0
DATA eight<>+104(SB)/8, $0
DATA eight<>+112(SB)/8, $0
GLOBL eight<>(SB), RODATA|NOPTR, $120

// WEIGHED adds the weighted squares of the differences in Y2 and Y3 to their sums.
#define WEIGHED \
	VMULPD Y2, Y2, Y2; \
	VMULPD Y3, Y3, Y3; \
	VMULPD Y6, Y2, Y2; \
	VMULPD Y6, Y3, Y3; \
	VADDPD Y2, Y0, Y0; \
	VADDPD Y3, Y1, Y1

// func inertiaAVX2(x, centres *float64, labels *int32, weights *float64, step, d, n int, sums *[Lanes]float64)
TEXT ·inertiaAVX2(SB), NOSPLIT, $0-64
	MOVQ    x+0(FP), SI
	MOVQ    centres+8(FP), DI
	MOVQ    labels+16(FP), BX
	MOVQ    weights+24(FP), DX
	MOVQ    d+40(FP), R8
	MOVQ    n+48(FP), CX
	LEAQ    -1(R8), R9
	ANDQ    $-8, R9 // columns before the last ones
	MOVQ    R8, R10
	SUBQ    R9, R10
	NEGQ    R10
	LEAQ    eight<>(SB), R11
	VMOVDQU 64(R11)(R10*8), Y14
	VMOVDQU 96(R11)(R10*8), Y15
	SHLQ    $3, R8 // bytes of a row
	SHLQ    $3, R9
	VXORPD  Y0, Y0, Y0
	VXORPD  Y1, Y1, Y1

row:
	PREFETCHT0   4096(SI) // left to itself, memory takes longer than the work
	PREFETCHT0   4160(SI)
	MOVLQSX      (BX), R12
	IMULQ        R8, R12
	ADDQ         DI, R12
	VBROADCASTSD (DX), Y6
	XORQ         R13, R13

columns:
	CMPQ    R13, R9
	JGE     last
	VMOVUPD (SI)(R13*1), Y2
	VMOVUPD 32(SI)(R13*1), Y3
	VSUBPD  (R12)(R13*1), Y2, Y2
	VSUBPD  32(R12)(R13*1), Y3, Y3
	WEIGHED
	ADDQ    $64, R13
	JMP     columns

last:
	VMASKMOVPD (SI)(R13*1), Y14, Y2
	VMASKMOVPD (R12)(R13*1), Y14, Y4
	VMASKMOVPD 32(SI)(R13*1), Y15, Y3
	VMASKMOVPD 32(R12)(R13*1), Y15, Y5
	VSUBPD     Y4, Y2, Y2
	VSUBPD     Y5, Y3, Y3
	WEIGHED
	ADDQ       R8, SI
	ADDQ       $4, BX
	ADDQ       step+32(FP), DX
	DECQ       CX
	JNZ        row
	MOVQ       sums+56(FP), AX
	VMOVUPD    Y0, (AX)
	VMOVUPD    Y1, 32(AX)
	VZEROUPPER
	RET
