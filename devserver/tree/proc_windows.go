package tree

import (
	"os"
	"os/exec"
	"strconv"
)

// There are no process groups with signals: asking and killing are the same, the tree
// of processes that taskkill sees.

func own(*exec.Cmd) {}

func terminate(p *os.Process) { kill(p) }

func kill(p *os.Process) {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run() != nil {
		_ = p.Kill()
	}
}
