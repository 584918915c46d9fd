//go:build unix

package reloader

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// lowNice is the niceness of builds beside a running app: they take only what
// nobody else wants.
const lowNice = 19

// procGroup is a process group whose leader we started.
type procGroup struct{ pid int }

// startGroup starts cmd as the leader of a new group, unless cmd asks for a session
// of its own, which makes one too. A nil start means cmd.Start.
func startGroup(cmd *exec.Cmd, start func(*exec.Cmd) error, low bool) (*procGroup, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if !cmd.SysProcAttr.Setsid {
		cmd.SysProcAttr.Setpgid = true
	}
	if start == nil {
		start = (*exec.Cmd).Start
	}
	if err := start(cmd); err != nil {
		return nil, err
	}
	g := &procGroup{pid: cmd.Process.Pid}
	if low {
		_ = unix.Setpriority(unix.PRIO_PGRP, g.pid, lowNice) // courtesy only
	}
	return g, nil
}

// signal sends sig to every process of the group.
func (g *procGroup) signal(sig os.Signal) error {
	s, ok := sig.(syscall.Signal)
	if !ok {
		return errors.New("not a signal of this system: " + sig.String())
	}
	return unix.Kill(-g.pid, s)
}

// terminate asks the group to end. SIGCONT lets a stopped process hear of it.
func (g *procGroup) terminate() {
	_ = g.signal(unix.SIGTERM)
	_ = g.signal(unix.SIGCONT)
}

func (g *procGroup) kill() { _ = g.signal(unix.SIGKILL) }

// alive reports whether the group has a member that is not a zombie.
func (g *procGroup) alive() bool {
	if errors.Is(unix.Kill(-g.pid, 0), unix.ESRCH) {
		return false
	}
	return groupHasLiving(g.pid)
}

func terminatePID(pid int) { _ = unix.Kill(pid, unix.SIGTERM) }
func killPID(pid int)      { _ = unix.Kill(pid, unix.SIGKILL) }

// shellCode is the exit code, or 128 and the signal's number.
func shellCode(st *os.ProcessState) int {
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return st.ExitCode()
}

// toldToEnd reports whether an exit code, as of shellCode, is that of a signal by which
// others end a program.
func toldToEnd(code int) bool {
	switch syscall.Signal(code - 128) {
	case syscall.SIGHUP, syscall.SIGINT, syscall.SIGKILL, syscall.SIGTERM:
		return true
	}
	return false
}
