package signed

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/cookietest"
)

var (
	oldKey = []byte("an old key of quite some length!")
	newKey = []byte("a new key, which is also long!!!")
)

// A client is a browser that keeps the cookie of c.
type client struct {
	cookietest.Browser
	c *Cookie
}

func newClient(t *testing.T, c *Cookie) *client {
	b := &client{Browser: cookietest.Browser{T: t, Handler: c.Handler, Name: c.name()}, c: c}
	c.Log = b.Log
	return b
}

func TestRoundTrip(t *testing.T) {
	var latin strings.Builder
	for c := range rune(0x100) {
		latin.WriteRune(c)
	}
	tests := []auth.Identity{
		{User: "bob"},
		{User: "bob", Roles: []string{"a", "b c", ""}, Data: "some <data> & more"},
		{Roles: []string{"only"}},
		{User: "日本 \u2028 🙂"},
		{User: latin.String(), Roles: []string{latin.String()}, Data: latin.String()},
	}
	for _, want := range tests {
		b := newClient(t, &Cookie{Keys: [][]byte{newKey}})
		b.Login(want)
		got, ok := b.Who()
		if want.Method = Method; !ok {
			t.Errorf("%q is not known again", want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// Values with all of U+0000–U+00FF, as names and as values, one by one and together.
func TestValuesRoundTrip(t *testing.T) {
	b := newClient(t, &Cookie{})
	all := ""
	for c := range rune(0x100) {
		all += string(c)
	}
	b.Do("/", func(ctx context.Context) {
		if err := Set(ctx, all, all); err != nil {
			t.Error(err)
		}
	})
	for c := range rune(0x100) {
		b.Do("/", func(ctx context.Context) {
			if err := errors.Join(Set(ctx, string(c), string(c)+all[:8]), Delete(ctx, string(c-1))); err != nil {
				t.Error(err)
			}
		})
		b.Do("/", func(ctx context.Context) {
			if v, ok := Get(ctx, string(c)); !ok || v != string(c)+all[:8] {
				t.Errorf("%U: got %q, %v", c, v, ok)
			}
			if v, ok := Get(ctx, string(c-1)); ok && c > 0 {
				t.Errorf("%U was deleted and is %q", c-1, v)
			}
			if v, _ := Get(ctx, all); v != all {
				t.Errorf("all together: got %q", v)
			}
			if _, ok := auth.From(ctx); ok {
				t.Error("values alone make an identity")
			}
		})
	}
}

// No identity, no cookie; and the attributes of one.
func TestSetCookie(t *testing.T) {
	plain := newClient(t, &Cookie{})
	if _, ok := plain.Who(); ok || plain.Set != "" {
		t.Errorf("nobody is %v and gets %q", ok, plain.Set)
	}
	id := auth.Identity{User: "bob"}
	tests := []struct {
		name   string
		cookie *Cookie
		want   string
	}{
		{"zero", &Cookie{}, "signed_auth=V; Path=/; HttpOnly; SameSite=Lax"},
		{"persist", &Cookie{Persist: true}, "signed_auth=V; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax"},
		{"all", &Cookie{Name: "n", Path: "/app", Domain: "shop.test", Timeout: time.Hour, Persist: true, HTTPS: func(*http.Request) bool { return true }},
			"n=V; Path=/app; Domain=shop.test; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newClient(t, tt.cookie)
			b.Login(id)
			if got := strings.Replace(b.Set, b.Value, "V", 1); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			b.Do("/", func(ctx context.Context) { auth.Forget(ctx) })
			if !strings.Contains(b.Set, "Max-Age=0") || !strings.Contains(b.Set, "Path="+cmp0(tt.cookie.Path, "/")) {
				t.Errorf("signing out says %q", b.Set)
			}
		})
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = new(tls.ConnectionState)
	w := httptest.NewRecorder()
	new(Cookie).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { auth.Remember(r.Context(), id) })).ServeHTTP(w, r)
	if !strings.Contains(w.Header().Get("Set-Cookie"), "; Secure") {
		t.Errorf("by https: %q", w.Header())
	}
}

func cmp0(s, zero string) string {
	if s == "" {
		return zero
	}
	return s
}

// What was altered in any byte, signed by another key, or for another name is nobody's,
// and quietly so.
func TestAlteredIsIgnored(t *testing.T) {
	keys := [][]byte{newKey}
	b := newClient(t, &Cookie{Keys: keys})
	b.Login(auth.Identity{User: "bob"})
	good := b.Value
	for i := range good {
		with := byte('A')
		if good[i] == with {
			with = 'B'
		}
		b.Value = good[:i] + string(with) + good[i+1:]
		if id, ok := b.Who(); ok || b.Set != "" {
			t.Errorf("byte %d altered: %v, %q", i, id, b.Set)
		}
	}
	if len(b.Logged) != len(good) {
		t.Errorf("%d reasons for %d bad cookies", len(b.Logged), len(good))
	}
	for _, value := range []string{"x", good[:40], good + "A", good + "=", strings.Repeat("A", 5000), "\"", "%41", good[:50] + "\r\n" + good[50:]} {
		b.Value = value
		if id, ok := b.Who(); ok {
			t.Errorf("%q: %v", value, id)
		}
	}
	for name, c := range map[string]*Cookie{"another name": {Name: "x", Keys: keys}, "another key": {Keys: [][]byte{oldKey}}, "a key of no bytes": {Keys: [][]byte{{}}}} {
		other := newClient(t, c)
		other.Value = good
		if id, ok := other.Who(); ok || other.Set != "" || len(other.Logged) != 1 || !errors.Is(other.Logged[0], ErrSignature) {
			t.Errorf("%s: %v %q %v", name, id, other.Set, other.Logged)
		}
	}
}

// An expiry beside the MAC could be rewritten; this one cannot (Paste's defect 2).
func TestExpiryIsSigned(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Login(auth.Identity{User: "bob"})
	raw, err := base64.RawURLEncoding.DecodeString(b.Value)
	if err != nil {
		t.Fatal(err)
	}
	year2099 := uint64(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	for _, end := range []uint64{year2099, year2099 / 2, 0, math.MaxUint64} {
		binary.BigEndian.PutUint64(raw[macSize:], end)
		b.Value = base64.RawURLEncoding.EncodeToString(raw)
		if id, ok := b.Who(); ok || b.Set != "" {
			t.Errorf("with the end %d: %v", end, id)
		}
	}
}

func TestExpiryAndRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newClient(t, &Cookie{Timeout: 10 * time.Minute})
		b.Login(auth.Identity{User: "bob"})
		step := func(wait time.Duration, known, renewed bool) {
			t.Helper()
			time.Sleep(wait)
			if _, ok := b.Who(); ok != known || (b.Set != "") != renewed {
				t.Errorf("after %v: known %v, want %v; cookie %q, want %v", wait, ok, known, b.Set, renewed)
			}
		}
		step(0, true, false)
		step(59*time.Second, true, false)
		step(2*time.Second, true, true)
		for range 20 { // who keeps coming stays
			step(9*time.Minute, true, true)
		}
		step(10*time.Minute, false, false)
		if last := b.Logged[len(b.Logged)-1]; !errors.Is(last, ErrExpired) {
			t.Errorf("logged %v", last)
		}
		b.Value = ""
		b.Login(auth.Identity{User: "eve"})
		step(10*time.Minute-time.Second, true, true)
	})
}

