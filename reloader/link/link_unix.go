//go:build linux || darwin || freebsd

package link

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// New makes a link. The caller closes it, or lets Serve do so.
func New() (*Link, error) {
	syscall.ForkLock.RLock() // no child may inherit the ends before they are marked
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, fmt.Errorf("agent link: %w", os.NewSyscallError("socketpair", err))
	}
	own := os.NewFile(uintptr(fds[0]), "agent link")
	child := os.NewFile(uintptr(fds[1]), "agent link, target's end")
	conn, err := net.FileConn(own) // a copy, with deadlines and a wakeable Read
	own.Close()
	if err != nil {
		child.Close()
		return nil, fmt.Errorf("agent link: %w", err)
	}
	return &Link{conn: conn, child: child}, nil
}
