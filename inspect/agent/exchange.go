package agent

import (
	"sync"
	"time"
	"unsafe"
)

const (
	// flushSize is how much of an exchange waits for its end before it is sent.
	flushSize = 16 << 10
	// flushAge is how long it may wait: short for who looks on, long for a handler.
	flushAge = 50 * time.Millisecond
	// keepSpans, keepLines and keepBytes bound what of one exchange is sent whole.
	// The rest is counted: nobody reads it, and a loop would fill the history.
	keepSpans = 500
	keepLines = 5000
	keepBytes = 1 << 20
	// steady is how long the clocks for the time of day and for durations are taken to
	// go alike. They part when the machine sleeps.
	steady = 10 * time.Second
	idSize = 32
)

// An Exchange collects what happens on the goroutines of one request. Its methods
// may be called from several goroutines, and on nil, where they do nothing.
type Exchange struct {
	id    string
	begun time.Time
	outer unsafe.Pointer // what the goroutine had before, for End

	mu       sync.Mutex
	returned bool
	done     bool    // End was called: nothing waits any more
	happened bool    // something was sent or counted
	store    *[]byte // of buffers, while buf is not nil
	buf      []byte
	frames   int64 // in buf
	seq      int64
	lines    int64
	bytes    int64
	lost     int64   // what was only counted
	midline  [3]bool // by stream: the last write had no line end
	sums     sums
	panicked int64  // id of the last panic on a goroutine of the exchange
	panics   int64  // sent by add
	raised   any    // the value of the last panic
	raisedAt uint64 // the hash of its stack
	calls    calls

	listed     bool // in live; guarded by mu
	next, prev *Exchange
}

// live holds the exchanges that have sent something and go on. Its lock is taken
// inside of an Exchange's.
var live struct {
	mu    sync.Mutex
	first *Exchange
	timer *time.Timer
	timed bool // the timer runs: it will call flushAll
}

// list makes sure that what waits is sent when flushAge has passed, or when the
// process ends.
func (x *Exchange) list() {
	live.mu.Lock()
	defer live.mu.Unlock()
	if !x.listed {
		x.listed, x.next = true, live.first
		if x.next != nil {
			x.next.prev = x
		}
		live.first = x
	}
	switch {
	case live.timed:
	case live.timer == nil:
		live.timer = time.AfterFunc(flushAge, flushAll)
	default:
		live.timer.Reset(flushAge)
	}
	live.timed = true
}

func (x *Exchange) unlist() {
	live.mu.Lock()
	defer live.mu.Unlock()
	if x.next != nil {
		x.next.prev = x.prev
	}
	if x.prev != nil {
		x.prev.next = x.next
	} else {
		live.first = x.next
	}
	x.listed, x.next, x.prev = false, nil, nil
}

// flushAll sends what every exchange has.
func flushAll() {
	var all []*Exchange
	live.mu.Lock()
	live.timed = false
	for x := live.first; x != nil; x = x.next {
		all = append(all, x)
	}
	live.mu.Unlock()
	for _, x := range all {
		x.mu.Lock()
		x.flush()
		if x.done {
			x.sendLate()
		}
		x.mu.Unlock()
	}
}

// Exit sends what is left. The process ends when it returns.
func Exit() {
	if Active() {
		flushAll()
		settle()
	}
}

// sums is what HeaderSums and a done message count. Times are microseconds.
type sums struct{ logs, sql, sqlTime, calls, callTime int64 }

// buffers are reused: an exchange needs its own only until its end.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Current returns the exchange of this goroutine; nil when there is none, also when
// pastedev does not listen.
func Current() *Exchange {
	if !Active() {
		return nil
	}
	return (*Exchange)(host.exchange())
}

// Begin makes this goroutine and those it starts belong to the exchange of that
// id. An id that is none gives nil.
func Begin(id string) *Exchange {
	if !Active() {
		return nil
	}
	if !validID(id) {
		return nil
	}
	x := &Exchange{id: id, begun: time.Now(), outer: host.exchange()}
	host.setExchange(unsafe.Pointer(x))
	x.beginCalls()
	return x
}

func validID(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == idSize
}

