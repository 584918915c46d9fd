package accesslog

import (
	"cmp"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Format is how a request is written down.
type Format int

const (
	// Combined is Apache's combined format.
	Combined Format = iota
	// CombinedDuration is Combined with the microseconds the request took at the end of the
	// line (Apache's %D).
	CombinedDuration
	// JSON is an object a line, with the keys of [Entry.Attrs].
	JSON
)

// Middleware logs the requests that pass it, each at its end: a hijacked connection's
// when it is closed. Its zero value works; it must not be copied once used.
type Middleware struct {
	// Out gets the lines, whole ones and in order, never two calls at once. Nil means
	// standard error. It is not closed.
	Out io.Writer
	// Format is how they are written; zero means Combined.
	Format Format
	// Logger, if not nil, gets an Info record of each request instead of Out, with the
	// request's context. It is called by the request's goroutine.
	Logger *slog.Logger
	// Trusted are the proxies whose X-Forwarded-For is believed. None means that the
	// address is always the peer's.
	Trusted []netip.Prefix
	// User names the user of a request that has been answered. Where it is nil or says ""
	// that is the name of basic credentials that were not answered with 401, or else "-".
	User func(r *http.Request) string
	// Trouble hears when the log cannot be written or lines were dropped, once for each
	// time that begins. Nil means slog.Default().
	Trouble func(err error)

	once sync.Once
	q    queue
	now  func() time.Time // tests only
}

// Handler logs the requests to next.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := m.begin(r)
		lw := &writer{ResponseWriter: w, head: r.Method == http.MethodHead}
		lw.hijacked = func(c *conn) { c.ended = func() { m.end(e, r, lw, c, true) } }
		returned := false
		defer func() {
			if c := lw.taken(); c == nil {
				m.end(e, r, lw, nil, returned)
			}
		}()
		next.ServeHTTP(lw, r)
		returned = true
	})
}

// begin takes down what a handler may change.
func (m *Middleware) begin(r *http.Request) *Entry {
	uri := r.RequestURI
	if uri == "" {
		uri = r.URL.RequestURI()
	}
	user, _, _ := r.BasicAuth()
	return &Entry{
		Time: m.clock(), Remote: remote(r, m.Trusted), User: user, Method: r.Method, URI: uri, Proto: r.Proto,
		Host: r.Host, Referer: r.Referer(), UserAgent: r.UserAgent(),
	}
}

// end completes the entry and logs it. returned is false if the handler panicked.
func (m *Middleware) end(e *Entry, r *http.Request, w *writer, c *conn, returned bool) {
	e.Duration = m.clock().Sub(e.Time)
	e.Status, e.Bytes = w.status, w.bytes
	switch {
	case c != nil:
		e.Upgraded = true
		if e.Bytes = c.written.Load(); e.Status == 0 {
			e.Status = int(c.status.Load())
		}
	case e.Status == 0 && returned:
		e.Status = http.StatusOK
	}
	e.Aborted = !returned
	if e.Status == http.StatusUnauthorized {
		e.User = ""
	}
	if m.User != nil {
		e.User = cmp.Or(m.User(r), e.User)
	}
	switch {
	case m.Logger != nil:
		m.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request", e.Attrs()...)
	case m.Format == JSON:
		m.queue().add(e.AppendJSON(nil))
	default:
		m.queue().add(e.AppendCombined(nil, m.Format == CombinedDuration))
	}
}

// Flush waits until no line waits to be written.
func (m *Middleware) Flush() { m.queue().flush() }

// Close is Flush, and what is logged afterwards is dropped. Call it when the server has
// shut down. It waits for Out.
func (m *Middleware) Close() error {
	m.queue().close()
	return nil
}

// Dropped returns how many lines have been dropped because Out was too slow, or closed.
func (m *Middleware) Dropped() int64 { return m.queue().dropped.Load() }

func (m *Middleware) queue() *queue {
	m.once.Do(func() { m.q.init(m.Out, m.Trouble) })
	return &m.q
}

func (m *Middleware) clock() time.Time {
	if m.now != nil {
		return m.now()
	}
	return time.Now()
}
