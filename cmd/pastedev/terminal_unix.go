//go:build !windows

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// sizeChanges announces that the terminal may have another size.
func sizeChanges() (changed <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}
