//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the exclusive lock of f without waiting. The system gives it back
// when f is closed or the process ends, however it ends.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
