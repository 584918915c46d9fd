//go:build unix

package os

import agent "internal/syscall" // pastedev puts it there

// This file joins package os in a build made by pastedev. There (*File).Write says
// what it has written.

// pastedevWrote passes on what reached standard output and standard error.
func pastedevWrote(f *File, b []byte, n int) {
	if fd := f.pfd.Sysfd; (fd == 1 || fd == 2) && n > 0 && agent.Active() {
		agent.Wrote(fd, b[:n])
	}
}
