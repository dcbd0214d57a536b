//go:build amd64 && !purego

#include "textflag.h"

// what masks the last four columns: four words from 4 - columns on
DATA columns<>+0(SB)/8, $-1
DATA columns<>+8(SB)/8, $-1
DATA columns<>+16(SB)/8, $-1
DATA columns<>+24(SB)/8, $-1
DATA columns<>+32(SB)/8, $0
DATA columns<>+40(SB)/8, $0
DATA columns<>+48(SB)/8, $0
GLOBL columns<>(SB), RODATA|NOPTR, $56

// BINS cuts four values in Y0 into their bins, Y2 and Y3.
#define BINS \
	VMOVUPD (R8)(R11*1), Y1; \
	VADDPD  Y1, Y0, Y2; \
	VSUBPD  Y1, Y2, Y2; \
	VSUBPD  Y2, Y0, Y3; \
	VMOVUPD (R13)(R11*1), Y1; \
	VADDPD  Y1, Y3, Y3; \
	VSUBPD  Y1, Y3, Y3

#define LESS \
	VMOVUPD (R9)(R11*1), Y4; \
	VMOVUPD (R12)(R11*1), Y5; \
	VSUBPD  Y2, Y4, Y4; \
	VSUBPD  Y3, Y5, Y5; \
	VMOVUPD Y4, (R9)(R11*1); \
	VMOVUPD Y5, (R12)(R11*1)

#define MORE \
	VADDPD  (R10)(R11*1), Y2, Y2; \
	VADDPD  (R14)(R11*1), Y3, Y3; \
	VMOVUPD Y2, (R10)(R11*1); \
	VMOVUPD Y3, (R14)(R11*1)

// func moveAVX2(x *float64, rows, from, to *int32, n, d, width int, magic, sums *float64)
TEXT ·moveAVX2(SB), NOSPLIT, $0-72
	MOVQ    x+0(FP), SI
	MOVQ    rows+8(FP), BX
	MOVQ    width+48(FP), DX
	MOVQ    magic+56(FP), R8
	MOVQ    DX, AX
	SUBQ    d+40(FP), AX
	LEAQ    columns<>(SB), DI
	VMOVDQU (DI)(AX*8), Y15
	SHLQ    $3, DX
	LEAQ    (R8)(DX*1), R13
	XORQ    CX, CX

row:
	MOVLQSX (BX)(CX*4), AX
	IMULQ   d+40(FP), AX
	LEAQ    (SI)(AX*8), AX
	MOVQ    to+24(FP), DI
	MOVLQSX (DI)(CX*4), R10
	IMULQ   DX, R10
	SHLQ    $1, R10
	ADDQ    sums+64(FP), R10
	LEAQ    (R10)(DX*1), R14
	XORQ    R11, R11
	MOVQ    from+16(FP), DI
	MOVLQSX (DI)(CX*4), R9
	TESTQ   R9, R9
	JLT     new
	IMULQ   DX, R9
	SHLQ    $1, R9
	ADDQ    sums+64(FP), R9
	LEAQ    (R9)(DX*1), R12

four:
	LEAQ    32(R11), DI
	CMPQ    DI, DX
	JGE     last
	VMOVUPD (AX)(R11*1), Y0
	BINS
	LESS
	MORE
	MOVQ    DI, R11
	JMP     four

last:
	VMASKMOVPD (AX)(R11*1), Y15, Y0
	BINS
	LESS
	MORE
	INCQ       CX
	CMPQ       CX, n+32(FP)
	JLT        row
	VZEROUPPER
	RET

new:
	LEAQ    32(R11), DI
	CMPQ    DI, DX
	JGE     lastnew
	VMOVUPD (AX)(R11*1), Y0
	BINS
	MORE
	MOVQ    DI, R11
	JMP     new

lastnew:
	VMASKMOVPD (AX)(R11*1), Y15, Y0
	BINS
	MORE
	INCQ       CX
	CMPQ       CX, n+32(FP)
	JLT        row
	VZEROUPPER
	RET

// SPREAD adds four values in Y0 to their columns.
#define SPREAD \
	VMULPD  Y0, Y0, Y1; \
	VANDPD  Y14, Y0, Y2; \
	VADDPD  (R8)(R11*1), Y0, Y0; \
	VADDPD  (R9)(R11*1), Y1, Y1; \
	VMAXPD  (R10)(R11*1), Y2, Y2; \
	VMOVUPD Y0, (R8)(R11*1); \
	VMOVUPD Y1, (R9)(R11*1); \
	VMOVUPD Y2, (R10)(R11*1)

// func addSpreadAVX2(x *float64, n, d, width int, sums *float64)
TEXT ·addSpreadAVX2(SB), NOSPLIT, $0-40
	MOVQ     x+0(FP), SI
	MOVQ     n+8(FP), CX
	MOVQ     width+24(FP), DX
	MOVQ     sums+32(FP), R8
	MOVQ     DX, AX
	SUBQ     d+16(FP), AX
	LEAQ     columns<>(SB), DI
	VMOVDQU  (DI)(AX*8), Y15
	SHLQ     $3, DX
	LEAQ     (R8)(DX*1), R9
	LEAQ     (R9)(DX*1), R10
	MOVQ     d+16(FP), R12
	SHLQ     $3, R12
	VPCMPEQD Y14, Y14, Y14
	VPSRLQ   $1, Y14, Y14 // all bits but the sign

row:
	XORQ R11, R11

four:
	LEAQ    32(R11), DI
	CMPQ    DI, DX
	JGE     last
	VMOVUPD (SI)(R11*1), Y0
	SPREAD
	MOVQ    DI, R11
	JMP     four

last:
	VMASKMOVPD (SI)(R11*1), Y15, Y0
	SPREAD
	ADDQ       R12, SI
	DECQ       CX
	JNZ        row
	VZEROUPPER
	RET
