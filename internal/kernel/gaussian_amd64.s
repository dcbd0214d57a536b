//go:build amd64 && !purego

#include "textflag.h"

// func subtractAVX2(to, x *float64, groups int, origin float64)
TEXT ·subtractAVX2(SB), NOSPLIT, $0-32
	MOVQ         to+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         groups+16(FP), CX
	VBROADCASTSD origin+24(FP), Y0

group:
	VMOVUPD (SI), Y1
	VMOVUPD 32(SI), Y2
	VSUBPD  Y0, Y1, Y1
	VSUBPD  Y0, Y2, Y2
	VMOVUPD Y1, (DI)
	VMOVUPD Y2, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// func multiplyAVX2(to, x, y *float64, groups int)
TEXT ·multiplyAVX2(SB), NOSPLIT, $0-32
	MOVQ to+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ groups+24(FP), CX

group:
	VMOVUPD (SI), Y1
	VMOVUPD 32(SI), Y2
	VMULPD  (DX), Y1, Y1
	VMULPD  32(DX), Y2, Y2
	VMOVUPD Y1, (DI)
	VMOVUPD Y2, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DX
	ADDQ    $64, DI
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// Four registers of points: each row of the matrix adds to four sums that do not
// wait for one another.

// func lowerSquaresAVX512(lower, columns *float64, d, n, groups int, squared *float64)
TEXT ·lowerSquaresAVX512(SB), NOSPLIT, $0-48
	MOVQ columns+8(FP), SI
	MOVQ d+16(FP), R8
	MOVQ n+24(FP), R9
	SHLQ $3, R9 // bytes of a column
	MOVQ groups+32(FP), CX
	MOVQ squared+40(FP), DX

group:
	MOVQ    lower+0(FP), DI
	MOVQ    $1, R10 // values in this row of the matrix
	VMOVUPD (DX), Z8
	VMOVUPD 64(DX), Z9
	VMOVUPD 128(DX), Z10
	VMOVUPD 192(DX), Z11

row:
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	MOVQ   SI, R11
	MOVQ   DI, BX
	MOVQ   R10, R12

value:
	VBROADCASTSD (BX), Z12
	VMULPD       (R11), Z12, Z4
	VMULPD       64(R11), Z12, Z5
	VMULPD       128(R11), Z12, Z6
	VMULPD       192(R11), Z12, Z7
	VADDPD       Z4, Z0, Z0
	VADDPD       Z5, Z1, Z1
	VADDPD       Z6, Z2, Z2
	VADDPD       Z7, Z3, Z3
	ADDQ         $8, BX
	ADDQ         R9, R11
	DECQ         R12
	JNZ          value

	VMULPD Z0, Z0, Z0
	VMULPD Z1, Z1, Z1
	VMULPD Z2, Z2, Z2
	VMULPD Z3, Z3, Z3
	VADDPD Z0, Z8, Z8
	VADDPD Z1, Z9, Z9
	VADDPD Z2, Z10, Z10
	VADDPD Z3, Z11, Z11
	LEAQ   (DI)(R8*8), DI
	INCQ   R10
	CMPQ   R10, R8
	JLE    row

	VMOVUPD Z8, (DX)
	VMOVUPD Z9, 64(DX)
	VMOVUPD Z10, 128(DX)
	VMOVUPD Z11, 192(DX)
	ADDQ    $256, SI
	ADDQ    $256, DX
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// func lowerSquaresAVX2(lower, columns *float64, d, n, groups int, squared *float64)
TEXT ·lowerSquaresAVX2(SB), NOSPLIT, $0-48
	MOVQ columns+8(FP), SI
	MOVQ d+16(FP), R8
	MOVQ n+24(FP), R9
	SHLQ $3, R9 // bytes of a column
	MOVQ groups+32(FP), CX
	MOVQ squared+40(FP), DX

group:
	MOVQ    lower+0(FP), DI
	MOVQ    $1, R10 // values in this row of the matrix
	VMOVUPD (DX), Y8
	VMOVUPD 32(DX), Y9
	VMOVUPD 64(DX), Y10
	VMOVUPD 96(DX), Y11

row:
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	MOVQ   SI, R11
	MOVQ   DI, BX
	MOVQ   R10, R12

