package compress

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// writer is what the handler sees. It decides at the status whether the answer may be
// compressed; if not, the compressor between it and the wire is left out.
type writer struct {
	http.ResponseWriter // the compressor
	below               *wire
	r                   *http.Request
	min                 int64
	types               func(string) bool

	decided  bool
	plain    bool // the compressor is left out
	code     int  // a status that waits for the first byte; 0 if none does
	early    bool // a flush came before the first byte of a body whose length is known
	hijacked bool

	choose      func(contentType string) string // see the function
	ahead       string                          // the encoding of a head that went before the first byte; "" if none did
	contentType string                          // in that head

	written   int64 // bytes of the handler
	announced int64 // Content-Length; -1 if there is none
}

// Unwrap leads around the compressor: what is not of the body concerns the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.below.ResponseWriter }

func (w *writer) WriteHeader(code int) {
	if code < 200 && code != http.StatusSwitchingProtocols {
		w.below.ResponseWriter.WriteHeader(code)
		return
	}
	first := !w.decided
	w.decide(code)
	switch {
	case w.plain:
		w.below.ResponseWriter.WriteHeader(code)
	case first:
		w.code = code
	}
}

// sendCode passes the status on that has waited.
func (w *writer) sendCode(to http.ResponseWriter) {
	if w.code != 0 {
		to.WriteHeader(w.code)
		w.code = 0
	}
}

// decide looks at the answer's head.
func (w *writer) decide(code int) {
	if w.decided {
		return
	}
	w.decided = true
	h := w.Header()
	w.announced = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		w.announced = n
	}
	if !w.candidate(code, h) {
		w.plain = true
		if code == http.StatusNotModified {
			w.sameTag(h)
		}
		return
	}
	httpx.AddVary(h, "Accept-Encoding")
}

// candidate reports whether the answer would be compressed for one client or another.
func (w *writer) candidate(code int, h http.Header) bool {
	switch {
	case code < 200, code == http.StatusNoContent, code == http.StatusResetContent, code == http.StatusPartialContent, code == http.StatusNotModified:
		return false
	case h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "":
		return false
	case hasToken(h, "Cache-Control", "no-transform") || hasToken(w.r.Header, "Cache-Control", "no-transform"):
		return false
	case w.announced >= 0 && w.announced < w.min:
		return false
	}
	types, ok := h["Content-Type"]
	return !ok || len(types) == 0 || w.types(types[0]) // without one, the compressor looks at the body
}

// sameTag gives a 304 the entity tag that the client has, if it is our weak one.
func (w *writer) sameTag(h http.Header) {
	if tag := h.Get("Etag"); strings.HasPrefix(tag, `"`) && hasToken(w.r.Header, "If-None-Match", "W/"+tag) {
		h.Set("Etag", "W/"+tag)
	}
}

func (w *writer) Write(p []byte) (int, error) {
	w.decide(http.StatusOK)
	if w.plain {
		return w.below.ResponseWriter.Write(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if w.announced >= 0 && w.written+int64(len(p)) > w.announced { // the server cannot see it any more
		return 0, http.ErrContentLength
	}
	first := w.written == 0
	if first && w.ahead != "" {
		w.settle()
	}
	w.sendCode(w.ResponseWriter)
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	if (w.early || first && w.ahead != "") && err == nil {
		w.early = false
		err = w.FlushError()
	}
	return n, err
}

// ReadFrom keeps the way of a file to its socket short where nothing is compressed.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	w.decide(http.StatusOK)
	if w.plain {
		return io.Copy(w.below.ResponseWriter, r)
	}
	return io.Copy(onlyWriter{w}, r)
}

type onlyWriter struct{ io.Writer }

func (w *writer) Flush() { _ = w.FlushError() }

// FlushError sends what there is. Whether a proxy flushes before or after the first byte is
// chance, and whether the answer is compressed must not depend on it: a head that has no body
// yet goes out at once, and says how the body will be compressed, however short it turns out
// to be. Only where a body of some length is announced the head waits for its first byte.
func (w *writer) FlushError() error {
	w.decide(http.StatusOK)
	if w.written == 0 && !w.plain {
		if w.announced > 0 {
			w.early = true
			return nil
		}
		if w.ahead == "" && !w.begin() {
			w.plain = true
			w.sendCode(w.below.ResponseWriter)
		}
	}
	if w.plain || w.written == 0 {
		return http.NewResponseController(w.below.ResponseWriter).Flush()
	}
	w.ResponseWriter.(http.Flusher).Flush() // the compressor has it, and keeps the error to itself
	return w.below.flushed
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.below.ResponseWriter).Hijack()
	if err == nil {
		w.hijacked = true
	}
	return c, rw, err
}

// finish ends what the handler has written, before the compressor is closed. A body that
// is shorter than announced must not look whole: the connection is cut, as the server
// would have done.
func (w *writer) finish() {
	if w.plain || w.hijacked {
		return
	}
	w.sendCode(w.below.ResponseWriter)
	if w.ahead != "" && w.written == 0 {
		_ = w.nothing() // a client that has gone needs no end
	}
	if w.written > 0 && w.announced > w.written {
		_ = w.FlushError() // what there is, the client may see
		panic(http.ErrAbortHandler)
	}
}

// wire is what the compressor writes to. It learns whether there is compression at all.
type wire struct {
	http.ResponseWriter
	begun      bool
	sent       bool // the head has gone before the first byte
	compressed bool
	written    int64 // bytes, from the compressor only
	flushed    error // of the last flush
}

func (w *wire) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin looks at the head before it is sent.
func (w *wire) begin() {
	if w.begun {
		return
	}
	w.begun = true
	h := w.Header()
	if w.compressed = h.Get("Content-Encoding") != ""; !w.compressed { // encoded answers do not come here
		return
	}
	if tag := h.Get("Etag"); strings.HasPrefix(tag, `"`) {
		h.Set("Etag", "W/"+tag)
	}
}

func (w *wire) WriteHeader(code int) {
	if w.sent {
		return
	}
	w.begin()
	w.ResponseWriter.WriteHeader(code)
}

func (w *wire) Write(p []byte) (int, error) {
	w.begin()
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

func (w *wire) Flush() {
	w.begin()
	w.flushed = http.NewResponseController(w.ResponseWriter).Flush()
}
