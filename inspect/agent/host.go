package agent

import "unsafe"

// host is what the instrumented runtime gives. The file that joins the agent there
// fills it before the program has a second goroutine. Elsewhere no goroutine has
// an exchange.
var host = struct {
	// exchange is the *Exchange of this goroutine, which the goroutines it starts
	// inherit.
	exchange    func() unsafe.Pointer
	setExchange func(unsafe.Pointer)
	// record is the *Record that this goroutine is about to write. It is not
	// inherited.
	record    func() unsafe.Pointer
	setRecord func(unsafe.Pointer)
	// quiet makes panics of this goroutine pass unseen, or seen again, and returns
	// what was.
	quiet   func(bool) bool
	goid    func() int64
	creator func() uintptr // where the go statement of this goroutine returns to
	// callers fills a stack's return addresses in, innermost first, by the frame
	// pointers. It is negative where there are none.
	callers func([]uintptr) int
	// expand fills in a pc for each function that was inlined at a return address,
	// and for the one it lies in.
	expand func(dst []uintptr, pc uintptr) int
	// typeOf describes the type of a value: as Go writes it, the import path of the
	// package and the name without it, both empty for a type without a name. Of a
	// pointer they are those of what it points to.
	typeOf func(any) (text, pkg, name string)
	// buildInfo is what the linker notes of the build, as debug.BuildInfo.String writes
	// it, between marks.
	buildInfo func() string
	// These keep the trees of calls. They are nil in a build without.
	setCalls   func(on bool)
	beginCalls func(record bool) (tree, before unsafe.Pointer) // tree is nil when it shall not
	endCalls   func(tree, before unsafe.Pointer)
	enterLeaf  func(kind uint8, op, name string) unsafe.Pointer
	leave      func(unsafe.Pointer)
	funcAt     func(pc uintptr) (name, file string, line int)
	waitName   func(uintptr) string
	// started is called when pastedev listens.
	started []func()
}{
	exchange:    func() unsafe.Pointer { return nil },
	setExchange: func(unsafe.Pointer) {},
	record:      func() unsafe.Pointer { return nil },
	setRecord:   func(unsafe.Pointer) {},
	quiet:       func(bool) bool { return false },
	goid:        func() int64 { return 0 },
	creator:     func() uintptr { return 0 },
	callers:     func([]uintptr) int { return -1 },
	expand:      func([]uintptr, uintptr) int { return 0 },
	buildInfo:   func() string { return "" },
	typeOf:      func(any) (text, pkg, name string) { return "", "", "" },
}
