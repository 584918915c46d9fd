package agent

import (
	"internal/reflectlite"
	"internal/runtime/exithook"
	"unsafe"
)

// This file joins the agent in a build made by pastedev, and ties it to what joined
// package runtime there.

//go:linkname runtimeExchange runtime.pastedevExchange
func runtimeExchange() unsafe.Pointer

//go:linkname runtimeSetExchange runtime.pastedevSetExchange
func runtimeSetExchange(unsafe.Pointer)

//go:linkname runtimeRecord runtime.pastedevRecord
func runtimeRecord() unsafe.Pointer

//go:linkname runtimeSetRecord runtime.pastedevSetRecord
func runtimeSetRecord(unsafe.Pointer)

//go:linkname runtimeQuiet runtime.pastedevQuiet
func runtimeQuiet(bool) bool

//go:linkname runtimeGoid runtime.pastedevGoid
func runtimeGoid() int64

//go:linkname runtimeCreator runtime.pastedevCreator
func runtimeCreator() uintptr

//go:linkname runtimeCallers runtime.pastedevCallers
func runtimeCallers([]uintptr) int

//go:linkname runtimeExpand runtime.pastedevExpand
func runtimeExpand([]uintptr, uintptr) int

//go:linkname runtimeBuildInfo runtime.pastedevBuildInfo
func runtimeBuildInfo() string

// It is initialised with the package's variables, hence before an init function
// starts the agent.
var _ = func() bool {
	host.exchange, host.setExchange = runtimeExchange, runtimeSetExchange
	host.record, host.setRecord = runtimeRecord, runtimeSetRecord
	host.quiet, host.goid, host.creator = runtimeQuiet, runtimeGoid, runtimeCreator
	host.callers, host.expand, host.typeOf = runtimeCallers, runtimeExpand, typeOf
	host.buildInfo = runtimeBuildInfo
	host.started = append(host.started, func() {
		exithook.Add(exithook.Hook{F: Exit, RunOnFailure: true})
	})
	return true
}()

func typeOf(v any) (text, pkg, name string) {
	t := reflectlite.TypeOf(v)
	if t == nil {
		return "nil", "", ""
	}
	text = t.String()
	if t.Name() == "" && t.Kind() == reflectlite.Ptr {
		t = t.Elem()
	}
	return text, t.PkgPath(), t.Name()
}
