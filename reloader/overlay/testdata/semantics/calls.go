//go:build calls

package main

import "unsafe"

//go:linkname setCalls runtime.pastedevSetCalls
func setCalls(on bool)

//go:linkname beginCalls runtime.pastedevBeginCalls
func beginCalls() (tree, before unsafe.Pointer)

//go:nosplit
func init() {
	start = func() {
		setCalls(true)
		beginCalls()
	}
}
