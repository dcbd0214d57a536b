//go:build amd64 && !purego

#include "textflag.h"

// func productsAVX512(x, y *[TileWidth]*float64, groups int, sums *partials, ahead *float64)
#define PRODUCTS(y, s0, s1, s2, s3) \
	VMOVUPD (y)(CX*1), Z20; \
	VFMADD231PD Z16, Z20, s0; \
	VFMADD231PD Z17, Z20, s1; \
	VFMADD231PD Z18, Z20, s2; \
	VFMADD231PD Z19, Z20, s3

TEXT ·productsAVX512(SB), NOSPLIT, $0-40
	MOVQ x+0(FP), SI
	MOVQ y+8(FP), DI
	MOVQ groups+16(FP), DX
	MOVQ sums+24(FP), AX
	MOVQ (SI), R8
	MOVQ 8(SI), R9
	MOVQ 16(SI), R10
	MOVQ 24(SI), R11
	MOVQ (DI), R12
	MOVQ 8(DI), R13
	MOVQ 16(DI), R14
	MOVQ 24(DI), BX
	MOVQ ahead+32(FP), SI
	SHLQ $6, DX
	XORQ CX, CX

	VMOVUPD (AX), Z0
	VMOVUPD 64(AX), Z1
	VMOVUPD 128(AX), Z2
	VMOVUPD 192(AX), Z3
	VMOVUPD 256(AX), Z4
	VMOVUPD 320(AX), Z5
	VMOVUPD 384(AX), Z6
	VMOVUPD 448(AX), Z7
	VMOVUPD 512(AX), Z8
	VMOVUPD 576(AX), Z9
	VMOVUPD 640(AX), Z10
	VMOVUPD 704(AX), Z11
	VMOVUPD 768(AX), Z12
	VMOVUPD 832(AX), Z13
	VMOVUPD 896(AX), Z14
	VMOVUPD 960(AX), Z15

group:
	VMOVUPD (R8)(CX*1), Z16
	VMOVUPD (R9)(CX*1), Z17
	VMOVUPD (R10)(CX*1), Z18
	VMOVUPD (R11)(CX*1), Z19
	PREFETCHT1 (SI)(CX*1)
	PRODUCTS(R12, Z0, Z4, Z8, Z12)
	PRODUCTS(R13, Z1, Z5, Z9, Z13)
	PRODUCTS(R14, Z2, Z6, Z10, Z14)
	PRODUCTS(BX, Z3, Z7, Z11, Z15)
	ADDQ    $64, CX
	CMPQ    CX, DX
	JLT     group

	VMOVUPD Z0, (AX)
	VMOVUPD Z1, 64(AX)
	VMOVUPD Z2, 128(AX)
	VMOVUPD Z3, 192(AX)
	VMOVUPD Z4, 256(AX)
	VMOVUPD Z5, 320(AX)
	VMOVUPD Z6, 384(AX)
	VMOVUPD Z7, 448(AX)
	VMOVUPD Z8, 512(AX)
	VMOVUPD Z9, 576(AX)
	VMOVUPD Z10, 640(AX)
	VMOVUPD Z11, 704(AX)
	VMOVUPD Z12, 768(AX)
	VMOVUPD Z13, 832(AX)
	VMOVUPD Z14, 896(AX)
	VMOVUPD Z15, 960(AX)
	VZEROUPPER
	RET

// func productsAVX2(x, y *[TileWidth]*float64, groups, pair, half int, sums *partials)
TEXT ·productsAVX2(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), SI
	MOVQ y+8(FP), DI
	MOVQ groups+16(FP), DX
	MOVQ pair+24(FP), BX
	MOVQ half+32(FP), CX
	MOVQ sums+40(FP), AX
	MOVQ (SI), R8
	MOVQ 8(SI), R9
	MOVQ 16(SI), R10
	MOVQ 24(SI), R11
	SHLQ $4, BX
	ADDQ BX, DI
	MOVQ (DI), R12
	MOVQ 8(DI), R13
	SHLQ $3, BX
	ADDQ BX, AX
	SHLQ $5, CX
	ADDQ CX, AX
	SHLQ $6, DX
	ADDQ CX, DX

	VMOVUPD (AX), Y0
	VMOVUPD 64(AX), Y1
	VMOVUPD 256(AX), Y2
	VMOVUPD 320(AX), Y3
	VMOVUPD 512(AX), Y4
	VMOVUPD 576(AX), Y5
	VMOVUPD 768(AX), Y6
	VMOVUPD 832(AX), Y7