// An old key still verifies, and its cookies are signed anew at once; a key that is gone
// signs its users out.
func TestKeyRotation(t *testing.T) {
	old := newClient(t, &Cookie{Keys: [][]byte{oldKey}})
	old.Login(auth.Identity{User: "bob"})
	both := newClient(t, &Cookie{Keys: [][]byte{newKey, oldKey}})
	both.Value = old.Value
	if id, ok := both.Who(); !ok || id.User != "bob" || both.Set == "" {
		t.Fatalf("by the old key: %v %v %q", id, ok, both.Set)
	}
	if c, err := Parse(both.Name, both.Value, newKey); err != nil || c.Identity.User != "bob" {
		t.Errorf("signed anew: %v %v", c, err)
	}
	if both.Who(); both.Set != "" {
		t.Errorf("again: %q", both.Set)
	}
	latest := newClient(t, &Cookie{Keys: [][]byte{newKey}})
	latest.Value = old.Value
	if id, ok := latest.Who(); ok || latest.Set != "" {
		t.Errorf("by a key that is gone: %v %q", id, latest.Set)
	}
}

// A random key is this instance's own.
func TestZeroKeyIsRandom(t *testing.T) {
	a, b := newClient(t, &Cookie{}), newClient(t, &Cookie{})
	a.Login(auth.Identity{User: "bob"})
	b.Value = a.Value
	if id, ok := b.Who(); ok {
		t.Errorf("another instance knows %v", id)
	}
	if _, ok := a.Who(); !ok {
		t.Error("the same instance does not know it")
	}
}

