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
)

var (
	oldKey = []byte("an old key of quite some length!")
	newKey = []byte("a new key, which is also long!!!")
)

// A client is a browser with one cookie.
type client struct {
	t      *testing.T
	c      *Cookie
	value  string // "" = none
	set    string // the last Set-Cookie line
	logged []error
}

func newClient(t *testing.T, c *Cookie) *client {
	b := &client{t: t, c: c}
	c.Log = func(_ *http.Request, err error) { b.logged = append(b.logged, err) }
	return b
}

// do has the handler f answer, behind the middleware.
func (b *client) do(f func(ctx context.Context)) {
	b.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	if b.value != "" {
		r.Header.Set("Cookie", "other=1; "+b.c.name()+"="+b.value+"; more=2")
	}
	w := httptest.NewRecorder()
	b.c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r.Context()) })).ServeHTTP(w, r)
	lines := w.Header().Values("Set-Cookie")
	if len(lines) > 1 {
		b.t.Fatalf("%d cookies set: %q", len(lines), lines)
	}
	b.set = ""
	if len(lines) == 1 {
		b.set = lines[0]
		c, err := http.ParseSetCookie(b.set)
		if err != nil {
			b.t.Fatal(err)
		}
		if b.value = c.Value; c.MaxAge < 0 {
			b.value = ""
		}
	}
}

// who returns the identity that a request of the client has.
func (b *client) who() (id auth.Identity, ok bool) {
	b.t.Helper()
	b.do(func(ctx context.Context) { id, ok = auth.From(ctx) })
	return id, ok
}

