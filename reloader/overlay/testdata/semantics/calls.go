//go:build calls

package main

import "unsafe"

//go:linkname setCalls runtime.pastedevSetCalls
func setCalls(on bool)

//go:linkname beginCalls runtime.pastedevBeginCalls
func beginCalls(record bool) (tree, before unsafe.Pointer)

func init() {
	start = func() {
		setCalls(true)
		if tree, _ := beginCalls(true); tree == nil {
			panic("no tree")
		}
	}
}
