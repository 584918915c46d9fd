package proxy

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// DefaultBodyLimit is how much of a body is kept in the record, each way.
	DefaultBodyLimit = 1 << 20
	// captureBudget bounds the bytes kept of all exchanges under way together: 64
	// full bodies. Beyond it records are truncated; traffic is not touched.
	captureBudget = 64 << 20
	// captureRate bounds the bytes kept a second, and captureBurst what may be kept at
	// once after a quiet time. A page with everything it loads fits into the burst; what
	// lasts longer is a load test, in which keeping every body would take the processor
	// from the program, and turn the history over every few minutes. See [capture.write] for
	// what is kept then.
	captureRate  = 8 << 20
	captureBurst = 64 << 20
	// smallest and classes give the sizes of the buffers that a capture grows through,
	// each four times the one before: 4 KiB for the many, 16 MiB for the largest body
	// that is worth a pool.
	smallest = 4 << 10
	classes  = 7
)

// buffers are pools of the sizes smallest<<(2*i). A body is gathered in one of them and
// copied once its length is known, so that growing makes no garbage.
var buffers [classes]sync.Pool

// buffer returns an empty buffer of at least n bytes.
func buffer(n int64) []byte {
	for i := range buffers {
		if size := int64(smallest) << (2 * i); n <= size {
			if b, ok := buffers[i].Get().(*[]byte); ok {
				return (*b)[:0]
			}
			return make([]byte, 0, size)
		}
	}
	return make([]byte, 0, n)
}

// recycle gives a buffer back.
func recycle(b []byte) {
	for i := range buffers {
		if cap(b) == smallest<<(2*i) {
			buffers[i].Put(&b)
		}
	}
}

// budget counts the memory of captures of exchanges under way, and the bytes kept
// lately. Its zero value allows a burst.
type budget struct {
	used atomic.Int64

	mu    sync.Mutex
	spent float64   // bytes of the burst that have not been regained
	since time.Time // the moment that spent is of
}

// take asks for n bytes of memory.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) > captureBudget {
		b.used.Add(-n)
		return false
	}
	return true
}

// spend asks for n bytes of the rate.
func (b *budget) spend(n int64, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-captureRate*now.Sub(b.since).Seconds())
	b.since = now
	if b.spent+float64(n) > captureBurst {
		return false
	}
	b.spent += float64(n)
	return true
}

// capture keeps the first bytes of a body and counts all. It is safe for concurrent
// use: a transport may still read a request body when the response has ended.
type capture struct {
	budget *budget
	limit  int64

	mu     sync.Mutex
	size   int64
	data   []byte
	vital  bool // kept whatever the rate
	full   bool // nothing more is kept
	closed bool
}

// keepAlways says that the body is one of those that a load test is searched for.
func (c *capture) keepAlways() {
	c.mu.Lock()
	c.vital = true
	c.mu.Unlock()
}

// write keeps p up to the limit. When more bodies go by than captureRate, the first
// smallest bytes of each are kept.
func (c *capture) write(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.size += int64(len(p))
	if c.full {
		return
	}
	have := int64(len(c.data))
	keep := min(int64(len(p)), c.limit-have)
	if keep > 0 && !(c.allowed(have, keep) && c.grow(have+keep)) {
		keep = min(keep, smallest-have)
		if keep > 0 && !c.grow(have+keep) {
			keep = 0
		}
	}
	c.data = append(c.data, p[:max(keep, 0)]...)
	c.full = keep < int64(len(p))
}

// allowed reports whether the rate lets n more bytes be kept beside those it has.
func (c *capture) allowed(have, n int64) bool {
	return c.vital || have+n <= smallest || c.budget.spend(n, time.Now())
}

// grow makes room for n bytes in all, if the budget allows.
func (c *capture) grow(n int64) bool {
	if n <= int64(cap(c.data)) {
		return true
	}
	bigger := buffer(n)
	if !c.budget.take(int64(cap(bigger))) {
		recycle(bigger)
		return false
	}
	bigger = append(bigger, c.data...)
	c.release()
	c.data = bigger
	return true
}

func (c *capture) release() {
	c.budget.used.Add(-int64(cap(c.data)))
	recycle(c.data)
	c.data = nil
}

// count returns the bytes that have gone by.
func (c *capture) count() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

// body ends the capture and hands over what was kept.
func (c *capture) body() inspect.Body {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := inspect.Body{Size: c.size, Truncated: int64(len(c.data)) < c.size}
	if !c.closed {
		c.closed = true
		b.Data = append(b.Data, c.data...)
		c.release()
	}
	return b
}

// teeReader passes a body on and lets a capture see it. It remembers the error that
// ended the body, which a filter above it may swallow.
type teeReader struct {
	io.ReadCloser
	to  *capture
	mu  sync.Mutex
	err error // other than io.EOF
	eof bool
}

func (t *teeReader) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if n > 0 {
		t.to.write(p[:n])
	}
	if err != nil {
		t.mu.Lock()
		t.eof = t.eof || err == io.EOF
		if err != io.EOF {
			t.err = err
		}
		t.mu.Unlock()
	}
	return n, err
}

// failed returns the error that broke the body, nil if none did.
func (t *teeReader) failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
