//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// notifyPipe has a write to a pipe that nobody reads fail, as that to a connection does, in
// place of ending pastedev with its programs left behind. Nothing is inherited by them, as
// it would be of a signal that is ignored.
func notifyPipe(c chan<- os.Signal) { signal.Notify(c, syscall.SIGPIPE) }

// unread reports whether stream is a pipe whose other end is closed.
func unread(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok || f == nil {
		return false
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return false
	}
	fds := []unix.PollFd{{Fd: int32(f.Fd())}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n == 1 && fds[0].Revents&unix.POLLERR != 0
}
