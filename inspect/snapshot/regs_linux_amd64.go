package snapshot

import "debug/elf"

const (
	// regsSize is that of struct user_regs_struct: sys/user.h.
	regsSize = 27 * 8
	machine  = elf.EM_X86_64
)
