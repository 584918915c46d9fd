package prints

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// maxHeld is how much of a page is held back, in bytes. It bounds memory for each request.
const maxHeld = 256 << 10

// Where a page is between its first byte and its last.
type pageState int

const (
	undecided pageState = iota // no header yet
	holding                    // HTML that can still be changed anywhere
	passing                    // not for us, or already changed
	streaming                  // HTML that has begun to go out: the lines go to its end
)

// page is the response writer of a watched request. One goroutine uses it, the handler's.
type page struct {
	http.ResponseWriter
	record *record
	method string
	status int
	state  pageState
	held   []byte
}

// Unwrap is for http.ResponseController.
func (p *page) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// WriteHeader holds the header of a page back with it.
func (p *page) WriteHeader(code int) {
	switch {
	case code >= 100 && code < 200 && code != http.StatusSwitchingProtocols:
		p.ResponseWriter.WriteHeader(code) // informational (RFC 9110, 15.2): goes out at once
		return
	case p.state == passing || p.state == streaming || code < 200 || code > 999:
		p.pass()
		p.ResponseWriter.WriteHeader(code) // one too many, or wrong: net/http says so itself
		return
	case p.status != 0:
		return // one too many, while the first is still held
	}
	p.status = code
	_, typed := p.Header()["Content-Type"]
	switch {
	case p.wanted(nil):
		p.state = holding
	case !typed && bodyAllowed(code) && p.method != http.MethodHead:
		// The first bytes decide.
	default:
		p.pass()
	}
}

// wanted says whether the answer is a page that may be changed. first are its first bytes,
// for an answer without a Content-Type.
func (p *page) wanted(first []byte) bool {
	h := p.Header()
	kind := h.Get("Content-Type")
	if _, set := h["Content-Type"]; !set && len(first) > 0 {
		kind = http.DetectContentType(first)
	}
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	status := p.status
	if status == 0 {
		status = http.StatusOK
	}
	return strings.TrimSpace(kind) == "text/html" && p.method != http.MethodHead && bodyAllowed(status) && status != http.StatusPartialContent &&
		(h.Get("Content-Encoding") == "" || strings.EqualFold(h.Get("Content-Encoding"), "identity")) && !isOff(h)
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// pass lets everything through from here on.
func (p *page) pass() {
	if p.state == undecided && p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
	if p.state != streaming {
		p.state = passing
	}
}

// ReadFrom keeps sendfile(2) in reach for what is not a page.
func (p *page) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := p.ResponseWriter.(io.ReaderFrom); ok && p.state == passing {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{p}, r)
}

func (p *page) Write(b []byte) (int, error) {
	if p.state == undecided && len(b) > 0 {
		if p.wanted(b) {
			p.state = holding
		} else {
			p.pass()
		}
	}
	if p.state != holding {
		return p.ResponseWriter.Write(b)
	}
	if len(p.held)+len(b) > maxHeld {
		if err := p.stream(); err != nil {
			return 0, err
		}
		return p.ResponseWriter.Write(b)
	}
	p.held = append(p.held, b...)
	return len(b), nil
}

// stream lets go what was held. A page whose length was promised cannot grow any more.
func (p *page) stream() error {
	p.state = streaming
	if p.Header().Get("Content-Length") != "" {
		p.state = passing
	}
	if p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
	held := p.held
	p.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := p.ResponseWriter.Write(held)
	return err
}

// finish sends what was held, with the lines in it.
func (p *page) finish() {
	box := ""
	if p.state == holding || p.state == streaming {
		box = p.record.box()
	}
	switch {
	case p.state == undecided && p.status != 0:
		p.ResponseWriter.WriteHeader(p.status)
	case p.state == streaming && box != "":
		_, _ = io.WriteString(p.ResponseWriter, box) // the client may be gone
	case p.state == holding && box == "":
		_ = p.stream() // as above
	case p.state == holding:
		p.held = place(p.held, box)
		h := p.Header()
		if _, promised := h["Content-Length"]; promised {
			h.Set("Content-Length", strconv.Itoa(len(p.held)))
		}
		for _, k := range []string{"Etag", "Last-Modified", "Content-Md5", "Digest", "Content-Digest", "Accept-Ranges"} {
			h.Del(k) // they speak of other bytes
		}
		_ = p.stream() // as above
	}
}

// wrap keeps the abilities of the writer below.
func (p *page) wrap() http.ResponseWriter {
	flusher, canFlush := p.ResponseWriter.(http.Flusher)
	hijacker, canHijack := p.ResponseWriter.(http.Hijacker)
	switch {
	case canFlush && canHijack:
		return struct {
			*page
			*pageFlusher
			*pageHijacker
		}{p, &pageFlusher{p, flusher}, &pageHijacker{p, hijacker}}
	case canFlush:
		return struct {
			*page
			*pageFlusher
		}{p, &pageFlusher{p, flusher}}
	case canHijack:
		return struct {
			*page
			*pageHijacker
		}{p, &pageHijacker{p, hijacker}}
	}
	return p
}

type pageFlusher struct {
	page    *page
	flusher http.Flusher
}

// Flush ends the holding: the program wants its bytes out now.
func (f *pageFlusher) Flush() {
	switch f.page.state {
	case undecided:
		if f.page.wanted(nil) {
			_ = f.page.stream() // nothing is held yet
		} else {
			f.page.pass()
		}
	case holding:
		_ = f.page.stream() // the next write tells the program what went wrong
	}
	f.flusher.Flush()
}

type pageHijacker struct {
	page     *page
	hijacker http.Hijacker
}

// Hijack hands the connection over; nothing is added to it.
func (h *pageHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := h.hijacker.Hijack()
	if err == nil {
		h.page.state, h.page.held, h.page.status = passing, nil, 0
	}
	return c, rw, err
}
