//go:build !linux

package reloader

import "os/exec"

// exitWaiter waits for a child to end. It is the only place that waits for the
// target.
type exitWaiter struct{}

func prepareWait(*exec.Cmd) *exitWaiter { return &exitWaiter{} }

// wait blocks until the child has ended; cmd.ProcessState is set then.
func (*exitWaiter) wait(cmd *exec.Cmd) {
	_ = cmd.Wait() // the status is in cmd.ProcessState; the streams are not cmd's
}
