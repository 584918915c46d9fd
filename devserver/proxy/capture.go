package proxy

import (
	"io"
	"sync"
	"sync/atomic"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// DefaultBodyLimit is how much of a body is kept in the record, each way.
	DefaultBodyLimit = 1 << 20
	// captureBudget bounds the bytes kept of all exchanges under way together: 64
	// full bodies. Beyond it records are truncated; traffic is not touched.
	captureBudget = 64 << 20
	// presize is the largest body for which memory is taken at once on the word of
	// a Content-Length; a longer one grows with the bytes that come.
	presize = 256 << 10
)

// budget counts the captured bytes of exchanges under way.
type budget struct{ used atomic.Int64 }

func (b *budget) take(n int64) bool {
	if b.used.Add(n) > captureBudget {
		b.used.Add(-n)
		return false
	}
	return true
}

// capture keeps the first bytes of a body and counts all. It is safe for concurrent
// use: a transport may still read a request body when the response has ended.
type capture struct {
	budget *budget
	limit  int64

	mu     sync.Mutex
	size   int64
	hint   int64
	data   []byte
	full   bool // nothing more is kept
	closed bool
}

// expect tells the length that the head of the message announces.
func (c *capture) expect(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && n <= min(presize, c.limit) {
		c.hint = n
	}
}

func (c *capture) write(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.size += int64(len(p))
	keep := min(int64(len(p)), c.limit-int64(len(c.data)))
	if c.full || keep <= 0 || !c.budget.take(keep) {
		c.full = c.full || len(p) > 0
		return
	}
	if c.data == nil && c.hint > 0 {
		c.data = make([]byte, 0, c.hint)
	}
	c.data = append(c.data, p[:keep]...)
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
	if !c.closed {
		c.closed = true
		c.budget.used.Add(-int64(len(c.data)))
	}
	return inspect.Body{Size: c.size, Data: c.data, Truncated: int64(len(c.data)) < c.size}
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