// A cookie that no browser would keep is not sent; the one before stays.
func TestTooLarge(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Login(auth.Identity{User: "bob"})
	b.Do("/", func(ctx context.Context) {
		err := Set(ctx, "big", strings.Repeat("x", sizeLimit))
		if err == nil || !strings.Contains(err.Error(), "browsers keep 4096") {
			t.Errorf("Set: %v", err)
		}
		if err := auth.Remember(ctx, auth.Identity{User: strings.Repeat("x", sizeLimit)}); err == nil {
			t.Error("Remember takes it")
		}
	})
	if b.Set != "" || len(b.Logged) != 2 {
		t.Errorf("set %q, logged %v", b.Set, b.Logged)
	}
	if id, ok := b.Who(); !ok || id.User != "bob" {
		t.Errorf("after it: %v %v", id, ok)
	}
	b.Do("/", func(ctx context.Context) { // the largest that fits comes back
		for n := sizeLimit; Set(ctx, "big", strings.Repeat("x", n)) != nil; n-- {
		}
	})
	if n := len(b.c.name()) + len(b.Value); n > sizeLimit || n < sizeLimit-2 {
		t.Errorf("the largest has %d bytes", n)
	}
	if _, ok := b.Who(); !ok {
		t.Error("the largest does not come back")
	}
}

func TestNotUTF8IsRefused(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Do("/", func(ctx context.Context) {
		for _, err := range []error{Set(ctx, "a", "\xff"), Set(ctx, "\xff", "a"), auth.Remember(ctx, auth.Identity{User: "bob", Data: "\xff"})} {
			if err == nil || !strings.Contains(err.Error(), "not UTF-8") {
				t.Errorf("got %v", err)
			}
		}
	})
	if b.Set != "" {
		t.Errorf("set %q", b.Set)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Login(auth.Identity{User: "bob"})
	r := auth.With(httptest.NewRequest("GET", "/", nil), auth.Identity{User: "eve", Method: "outer"})
	r.Header.Set("Cookie", b.c.name()+"="+b.Value)
	b.c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if id, _ := auth.From(r.Context()); id.User != "eve" || id.Method != "outer" {
			t.Errorf("got %v", id)
		}
		if err := Set(r.Context(), "a", "b"); err == nil {
			t.Error("Set without a cookie")
		}
		if _, ok := Get(r.Context(), "a"); ok || Delete(r.Context(), "a") == nil {
			t.Error("Get or Delete without a cookie")
		}
		if err := auth.Forget(r.Context()); !errors.Is(err, auth.ErrNoKeeper) {
			t.Errorf("Forget: %v", err)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
}

// A good cookie counts although a bad one of the same name stands before it, as when a
// cookie of a parent domain has the name too.
func TestSeveralOfOneName(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Login(auth.Identity{User: "bob"})
	b.Value = "bad; " + b.c.name() + "=" + b.Value
	if id, ok := b.Who(); !ok || id.User != "bob" {
		t.Errorf("got %v %v", id, ok)
	}
}

func TestBadName(t *testing.T) {
	b := newClient(t, &Cookie{Name: "a b"})
	b.Login(auth.Identity{User: "bob"})
	if b.Set != "" || len(b.Logged) != 1 || !strings.Contains(b.Logged[0].Error(), `"a b" cannot be the name`) {
		t.Errorf("set %q, logged %v", b.Set, b.Logged)
	}
}
