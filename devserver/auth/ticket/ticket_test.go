package ticket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/cookietest"
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

func TestLoginAndOut(t *testing.T) {
	for _, h := range []Hash{"", MD5, SHA256, SHA512} {
		b := newClient(t, &Cookie{Secrets: []string{"s"}, Hash: h})
		if _, ok := b.Who(); ok || b.Set != "" {
			t.Errorf("nobody is somebody: %q", b.Set)
		}
		for _, want := range []auth.Identity{{User: "bob"}, {User: "bob@example.com", Roles: []string{"a", "b"}, Data: "x ! é;"}} {
			b.Login(want)
			got, ok := b.Who()
			if want.Method = Method; !ok {
				t.Errorf("%v is not known again", want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			ticket, err := Parse(b.Value, "s")
			if want := map[Hash]Hash{"": SHA256, MD5: MD5, SHA256: SHA256, SHA512: SHA512}[h]; err != nil || ticket.Hash != want {
				t.Errorf("issued by %s, %v; want %s", ticket.Hash, err, want)
			}
		}
		b.Do("/", func(ctx context.Context) {
			if err := auth.Forget(ctx); err != nil {
				t.Error(err)
			}
		})
		if id, ok := b.Who(); ok || len(b.Logged) > 0 {
			t.Errorf("after Forget: %v, logged %v", id, b.Logged)
		}
	}
}

// A bad ticket makes its request anonymous, and the log says why.
func TestBadTicketIsAnonymous(t *testing.T) {
	tests := []struct {
		name, value string
		want        error
	}{
		{"nonsense", "abc", ErrMalformed},
		{"tampered", strings.Replace(plainMD5, "bob", "eve", 1), ErrDigest},
		{"old", plainMD5, ErrExpired},
		{"latin-1", "\xe9!", ErrMalformed},
	}
	for _, tt := range tests {
		b := newClient(t, &Cookie{Secrets: []string{"", "sekrit"}})
		b.Value = tt.value
		if id, ok := b.Who(); ok || b.Set != "" {
			t.Errorf("%s: %v, %q", tt.name, id, b.Set)
		}
		if len(b.Logged) != 1 || !errors.Is(b.Logged[0], tt.want) {
			t.Errorf("%s: logged %v, want %v", tt.name, b.Logged, tt.want)
		}
	}
	for name, c := range map[string]*Cookie{"zero": {}, "an empty secret": {Secrets: []string{""}}} {
		b := newClient(t, c)
		empty := Ticket{User: "bob", Issued: time.Now(), Hash: MD5}
		b.Value = fmt.Sprintf("%s%08xbob!", empty.digest(""), empty.Issued.Unix())
		if id, ok := b.Who(); ok || !errors.Is(b.Logged[0], ErrDigest) {
			t.Errorf("%s, ticket of an empty secret: %v, %v", name, id, b.Logged)
		}
	}
}

// Tickets of others are good here: as they stand, quoted, base64, by any hash.
func TestForeignTickets(t *testing.T) {
	b := newClient(t, &Cookie{Secrets: []string{"sekrit"}, Timeout: -1, BindIP: true})
	b.Addr = "1.2.3.4:5678"
	for _, value := range []string{boundMD5, boundSHA256, boundSHA512, `"` + boundMD5 + `"`} {
		b.Value = value
		id, ok := b.Who()
		if diff := cmp.Diff(auth.Identity{User: "bob", Roles: []string{"a", "b"}, Data: "data", Method: "ticket"}, id); !ok || diff != "" || b.Set != "" {
			t.Errorf("%s: %v %q %s", value, ok, b.Set, diff)
		}
	}
	unbound := newClient(t, &Cookie{Secrets: []string{"sekrit"}, Timeout: -1})
	unbound.Value = escapedUser
	if id, _ := unbound.Who(); id.User != "bob@example.com" {
		t.Errorf("Paste's: %v", id)
	}
}

func TestTimeoutAndRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newClient(t, &Cookie{})
		b.Login(auth.Identity{User: "bob", Roles: []string{"r"}, Data: "d"})
		step := func(wait time.Duration, known, refreshed bool) {
			t.Helper()
			time.Sleep(wait)
			if _, ok := b.Who(); ok != known || (b.Set != "") != refreshed {
				t.Errorf("after %v: known %v, want %v; cookie %q, want %v", wait, ok, known, b.Set, refreshed)
			}
		}
		step(3600*time.Second, true, false)
		step(time.Second, true, true)
		for range 5 { // who keeps coming stays
			step(7200*time.Second, true, true)
		}
		if id, _ := b.Who(); cmp.Diff(auth.Identity{User: "bob", Roles: []string{"r"}, Data: "d", Method: "ticket"}, id) != "" {
			t.Errorf("refreshed into %v", id)
		}
		step(7201*time.Second, false, false)
		if last := b.Logged[len(b.Logged)-1]; !errors.Is(last, ErrExpired) {
			t.Errorf("logged %v", last)
		}
		ever := newClient(t, &Cookie{Timeout: -1, Persist: true})
		ever.Login(auth.Identity{User: "bob"})
		if !strings.Contains(ever.Set, "Max-Age=34560000") {
			t.Errorf("for ever: %q", ever.Set)
		}
		time.Sleep(10 * 365 * 24 * time.Hour)
		if _, ok := ever.Who(); !ok || ever.Set != "" {
			t.Errorf("without timeout: %v %q", ok, ever.Set)
		}
	})
}

