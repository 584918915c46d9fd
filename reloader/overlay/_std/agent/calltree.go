package agent

import (
	"runtime"
	"unsafe"
)

// This file joins the agent in a build made by pastedev, and ties it to the trees of
// calls that package runtime keeps there.

//go:linkname runtimeSetCalls runtime.pastedevSetCalls
func runtimeSetCalls(bool)

//go:linkname runtimeBeginCalls runtime.pastedevBeginCalls
func runtimeBeginCalls(record bool) (tree, before unsafe.Pointer)

//go:linkname runtimeEndCalls runtime.pastedevEndCalls
func runtimeEndCalls(tree, before unsafe.Pointer)

//go:linkname runtimeEnterLeaf runtime.pastedevEnterLeaf
func runtimeEnterLeaf(kind uint8, op, name string) unsafe.Pointer

//go:linkname runtimeFuncAt runtime.pastedevFuncAt
func runtimeFuncAt(pc uintptr) (name, file string, line int)

//go:linkname runtimeWaitName runtime.pastedevWaitName
func runtimeWaitName(uintptr) string

//go:linkname runtimeHandOver runtime.pastedevHandOver
var runtimeHandOver func(unsafe.Pointer)

var _ = func() bool {
	host.setCalls, host.beginCalls, host.endCalls = runtimeSetCalls, runtimeBeginCalls, runtimeEndCalls
	host.enterLeaf, host.leave = runtimeEnterLeaf, runtime.PastedevLeave
	host.funcAt, host.waitName = runtimeFuncAt, runtimeWaitName
	host.started = append(host.started, func() { runtimeHandOver = handOver })
	return true
}()
