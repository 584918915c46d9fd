package errordoc

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
)

// writer is what the application answers with.
type writer struct {
	http.ResponseWriter
	m        *Middleware
	next     http.Handler
	r        *http.Request
	uri      string
	policies http.Header // set above, for any answer

	decided  bool
	replaced bool        // the page has been sent; what the application writes is dropped
	scrap    http.Header // what the application changes afterwards
}

// Unwrap leads around us as long as the application answers itself. Once a page has been
// sent there is nothing more to control.
func (w *writer) Unwrap() http.ResponseWriter {
	if w.replaced {
		return nothing{w.scrap}
	}
	return w.ResponseWriter
}

func (w *writer) Header() http.Header {
	if w.replaced {
		return w.scrap
	}
	return w.ResponseWriter.Header()
}

func (w *writer) WriteHeader(code int) {
	if w.replaced {
		return
	}
	if code >= 400 && !w.decided {
		w.decided = true
		if path := w.m.page(w.r, code); path != "" && !w.keeps() && w.replace(code, path) {
			return
		}
	}
	if code >= 200 || code == http.StatusSwitchingProtocols {
		w.decided = true
	}
	w.ResponseWriter.WriteHeader(code)
}

// keeps reports that the answer is not to be replaced.
func (w *writer) keeps() bool { return w.m.Keep != nil && w.m.Keep(w.ResponseWriter.Header()) }

// replace sends the page at path with the status. It returns false, and has changed
// nothing, if the page cannot be had.
func (w *writer) replace(code int, path string) bool {
	ctx := context.WithValue(w.r.Context(), failureKey{}, Failure{Status: code, URI: w.uri})
	pw := &pageWriter{w: w.ResponseWriter, header: http.Header{}, status: code, policies: w.policies, head: w.r.Method == http.MethodHead}
	if why := w.fetch(ctx, pw, path); why != "" {
		w.m.log().WarnContext(ctx, "error page not to be had: the answer's own body is sent", "page", path, "for", w.uri, "status", code, "why", why)
		return false
	}
	w.replaced, w.scrap = true, http.Header{}
	return true
}

func (w *writer) Write(p []byte) (int, error) {
	if w.replaced {
		return len(p), nil
	}
	w.decided = true
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the way of a file to its socket short.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	if w.replaced {
		return io.Copy(io.Discard, r)
	}
	w.decided = true
	return io.Copy(w.ResponseWriter, r)
}

func (w *writer) Flush() { _ = w.FlushError() }

func (w *writer) FlushError() error {
	w.decided = true
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.replaced {
		return nil, nil, http.ErrNotSupported
	}
	w.decided = true
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// nothing is a writer that leads nowhere.
type nothing struct{ h http.Header }

func (n nothing) Header() http.Header         { return n.h }
func (n nothing) WriteHeader(int)             {}
func (n nothing) Write(p []byte) (int, error) { return len(p), nil }
