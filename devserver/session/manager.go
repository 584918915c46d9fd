package session

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Options of [New]. The zero value is sessions in memory, for a day.
type Options struct {
	// Dir is where a file for each session is kept; it is made if it is not there. Empty:
	// sessions are in memory, and end with the program.
	Dir string

	// Store keeps the sessions instead of Dir and memory: one of scs's. Nil: none.
	Store scs.Store

	// Cookie is the cookie's name. Empty: "session". Two managers on one host need two.
	Cookie string

	// Lifetime is how long a session lasts from its beginning. Zero: 24 h.
	Lifetime time.Duration

	// Idle ends a session that is not used for so long. Zero: only Lifetime does.
	Idle time.Duration

	// Secure keeps the cookie from plain HTTP. False: it is sent by both.
	Secure bool

	// Serial takes the requests of one session one after another, each for as long as its
	// handler runs. False: in parallel; see the package comment.
	Serial bool

	// Notice is told what went wrong without failing a request: a file that cannot be
	// read, a write that came too late. Nil: it is logged by slog.
	Notice func(error)
}

// Manager is scs's SessionManager with [Manager.Handler] in the place of LoadAndSave.
// Fields of the embedded one may be changed before the first request.
type Manager struct {
	*scs.SessionManager
	notice func(error)
	serial *turns // nil: in parallel
	files  *FileStore
}

// New returns a manager. Close it when it is no longer used.
//
// scs starts a goroutine for the sessions in memory with every manager, which cannot be
// stopped without a data race (scs 2.9.0), so it stays until the program ends: it looks
// once a minute at what is in memory, with Dir at nothing. Make few managers.
func New(o Options) (*Manager, error) {
	m := &Manager{SessionManager: scs.New(), notice: o.Notice}
	if m.notice == nil {
		m.notice = func(err error) { slog.Warn("session", "err", err) }
	}
	store := m.Store
	if o.Store != nil {
		store = o.Store
	} else if o.Dir != "" {
		files, err := NewFileStore(o.Dir, m.notice)
		if err != nil {
			return nil, err
		}
		m.files, store = files, files
	}
	m.Store = &mergingStore{store: store, manager: m, seed: maphash.MakeSeed()}
	m.ErrorFunc = m.failed
	m.Cookie.Secure, m.IdleTimeout = o.Secure, o.Idle
	if o.Cookie != "" {
		m.Cookie.Name = o.Cookie
	}
	if o.Lifetime > 0 {
		m.Lifetime = o.Lifetime
	}
	if o.Serial {
		m.serial = &turns{taken: map[string]*turn{}}
	}
	return m, nil
}

// Close gives back what is open of Dir. Sessions in files stay.
func (m *Manager) Close() error {
	if m.files == nil {
		return nil
	}
	return m.files.Close()
}

// failed answers when the store could not be read or written.
func (m *Manager) failed(w http.ResponseWriter, r *http.Request, err error) {
	m.notice(fmt.Errorf("session of %s %s: %w", r.Method, r.URL.Path, err))
	if !errors.Is(err, errGone) { // the answer is right, the session is not to be had
		http.Error(w, "500 Internal Server Error\nthe session could not be kept", http.StatusInternalServerError)
	}
}

// LateError says that a session was changed when the answer had begun and its cookie could
// no longer be sent: the change is lost.
type LateError struct {
	Method, Path string
	Keys         []string // that were changed, sorted; none if the session was ended or renewed
}

func (e *LateError) Error() string {
	what := "ended or renewed"
	if len(e.Keys) > 0 {
		what = "changed (" + strings.Join(e.Keys, ", ") + ")"
	}
	return fmt.Sprintf("session of %s %s: %s after the answer had begun, when its cookie could no longer be sent\n"+
		"hint: change the session before the first Write, WriteHeader or Flush", e.Method, e.Path, what)
}

// visitKey is the context key of a visit.
type visitKey struct{}

// visit is one request's dealing with its session.
type visit struct {
	token  string // that base was read or written under
	base   []byte // what the request knew of it then
	known  string // the token that the client has, or is being sent
	saved  map[string]any
	ended  bool // cookie taken back
	failed bool // it was not kept, and that was told
}

// Handler gives the requests of next a session, and keeps it.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, _ := r.Context().Value(visitKey{}).(*visit); v != nil {
			next.ServeHTTP(w, r) // within itself
			return
		}
		w.Header().Add("Vary", "Cookie")
		token := ""
		if c, err := r.Cookie(m.Cookie.Name); err == nil {
			token = c.Value
		}
		if m.serial != nil && token != "" {
			done, err := m.serial.wait(r.Context(), token)
			if err != nil {
				panic(http.ErrAbortHandler) // the client left while others had their turn
			}
			defer done()
		}
		v := &visit{}
		ctx, err := m.Load(context.WithValue(r.Context(), visitKey{}, v), token)
		if err != nil {
			m.ErrorFunc(w, r, err)
			return
		}
		v.known, v.saved = v.token, m.values(ctx)
		sw := &writer{ResponseWriter: w, manager: m, visit: v, request: r.WithContext(ctx)}
		next.ServeHTTP(sw, sw.request)
		if !sw.begun {
			sw.begin()
			return
		}
		m.late(sw.request, v)
	})
}

// values returns a copy of what is in the session now.
func (m *Manager) values(ctx context.Context) map[string]any {
	values := map[string]any{}
	for _, k := range m.Keys(ctx) {
		values[k] = m.Get(ctx, k)
	}
	return values
}

// late keeps what was changed after the answer began, or tells that it cannot.
func (m *Manager) late(r *http.Request, v *visit) {
	ctx := r.Context()
	now := m.values(ctx)
	keys := changed(v.saved, now)
	token := m.Token(ctx)
	switch {
	case v.failed, m.Status(ctx) == scs.Unmodified, len(keys) == 0 && token == v.known:
		return
	case m.Status(ctx) == scs.Destroyed:
		if v.known != "" && !v.ended { // gone from the store; only the cookie stays, and means nothing
			m.notice(&LateError{Method: r.Method, Path: r.URL.Path})
		}
		return
	case v.known == "" || token != v.known:
		m.notice(&LateError{Method: r.Method, Path: r.URL.Path, Keys: keys})
		return
	}
	if _, _, err := m.Commit(ctx); err != nil {
		m.notice(fmt.Errorf("session of %s %s: %w", r.Method, r.URL.Path, err))
	}
}

// changed returns the keys whose values differ, sorted.
func changed(a, b map[string]any) []string {
	keys := map[string]bool{}
	for k, v := range a {
		if w, ok := b[k]; !ok || !reflect.DeepEqual(v, w) {
			keys[k] = true
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys[k] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
