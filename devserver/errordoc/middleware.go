package errordoc

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Keys of Pages that stand for every status of a class that has no page of its own.
const (
	ClientErrors = 4 // 4xx
	ServerErrors = 5 // 5xx
)

// ParseStatus reads a key of Pages as it stands in a configuration: "404", "4xx", "5xx".
func ParseStatus(s string) (int, error) {
	switch strings.ToLower(s) {
	case "4xx":
		return ClientErrors, nil
	case "5xx":
		return ServerErrors, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n < 400 || n > 599 {
		return 0, fmt.Errorf("error page for %q: not a status from 400 to 599, 4xx or 5xx", s)
	}
	return int(n), nil
}

// Middleware replaces the bodies of failed answers. Its zero value works and replaces none.
type Middleware struct {
	// Pages gives the path ("/errors/404.html", perhaps with a query) of the page for a
	// status from 400 on, or for a class: [ClientErrors], [ServerErrors]. Nil means none.
	Pages map[int]string
	// Find names the page where Pages has none; "" is none. Nil means none.
	Find func(r *http.Request, status int) string
	// Fetch gets a page by GET; ctx is the failed request's. The caller closes the body.
	// Nil means that the next handler is asked, which sees the path as it is and the
	// failed request's fields. recursive.Include, without options, fits where its
	// Middleware is above this one.
	Fetch func(ctx context.Context, path string) (*http.Response, error)
	// Keep reports that a failed answer with this header stays as it is. Nil means none does.
	Keep func(header http.Header) bool
	// All gives pages to every client. False means only to those that ask for HTML by name.
	All bool
	// Log gets the pages that could not be had. Nil means slog.Default().
	Log *slog.Logger
}

// Handler replaces failed answers of next.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, nested := From(r.Context()); nested || !m.All && !wantsHTML(r) || r.Header.Get("Upgrade") != "" || r.Method == http.MethodConnect {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&writer{ResponseWriter: w, m: m, next: next, r: r, uri: r.URL.RequestURI(), policies: policiesOf(w.Header())}, r)
	})
}

// wantsHTML reports whether HTML is among what the client names. Browsers name it when
// they go to a page, not when they load a part of one.
func wantsHTML(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	for _, name := range []string{"text/html", "application/xhtml+xml"} {
		if strings.Contains(strings.ToLower(accept), name) && httpx.Negotiate(accept, name) != "" {
			return true
		}
	}
	return false
}

// page returns the path of the page for a status, "" for none.
func (m *Middleware) page(r *http.Request, status int) string {
	if p, ok := m.Pages[status]; ok {
		return p
	}
	if p, ok := m.Pages[status/100]; ok && status < 600 {
		return p
	}
	if m.Find != nil {
		return m.Find(r, status)
	}
	return ""
}

// Failure is what a page is shown for.
type Failure struct {
	Status int
	URI    string // path and query of the failed request, as the Middleware got it
}

type failureKey struct{}

// From returns the failure in whose place the handler of ctx answers. ok is false if it
// answers for itself.
func From(ctx context.Context) (f Failure, ok bool) {
	f, ok = ctx.Value(failureKey{}).(Failure)
	return f, ok
}

func (m *Middleware) log() *slog.Logger {
	if m.Log != nil {
		return m.Log
	}
	return slog.Default()
}
