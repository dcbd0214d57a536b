//go:build amd64 && !purego

#include "textflag.h"

DATA lane<>+0(SB)/8, $0
DATA lane<>+8(SB)/8, $1
DATA lane<>+16(SB)/8, $2
DATA lane<>+24(SB)/8, $3
DATA lane<>+32(SB)/8, $4
DATA lane<>+40(SB)/8, $5
DATA lane<>+48(SB)/8, $6
DATA lane<>+56(SB)/8, $7
GLOBL lane<>(SB), RODATA|NOPTR, $64

DATA infinity<>+0(SB)/8, $0x7ff0000000000000
GLOBL infinity<>(SB), RODATA|NOPTR, $8

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

// func nearestTwoAVX2(x *float64, rows *int32, n int, block *float64, d int, nearest *int32, first, second *float64)
TEXT ·nearestTwoAVX2(SB), NOSPLIT, $0-64
	MOVQ         x+0(FP), SI
	MOVQ         rows+8(FP), BX
	MOVQ         n+16(FP), CX
	MOVQ         block+24(FP), DI
	MOVQ         d+32(FP), R8
	MOVQ         nearest+40(FP), R9
	MOVQ         first+48(FP), R10
	MOVQ         second+56(FP), R11
	MOVQ         R8, R12
	SHLQ         $3, R12
	VMOVDQU      lane<>+0(SB), Y12
	VMOVDQU      lane<>+32(SB), Y13
	VBROADCASTSD infinity<>(SB), Y14

row:
	MOVLQSX (BX), AX
	IMULQ   R12, AX
	ADDQ    SI, AX
	MOVQ    DI, R13
	MOVQ    R8, R14
	VXORPD  Y0, Y0, Y0
	VXORPD  Y3, Y3, Y3

coordinate:
	VBROADCASTSD (AX), Y1
	VSUBPD       (R13), Y1, Y2
	VSUBPD       32(R13), Y1, Y4
	VMULPD       Y2, Y2, Y2
	VMULPD       Y4, Y4, Y4
	VADDPD       Y2, Y0, Y0
	VADDPD       Y4, Y3, Y3
	ADDQ         $8, AX
	ADDQ         $64, R13
	DECQ         R14
	JNZ          coordinate

	// the least of the eight, and the first lane that has it
	VMINPD       Y3, Y0, Y5
	VEXTRACTF128 $1, Y5, X6
	VMINPD       X6, X5, X5
	VPERMILPD    $1, X5, X6
	VMINSD       X6, X5, X5
	VMOVSD       X5, (R10)
	VBROADCASTSD X5, Y6
	VCMPPD       $0, Y6, Y0, Y7
	VCMPPD       $0, Y6, Y3, Y8
	VMOVMSKPD    Y7, AX
	VMOVMSKPD    Y8, DX
	SHLL         $4, DX
	ORL          DX, AX
	BSFL         AX, AX
	MOVL         AX, (R9)

	// the least of the other seven
	MOVLQZX      AX, AX
	VMOVQ        AX, X9
	VPBROADCASTQ X9, Y9
	VPCMPEQQ     Y12, Y9, Y10
	VPCMPEQQ     Y13, Y9, Y11
	VBLENDVPD    Y10, Y14, Y0, Y0
	VBLENDVPD    Y11, Y14, Y3, Y3
	VMINPD       Y3, Y0, Y5
	VEXTRACTF128 $1, Y5, X6
	VMINPD       X6, X5, X5
	VPERMILPD    $1, X5, X6
	VMINSD       X6, X5, X5
	VMOVSD       X5, (R11)

	ADDQ $4, BX
	ADDQ $4, R9
	ADDQ $8, R10
	ADDQ $8, R11
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET

// func nearestTwoAVX512(x *float64, rows *int32, n int, block *float64, d int, nearest *int32, first, second *float64)
TEXT ·nearestTwoAVX512(SB), NOSPLIT, $0-64
	MOVQ         x+0(FP), SI
	MOVQ         rows+8(FP), BX
	MOVQ         n+16(FP), CX
	MOVQ         block+24(FP), DI
	MOVQ         d+32(FP), R8
	MOVQ         nearest+40(FP), R9
	MOVQ         first+48(FP), R10
	MOVQ         second+56(FP), R11
	MOVQ         R8, R12
	SHLQ         $3, R12
	VBROADCASTSD infinity<>(SB), Z14

row:
	MOVLQSX (BX), AX
	IMULQ   R12, AX
	ADDQ    SI, AX
	MOVQ    DI, R13
	MOVQ    R8, R14
	VPXORQ  Z0, Z0, Z0

coordinate:
	VBROADCASTSD (AX), Z1
	VSUBPD       (R13), Z1, Z2
	VMULPD       Z2, Z2, Z2
	VADDPD       Z2, Z0, Z0
	ADDQ         $8, AX
	ADDQ         $64, R13
	DECQ         R14
	JNZ          coordinate

	// the least of the eight, and the first lane that has it
	VEXTRACTF64X4 $1, Z0, Y5
	VMINPD        Y5, Y0, Y5
	VEXTRACTF128  $1, Y5, X6
	VMINPD        X6, X5, X5
	VPERMILPD     $1, X5, X6
	VMINSD        X6, X5, X5
	VMOVSD        X5, (R10)
	VBROADCASTSD  X5, Z6
	VCMPPD        $0, Z6, Z0, K1
	KMOVB         K1, AX
	BSFL          AX, DX
	MOVL          DX, (R9)

	// the least of the other seven
	MOVL          AX, DX
	NEGL          DX
	ANDL          DX, AX
	KMOVB         AX, K2
	VBLENDMPD     Z14, Z0, K2, Z0
	VEXTRACTF64X4 $1, Z0, Y5
	VMINPD        Y5, Y0, Y5
	VEXTRACTF128  $1, Y5, X6
	VMINPD        X6, X5, X5
	VPERMILPD     $1, X5, X6
	VMINSD        X6, X5, X5
	VMOVSD        X5, (R11)

	ADDQ $4, BX
	ADDQ $4, R9
	ADDQ $8, R10
	ADDQ $8, R11
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET

// func addRowsAVX2(x *float64, labels *int32, n, d int, sums *float64)
TEXT ·addRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ x+0(FP), SI
	MOVQ labels+8(FP), BX
	MOVQ n+16(FP), CX
	MOVQ d+24(FP), R8
	MOVQ sums+32(FP), DI
	MOVQ R8, R12
	SHLQ $3, R12

row:
	MOVLQSX (BX), AX
	IMULQ   R12, AX
	ADDQ    DI, AX
	MOVQ    R8, R14

four:
	CMPQ    R14, $4
	JLT     one
	VMOVUPD (AX), Y0
	VADDPD  (SI), Y0, Y0
	VMOVUPD Y0, (AX)
	ADDQ    $32, AX
	ADDQ    $32, SI
	SUBQ    $4, R14
	JMP     four

one:
	TESTQ  R14, R14
	JZ     done
	VMOVSD (AX), X0
	VADDSD (SI), X0, X0
	VMOVSD X0, (AX)
	ADDQ   $8, AX
	ADDQ   $8, SI
	DECQ   R14
	JMP    one

done:
	ADDQ $4, BX
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
