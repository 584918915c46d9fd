package signed

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
)

// TestManyCookies: a request with thousands of cookies of the name costs no thousand MACs,
// and no thousand lines of a log.
func TestManyCookies(t *testing.T) {
	b := newClient(t, &Cookie{Keys: [][]byte{newKey}})
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

// TestClockSetBack: a cookie that was made while the clock was wrong is not good for years.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := newClient(t, &Cookie{Keys: [][]byte{newKey}, Timeout: 10 * time.Hour})
		wrong.Login(auth.Identity{User: "bob"})
		b := newClient(t, &Cookie{Keys: [][]byte{newKey}, Timeout: time.Hour})
		b.Value = wrong.Value
		b.Do("/", func(ctx context.Context) {
			if id, ok := auth.From(ctx); ok {
				t.Errorf("known as %v", id)
			}
		})
		if len(b.Logged) != 1 || !errors.Is(b.Logged[0], ErrTooLong) {
			t.Errorf("logged %v", b.Logged)
		}
		time.Sleep(9*time.Hour - 30*time.Second) // another server's clock may be ahead
		if _, ok := b.Who(); !ok {
			t.Error("no skew is allowed")
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
		(&Cookie{Keys: [][]byte{newKey}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
