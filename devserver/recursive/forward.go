package recursive

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
)

// Forward answers r with what target, "/path?query", answers: a GET with r's fields and
// no body, unless opts say otherwise. r is the request the handler got, or one derived
// from it, and w the writer. Of the fields that w has already, those of a body are
// removed. What runs above the [Middleware] does not run again.
//
// An error means that nothing has been written: [ErrOutside], [ErrBegun] once a final
// status is sent or the connection hijacked, a [*LoopError], or a target that is no path
// here. What target answers, 404 for instance, is no error.
func Forward(w http.ResponseWriter, r *http.Request, target string, opts ...Option) error {
	l := levelOf(r.Context())
	if l == nil {
		return ErrOutside
	}
	if l.w.begun {
		return ErrBegun
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	ctx := context.Context(lineage{r.Context(), l.entry.Context()})
	sub, child, err := l.request(ctx, r, target, &o, true)
	if err != nil {
		return err
	}
	for name := range w.Header() {
		if ofBody(name) {
			delete(w.Header(), name)
		}
	}
	fw := &writer{ResponseWriter: w, override: o.status}
	child.descent = Descent{Parent: r}
	child.serve(fw, ctx, sub)
	if !fw.begun && fw.override != 0 { // it meant 200 by saying nothing
		fw.WriteHeader(http.StatusOK)
	}
	return nil
}

// ofBody reports whether a field describes a body.
func ofBody(name string) bool {
	switch name {
	case "Etag", "Last-Modified", "Accept-Ranges", "Transfer-Encoding", "Trailer":
		return true
	case "Content-Security-Policy", "Content-Security-Policy-Report-Only":
		return false
	}
	return strings.HasPrefix(name, "Content-")
}

// writer knows whether its answer has begun, and with which status.
type writer struct {
	http.ResponseWriter
	override int // instead of 200; 0 means nothing is changed
	begun    bool
	status   int
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// final returns the status that code becomes.
func (w *writer) final(code int) int {
	if code == http.StatusOK && w.override != 0 {
		return w.override
	}
	return code
}

func (w *writer) begin(code int) {
	if !w.begun {
		w.begun, w.status = true, w.final(code)
	}
}

func (w *writer) WriteHeader(code int) {
	if code >= 200 || code == http.StatusSwitchingProtocols {
		code = w.final(code)
		w.begin(code)
	}
	w.ResponseWriter.WriteHeader(code)
}

// implied sends the status that the first byte implies, if it is not 200.
func (w *writer) implied() {
	if !w.begun && w.override != 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.begin(http.StatusOK)
}

func (w *writer) Write(p []byte) (int, error) {
	w.implied()
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the way of a file to its socket short.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	w.implied()
	return io.Copy(w.ResponseWriter, r)
}

func (w *writer) Flush() { _ = w.FlushError() }

func (w *writer) FlushError() error {
	w.implied()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begun = true
	}
	return c, rw, err
}
