package snapshot

import "debug/elf"

const (
	// regsSize is that of struct user_pt_regs: asm/ptrace.h.
	regsSize = 34 * 8
	machine  = elf.EM_AARCH64
)
