package traceback

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// sent knows whether an answer has begun. One goroutine uses it, the handler's.
type sent struct{ begun bool }

// wrap keeps the abilities that w has: a handler that asks for http.Flusher or
// http.Hijacker finds the same answer as without us.
func (s *sent) wrap(w http.ResponseWriter) http.ResponseWriter {
	base := &sentWriter{w, s}
	flusher, canFlush := w.(http.Flusher)
	hijacker, canHijack := w.(http.Hijacker)
	switch {
	case canFlush && canHijack:
		return struct {
			*sentWriter
			*sentFlusher
			*sentHijacker
		}{base, &sentFlusher{flusher, s}, &sentHijacker{hijacker, s}}
	case canFlush:
		return struct {
			*sentWriter
			*sentFlusher
		}{base, &sentFlusher{flusher, s}}
	case canHijack:
		return struct {
			*sentWriter
			*sentHijacker
		}{base, &sentHijacker{hijacker, s}}
	}
	return base
}

type sentWriter struct {
	http.ResponseWriter
	sent *sent
}

// Unwrap is for http.ResponseController.
func (w *sentWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the beginning of the answer; informational ones (RFC 9110, 15.2) are none.
func (w *sentWriter) WriteHeader(code int) {
	// A code that net/http refuses makes it panic before anything is sent.
	if code >= 200 && code <= 999 || code == http.StatusSwitchingProtocols {
		w.sent.begun = true
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *sentWriter) Write(b []byte) (int, error) {
	w.sent.begun = true
	return w.ResponseWriter.Write(b)
}

// WriteString saves the copy where the server's writer can.
func (w *sentWriter) WriteString(s string) (int, error) {
	w.sent.begun = true
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom keeps sendfile(2) in reach.
func (w *sentWriter) ReadFrom(r io.Reader) (int64, error) {
	w.sent.begun = true
	if to, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{w.ResponseWriter}, r)
}

type sentFlusher struct {
	http.Flusher
	sent *sent
}

func (f *sentFlusher) Flush() {
	f.sent.begun = true
	f.Flusher.Flush()
}

type sentHijacker struct {
	http.Hijacker
	sent *sent
}

func (h *sentHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := h.Hijacker.Hijack()
	if err == nil {
		h.sent.begun = true
	}
	return c, rw, err
}