// A ticket of an old secret is taken once and issued anew by the first.
func TestOldSecret(t *testing.T) {
	old := newClient(t, &Cookie{Secrets: []string{"old"}})
	old.Login(auth.Identity{User: "bob"})
	b := newClient(t, &Cookie{Secrets: []string{"new", "old"}})
	b.Value = old.Value
	if id, _ := b.Who(); id.User != "bob" || b.Set == "" {
		t.Fatalf("by the old secret: %v, %q", id, b.Set)
	}
	if ticket, err := Parse(b.Value, "new"); err != nil || ticket.User != "bob" {
		t.Errorf("issued anew: %+v, %v", ticket, err)
	}
	if b.Who(); b.Set != "" {
		t.Errorf("again: %q", b.Set)
	}
}

func TestBindIP(t *testing.T) {
	b := newClient(t, &Cookie{Secrets: []string{"s"}, BindIP: true})
	b.Addr = "10.0.0.1:1234"
	b.Login(auth.Identity{User: "bob"})
	bound := b.Value
	for addr, want := range map[string]bool{"10.0.0.1:9": true, "[::ffff:10.0.0.1]:9": true, "10.0.0.2:9": false, "[2001:db8::1]:9": false, "nonsense": false} {
		b.Addr = addr
		if _, ok := b.Who(); ok != want {
			t.Errorf("from %s: %v, want %v", addr, ok, want)
		}
	}
	if unbound, err := (Ticket{User: "eve", Issued: time.Now()}).Sign("s"); err != nil {
		t.Fatal(err)
	} else if b.Addr, b.Value = "10.0.0.1:1", unbound; true {
		if id, ok := b.Who(); ok {
			t.Errorf("a ticket for any address is taken from one that should be bound: %v", id)
		}
	}
	b.Value, b.Addr, b.Logged = "", "[2001:db8::1]:9", nil
	b.Login(auth.Identity{User: "bob"})
	if len(b.Logged) != 1 || !strings.Contains(b.Logged[0].Error(), "2001:db8::1") || !strings.Contains(b.Logged[0].Error(), "good for any address") {
		t.Errorf("IPv6: logged %v", b.Logged)
	}
	if _, ok := b.Who(); !ok {
		t.Error("IPv6: not known again")
	}
	given := newClient(t, &Cookie{Secrets: []string{"s"}, BindIP: true, Addr: func(*http.Request) netip.Addr { return netip.MustParseAddr("10.0.0.1") }})
	given.Value = bound
	if _, ok := given.Who(); !ok {
		t.Error("the address that Addr says is not used")
	}
}

