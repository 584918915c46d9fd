package nu

import (
	"os/exec"
	"syscall"
)

// tie makes the process end with the thread that starts it, however that ends.
func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
