package session

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// writer keeps the session and sends its cookie as the answer begins.
type writer struct {
	http.ResponseWriter
	manager *Manager
	visit   *visit
	request *http.Request
	begun   bool
}

// begin keeps the session. If that fails with an answer of its own, what the handler
// writes follows it, as in scs.
func (w *writer) begin() {
	w.begun = true
	m, v, ctx := w.manager, w.visit, w.request.Context()
	switch m.Status(ctx) {
	case scs.Modified:
		token, expiry, err := m.Commit(ctx)
		if err != nil {
			v.failed = true
			m.ErrorFunc(w.ResponseWriter, w.request, err)
			return
		}
		m.WriteSessionCookie(ctx, w.ResponseWriter, token, expiry)
		v.known = token
	case scs.Destroyed:
		m.WriteSessionCookie(ctx, w.ResponseWriter, "", time.Time{})
		v.known, v.ended = "", true
	}
	v.saved = m.values(ctx)
}

func (w *writer) WriteHeader(status int) {
	if !w.begun && (status >= 200 || status == http.StatusSwitchingProtocols) { // interim answers are none
		w.begin()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.begun {
		w.begin()
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the system's way from file to socket.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	if !w.begun {
		w.begin()
	}
	return io.Copy(w.ResponseWriter, r)
}

// Flush begins the answer.
func (w *writer) Flush() { w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *writer) FlushError() error {
	if !w.begun {
		w.begin()
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack keeps the session; the cookie is in Header for who writes the answer by hand.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !w.begun {
		w.begin()
	}
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
