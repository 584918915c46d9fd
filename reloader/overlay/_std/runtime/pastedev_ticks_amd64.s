#include "textflag.h"

// func pastedevTicks() int64
TEXT ·pastedevTicks(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET
