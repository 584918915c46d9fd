package httpx

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// maxHeld bounds the informational responses held back until it is known whose response
// it will be. A handler sends one or two; more are dropped, as any recipient may.
const maxHeld = 8

// Capture is a response writer that decides at the first byte of a response what becomes
// of it. It implements Flush, Hijack, Push, ReadFrom and Unwrap, and buffers no body.
// As every response writer it is used by one goroutine.
type Capture struct {
	w       http.ResponseWriter
	want    func(status int, header http.Header) io.Writer
	divert  bool
	before  http.Header // what was set before the handler came
	held    []informational
	status  int
	dst     io.Writer // where the body goes, instead of w or besides
	decided bool
}

// informational is a 1xx response that waits for the decision.
type informational struct {
	status int
	header http.Header
}

// NewCapture returns a writer for one handler. When the handler sends its status, by
// WriteHeader or by writing, want is called once with it and with the header. If want
// returns nil, the response goes to w, live from there on. If it returns a writer, the
// body goes there and nothing of the response reaches w: no status, no 1xx, no trailer.
// After the handler call [Capture.Finish], and [Capture.Restore] before another one
// answers in its place.
func NewCapture(w http.ResponseWriter, want func(status int, header http.Header) io.Writer) *Capture {
	return &Capture{w: w, want: want, divert: true, before: w.Header().Clone()}
}

// NewTee returns a writer as [NewCapture] does whose response always goes to w; if want
// returns a writer, the body is written there too, after it was written to w. An error
// of that writer ends the copying and nothing else.
func NewTee(w http.ResponseWriter, want func(status int, header http.Header) io.Writer) *Capture {
	return &Capture{w: w, want: want}
}

// Status returns the status that was sent, 0 before that.
func (c *Capture) Status() int { return c.status }

// Captured reports whether the response has been kept from the writer below.
func (c *Capture) Captured() bool { return c.decided && c.divert && c.dst != nil }

// Finish says that the handler has returned: a handler that has sent nothing has sent 200.
func (c *Capture) Finish() { c.decide(http.StatusOK) }

// Restore sets the header of the writer below back to what it was before the handler,
// whose response was captured or never sent. Clone what is to outlive it.
func (c *Capture) Restore() {
	if c.divert {
		setAll(c.w.Header(), c.before)
	}
}

// setAll makes the contents of dst those of src.
func setAll(dst, src http.Header) {
	clear(dst)
	maps.Copy(dst, src.Clone())
}

// decide asks once what becomes of the response.
func (c *Capture) decide(status int) {
	if c.decided {
		return
	}
	c.decided, c.status = true, status
	c.dst = c.want(status, c.w.Header())
	if c.Captured() || len(c.held) == 0 {
		c.held = nil
		return
	}
	final := c.w.Header().Clone()
	for _, h := range c.held {
		setAll(c.w.Header(), h.header)
		c.w.WriteHeader(h.status)
	}
	setAll(c.w.Header(), final)
	c.held = nil
}

// Header returns the header of the writer below.
func (c *Capture) Header() http.Header { return c.w.Header() }

// WriteHeader sends a status. 1xx is held until the decision, or is sent at once where
// the response is sure to go through.
func (c *Capture) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		switch {
		case c.Captured():
		case c.divert && !c.decided:
			// 100 would come too late: the server says it as soon as the body is read.
			if status != http.StatusContinue && len(c.held) < maxHeld {
				c.held = append(c.held, informational{status, c.w.Header().Clone()})
			}
		default:
			c.w.WriteHeader(status)
		}
		return
	}
	c.decide(status)
	if !c.Captured() {
		c.w.WriteHeader(status)
	}
}

func (c *Capture) Write(p []byte) (int, error) {
	c.decide(http.StatusOK)
	if c.Captured() {
		return c.dst.Write(p)
	}
	n, err := c.w.Write(p)
	c.copied(p[:n])
	return n, err
}

// WriteString is Write.
func (c *Capture) WriteString(s string) (int, error) {
	c.decide(http.StatusOK)
	if c.dst == nil {
		return io.WriteString(c.w, s)
	}
	if c.Captured() {
		return io.WriteString(c.dst, s)
	}
	n, err := io.WriteString(c.w, s)
	c.copied([]byte(s[:n]))
	return n, err
}

// copied tells the tee's writer what went through.
func (c *Capture) copied(p []byte) {
	if c.dst != nil && len(p) > 0 {
		if _, err := c.dst.Write(p); err != nil {
			c.dst = nil
		}
	}
}

// ReadFrom hands src to the writer below, which may have a fast way for it (sendfile).
func (c *Capture) ReadFrom(src io.Reader) (int64, error) {
	c.decide(http.StatusOK)
	if c.Captured() {
		return io.Copy(c.dst, src)
	}
	if c.dst != nil {
		return io.Copy(writerOnly{c}, src)
	}
	return io.Copy(c.w, src)
}

// writerOnly hides ReadFrom from io.Copy.
type writerOnly struct{ io.Writer }

// Flush sends what has been written; where nothing has been, the header.
func (c *Capture) Flush() { _ = c.FlushError() }

// FlushError is Flush, and tells when the writer below cannot.
func (c *Capture) FlushError() error {
	c.decide(http.StatusOK)
	if c.Captured() {
		return nil
	}
	return http.NewResponseController(c.w).Flush()
}

// Hijack takes the connection over, which decides for this handler. It fails with
// [http.ErrNotSupported] for a captured response, and where the writer below cannot.
func (c *Capture) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if c.Captured() {
		return nil, nil, http.ErrNotSupported
	}
	conn, rw, err := http.NewResponseController(c.w).Hijack()
	if err == nil && !c.decided {
		c.decided, c.status, c.held = true, http.StatusSwitchingProtocols, nil
	}
	return conn, rw, err
}

// Push starts an HTTP/2 push where the writer below can.
func (c *Capture) Push(target string, opts *http.PushOptions) error {
	if p, ok := c.w.(http.Pusher); ok && !c.Captured() {
		return p.Push(target, opts)
	}
	return http.ErrNotSupported
}

// Unwrap is for [http.ResponseController].
func (c *Capture) Unwrap() http.ResponseWriter { return c.w }