group:
	VMOVUPD (R12)(CX*1), Y8
	VMOVUPD (R13)(CX*1), Y9
	VMOVUPD (R8)(CX*1), Y10
	VFMADD231PD Y8, Y10, Y0
	VFMADD231PD Y9, Y10, Y1
	VMOVUPD (R9)(CX*1), Y11
	VFMADD231PD Y8, Y11, Y2
	VFMADD231PD Y9, Y11, Y3
	VMOVUPD (R10)(CX*1), Y10
	VFMADD231PD Y8, Y10, Y4
	VFMADD231PD Y9, Y10, Y5
	VMOVUPD (R11)(CX*1), Y11
	VFMADD231PD Y8, Y11, Y6
	VFMADD231PD Y9, Y11, Y7
	ADDQ    $64, CX
	CMPQ    CX, DX
	JLT     group

	VMOVUPD Y0, (AX)
	VMOVUPD Y1, 64(AX)
	VMOVUPD Y2, 256(AX)
	VMOVUPD Y3, 320(AX)
	VMOVUPD Y4, 512(AX)
	VMOVUPD Y5, 576(AX)
	VMOVUPD Y6, 768(AX)
	VMOVUPD Y7, 832(AX)
	VZEROUPPER
	RET

// func addDifferencesAVX2(x *float64, groups int, origin float64, sums *[Lanes]float64)
TEXT ·addDifferencesAVX2(SB), NOSPLIT, $0-32
	MOVQ         x+0(FP), SI
	MOVQ         groups+8(FP), CX
	VBROADCASTSD origin+16(FP), Y2
	MOVQ         sums+24(FP), AX
	VMOVUPD      (AX), Y0
	VMOVUPD      32(AX), Y1

group:
	VMOVUPD (SI), Y3
	VMOVUPD 32(SI), Y4
	VSUBPD  Y2, Y3, Y3
	VSUBPD  Y2, Y4, Y4
	VADDPD  Y3, Y0, Y0
	VADDPD  Y4, Y1, Y1
	ADDQ    $64, SI
	DECQ    CX
	JNZ     group

	VMOVUPD Y0, (AX)
	VMOVUPD Y1, 32(AX)
	VZEROUPPER
	RET

// func subtractBothAVX2(to, x *float64, groups int, a, b float64)
TEXT ·subtractBothAVX2(SB), NOSPLIT, $0-40
	MOVQ         to+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         groups+16(FP), CX
	VBROADCASTSD a+24(FP), Y0
	VBROADCASTSD b+32(FP), Y1

group:
	VMOVUPD (SI), Y2
	VMOVUPD 32(SI), Y3
	VSUBPD  Y0, Y2, Y2
	VSUBPD  Y0, Y3, Y3
	VSUBPD  Y1, Y2, Y2
	VSUBPD  Y1, Y3, Y3
	VMOVUPD Y2, (DI)
	VMOVUPD Y3, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// func addSlopeAVX2(to, x *float64, groups int, slope, centre float64)
TEXT ·addSlopeAVX2(SB), NOSPLIT, $0-40
	MOVQ         to+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         groups+16(FP), CX
	VBROADCASTSD slope+24(FP), Y0
	VBROADCASTSD centre+32(FP), Y1

group:
	VMOVUPD (SI), Y2
	VMOVUPD 32(SI), Y3
	VCMPPD  $7, Y2, Y2, Y4 // not NaN
	VCMPPD  $7, Y3, Y3, Y5
	VSUBPD  Y1, Y2, Y2
	VSUBPD  Y1, Y3, Y3
	VMULPD  Y0, Y2, Y2
	VMULPD  Y0, Y3, Y3
	VANDPD  Y4, Y2, Y2
	VANDPD  Y5, Y3, Y3
	VADDPD  (DI), Y2, Y2
	VADDPD  32(DI), Y3, Y3
	VMOVUPD Y2, (DI)
	VMOVUPD Y3, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// func addSlopesAVX512(to *float64, x *[TileWidth]*float64, groups int, slopes, centres *[TileWidth]float64)
#define SLOPE(x, centre, slope) \
	VMOVUPD  (x)(BX*1), Z9; \
	VCMPPD   $7, Z9, Z9, K1; \ // not NaN
	VSUBPD   centre, Z9, Z9; \
	VMULPD.Z slope, Z9, K1, Z9; \
	VADDPD   Z9, Z8, Z8

TEXT ·addSlopesAVX512(SB), NOSPLIT, $0-40
	MOVQ         to+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         groups+16(FP), CX
	MOVQ         slopes+24(FP), AX
	MOVQ         centres+32(FP), DX
	MOVQ         (SI), R8
	MOVQ         8(SI), R9
	MOVQ         16(SI), R10
	MOVQ         24(SI), R11
	VBROADCASTSD (AX), Z0
	VBROADCASTSD 8(AX), Z1
	VBROADCASTSD 16(AX), Z2
	VBROADCASTSD 24(AX), Z3
	VBROADCASTSD (DX), Z4
	VBROADCASTSD 8(DX), Z5
	VBROADCASTSD 16(DX), Z6
	VBROADCASTSD 24(DX), Z7
	XORQ         BX, BX

