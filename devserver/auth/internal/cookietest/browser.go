// Package cookietest is a browser with one cookie, for the tests of middlewares that keep who
// has signed in in one: give [Browser] the middleware and its Log, then have it do what a
// visitor does. It is for tests and keeps nothing but the cookie.
package cookietest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

// A Browser sends its cookie, between two others, and takes the one that comes back.
type Browser struct {
	T       *testing.T
	Handler func(next http.Handler) http.Handler
	Name    string // of the cookie
	Addr    string // of the client; "" = httptest's 192.0.2.1

	Value  string  // of the cookie; "" = none
	Set    string  // the last Set-Cookie line
	Logged []error // what the middleware said
}

// Log is for the middleware.
func (b *Browser) Log(_ *http.Request, err error) { b.Logged = append(b.Logged, err) }

// Do has the handler f answer a request for path, behind the middleware.
func (b *Browser) Do(path string, f func(ctx context.Context)) {
	b.T.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if b.Addr != "" {
		r.RemoteAddr = b.Addr
	}
	if b.Value != "" {
		r.Header.Set("Cookie", "other=1; "+b.Name+"="+b.Value+"; more=2")
	}
	w := httptest.NewRecorder()
	b.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r.Context()) })).ServeHTTP(w, r)
	lines := w.Header().Values("Set-Cookie")
	if len(lines) > 1 {
		b.T.Fatalf("%d cookies set: %q", len(lines), lines)
	}
	b.Set = ""
	if len(lines) == 1 {
		b.Set = lines[0]
		c, err := http.ParseSetCookie(b.Set)
		if err != nil {
			b.T.Fatal(err)
		}
		if b.Value = c.Value; c.MaxAge < 0 {
			b.Value = ""
		}
	}
}

// Who returns the identity that a request of the browser has.
func (b *Browser) Who() (id auth.Identity, ok bool) {
	b.T.Helper()
	b.Do("/", func(ctx context.Context) { id, ok = auth.From(ctx) })
	return id, ok
}

// Login signs the browser in.
func (b *Browser) Login(id auth.Identity) {
	b.T.Helper()
	b.Do("/", func(ctx context.Context) {
		if err := auth.Remember(ctx, id); err != nil {
			b.T.Error(err)
		}
	})
}

// Among returns whether a request is known that sends the browser's cookie behind so many bad
// ones of its name.
func (b *Browser) Among(bad int) (known bool) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", strings.Repeat(b.Name+"=x; ", bad)+b.Name+"="+b.Value)
	b.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, known = auth.From(r.Context())
	})).ServeHTTP(httptest.NewRecorder(), r)
	return known
}

// NotCached holds a middleware to it that a cache for all may keep a page that says so, and
// must not hand the cookie that came with it to the next client.
func NotCached(t *testing.T, handler func(next http.Handler) http.Handler) {
	t.Helper()
	for _, tt := range []struct{ have, want string }{
		{"public, max-age=60", `public, max-age=60|no-cache="Set-Cookie"`},
		{"", `no-cache="Set-Cookie"`},
		{"no-store", "no-store"},
		{"Private", "Private"},
	} {
		w := httptest.NewRecorder()
		handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tt.have != "" {
				w.Header().Set("Cache-Control", tt.have)
			}
			if err := auth.Remember(r.Context(), auth.Identity{User: "bob"}); err != nil {
				t.Error(err)
			}
		})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := strings.Join(w.Header().Values("Cache-Control"), "|"); got != tt.want {
			t.Errorf("%q became %q", tt.have, got)
		}
	}
}
