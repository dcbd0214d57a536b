//go:build amd64 && !purego

#include "textflag.h"

// The order of pairs of rows after their results have been packed to words.
DATA unpacked<>+0(SB)/4, $0
DATA unpacked<>+4(SB)/4, $4
DATA unpacked<>+8(SB)/4, $1
DATA unpacked<>+12(SB)/4, $5
DATA unpacked<>+16(SB)/4, $2
DATA unpacked<>+20(SB)/4, $6
DATA unpacked<>+24(SB)/4, $3
DATA unpacked<>+28(SB)/4, $7
GLOBL unpacked<>(SB), RODATA|NOPTR, $32

// SPLIT compares 16 values by the predicate, and takes bit from the patterns where
// it fails, to the first result, and where it holds, to the second.
#define SPLIT(PREDICATE, FIRST, SECOND) \
	VMOVUPD      (CX), Y0 \
	VMOVUPD      32(CX), Y1 \
	VMOVUPD      64(CX), Y2 \
	VMOVUPD      96(CX), Y3 \
	VCMPPD       PREDICATE, Y14, Y0, Y0 \
	VCMPPD       PREDICATE, Y14, Y1, Y1 \
	VCMPPD       PREDICATE, Y14, Y2, Y2 \
	VCMPPD       PREDICATE, Y14, Y3, Y3 \
	VPACKSSDW    Y1, Y0, Y0 \
	VPACKSSDW    Y3, Y2, Y2 \
	VPACKSSWB    Y2, Y0, Y0 \
	VPERMD       Y0, Y12, Y0 \
	VMOVDQU      (DX), Y4 \
	VPAND        Y13, Y0, Y1 \
	VPANDN       Y13, Y0, Y2 \
	VPANDN       Y4, Y2, Y2 \
	VPANDN       Y4, Y1, Y1 \
	VMOVDQU      Y2, (FIRST) \
	VMOVDQU      Y1, (SECOND) \
	ADDQ         $128, CX \
	ADDQ         $32, DX \
	ADDQ         $32, DI \
	ADDQ         $32, SI

#define SPLIT_ARGUMENTS \
	MOVQ         left+0(FP), DI \
	MOVQ         right+8(FP), SI \
	MOVQ         patterns+16(FP), DX \
	MOVQ         values+24(FP), CX \
	MOVQ         groups+32(FP), R8 \
	VBROADCASTSD threshold+40(FP), Y14 \
	VPBROADCASTW bit+48(FP), Y13 \
	VMOVDQU      unpacked<>(SB), Y12

// func splitUpToAVX2(left, right, patterns *uint16, values *float64, groups int, threshold float64, bit uint16)
TEXT ·splitUpToAVX2(SB), NOSPLIT, $0-50
	SPLIT_ARGUMENTS

group:
	SPLIT($0x12, DI, SI)
	DECQ R8
	JNZ  group
	VZEROUPPER
	RET

// func splitAboveAVX2(left, right, patterns *uint16, values *float64, groups int, threshold float64, bit uint16)
TEXT ·splitAboveAVX2(SB), NOSPLIT, $0-50
	SPLIT_ARGUMENTS

group:
	SPLIT($0x1e, SI, DI)
	DECQ R8
	JNZ  group
	VZEROUPPER
	RET

// func addPatternsAVX2(rows, table *float64, patterns *uint16, n, stride, mask int)
TEXT ·addPatternsAVX2(SB), NOSPLIT, $0-48
	MOVQ rows+0(FP), DI
	MOVQ table+8(FP), SI
	MOVQ patterns+16(FP), DX
	MOVQ n+24(FP), CX
	MOVQ stride+32(FP), R8
	MOVQ mask+40(FP), R9
	MOVQ R8, R10
	SHLQ $3, R10             // bytes of a row
	SHRQ $3, R8              // eights of a row

row:
	MOVWLZX (DX), AX
	ANDQ    R9, AX
	IMULQ   R10, AX
	ADDQ    SI, AX
	MOVQ    R8, R11

eight:
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	VADDPD  (AX), Y0, Y0
	VADDPD  32(AX), Y1, Y1
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	ADDQ    $64, AX
	ADDQ    $64, DI
	DECQ    R11
	JNZ     eight

	ADDQ $2, DX
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