group:
	VMOVUPD (DI)(BX*1), Z8
	SLOPE(R8, Z4, Z0)
	SLOPE(R9, Z5, Z1)
	SLOPE(R10, Z6, Z2)
	SLOPE(R11, Z7, Z3)
	VMOVUPD Z8, (DI)(BX*1)
	ADDQ    $64, BX
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

DATA magnitude<>+0(SB)/8, $0x7fffffffffffffff
GLOBL magnitude<>(SB), RODATA|NOPTR, $8

// func addMissesAVX2(a, b *float64, groups int, squares, absolutes *[Lanes]float64)
TEXT ·addMissesAVX2(SB), NOSPLIT, $0-40
	MOVQ         a+0(FP), SI
	MOVQ         b+8(FP), DI
	MOVQ         groups+16(FP), CX
	MOVQ         squares+24(FP), AX
	MOVQ         absolutes+32(FP), DX
	VBROADCASTSD magnitude<>+0(SB), Y8
	VMOVUPD      (AX), Y0
	VMOVUPD      32(AX), Y1
	VMOVUPD      (DX), Y2
	VMOVUPD      32(DX), Y3

group:
	VMOVUPD (SI), Y4
	VMOVUPD 32(SI), Y5
	VSUBPD  (DI), Y4, Y4
	VSUBPD  32(DI), Y5, Y5
	VMULPD  Y4, Y4, Y6
	VMULPD  Y5, Y5, Y7
	VANDPD  Y8, Y4, Y4
	VANDPD  Y8, Y5, Y5
	VADDPD  Y6, Y0, Y0
	VADDPD  Y7, Y1, Y1
	VADDPD  Y4, Y2, Y2
	VADDPD  Y5, Y3, Y3
	ADDQ    $64, SI
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group

	VMOVUPD Y0, (AX)
	VMOVUPD Y1, 32(AX)
	VMOVUPD Y2, (DX)
	VMOVUPD Y3, 32(DX)
	VZEROUPPER
	RET

DATA infinities<>+0(SB)/8, $0x7ff0000000000000
DATA infinities<>+8(SB)/8, $0xfff0000000000000
GLOBL infinities<>(SB), RODATA|NOPTR, $16

// func rangeAVX2(x *float64, groups int) (low, high float64, missing bool)
TEXT ·rangeAVX2(SB), NOSPLIT, $0-33
	MOVQ         x+0(FP), SI
	MOVQ         groups+8(FP), CX
	VBROADCASTSD infinities<>+0(SB), Y0
	VBROADCASTSD infinities<>+8(SB), Y1
	VMOVAPD      Y0, Y2
	VMOVAPD      Y1, Y3
	VXORPD       Y4, Y4, Y4

group:
	// of a NaN and a number, the last operand, here the first, is taken
	VMOVUPD (SI), Y5
	VMOVUPD 32(SI), Y6
	VMINPD  Y0, Y5, Y0
	VMINPD  Y2, Y6, Y2
	VMAXPD  Y1, Y5, Y1
	VMAXPD  Y3, Y6, Y3
	VCMPPD  $3, Y6, Y5, Y5 // either is NaN
	VORPD   Y5, Y4, Y4
	ADDQ    $64, SI
	DECQ    CX
	JNZ     group

	VMINPD       Y2, Y0, Y0
	VMAXPD       Y3, Y1, Y1
	VEXTRACTF128 $1, Y0, X2
	VEXTRACTF128 $1, Y1, X3
	VMINPD       X2, X0, X0
	VMAXPD       X3, X1, X1
	VPERMILPD    $1, X0, X2
	VPERMILPD    $1, X1, X3
	VMINSD       X2, X0, X0
	VMAXSD       X3, X1, X1
	VMOVSD       X0, low+16(FP)
	VMOVSD       X1, high+24(FP)
	VMOVMSKPD    Y4, AX
	TESTL        AX, AX
	SETNE        missing+32(FP)
	VZEROUPPER
	RET

// func partAVX512(x *float64, chosen *uint8, groups int, to, others *float64) int
TEXT ·partAVX512(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), SI
	MOVQ chosen+8(FP), BX
	MOVQ groups+16(FP), CX
	MOVQ to+24(FP), DI
	MOVQ others+32(FP), DX
	MOVQ DI, R8

group:
	MOVBLZX     (BX), AX
	KMOVB       AX, K1
	KNOTB       K1, K2
	VMOVUPD     (SI), Z0
	VCOMPRESSPD Z0, K1, Z1
	VCOMPRESSPD Z0, K2, Z2
	VMOVUPD     Z1, (DI)
	VMOVUPD     Z2, (DX)
	POPCNTL     AX, AX
	LEAQ        (DI)(AX*8), DI
	NEGQ        AX
	LEAQ        64(DX)(AX*8), DX
	ADDQ        $64, SI
	INCQ        BX
	DECQ        CX
	JNZ         group

	SUBQ R8, DI
	SHRQ $3, DI
	MOVQ DI, ret+40(FP)
	VZEROUPPER
	RET
