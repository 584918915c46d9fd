package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

// This file joins package runtime in a build made by pastedev. It looks at the
// goroutines of exchanges while the world stands still, as Stack does.

// pastedevStack is the agent's Stack.
type pastedevStack struct {
	exchange unsafe.Pointer
	state    string
	depth    int
	pcs      [128]uintptr
}

// pastedevGoroutines calls f for the other goroutines that have an exchange. The world
// is stopped.
func pastedevGoroutines(f func(gp *g, status uint32)) {
	if raceenabled {
		raceacquire(unsafe.Pointer(&labelSync)) // see pastedevSetExchange
	}
	me := getg()
	forEachGRace(func(gp *g) {
		if gp == me || gp.pastedev.exchange == nil {
			return
		}
		switch status := readgstatus(gp) &^ _Gscan; status {
		case _Grunnable, _Gsyscall, _Gwaiting, _Gpreempted:
			f(gp, status)
		}
	})
}

//go:linkname pastedevSample
func pastedevSample(into []pastedevStack) (n, more int) {
	stw := stopTheWorld(stwGoroutineProfile)
	pastedevGoroutines(func(gp *g, status uint32) {
		if n == len(into) {
			more++
			return
		}
		s := &into[n]
		n++
		s.exchange = gp.pastedev.exchange
		switch status {
		case _Gwaiting:
			s.state = gp.waitreason.String()
		case _Gsyscall:
			s.state = "syscall"
		default:
			s.state = "running"
		}
		systemstack(func() { // it may call back into C, see goroutineProfileWithLabelsSync
			var u unwinder
			u.initAt(^uintptr(0), ^uintptr(0), 0, gp, unwindSilentErrors)
			s.depth = tracebackPCs(&u, 0, s.pcs[:])
		})
	})
	startTheWorld(stw)
	return n, more
}

//go:linkname pastedevDump
func pastedevDump(buf []byte, of func(unsafe.Pointer) bool) (n int) {
	stw := stopTheWorld(stwAllGoroutinesStack)
	pastedevGoroutines(func(gp *g, status uint32) {
		if !of(gp.pastedev.exchange) || n == len(buf) {
			return
		}
		systemstack(func() {
			g0 := getg()
			g0.m.traceback = 1 // whatever GOTRACEBACK says
			g0.writebuf = buf[n:n:len(buf)]
			if n > 0 {
				print("\n")
			}
			goroutineheader(gp)
			traceback(^uintptr(0), ^uintptr(0), 0, gp)
			g0.m.traceback = 0
			n += len(g0.writebuf)
			g0.writebuf = nil
		})
	})
	startTheWorld(stw)
	return n
}

// pastedevBlockRate reads what SetBlockProfileRate sets, in ticks.
//
//go:linkname pastedevBlockRate
func pastedevBlockRate() int64 { return int64(atomic.Load64(&blockprofilerate)) }

//go:linkname pastedevSetBlockRate
func pastedevSetBlockRate(ticks int64) { atomic.Store64(&blockprofilerate, uint64(ticks)) }