value:
	VBROADCASTSD (BX), Y12
	VMULPD       (R11), Y12, Y4
	VMULPD       32(R11), Y12, Y5
	VMULPD       64(R11), Y12, Y6
	VMULPD       96(R11), Y12, Y7
	VADDPD       Y4, Y0, Y0
	VADDPD       Y5, Y1, Y1
	VADDPD       Y6, Y2, Y2
	VADDPD       Y7, Y3, Y3
	ADDQ         $8, BX
	ADDQ         R9, R11
	DECQ         R12
	JNZ          value

	VMULPD Y0, Y0, Y0
	VMULPD Y1, Y1, Y1
	VMULPD Y2, Y2, Y2
	VMULPD Y3, Y3, Y3
	VADDPD Y0, Y8, Y8
	VADDPD Y1, Y9, Y9
	VADDPD Y2, Y10, Y10
	VADDPD Y3, Y11, Y11
	LEAQ   (DI)(R8*8), DI
	INCQ   R10
	CMPQ   R10, R8
	JLE    row

	VMOVUPD Y8, (DX)
	VMOVUPD Y9, 32(DX)
	VMOVUPD Y10, 64(DX)
	VMOVUPD Y11, 96(DX)
	ADDQ    $128, SI
	ADDQ    $128, DX
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

DATA bounds<>+0(SB)/8, $1e300 // farthest
DATA bounds<>+8(SB)/8, $0.5
DATA bounds<>+16(SB)/8, $0xfff0000000000000 // -infinity
DATA bounds<>+24(SB)/8, $-40.0 // negligible
DATA bounds<>+32(SB)/8, $1.0
GLOBL bounds<>(SB), RODATA|NOPTR, $40

// SERIES512 takes a step of the series in Z5 with the power in Z4.
#define SERIES512(COEFFICIENT) \
	VMULPD      Z4, Z5, Z5; \
	VADDPD.BCST COEFFICIENT(R8), Z5, Z5

// EXP512 sets Z5 to the exponentials of Z2.
#define EXP512 \
	VMULPD.BCST  (R8), Z2, Z3; \
	VADDPD.BCST  8(R8), Z3, Z3; \
	VSUBPD.BCST  8(R8), Z3, Z4; \
	VMULPD.BCST  16(R8), Z4, Z5; \
	VMULPD.BCST  24(R8), Z4, Z4; \
	VSUBPD       Z5, Z2, Z5; \
	VSUBPD       Z4, Z5, Z4; \
	VBROADCASTSD 32(R8), Z5; \
	SERIES512(40); \
	SERIES512(48); \
	SERIES512(56); \
	SERIES512(64); \
	SERIES512(72); \
	SERIES512(80); \
	SERIES512(88); \
	SERIES512(96); \
	SERIES512(104); \
	SERIES512(112); \
	SERIES512(120); \
	SERIES512(128); \
	SERIES512(136); \
	VPSLLQ       $52, Z3, Z3; \
	VPADDQ       Z3, Z5, Z5

// func sharesAVX512(constants, squared *float64, k, n, groups int, powers *[18]float64, total, largest *float64)
TEXT ·sharesAVX512(SB), NOSPLIT, $0-64
	MOVQ         squared+8(FP), SI
	MOVQ         n+24(FP), R9
	SHLQ         $3, R9 // bytes of a column
	MOVQ         groups+32(FP), CX
	MOVQ         powers+40(FP), R8
	MOVQ         total+48(FP), DX
	MOVQ         largest+56(FP), BX
	VBROADCASTSD bounds<>+0(SB), Z9
	VBROADCASTSD bounds<>+8(SB), Z10
	VBROADCASTSD bounds<>+16(SB), Z11
	VBROADCASTSD bounds<>+24(SB), Z12

group:
	MOVQ    constants+0(FP), DI
	MOVQ    k+16(FP), R12
	MOVQ    SI, R11
	VMOVAPD Z11, Z0

logarithm:
	VMOVUPD      (R11), Z1
	VMINPD       Z9, Z1, Z1 // of a NaN and a number, the first operand is taken
	VMULPD       Z10, Z1, Z1
	VBROADCASTSD (DI), Z2
	VSUBPD       Z1, Z2, Z1
	VMOVUPD      Z1, (R11)
	VMAXPD       Z1, Z0, Z0
	ADDQ         $8, DI
	ADDQ         R9, R11
	DECQ         R12
	JNZ          logarithm

	VMOVUPD Z0, (BX)
	VPXORQ  Z1, Z1, Z1
	MOVQ    k+16(FP), R12
	MOVQ    SI, R11

