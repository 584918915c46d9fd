package proxy

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// copyBuffer is what one read takes from the target: enough for most answers in
	// one piece.
	copyBuffer = 32 << 10
	// headDelay is how long the head of an answer waits for the first bytes of its
	// body, to go out together with them.
	headDelay = time.Millisecond
)

var copyBuffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// interim forwards informational responses (RFC 9110, 15.2) as they come.
type interim struct {
	mu    sync.Mutex
	w     http.ResponseWriter
	muted bool // the client's protocol has none, or the final response has come
}

func (i *interim) forward(code int, h textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.muted || code == http.StatusContinue { // 100 goes out when the transport reads the body
		return nil
	}
	own := i.w.Header()
	final := maps.Clone(own)
	clear(own)
	maps.Copy(own, h)
	i.w.WriteHeader(code)
	clear(own)
	maps.Copy(own, final)
	return nil
}

func (i *interim) stop() {
	i.mu.Lock()
	i.muted = true
	i.mu.Unlock()
}

// respond passes the target's answer on.
func (c *carriage) respond(res *http.Response) (abort bool) {
	if res.StatusCode < 200 || res.StatusCode > 999 {
		res.Body.Close()
		return c.refuse(&UnreachableError{Err: fmt.Errorf("the program answered with status %d", res.StatusCode), Sent: true})
	}
	body := &teeReader{ReadCloser: res.Body, to: &c.res}
	if res.StatusCode >= http.StatusInternalServerError {
		c.res.keepAlways()
	}
	c.note(res)
	res.Body = body
	removeHopByHop(res.Header)
	c.dress(res)
	defer func() { res.Body.Close() }() // the filter's, perhaps

	announced := len(res.Trailer)
	c.writeHead(res)
	sent, rerr, werr := c.copyBody(res)
	broken := body.failed() // even when a filter swallowed it
	switch gone := c.ctx.Err() != nil; {
	case werr != nil, gone && (rerr != nil || broken != nil):
		c.rec.Error = cancelled(c.ctx, fmt.Sprintf("client went away after %d bytes", sent))
		return true
	case broken != nil:
		c.rec.Error = fmt.Sprintf("the program broke the connection after %d bytes: %v", c.res.count(), broken)
		return true
	case rerr != nil:
		c.rec.Error = fmt.Sprintf("change the response: %v", rerr)
		return true
	}
	c.writeTrailer(res, announced)
	return false
}

// note fills the record from the head of the answer.
func (c *carriage) note(res *http.Response) {
	c.hearAgent(res)
	c.rec.ResponseFrom = inspect.FromTarget
	c.rec.Status = res.StatusCode
	c.rec.ContentType = res.Header.Get("Content-Type")
	c.rec.Response = inspect.Message{Proto: res.Proto, Header: header(res.Header)}
	c.proxy.pages.learn(c.r, res.StatusCode, c.rec.ContentType, c.rec.ID)
}

// dress adds to the answer what pastedev adds, unless one side has said no.
func (c *carriage) dress(res *http.Response) {
	if c.plain || res.Header.Get("X-Pastedev") == "off" {
		return
	}
	if c.proxy.options.Filter != nil {
		c.rec.Injected = c.proxy.options.Filter(c.rec.ID, c.r, res)
	}
	if !c.proxy.options.NoHeaders {
		res.Header.Add("Server-Timing", c.serverTiming())
	}
}

// beside are the fields that both a handler before the proxy and the target may have
// something to say in. In all others the target has the word.
var beside = [...]string{"Link", "Server-Timing", "Set-Cookie", "Vary", "Www-Authenticate"}

func (c *carriage) writeHead(res *http.Response) {
	h := c.w.Header()
	for _, own := range [...]string{"Date", "Content-Type"} {
		h[own] = nil // or net/http would add one that the target did not send
	}
	for _, name := range beside {
		if values, before := res.Header[name], h[name]; len(before) > 0 && len(values) > 0 {
			res.Header[name] = slices.Concat(before, values)
		}
	}
	maps.Copy(h, res.Header)
	if len(res.Trailer) > 0 {
		h["Trailer"] = []string{strings.Join(slices.Sorted(maps.Keys(res.Trailer)), ", ")}
	}
	c.w.WriteHeader(res.StatusCode)
}

// copyBody copies the body, each piece as it comes. It returns the bytes sent, what
// broke reading and what broke sending.
func (c *carriage) copyBody(res *http.Response) (sent int64, rerr, werr error) {
	f := &flusher{to: http.NewResponseController(c.w)}
	defer f.stop()
	if c.r.Method == http.MethodHead || res.ContentLength == 0 {
		f.flush()
	} else {
		f.later()
	}
	buf := copyBuffers.Get().(*[copyBuffer]byte)
	defer copyBuffers.Put(buf)
	for {
		n, rerr := res.Body.Read(buf[:])
		if n > 0 {
			m, werr := f.write(c.w, buf[:n])
			sent += int64(m)
			if werr != nil {
				return sent, nil, werr
			}
		}
		if rerr != nil {
			// Now at the latest, or net/http gives an empty answer a length that the
			// target did not state.
			f.flush()
			if rerr == io.EOF {
				rerr = nil
			}
			return sent, rerr, nil
		}
	}
}

func (c *carriage) writeTrailer(res *http.Response, announced int) {
	if len(res.Trailer) == 0 {
		return
	}
	c.rec.Response.Trailer = header(res.Trailer)
	h := c.w.Header()
	for name, values := range res.Trailer {
		if len(res.Trailer) != announced {
			name = http.TrailerPrefix + name
		}
		h[name] = values
	}
}

// flusher sends every piece at once, and the head alone if no piece comes soon. The
// timer's goroutine and the handler's take turns by the lock.
type flusher struct {
	to    *http.ResponseController
	mu    sync.Mutex
	timer *time.Timer
	out   bool // the head has gone out
	done  bool
}

func (f *flusher) later() { f.timer = time.AfterFunc(headDelay, f.flush) }

// flush sends the head.
func (f *flusher) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.out && !f.done {
		f.out = true
		_ = f.to.Flush() // a writer that cannot flush has no client waiting
	}
}

func (f *flusher) write(w http.ResponseWriter, p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out = true
	n, err := w.Write(p)
	if err != nil {
		return n, err
	}
	if err := f.to.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return n, err
	}
	return n, nil
}

// stop keeps the timer from touching the writer after the handler has returned.
func (f *flusher) stop() {
	f.mu.Lock()
	f.done = true
	f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
}
