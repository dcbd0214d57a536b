//go:build amd64 && !purego

#include "textflag.h"

DATA single<>+0(SB)/4, $0x7f800000 // infinity
DATA single<>+4(SB)/4, $1
GLOBL single<>(SB), RODATA|NOPTR, $8

// AHEAD fetches a group that is looked at soon, if groups are looked at in turn: left
// to itself, memory takes longer than the work.
#define AHEAD \
	LEAQ       5120(SI), R9; \
	MOVQ       R8, R10; \
	PREFETCHT0 (R9); \
	ADDQ       $64, R9; \
	DECQ       R10; \
	JNZ        -3(PC)

// A verdict has its rows' nearest points at 0, what changed at 64, what is
// doubtful at 68, and the gap at 72.

// func lookAVX512(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)
TEXT ·lookAVX512(SB), NOSPLIT, $0-64
	MOVQ         x+0(FP), SI
	MOVQ         d+8(FP), R8
	MOVQ         points+16(FP), DI
	MOVQ         pairs+24(FP), CX
	MOVQ         labels+32(FP), BX
	MOVQ         v+56(FP), DX
	VBROADCASTSS single<>+0(SB), Z0 // first
	VMOVAPS      Z0, Z1             // second
	VMOVAPS      Z0, Z9
	VPXORD       Z2, Z2, Z2         // nearest
	VPXORD       Z3, Z3, Z3         // this point
	VPBROADCASTD single<>+4(SB), Z4
	AHEAD

pair:
	VPXORD Z5, Z5, Z5
	VPXORD Z8, Z8, Z8
	MOVQ   SI, R9
	MOVQ   R8, R10

coordinate:
	VMOVUPS      (R9), Z6
	VSUBPS.BCST  (DI), Z6, Z7
	VSUBPS.BCST  4(DI), Z6, Z6
	VFMADD231PS  Z7, Z7, Z5
	VFMADD231PS  Z6, Z6, Z8
	ADDQ         $64, R9
	ADDQ         $8, DI
	DECQ         R10
	JNZ          coordinate

	VCMPPS    $1, Z0, Z5, K1
	VMAXPS    Z5, Z0, Z7
	VMINPS    Z7, Z1, Z1
	VMINPS    Z5, Z0, Z0
	VMOVDQA32 Z3, K1, Z2
	VPADDD    Z4, Z3, Z3
	VCMPPS    $1, Z0, Z8, K1
	VMAXPS    Z8, Z0, Z7
	VMINPS    Z7, Z1, Z1
	VMINPS    Z8, Z0, Z0
	VMOVDQA32 Z3, K1, Z2
	VPADDD    Z4, Z3, Z3
	DECQ      CX
	JNZ       pair

	VMOVDQU32    Z2, (DX)
	VPCMPD       $4, (BX), Z2, K1
	KMOVW        K1, AX
	MOVL         AX, 64(DX)
	VSQRTPS      Z0, Z0
	VSQRTPS      Z1, Z1
	VMULPS.BCST  less+40(FP), Z1, Z1
	VMULPS.BCST  more+44(FP), Z0, Z0
	VSUBPS       Z0, Z1, Z1
	VSUBPS.BCST  margin+48(FP), Z1, Z1
	VPXORD       Z5, Z5, Z5
	VCMPPS       $14, Z5, Z1, K1 // more than 0
	KNOTW        K1, K2
	KMOVW        K2, AX
	MOVL         AX, 68(DX)

	VMOVAPS       Z1, K1, Z9
	VEXTRACTF64X4 $1, Z9, Y5
	VMINPS        Y5, Y9, Y5
	VEXTRACTF128  $1, Y5, X6
	VMINPS        X6, X5, X5
	VPERMILPS     $0x4e, X5, X6
	VMINPS        X6, X5, X5
	VPERMILPS     $0xb1, X5, X6
	VMINSS        X6, X5, X5
	VMOVSS        X5, 72(DX)
	VZEROUPPER
	RET

// One half of a group after the other.

// func lookAVX2(x *float32, d int, points *float32, pairs int, labels *[GroupRows]int32, less, more, margin float32, v *Verdict)
TEXT ·lookAVX2(SB), NOSPLIT, $0-64
	MOVQ         x+0(FP), SI
	MOVQ         d+8(FP), R8
	MOVQ         labels+32(FP), BX
	MOVQ         v+56(FP), DX
	VBROADCASTSS single<>+0(SB), Y9
	VBROADCASTSS less+40(FP), Y10
	VBROADCASTSS more+44(FP), Y11
	VBROADCASTSS margin+48(FP), Y12
	VPBROADCASTD single<>+4(SB), Y4
	VMOVAPS      Y9, Y13 // the gap
	XORQ         R11, R11 // bytes before this half
	XORL         R12, R12 // changed
	XORL         R13, R13 // not doubtful
	AHEAD

half:
	MOVQ    points+16(FP), DI
	MOVQ    pairs+24(FP), CX
	VMOVAPS Y9, Y0
	VMOVAPS Y9, Y1
	VPXOR   Y2, Y2, Y2
	VPXOR   Y3, Y3, Y3

