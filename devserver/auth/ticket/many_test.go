package ticket

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
)

// TestManyCookies: a request with thousands of cookies of the name costs no thousand digests,
// and no thousand lines of a log.
func TestManyCookies(t *testing.T) {
	b := newClient(t, &Cookie{Secrets: []string{"sekrit"}})
	b.Login(auth.Identity{User: "bob"})
	ask := func(bad int) (known bool) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", strings.Repeat(b.Name+"=x; ", bad)+b.Name+"="+b.Value)
		b.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, known = auth.From(r.Context())
		})).ServeHTTP(httptest.NewRecorder(), r)
		return known
	}
	if !ask(maxTries - 1) {
		t.Error("the cookie of another path hides ours")
	}
	b.Logged = nil
	if ask(2500) || len(b.Logged) > maxTries+1 {
		t.Errorf("thousands are tried: %d lines logged", len(b.Logged))
	}
}

// TestFromTheFuture: a ticket that was issued while a clock was wrong is not good for years;
// one of a server whose clock is ahead is good.
func TestFromTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newClient(t, &Cookie{Secrets: []string{"sekrit"}, Timeout: time.Hour})
		for ahead, want := range map[time.Duration]bool{time.Minute: true, 24 * time.Hour: false} {
			value, err := Ticket{User: "bob", Issued: time.Now().Add(ahead)}.Sign("sekrit")
			if err != nil {
				t.Fatal(err)
			}
			b.Value, b.Logged = value, nil
			if _, ok := b.Who(); ok != want || !want && (len(b.Logged) != 1 || !errors.Is(b.Logged[0], ErrFuture)) {
				t.Errorf("%v ahead: known %v, logged %v", ahead, ok, b.Logged)
			}
		}
	})
}

// TestCookieIsNotCached: a cache for all may keep a page that says so, and must not hand the
// cookie that came with it to the next client.
func TestCookieIsNotCached(t *testing.T) {
	for _, tt := range []struct{ have, want string }{
		{"public, max-age=60", `public, max-age=60|no-cache="Set-Cookie"`},
		{"", `no-cache="Set-Cookie"`},
		{"no-store", "no-store"},
		{"Private", "Private"},
	} {
		w := httptest.NewRecorder()
		(&Cookie{Secrets: []string{"sekrit"}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
