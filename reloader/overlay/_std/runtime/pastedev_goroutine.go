package runtime

import "unsafe"

// This file joins package runtime in a build made by pastedev. There every g ends
// with a pastedevG, of which newproc1 passes the exchange on to the new goroutine, and
// what started it.

// pastedevG is what the agent keeps on a goroutine. What it points to is its own.
type pastedevG struct {
	exchange unsafe.Pointer
	record   unsafe.Pointer
	quiet    bool          // its panics are not seen
	tree     *pastedevTree // of the calls that go on here; nil when none is recorded
	from     *pastedevNode // what started this goroutine; nil when that is in no tree
}

//go:linkname pastedevExchange
func pastedevExchange() unsafe.Pointer { return getg().pastedev.exchange }

//go:linkname pastedevSetExchange
func pastedevSetExchange(p unsafe.Pointer) {
	if raceenabled {
		racereleasemerge(unsafe.Pointer(&labelSync)) // for those who walk the goroutines
	}
	getg().pastedev.exchange = p
}

//go:linkname pastedevRecord
func pastedevRecord() unsafe.Pointer { return getg().pastedev.record }

//go:linkname pastedevSetRecord
func pastedevSetRecord(p unsafe.Pointer) { getg().pastedev.record = p }

//go:linkname pastedevQuiet
func pastedevQuiet(now bool) (before bool) {
	gp := getg()
	before, gp.pastedev.quiet = gp.pastedev.quiet, now
	return before
}

//go:linkname pastedevGoid
func pastedevGoid() int64 { return int64(getg().goid) }

//go:linkname pastedevCreator
func pastedevCreator() uintptr { return getg().gopc }

//go:linkname pastedevBuildInfo
func pastedevBuildInfo() string { return modinfo }

// pastedevCallers fills in the return addresses of this goroutine's stack. It is
// negative where there are no frame pointers.
//
//go:linkname pastedevCallers
//go:noinline
func pastedevCallers(pcs []uintptr) int {
	if tracefpunwindoff() {
		return -1
	}
	return fpTracebackPCs(unsafe.Pointer(getfp()), pcs)
}

// pastedevExpand fills in a pc for each function that was inlined at pc.
//
//go:linkname pastedevExpand
func pastedevExpand(dst []uintptr, pc uintptr) int {
	return fpunwindExpand(dst, []uintptr{0, pc})
}

// pastedevFuncAt says what function a pc is in, and where that begins.
//
//go:linkname pastedevFuncAt
func pastedevFuncAt(pc uintptr) (name, file string, line int) {
	f := findfunc(pc)
	if !f.valid() {
		return "", "", 0
	}
	file, _ = funcline1(f, f.entry(), false)
	return funcname(f), file, int(f.startLine)
}

// pastedevLooks is the waitReason of a goroutine whose panic pastedev looks at. The
// runtime's own are few.
const pastedevLooks waitReason = 255

//go:linkname pastedevWaitName
func pastedevWaitName(reason uintptr) string {
	if waitReason(reason) == pastedevLooks {
		return "pastedev looks at the panic"
	}
	return waitReason(reason).String()
}