// login signs the client in.
func (b *client) login(id auth.Identity) {
	b.t.Helper()
	b.do(func(ctx context.Context) {
		if err := auth.Remember(ctx, id); err != nil {
			b.t.Error(err)
		}
	})
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
		b.login(want)
		got, ok := b.who()
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
	b.do(func(ctx context.Context) {
		if err := Set(ctx, all, all); err != nil {
			t.Error(err)
		}
	})
	for c := range rune(0x100) {
		b.do(func(ctx context.Context) {
			if err := errors.Join(Set(ctx, string(c), string(c)+all[:8]), Delete(ctx, string(c-1))); err != nil {
				t.Error(err)
			}
		})
		b.do(func(ctx context.Context) {
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
	if _, ok := plain.who(); ok || plain.set != "" {
		t.Errorf("nobody is %v and gets %q", ok, plain.set)
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
			b.login(id)
			if got := strings.Replace(b.set, b.value, "V", 1); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			b.do(func(ctx context.Context) { auth.Forget(ctx) })
			if !strings.Contains(b.set, "Max-Age=0") || !strings.Contains(b.set, "Path="+cmp0(tt.cookie.Path, "/")) {
				t.Errorf("signing out says %q", b.set)
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
	b.login(auth.Identity{User: "bob"})
	good := b.value
	for i := range good {
		with := byte('A')
		if good[i] == with {
			with = 'B'
		}
		b.value = good[:i] + string(with) + good[i+1:]
		if id, ok := b.who(); ok || b.set != "" {
			t.Errorf("byte %d altered: %v, %q", i, id, b.set)
		}
	}
	if len(b.logged) != len(good) {
		t.Errorf("%d reasons for %d bad cookies", len(b.logged), len(good))
	}
	for _, value := range []string{"x", good[:40], good + "A", good + "=", strings.Repeat("A", 5000), "\"", "%41", good[:50] + "\r\n" + good[50:]} {
		b.value = value
		if id, ok := b.who(); ok {
			t.Errorf("%q: %v", value, id)
		}
	}
	for name, c := range map[string]*Cookie{"another name": {Name: "x", Keys: keys}, "another key": {Keys: [][]byte{oldKey}}, "a key of no bytes": {Keys: [][]byte{{}}}} {
		other := newClient(t, c)
		other.value = good
		if id, ok := other.who(); ok || other.set != "" || len(other.logged) != 1 || !errors.Is(other.logged[0], ErrSignature) {
			t.Errorf("%s: %v %q %v", name, id, other.set, other.logged)
		}
	}
}

// An expiry beside the MAC could be rewritten; this one cannot (Paste's defect 2).
func TestExpiryIsSigned(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.login(auth.Identity{User: "bob"})
	raw, err := base64.RawURLEncoding.DecodeString(b.value)
	if err != nil {
		t.Fatal(err)
	}
	year2099 := uint64(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	for _, end := range []uint64{year2099, year2099 / 2, 0, math.MaxUint64} {
		binary.BigEndian.PutUint64(raw[macSize:], end)
		b.value = base64.RawURLEncoding.EncodeToString(raw)
		if id, ok := b.who(); ok || b.set != "" {
			t.Errorf("with the end %d: %v", end, id)
		}
	}
}

func TestExpiryAndRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newClient(t, &Cookie{Timeout: 10 * time.Minute})
		b.login(auth.Identity{User: "bob"})
		step := func(wait time.Duration, known, renewed bool) {
			t.Helper()
			time.Sleep(wait)
			if _, ok := b.who(); ok != known || (b.set != "") != renewed {
				t.Errorf("after %v: known %v, want %v; cookie %q, want %v", wait, ok, known, b.set, renewed)
			}
		}
		step(0, true, false)
		step(59*time.Second, true, false)
		step(2*time.Second, true, true)
		for range 20 { // who keeps coming stays
			step(9*time.Minute, true, true)
		}
		step(10*time.Minute, false, false)
		if last := b.logged[len(b.logged)-1]; !errors.Is(last, ErrExpired) {
			t.Errorf("logged %v", last)
		}
		b.value = ""
		b.login(auth.Identity{User: "eve"})
		step(10*time.Minute-time.Second, true, true)
	})
}

// An old key still verifies, and its cookies are signed anew at once; a key that is gone
// signs its users out.
func TestKeyRotation(t *testing.T) {
	old := newClient(t, &Cookie{Keys: [][]byte{oldKey}})
	old.login(auth.Identity{User: "bob"})
	both := newClient(t, &Cookie{Keys: [][]byte{newKey, oldKey}})
	both.value = old.value
	if id, ok := both.who(); !ok || id.User != "bob" || both.set == "" {
		t.Fatalf("by the old key: %v %v %q", id, ok, both.set)
	}
	if c, err := Parse(both.c.name(), both.value, newKey); err != nil || c.Identity.User != "bob" {
		t.Errorf("signed anew: %v %v", c, err)
	}
	if both.who(); both.set != "" {
		t.Errorf("again: %q", both.set)
	}
	latest := newClient(t, &Cookie{Keys: [][]byte{newKey}})
	latest.value = old.value
	if id, ok := latest.who(); ok || latest.set != "" {
		t.Errorf("by a key that is gone: %v %q", id, latest.set)
	}
}

// A random key is this instance's own.
func TestZeroKeyIsRandom(t *testing.T) {
	a, b := newClient(t, &Cookie{}), newClient(t, &Cookie{})
	a.login(auth.Identity{User: "bob"})
	b.value = a.value
	if id, ok := b.who(); ok {
		t.Errorf("another instance knows %v", id)
	}
	if _, ok := a.who(); !ok {
		t.Error("the same instance does not know it")
	}
}

// A cookie that no browser would keep is not sent; the one before stays.
func TestTooLarge(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.login(auth.Identity{User: "bob"})
	b.do(func(ctx context.Context) {
		err := Set(ctx, "big", strings.Repeat("x", sizeLimit))
		if err == nil || !strings.Contains(err.Error(), "browsers keep 4096") {
			t.Errorf("Set: %v", err)
		}
		if err := auth.Remember(ctx, auth.Identity{User: strings.Repeat("x", sizeLimit)}); err == nil {
			t.Error("Remember takes it")
		}
	})
	if b.set != "" || len(b.logged) != 2 {
		t.Errorf("set %q, logged %v", b.set, b.logged)
	}
	if id, ok := b.who(); !ok || id.User != "bob" {
		t.Errorf("after it: %v %v", id, ok)
	}
	b.do(func(ctx context.Context) { // the largest that fits comes back
		for n := sizeLimit; Set(ctx, "big", strings.Repeat("x", n)) != nil; n-- {
		}
	})
	if n := len(b.c.name()) + len(b.value); n > sizeLimit || n < sizeLimit-2 {
		t.Errorf("the largest has %d bytes", n)
	}
	if _, ok := b.who(); !ok {
		t.Error("the largest does not come back")
	}
}

func TestNotUTF8IsRefused(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.do(func(ctx context.Context) {
		for _, err := range []error{Set(ctx, "a", "\xff"), Set(ctx, "\xff", "a"), auth.Remember(ctx, auth.Identity{User: "bob", Data: "\xff"})} {
			if err == nil || !strings.Contains(err.Error(), "not UTF-8") {
				t.Errorf("got %v", err)
			}
		}
	})
	if b.set != "" {
		t.Errorf("set %q", b.set)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.login(auth.Identity{User: "bob"})
	r := auth.With(httptest.NewRequest("GET", "/", nil), auth.Identity{User: "eve", Method: "outer"})
	r.Header.Set("Cookie", b.c.name()+"="+b.value)
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
	b.login(auth.Identity{User: "bob"})
	b.value = "bad; " + b.c.name() + "=" + b.value
	if id, ok := b.who(); !ok || id.User != "bob" {
		t.Errorf("got %v %v", id, ok)
	}
}

func TestBadName(t *testing.T) {
	b := newClient(t, &Cookie{Name: "a b"})
	b.login(auth.Identity{User: "bob"})
	if b.set != "" || len(b.logged) != 1 || !strings.Contains(b.logged[0].Error(), `"a b" cannot be the name`) {
		t.Errorf("set %q, logged %v", b.set, b.logged)
	}
}