func TestSetCookie(t *testing.T) {
	id := auth.Identity{User: "bob"}
	tests := []struct {
		name      string
		cookie    *Cookie
		want, out string
	}{
		{"zero", &Cookie{}, "auth_tkt=V; Path=/; HttpOnly; SameSite=Lax", "auth_tkt=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; SameSite=Lax"},
		{"persist", &Cookie{Persist: true}, "auth_tkt=V; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax", "auth_tkt=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; SameSite=Lax"},
		{"all", &Cookie{Name: "n", Path: "/app", Domain: "shop.test", Script: true, HTTPS: func(*http.Request) bool { return true }},
			"n=V; Path=/app; Domain=shop.test; Secure; SameSite=Lax", "n=; Path=/app; Domain=shop.test; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; Secure; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cookie.LogoutPath = "/out"
			b := newClient(t, tt.cookie)
			b.Login(id)
			if got := strings.Replace(b.Set, b.Value, "V", 1); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			b.Do("/out", func(ctx context.Context) {
				if id, ok := auth.From(ctx); ok {
					t.Errorf("at the logout path the request is from %v", id)
				}
			})
			if b.Set != tt.out {
				t.Errorf("got  %s\nwant %s", b.Set, tt.out)
			}
			if _, ok := b.Who(); ok {
				t.Error("known after logging out")
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

// What cannot be issued is an error, and the ticket before stays.
func TestRefusesToIssue(t *testing.T) {
	b := newClient(t, &Cookie{})
	b.Login(auth.Identity{User: "bob"})
	for want, id := range map[string]auth.Identity{
		"browsers keep 4096":       {User: strings.Repeat("x", sizeLimit)},
		"a ! or NUL ends a name":   {User: "a!b"},
		"a token is not empty and": {User: "eve", Roles: []string{"a b"}},
		"a ticket needs a user":    {Roles: []string{"a"}},
	} {
		b.Logged = nil
		b.Do("/", func(ctx context.Context) {
			if err := auth.Remember(ctx, id); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
		if b.Set != "" || len(b.Logged) != 1 {
			t.Errorf("%s: set %q, logged %v", want, b.Set, b.Logged)
		}
	}
	if id, ok := b.Who(); !ok || id.User != "bob" {
		t.Errorf("after it: %v %v", id, ok)
	}
	named := newClient(t, &Cookie{Name: "a b"})
	named.Login(auth.Identity{User: "bob"})
	if named.Set != "" || len(named.Logged) != 1 {
		t.Errorf("set %q, logged %v", named.Set, named.Logged)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	b := newClient(t, &Cookie{LogoutPath: "/out"})
	b.Login(auth.Identity{User: "bob"})
	for _, path := range []string{"/", "/out"} {
		r := auth.With(httptest.NewRequest("GET", path, nil), auth.Identity{User: "eve", Method: "outer"})
		r.Header.Set("Cookie", b.c.name()+"="+b.Value)
		w := httptest.NewRecorder()
		b.c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if id, _ := auth.From(r.Context()); id.User != "eve" || id.Method != "outer" {
				t.Errorf("got %v", id)
			}
		})).ServeHTTP(w, r)
		if len(w.Header()) > 0 {
			t.Errorf("header %v", w.Header())
		}
	}
}

// A response that has begun takes no cookie; a handler that clears the header after an
// informational response loses none.
func TestResponseBegun(t *testing.T) {
	srv := httptest.NewServer((&Cookie{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := auth.Remember(r.Context(), auth.Identity{User: "bob"}); err != nil {
			t.Error(err)
		}
		w.WriteHeader(103)
		clear(w.Header())
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		if err := auth.Forget(r.Context()); !errors.Is(err, errBegun) {
			t.Errorf("Forget: %v", err)
		}
	})))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if c := res.Cookies(); len(c) != 1 || c[0].Name != DefaultName {
		t.Errorf("cookies %v", c)
	}
}
