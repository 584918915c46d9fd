package agent

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	// snapshotWait bounds how long a panicking goroutine waits for pastedev, which starts a
	// process meanwhile: on a machine that is very busy that takes seconds. When pastedev
	// has gone nobody waits.
	snapshotWait = 10 * time.Second
	// maxWaits is how often the same stack waits in one process: the first times
	// tell what there is to see, and a loop that panics must go on.
	maxWaits = 3
	// maxWhole is how often the same stack is sent with its frames, and at once.
	maxWhole = 20
	// keepPanics is how many panics of one exchange are sent beyond those.
	keepPanics = 100
	// maxStacks bounds how many stacks are told apart.
	maxStacks = 1024
	// maxCauses and maxCauseDepth bound the chain of wrapped errors.
	maxCauses     = 32
	maxCauseDepth = 16
)

// AbortHandler is http.ErrAbortHandler, which is no fault. Package net/http sets it
// when it is initialised.
var AbortHandler any

// lastPanic numbers the panics of this process.
var lastPanic atomic.Int64

// stacks counts the panics of each stack, by its hash.
var stacks struct {
	mu    sync.Mutex
	count map[uint64]int64
}

// panicking is called by the runtime when a panic begins, on its goroutine and with
// the stack whole. Panics of this goroutine are not seen until it returns.
func panicking(v any) {
	if !Active() || AbortHandler != nil && v == AbortHandler {
		return
	}
	var pcs [maxStack + 8]uintptr
	const skip = 2 // runtime.Callers and panicking
	all := pcs[:runtime.Callers(skip, pcs[:])]
	stack := userStack(all)
	text, pkg, name := host.typeOf(v)
	if len(stack) == 0 || internalPanic(v, lookUp(stack[0]), pkg, name) {
		return
	}
	x := Current()
	if x.raisesAgain(v, explicit(all, stack), stack) {
		return
	}
	m := Message{
		Type: TypePanic, ID: lastPanic.Add(1), Goroutine: host.goid(), Thread: thread(),
		Time: micros(time.Now()), ValueType: cut(text, maxName), Count: countStack(stack),
	}
	m.Text = panicText(v)
	if m.Count <= maxWhole {
		m.Causes = causes(v)
		m.Frames = make([]string, len(stack))
		for i, pc := range stack {
			m.Frames[i] = lookUp(pc).packed
		}
		if pc := host.creator(); pc != 0 {
			m.Created = lookUp(pc).packed
		}
	}
	if !x.panicking(&m) {
		report(&m)
	}
}

// panicking notes a panic of the exchange, which may be nil. It is true for one whose
// stack has been sent often enough: that is an event as any other.
func (x *Exchange) panicking(m *Message) bool {
	often := m.Count > maxWhole
	if x == nil {
		return often && m.Count&(m.Count-1) != 0 // 32, 64, 128 ... are sent
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	m.Exchange, x.panicked, x.happened = x.id, m.ID, true
	if !often {
		x.flush() // what came before it
		return false
	}
	if x.panics++; x.panics > keepPanics {
		x.lost++
	} else {
		x.add(m)
	}
	return true
}

// explicit reports whether a panic statement raised it, rather than a fault that the
// runtime found.
func explicit(all, stack []uintptr) bool {
	for i, pc := range all {
		if pc == stack[0] {
			return i == 0 || lookUp(all[i-1]).name == "runtime.gopanic"
		}
	}
	return true
}

// raisesAgain reports whether v is the very value of the exchange's last panic, raised
// elsewhere: a recoverer that only looked, or http.TimeoutHandler, which moves panics
// to another goroutine. The first stack says what happened.
func (x *Exchange) raisesAgain(v any, explicit bool, stack []uintptr) bool {
	if x == nil {
		return false
	}
	hash := hashStack(stack)
	x.mu.Lock()
	defer x.mu.Unlock()
	if explicit && x.raised != nil && sameValue(x.raised, v) && x.raisedAt != hash {
		return true
	}
	x.raised, x.raisedAt = v, hash
	return false
}

// sameValue compares types and what the interfaces hold or point to, without code of
// the program.
func sameValue(a, b any) bool {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&a)) == *(*[2]unsafe.Pointer)(unsafe.Pointer(&b))
}

