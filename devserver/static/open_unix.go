//go:build unix

package static

import "syscall"

// dontWait opens a named pipe at once, without waiting for who writes to it.
const dontWait = syscall.O_NONBLOCK
