package agent

import "syscall"

const sendFlags = 0

// muffle keeps SIGPIPE away: a program may have asked to be told of it.
func muffle(fd int) error {
	return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_NOSIGPIPE, 1)
}
