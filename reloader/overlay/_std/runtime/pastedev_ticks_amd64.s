#include "textflag.h"

// func pastedevTicks() int64
TEXT ·pastedevTicks<ABIInternal>(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ	$32, DX
	ORQ	DX, AX
	RET