// report sends a panic and waits for pastedev's snapshot if it takes any.
func report(m *Message) {
	if link.snapshots && m.Count <= maxWaits && link.asking.TryLock() {
		defer link.asking.Unlock()
		m.Wait = 1
	}
	if m.Wait == 1 { // the snapshot finds the goroutine by its thread
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		m.Thread = thread()
	}
	if !post(appendFitting(nil, m), 1, urgent) || m.Wait == 0 {
		return
	}
	for deadline := time.Now().Add(snapshotWait); ; {
		a, ok := receive(deadline)
		switch {
		case !ok:
			return
		case a.ID != m.ID:
		case a.Type == TypeGo:
			return
		case a.Type == TypeTrace:
			allowTrace(int(a.PID))
			send(&Message{Type: TypeTraceable, ID: m.ID})
		}
	}
}

// fatal says that nobody recovers the last panic of this goroutine.
func fatal() {
	if Active() {
		flushAll()
		send(&Message{Type: TypeFatal, ID: lastPanic.Load(), Goroutine: host.goid()})
		settle()
	}
}

// userStack drops the runtime's own frames from the top and bounds the rest.
func userStack(pcs []uintptr) []uintptr {
	for len(pcs) > 0 && lookUp(pcs[0]).pkg == "runtime" {
		pcs = pcs[1:]
	}
	return pcs[:min(len(pcs), maxStack)]
}

// throwers are packages of the standard library that raise panics and catch them
// themselves, with values of no type of their own.
var throwers = [...]string{
	"text/template", "text/template/parse", "html/template", "encoding/json", "encoding/gob",
	"go/parser", "go/scanner", "go/types", "regexp/syntax", "fmt", "math/big",
}

// internalPanic reports whether a library raised v to catch it again: a value of a
// type that only its own package knows.
func internalPanic(v any, raised *place, pkg, name string) bool {
	if raised.code == ofProgram {
		return false
	}
	if pkg != "" && pkg == raised.pkg {
		first := name[0]
		if first == '_' || first >= 'a' && first <= 'z' {
			return true
		}
	}
	if _, ok := v.(runtime.Error); ok || raised.code != ofLibrary {
		return false
	}
	for _, t := range throwers {
		if t == raised.pkg {
			return true
		}
	}
	return false
}

// countStack returns how often this stack has panicked, this time included.
func countStack(pcs []uintptr) int64 {
	hash := hashStack(pcs)
	stacks.mu.Lock()
	defer stacks.mu.Unlock()
	if stacks.count == nil {
		stacks.count = make(map[uint64]int64)
	}
	if len(stacks.count) >= maxStacks && stacks.count[hash] == 0 {
		return maxWhole + 1
	}
	stacks.count[hash]++
	return stacks.count[hash]
}

// panicText is the value as the runtime would print it.
func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return guarded(v.Error)
	case interface{ String() string }:
		return guarded(v.String)
	case string:
		return cut(v, maxMessage)
	}
	return Go(v)
}

// causes lists what an error wraps.
func causes(v any) []string {
	err, ok := v.(error)
	if !ok {
		return nil
	}
	before := host.quiet(true)
	defer host.quiet(before)
	return appendCauses(nil, err, 1)
}

func appendCauses(list []string, err error, depth int64) (all []string) {
	all = list
	defer func() { recover() }() // Unwrap is code of the program
	if depth > maxCauseDepth {
		return all
	}
	var inner []error
	switch u := err.(type) {
	case interface{ Unwrap() error }:
		inner = []error{u.Unwrap()}
	case interface{ Unwrap() []error }:
		inner = u.Unwrap()
	}
	for _, e := range inner {
		if e == nil || len(all) >= maxCauses {
			continue
		}
		const longest = 500 // bytes of one cause's text; 32 of them fit a frame
		text, _, _ := host.typeOf(e)
		all = append(all, Cause{depth, cut(text, maxKey), cut(errorText(e), longest)}.pack())
		all = appendCauses(all, e, depth+1)
	}
	return all
}
