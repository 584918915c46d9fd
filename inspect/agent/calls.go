package agent

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	// maxNodes bounds the tree of one exchange: 50 kB on the wire, and far more than
	// anybody reads.
	maxNodes = 4096
	// maxLate is how often a tree is sent once more for goroutines that went on after
	// the handler. One that calls the program again and again would never be through.
	maxLate = 8
)

// callsOn says whether exchanges that begin get a tree.
var callsOn atomic.Bool

// SetCalls switches the call tree on or off. Exchanges that go on keep what they have:
// a tree that stops in the middle, or none.
func SetCalls(on bool) {
	on = on && host.beginCalls != nil
	callsOn.Store(on)
	if host.setCalls != nil {
		host.setCalls(on)
	}
}

// Calls reports whether the call tree is on. It is off in a build without its hooks.
func Calls() bool { return callsOn.Load() }

// calls is what an Exchange knows of its calls. A tree belongs to its goroutine until it
// ends there; then the lock of the Exchange guards it.
type calls struct {
	tree   *callTree      // the handler's; nil when the exchange began without one
	before unsafe.Pointer // the goroutine's tree outside of the exchange

	parts []*callTree // of goroutines, in the order of their ends
	count int64       // nodes in parts
	lost  int64       // calls in trees that there was no room for
	took  int64       // nanoseconds, by the handler; 0 while it goes on
	tick  float64     // nanoseconds
	late  int         // how often the tree was sent again
	dirty bool        // parts has news since then
}

// beginCalls gives the goroutine of Begin a tree.
func (x *Exchange) beginCalls() {
	if host.beginCalls == nil {
		return
	}
	tree, before := host.beginCalls(callsOn.Load())
	x.calls.tree, x.calls.before = (*callTree)(tree), before
}

// endCalls ends it.
func (x *Exchange) endCalls() {
	if x.calls.tree != nil || x.calls.before != nil {
		host.endCalls(unsafe.Pointer(x.calls.tree), x.calls.before)
	}
}

// handOver takes the tree of a goroutine whose outermost call has ended, on that
// goroutine.
func handOver(tree unsafe.Pointer) {
	x := Current()
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	c := &x.calls
	if c.tree == nil || c.late >= maxLate {
		c.parts = nil
		return
	}
	c.take((*callTree)(tree))
	if x.done && !c.dirty {
		x.list()
	}
	c.dirty = true
}

// sendLate sends the tree again. x.mu is held, and x.done.
func (x *Exchange) sendLate() {
	if x.calls.dirty && Active() {
		x.calls.late++
		x.acquire()
		x.postWithCalls(nil, event)
		x.release()
	}
	if x.listed {
		x.unlist()
	}
}

// postWithCalls posts what waits, the whole tree and last, if there is one. The pieces
// of a tree go out by one post, or are dropped by one: what they tell of is known to
// pastedev only then. x.mu is held.
func (x *Exchange) postWithCalls(last *Message, u urgency) {
	var told []uintptr
	if x.calls.tree != nil {
		p := packers.Get().(*packer)
		defer p.release()
		x.addCalls(p)
		told = p.told
	}
	if last != nil {
		x.buf = appendFitting(x.buf, last)
		x.frames++
	}
	if post(x.buf, x.frames, u) {
		tell(told)
	}
	x.buf, x.frames = x.buf[:0], 0
}

// addCalls appends the frames of the whole tree. x.mu is held.
func (x *Exchange) addCalls(p *packer) {
	x.calls.dirty = false
	data := x.calls.pack(p)
	pieces := (len(data) + maxPiece - 1) / maxPiece
	for i := range pieces {
		piece := data[i*maxPiece : min(len(data), (i+1)*maxPiece)]
		x.buf, _ = AppendFrame(x.buf, &Message{
			Type: TypeCalls, Exchange: x.id, Seq: int64(i), Count: int64(pieces),
			Data: unsafe.String(&piece[0], len(piece)), // AppendFrame copies it
		})
		x.frames++
	}
}

// finishCalls notes how long the handler took. x.mu is held.
func (x *Exchange) finishCalls(took time.Duration) {
	if x.calls.tree != nil {
		x.calls.took = int64(took)
		x.calls.tick = tickOf(x.calls.tree, x.begun, took)
		x.happened = true
	}
}

// ticks relates the clock of the trees to that of the exchanges, at the end of one.
var ticks struct {
	mu sync.Mutex
	at time.Time // zero: of none yet
	is int64
}

// tickOf is how many nanoseconds a tick is long. A handler that took long enough tells;
// of a short one, what comes before and after its tree would make the tick too long, and
// the time since an earlier one tells more.
func tickOf(t *callTree, begun time.Time, took time.Duration) float64 {
	const enough = time.Millisecond // microseconds are lost between the clocks
	own := float64(took) / float64(max(1, t.until-t.begun))
	end := begun.Add(took)
	ticks.mu.Lock()
	defer ticks.mu.Unlock()
	since, passed := end.Sub(ticks.at), t.until-ticks.is
	if !ticks.at.IsZero() && since >= enough && passed > 0 {
		// It is none that the machine has slept through.
		if tick := float64(since) / float64(passed); tick <= own && (tick > own*0.9 || took < enough && tick > own/10) {
			return tick
		}
	}
	if ticks.at.IsZero() || took >= enough {
		ticks.at, ticks.is = end, t.until
	}
	return own
}

// A Leaf is something other than a function that goes on in the call tree. The zero one
// does nothing.
type Leaf struct{ before unsafe.Pointer }

// EnterLeaf begins a leaf of one of the Leaf kinds on this goroutine. It is called op,
// if that is not empty, a space, and name. It costs one atomic load while the call tree
// is off.
func EnterLeaf(kind NodeKind, op, name string) Leaf {
	if !callsOn.Load() {
		return Leaf{}
	}
	return Leaf{host.enterLeaf(uint8(kind), op, name)}
}

// Leave ends it, and what within it has not ended.
func (l Leaf) Leave() {
	if l.before != nil {
		host.leave(l.before)
	}
}