pair:
	VXORPS Y5, Y5, Y5
	VXORPS Y14, Y14, Y14
	LEAQ   (SI)(R11*1), R9
	MOVQ   R8, R10

coordinate:
	VMOVUPS      (R9), Y6
	VBROADCASTSS (DI), Y7
	VBROADCASTSS 4(DI), Y8
	VSUBPS       Y7, Y6, Y7
	VSUBPS       Y8, Y6, Y8
	VFMADD231PS  Y7, Y7, Y5
	VFMADD231PS  Y8, Y8, Y14
	ADDQ         $64, R9
	ADDQ         $8, DI
	DECQ         R10
	JNZ          coordinate

	VCMPPS    $1, Y0, Y5, Y8
	VMAXPS    Y5, Y0, Y7
	VMINPS    Y7, Y1, Y1
	VMINPS    Y5, Y0, Y0
	VBLENDVPS Y8, Y3, Y2, Y2
	VPADDD    Y4, Y3, Y3
	VCMPPS    $1, Y0, Y14, Y8
	VMAXPS    Y14, Y0, Y7
	VMINPS    Y7, Y1, Y1
	VMINPS    Y14, Y0, Y0
	VBLENDVPS Y8, Y3, Y2, Y2
	VPADDD    Y4, Y3, Y3
	DECQ      CX
	JNZ       pair

	VMOVDQU   Y2, (DX)(R11*1)
	VPCMPEQD  (BX)(R11*1), Y2, Y5
	VMOVMSKPS Y5, AX
	NOTL      AX
	ANDL      $255, AX
	VSQRTPS   Y0, Y0
	VSQRTPS   Y1, Y1
	VMULPS    Y10, Y1, Y1
	VMULPS    Y11, Y0, Y0
	VSUBPS    Y0, Y1, Y1
	VSUBPS    Y12, Y1, Y1
	VXORPS    Y5, Y5, Y5
	VCMPPS    $14, Y5, Y1, Y5
	VMOVMSKPS Y5, R10
	VBLENDVPS Y5, Y1, Y9, Y1
	VMINPS    Y1, Y13, Y13

	MOVQ R11, CX
	SHRQ $2, CX
	SHLL CX, AX
	SHLL CX, R10
	ORL  AX, R12
	ORL  R10, R13
	ADDQ $32, R11
	CMPQ R11, $64
	JLT  half

	NOTL         R13
	ANDL         $0xffff, R13
	MOVL         R12, 64(DX)
	MOVL         R13, 68(DX)
	VEXTRACTF128 $1, Y13, X6
	VMINPS       X6, X13, X5
	VPERMILPS    $0x4e, X5, X6
	VMINPS       X6, X5, X5
	VPERMILPS    $0xb1, X5, X6
	VMINSS       X6, X5, X5
	VMOVSS       X5, 72(DX)
	VZEROUPPER
	RET

// PACK takes a value of four rows, from ROW on, R9 bytes apart, to the frame, adds
// its squares to SUM and leaves it in single precision AT the group.
#define PACK(ROW, SUM, AT) \
	LEAQ        (ROW)(R9*2), R11; \
	VMOVSD      (ROW), X4; \
	VMOVHPD     (ROW)(R9*1), X4, X4; \
	VMOVSD      (R11), X5; \
	VMOVHPD     (R11)(R9*1), X5, X5; \
	VINSERTF128 $1, X5, Y4, Y4; \
	VSUBPD      Y6, Y4, Y4; \
	VMULPD      Y7, Y4, Y4; \
	VCVTPD2PSY  Y4, X5; \
	VMOVUPS     X5, AT(DI); \
	VMULPD      Y4, Y4, Y4; \
	VADDPD      Y4, SUM, SUM

// func packAVX2(x, origin *float64, scale float64, d int, packed *float32) (squared float64)
TEXT ·packAVX2(SB), NOSPLIT, $0-48
	MOVQ         x+0(FP), SI
	MOVQ         origin+8(FP), BX
	VBROADCASTSD scale+16(FP), Y7
	MOVQ         d+24(FP), R9
	MOVQ         packed+32(FP), DI
	MOVQ         R9, CX
	SHLQ         $3, R9 // bytes of a row
	LEAQ         (SI)(R9*4), R8
	LEAQ         (SI)(R9*8), R10
	LEAQ         (R8)(R9*8), R12
	VXORPD       Y0, Y0, Y0
	VXORPD       Y1, Y1, Y1
	VXORPD       Y2, Y2, Y2
	VXORPD       Y3, Y3, Y3

value:
	VBROADCASTSD (BX), Y6
	PACK(SI, Y0, 0)
	PACK(R8, Y1, 16)
	PACK(R10, Y2, 32)
	PACK(R12, Y3, 48)
	ADDQ         $8, BX
	ADDQ         $8, SI
	ADDQ         $8, R8
	ADDQ         $8, R10
	ADDQ         $8, R12
	ADDQ         $64, DI
	DECQ         CX
	JNZ          value

	VMAXPD       Y1, Y0, Y0
	VMAXPD       Y3, Y2, Y2
	VMAXPD       Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPD       X1, X0, X0
	VPERMILPD    $1, X0, X1
	VMAXSD       X1, X0, X0
	VMOVSD       X0, squared+40(FP)
	VZEROUPPER
	RET
