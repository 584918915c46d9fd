package reloader

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// Windows has no process groups with signals: asking and killing are the same
// there, taskkill of the whole tree.

// lowPriority is IDLE_PRIORITY_CLASS.
const lowPriority = 0x40

type procGroup struct {
	pid  int
	proc *os.Process
}

func startGroup(cmd *exec.Cmd, start func(*exec.Cmd) error, low bool) (*procGroup, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
	if low {
		cmd.SysProcAttr.CreationFlags |= lowPriority
	}
	if start == nil {
		start = (*exec.Cmd).Start
	}
	if err := start(cmd); err != nil {
		return nil, err
	}
	return &procGroup{pid: cmd.Process.Pid, proc: cmd.Process}, nil
}

func (g *procGroup) signal(sig os.Signal) error {
	if sig == os.Kill {
		g.kill()
		return nil
	}
	return errors.New("this system cannot send " + sig.String())
}

func (g *procGroup) terminate() { g.kill() }

func (g *procGroup) kill() {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(g.pid)).Run() != nil {
		_ = g.proc.Kill()
	}
}

func (g *procGroup) alive() bool { return false } // taskkill has taken the tree

func tieToThread(*syscall.SysProcAttr) {}

func taggedPIDs(string) []int { return nil }

func terminatePID(int) {}
func killPID(int)      {}

func shellCode(st *os.ProcessState) int { return st.ExitCode() }

// toldToEnd reports whether an exit code is that of a program that others have ended.
func toldToEnd(int) bool { return false }
