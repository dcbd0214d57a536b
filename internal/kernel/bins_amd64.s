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

// PART cuts the part of the next bin from four values in Y0.
#define PART \
	VMOVUPD (R8)(R12*1), Y1; \
	VADDPD  Y1, Y0, Y2; \
	VSUBPD  Y1, Y2, Y2; \
	VSUBPD  Y2, Y0, Y0

// MORE adds the part to its bin.
#define MORE \
	VADDPD  (R10)(R12*1), Y2, Y3; \
	VMOVUPD Y3, (R10)(R12*1)

// LESS takes it from another.
#define LESS \
	VMOVUPD (R9)(R12*1), Y3; \
	VSUBPD  Y2, Y3, Y3; \
	VMOVUPD Y3, (R9)(R12*1)

// func moveAVX2(x *float64, rows, from, to *int32, n, d, width, levels int, magic, sums *float64)
TEXT ·moveAVX2(SB), NOSPLIT, $0-80
	MOVQ    x+0(FP), SI
	MOVQ    rows+8(FP), BX
	MOVQ    width+48(FP), DX
	MOVQ    magic+64(FP), R8
	MOVQ    DX, AX
	SUBQ    d+40(FP), AX
	LEAQ    columns<>(SB), DI
	VMOVDQU (DI)(AX*8), Y15
	SHLQ    $3, DX // bytes of a level
	MOVQ    levels+56(FP), R13
	IMULQ   DX, R13 // bytes of a segment
	XORQ    CX, CX

row:
	LEAQ       32(CX), AX // the row that comes so many rows later, if there is one
	CMPQ       AX, n+32(FP)
	CMOVQGE    CX, AX
	MOVLQSX    (BX)(AX*4), AX
	IMULQ      d+40(FP), AX
	PREFETCHT0 (SI)(AX*8)
	PREFETCHT0 64(SI)(AX*8)

	MOVLQSX (BX)(CX*4), AX
	IMULQ   d+40(FP), AX
	LEAQ    (SI)(AX*8), AX
	MOVQ    to+24(FP), DI
	MOVLQSX (DI)(CX*4), R10
	IMULQ   R13, R10
	ADDQ    sums+72(FP), R10
	XORQ    R11, R11
	MOVQ    from+16(FP), DI
	MOVLQSX (DI)(CX*4), R9
	TESTQ   R9, R9
	JLT     new
	IMULQ   R13, R9
	ADDQ    sums+72(FP), R9

four:
	MOVQ R11, R12
	LEAQ 32(R11), DI
	CMPQ DI, DX
	JGE  last
	VMOVUPD (AX)(R11*1), Y0

level:
	PART
	LESS
	MORE
	ADDQ DX, R12
	CMPQ R12, R13
	JLT  level
	MOVQ DI, R11
	JMP  four

last:
	VMASKMOVPD (AX)(R11*1), Y15, Y0

levellast:
	PART
	LESS
	MORE
	ADDQ DX, R12
	CMPQ R12, R13
	JLT  levellast
	INCQ CX
	CMPQ CX, n+32(FP)
	JLT  row
	VZEROUPPER
	RET

new:
	MOVQ R11, R12
	LEAQ 32(R11), DI
	CMPQ DI, DX
	JGE  lastnew
	VMOVUPD (AX)(R11*1), Y0

levelnew:
	PART
	MORE
	ADDQ DX, R12
	CMPQ R12, R13
	JLT  levelnew
	MOVQ DI, R11
	JMP  new

lastnew:
	VMASKMOVPD (AX)(R11*1), Y15, Y0

levellastnew:
	PART
	MORE
	ADDQ DX, R12
	CMPQ R12, R13
	JLT  levellastnew
	INCQ CX
	CMPQ CX, n+32(FP)
	JLT  row
	VZEROUPPER
	RET

// SPREAD adds four values in Y0 to their columns. A zero is no least magnitude: it
// becomes a NaN, of which VMINPD takes the other.
#define SPREAD \
	VMULPD  Y0, Y0, Y1; \
	VANDPD  Y14, Y0, Y2; \
	VADDPD  (R8)(R11*1), Y0, Y0; \
	VADDPD  (R9)(R11*1), Y1, Y1; \
	VCMPPD  $0, Y13, Y2, Y3; \
	VORPD   Y2, Y3, Y3; \
	VMINPD  (R13)(R11*1), Y3, Y3; \
	VMAXPD  (R10)(R11*1), Y2, Y2; \
	VMOVUPD Y0, (R8)(R11*1); \
	VMOVUPD Y1, (R9)(R11*1); \
	VMOVUPD Y2, (R10)(R11*1); \
	VMOVUPD Y3, (R13)(R11*1)

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
	LEAQ     (R10)(DX*1), R13
	MOVQ     d+16(FP), R12
	SHLQ     $3, R12
	VPCMPEQD Y14, Y14, Y14
	VPSRLQ   $1, Y14, Y14 // all bits but the sign
	VXORPD   Y13, Y13, Y13

row:
	PREFETCHT0 4096(SI) // left to itself, memory takes longer than the work
	PREFETCHT0 4160(SI)
	XORQ       R11, R11

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
