//go:build unix

package cgi

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// own makes the program the leader of a process group of its own.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks the program and all it started to end. The group outlives its leader,
// and while the leader is not waited for no other can get its number.
func terminate(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill ends them.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// signalOf returns the signal that ended the program.
func signalOf(st *os.ProcessState) string {
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal().String()
	}
	return ""
}

// readNow reads what a pipe holds, without waiting and whatever its deadline: 0 and no error
// when nobody can write to it any more. A process that is being started beside, which has a
// copy of all that is open until it runs its own program, is waited for.
func readNow(pipe *os.File, b []byte) (n int, err error) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	closed := raw.Control(func(fd uintptr) {
		for {
			if n, err = syscall.Read(int(fd), b); err != syscall.EINTR {
				return
			}
		}
	})
	return max(n, 0), errors.Join(err, closed)
}

// busy reports whether the program is being written just now, or a process that is being
// started beside holds it open for a moment.
func busy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }

func isExecFormat(err error) bool { return errors.Is(err, syscall.ENOEXEC) }

// interpreted is the command as it is: the kernel reads "#!" lines.
func interpreted(path string, args []string) (string, []string) { return path, args }