// Returned says that the handler ended by itself.
func (x *Exchange) Returned() {
	if x != nil {
		x.returned = true
	}
}

// End sends what is known of the exchange, on the goroutine of Begin. After a
// panic the goroutine keeps the exchange: what reports the panic belongs to it. A
// status of 0 is that of a response which was not begun.
func (x *Exchange) End(status int) {
	if x == nil {
		return
	}
	if status == 0 && x.returned {
		status = 200 // the server will say so
	}
	x.endCalls()
	took := time.Since(x.begun)
	if x.returned {
		host.setExchange(x.outer)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.finishCalls(took)
	if x.happened {
		m := Message{
			Type: TypeDone, Exchange: x.id, Status: int64(status), Count: x.lost,
			Time: micros(x.begun), Duration: int64(took / time.Microsecond),
			Logs: x.sums.logs, SQL: x.sums.sql, SQLTime: x.sums.sqlTime, Calls: x.sums.calls, CallTime: x.sums.callTime,
		}
		if !x.returned {
			m.Panic = x.panicked
		}
		x.finish(&m)
	}
	x.done = true
	x.release()
	if x.listed {
		x.unlist()
	}
}

// finish sends what waits, the call tree, and m with them. x.mu is held.
func (x *Exchange) finish(m *Message) {
	if len(x.buf) > 0 && crowded() {
		x.flush() // it may be dropped
	}
	x.acquire()
	x.postWithCalls(m, ending)
}

// AppendSums appends what HeaderSums says, nothing for nil.
func (x *Exchange) AppendSums(b []byte) []byte {
	if x == nil {
		return b
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	b = appendInt(append(b, "logs="...), x.sums.logs)
	b = appendInt(append(b, ";sql="...), x.sums.sql)
	b = appendInt(append(b, ";sqlus="...), x.sums.sqlTime)
	b = appendInt(append(b, ";calls="...), x.sums.calls)
	return appendInt(append(b, ";callus="...), x.sums.callTime)
}

// add appends a message, and sends what has waited long enough. x.mu is held.
func (x *Exchange) add(m *Message) {
	x.happened = true
	x.acquire()
	if len(x.buf) == 0 && !x.done {
		x.list()
	}
	x.buf = appendFitting(x.buf, m)
	x.frames++
	if x.done || len(x.buf) >= flushSize {
		x.flush()
		if x.done {
			x.release()
		}
	}
}

// flush sends what waits. x.mu is held.
func (x *Exchange) flush() {
	if len(x.buf) > 0 {
		post(x.buf, x.frames, event)
		x.buf, x.frames = x.buf[:0], 0
	}
}

// acquire gets a buffer. x.mu is held.
func (x *Exchange) acquire() {
	if x.store == nil {
		x.store = buffers.Get().(*[]byte)
		x.buf = (*x.store)[:0]
	}
}

// release gives the buffer back. x.mu is held.
func (x *Exchange) release() {
	if x.store != nil && cap(x.buf) <= 2*flushSize {
		*x.store = x.buf
		buffers.Put(x.store)
	}
	x.buf, x.store = nil, nil
}

// appendFitting appends the frame of m, without its lists and then with less of its
// text when it would be too long.
func appendFitting(b []byte, m *Message) []byte {
	for {
		out, ok := AppendFrame(b, m)
		switch {
		case ok:
			return out
		case len(m.Frames) > 1:
			m.Frames = m.Frames[:len(m.Frames)/2]
		case m.Attrs != nil || m.Args != nil || m.Causes != nil:
			m.Attrs, m.Args, m.Causes = nil, nil, nil
		case m.Text == "":
			return b
		default:
			m.Text = m.Text[:len(m.Text)/2]
		}
	}
}

// timeAt is the time of day, in microseconds since 1970, so long after the begin. To
// read one clock, rather than both, for each event is worth it.
func (x *Exchange) timeAt(since time.Duration) int64 {
	if since > steady {
		return micros(time.Now())
	}
	return micros(x.begun) + int64(since/time.Microsecond)
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// cut shortens s to n bytes and marks that it did.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 { // not inside a character
		n--
	}
	return s[:n] + "…"
}
