package agent

import "unsafe"

// This file joins the agent in a build made by pastedev, and ties it to what walks the
// goroutines in package runtime there.

//go:linkname runtimeSample runtime.pastedevSample
func runtimeSample([]Stack) (n, more int)

//go:linkname runtimeDump runtime.pastedevDump
func runtimeDump([]byte, func(unsafe.Pointer) bool) int

// It is initialised with the package's variables, after those that it sets.
var _ = func() bool {
	command.sample, command.dump = runtimeSample, runtimeDump
	return true
}()
