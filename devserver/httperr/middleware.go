package httperr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// Middleware answers for the errors of handlers. Its zero value works.
type Middleware struct {
	// Debug shows the text of causes and of unknown errors to every client. False means
	// only the log sees them.
	Debug bool
	// OnError hears of every error, before it is answered, with the status that the client
	// gets; 0 if the answer had begun. Nil means nobody does.
	OnError func(r *http.Request, err error, status int)
	// Log gets the errors of 500 and above, and those after the first byte. Nil means
	// slog.Default().
	Log *slog.Logger
}

// Handler answers for what fn returns, with [Middleware]'s zero value.
func Handler(fn func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return (&Middleware{}).Func(fn)
}

// Func answers for what fn returns: an [Error], found through any wrapping, with its own
// status, a [http.MaxBytesError] with 413, everything else with 500. Fields that fn has set
// stay, except those that describe the body that did not come.
//
// After the first byte the connection is cut by panicking with http.ErrAbortHandler, so
// that the client does not take half a page for a whole one. On a hijacked connection
// there is nothing to answer.
func (m *Middleware) Func(fn func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tw := &writer{ResponseWriter: w}
		if err := fn(tw, r); err != nil {
			m.fail(tw, r, err)
		}
	})
}

// Handler answers for panics of next that were raised with an error in which there is an
// [Error], as Func does for returned ones. Every other panic goes on unchanged, with its stack.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tw := &writer{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			err, ok := v.(error)
			if e := (*Error)(nil); !ok || !errors.As(err, &e) {
				panic(v)
			}
			m.fail(tw, r, err)
		}()
		next.ServeHTTP(tw, r)
	})
}

// fail answers for err as far as the answer has not begun.
func (m *Middleware) fail(w *writer, r *http.Request, err error) {
	if w.state == untouched {
		m.answer(w.ResponseWriter, r, err, find(err))
		return
	}
	m.tell(r, err, 0)
	m.log().ErrorContext(r.Context(), "error after the answer had begun", "method", r.Method, "path", r.URL.Path, "error", err)
	if w.state == begun {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // else a client may think nobody answered, and ask again
		panic(http.ErrAbortHandler)
	}
}

// find returns the answer that err asks for.
func find(err error) *Error {
	var e *Error
	if errors.As(err, &e) && e != nil {
		return e
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return TooLarge(fmt.Sprintf("The body is larger than the %d bytes taken here.", large.Limit)).Because(err)
	}
	return Internal(err)
}

// answer sends e for err. A redirect without a Location that can be sent becomes a 500.
func (m *Middleware) answer(w http.ResponseWriter, r *http.Request, err error, e *Error) {
	if needsLocation(e.StatusCode()) {
		location, bad := cleanLocation(e.Get("Location"))
		if bad != nil {
			err = fmt.Errorf("answer with %d: %w", e.StatusCode(), errors.Join(bad, e.Err))
			e = Internal(err)
		} else {
			e = e.located(location)
		}
	}
	status := e.StatusCode()
	m.tell(r, err, status)
	if status >= 500 && !gone(r, err) {
		m.log().ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "status", status, "error", err)
	}
	m.write(w, r, e, err)
}

// gone reports whether err only says that the client has left.
func gone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}

// located returns e with one Location.
func (e *Error) located(location string) *Error {
	e2 := *e
	e2.Header = http.Header{}
	for k, v := range e.Header {
		e2.Header[http.CanonicalHeaderKey(k)] = v
	}
	e2.Header["Location"] = []string{location}
	return &e2
}

func (m *Middleware) tell(r *http.Request, err error, status int) {
	if m.OnError != nil {
		m.OnError(r, err, status)
	}
}

func (m *Middleware) log() *slog.Logger {
	if m.Log != nil {
		return m.Log
	}
	return slog.Default()
}