density:
	VMOVUPD (R11), Z2
	VSUBPD  Z0, Z2, Z2
	EXP512
	VCMPPD  $14, Z12, Z2, K1 // more than negligible
	VMOVAPD.Z Z5, K1, Z5
	VMOVUPD Z5, (R11)
	VADDPD  Z5, Z1, Z1
	ADDQ    R9, R11
	DECQ    R12
	JNZ     density

	VMOVUPD      Z1, (DX)
	VBROADCASTSD bounds<>+32(SB), Z2
	VDIVPD       Z1, Z2, Z1
	MOVQ         k+16(FP), R12
	MOVQ         SI, R11

share:
	VMULPD  (R11), Z1, Z2
	VMOVUPD Z2, (R11)
	ADDQ    R9, R11
	DECQ    R12
	JNZ     share

	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, BX
	DECQ CX
	JNZ  group
	VZEROUPPER
	RET

// SERIES is SERIES512 for Y5 and Y4.
#define SERIES(COEFFICIENT) \
	VBROADCASTSD COEFFICIENT(R8), Y6; \
	VMULPD       Y4, Y5, Y5; \
	VADDPD       Y6, Y5, Y5

// EXP sets Y5 to the exponentials of Y2.
#define EXP \
	VBROADCASTSD (R8), Y3; \
	VBROADCASTSD 8(R8), Y4; \
	VBROADCASTSD 16(R8), Y5; \
	VBROADCASTSD 24(R8), Y6; \
	VMULPD       Y3, Y2, Y3; \
	VADDPD       Y4, Y3, Y3; \
	VSUBPD       Y4, Y3, Y4; \
	VMULPD       Y5, Y4, Y5; \
	VMULPD       Y6, Y4, Y4; \
	VSUBPD       Y5, Y2, Y5; \
	VSUBPD       Y4, Y5, Y4; \
	VBROADCASTSD 32(R8), Y5; \
	SERIES(40); \
	SERIES(48); \
	SERIES(56); \
	SERIES(64); \
	SERIES(72); \
	SERIES(80); \
	SERIES(88); \
	SERIES(96); \
	SERIES(104); \
	SERIES(112); \
	SERIES(120); \
	SERIES(128); \
	SERIES(136); \
	VPSLLQ       $52, Y3, Y3; \
	VPADDQ       Y3, Y5, Y5

// func sharesAVX2(constants, squared *float64, k, n, groups int, powers *[18]float64, total, largest *float64)
TEXT ·sharesAVX2(SB), NOSPLIT, $0-64
	MOVQ         squared+8(FP), SI
	MOVQ         n+24(FP), R9
	SHLQ         $3, R9 // bytes of a column
	MOVQ         groups+32(FP), CX
	MOVQ         powers+40(FP), R8
	MOVQ         total+48(FP), DX
	MOVQ         largest+56(FP), BX
	VBROADCASTSD bounds<>+0(SB), Y9
	VBROADCASTSD bounds<>+8(SB), Y10
	VBROADCASTSD bounds<>+16(SB), Y11
	VBROADCASTSD bounds<>+24(SB), Y12

group:
	MOVQ    constants+0(FP), DI
	MOVQ    k+16(FP), R12
	MOVQ    SI, R11
	VMOVAPD Y11, Y0

logarithm:
	VMOVUPD      (R11), Y1
	VMINPD       Y9, Y1, Y1 // of a NaN and a number, the first operand is taken
	VMULPD       Y10, Y1, Y1
	VBROADCASTSD (DI), Y2
	VSUBPD       Y1, Y2, Y1
	VMOVUPD      Y1, (R11)
	VMAXPD       Y1, Y0, Y0
	ADDQ         $8, DI
	ADDQ         R9, R11
	DECQ         R12
	JNZ          logarithm

	VMOVUPD Y0, (BX)
	VXORPD  Y1, Y1, Y1
	MOVQ    k+16(FP), R12
	MOVQ    SI, R11

density:
	VMOVUPD (R11), Y2
	VSUBPD  Y0, Y2, Y2
	EXP
	VCMPPD  $14, Y12, Y2, Y6 // more than negligible
	VANDPD  Y6, Y5, Y5
	VMOVUPD Y5, (R11)
	VADDPD  Y5, Y1, Y1
	ADDQ    R9, R11
	DECQ    R12
	JNZ     density

	VMOVUPD      Y1, (DX)
	VBROADCASTSD bounds<>+32(SB), Y2
	VDIVPD       Y1, Y2, Y1
	MOVQ         k+16(FP), R12
	MOVQ         SI, R11

share:
	VMULPD  (R11), Y1, Y2
	VMOVUPD Y2, (R11)
	ADDQ    R9, R11
	DECQ    R12
	JNZ     share

	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, BX
	DECQ CX
	JNZ  group
	VZEROUPPER
	RET
