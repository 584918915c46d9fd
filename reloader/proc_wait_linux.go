package reloader

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// exitWaiter waits for a child to end. It is the only place that waits for the
// target.
//
// It watches a pidfd, which becomes readable at the exit, and only then reaps. A
// thread that sat in wait4 or waitid instead would be handed the ptrace stops of the
// child whenever a debugger inside this process attached to it: wait calls report
// stops of traced children to any thread of the tracer, asked for or not.
type exitWaiter struct{ fd int }

func prepareWait(cmd *exec.Cmd) *exitWaiter {
	w := &exitWaiter{fd: -1}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.PidFD = &w.fd
	return w
}

// wait blocks until the child has ended and is reaped; cmd.ProcessState is set then.
// Kernels before 5.3 have no pidfd: there it is a plain wait.
func (w *exitWaiter) wait(cmd *exec.Cmd) {
	if w.fd >= 0 {
		defer unix.Close(w.fd)
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
	}
	_ = cmd.Wait() // the status is in cmd.ProcessState; the streams are not cmd's
}
