package httperr

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

type writerState int

const (
	untouched writerState = iota
	begun                 // the final status is sent
	hijacked
)

// writer knows whether the answer has begun.
type writer struct {
	http.ResponseWriter
	state writerState
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) begin() {
	if w.state == untouched {
		w.state = begun
	}
}

func (w *writer) WriteHeader(code int) {
	if code >= 200 || code == http.StatusSwitchingProtocols {
		w.begin()
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *writer) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the way of a file to its socket short. A source that fails at once
// begins nothing.
func (w *writer) ReadFrom(r io.Reader) (n int64, err error) {
	done := false
	defer func() {
		if n > 0 || !done {
			w.begin()
		}
	}()
	n, err = io.Copy(w.ResponseWriter, r)
	done = true
	return n, err
}

func (w *writer) Flush() { _ = w.FlushError() }

func (w *writer) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	if err == nil {
		w.begin()
	}
	return err
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.state = hijacked
	}
	return c, rw, err
}
