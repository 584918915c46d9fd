// Package ticket keeps who has signed in in a cookie of the format of Apache's
// mod_auth_tkt, which Perl, PHP, Python's Paste and Pyramid, and Apache itself share: one
// signs in at one of them and is known to all that have the secret.
//
//	handler := (&ticket.Cookie{Secrets: []string{secret}}).Handler(app)
//
// [Cookie.Handler] gives each request the [auth.Identity] of its ticket: the tokens are the
// roles, the user data is Data. A handler inside issues one with [auth.Remember] and takes
// it back with [auth.Forget], before its response begins. A bad ticket makes its request
// one without identity and nothing else; a Log hears why. [Parse] reads a ticket for
// whoever wants to see what is in it. The package never redirects to a login page, and
// encrypts nothing.
//
// In Paste this is paste.auth.auth_tkt, with the timeout of mod_auth_tkt, which Paste lacks.
package ticket

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// Method is the Method of the identities of this package.
const Method = "ticket"

const (
	// DefaultName is the cookie's name unless told otherwise; that of mod_auth_tkt.
	DefaultName = "auth_tkt"
	// defaultTimeout is that of mod_auth_tkt.
	defaultTimeout = 2 * time.Hour
	// refreshPart: a ticket is issued anew when this part of its time is gone, as there.
	refreshPart = 2
)

// Cookie is the middleware. The zero value works; its tickets end with the process. It
// must not be copied.
type Cookie struct {
	// Name is the cookie's name. Empty: [DefaultName].
	Name string
	// Secrets are what the digests are made with: the first issues tickets, all are tried
	// on those that come back, and a ticket of any but the first is issued anew. Empty: a
	// random one that nobody else has. Empty secrets do not count.
	Secrets []string
	// Hash is what digests of new tickets are made by. Empty: SHA-256. Those of the
	// others are taken too.
	Hash Hash
	// BindIP makes tickets good for the client's IPv4 address alone. For a client that
	// comes by IPv6, which the format cannot hold, they are good for any address, and Log
	// hears of it. False: any.
	BindIP bool
	// Addr returns the client's address for BindIP. Nil: that of the connection.
	Addr func(r *http.Request) netip.Addr
	// Timeout is how long a client may stay away; when half of it is gone, a ticket is
	// issued anew. 0: two hours. Negative: for ever.
	Timeout time.Duration
	// LogoutPath is a path at which the ticket is taken back before the request goes on,
	// without identity. Empty: none.
	LogoutPath string
	// Persist has the cookie outlive the browser, until Timeout. False: a session cookie.
	Persist bool
	// Path and Domain are where the client sends the cookie. Empty: all paths of this
	// very host.
	Path, Domain string
	// HTTPS reports whether the client came by https, so that the cookie is to be Secure.
	// Nil: whether the connection to this process is TLS.
	HTTPS func(r *http.Request) bool
	// Script lets scripts read the cookie. False: it is HttpOnly.
	Script bool
	// Log hears why a ticket does not count and what cannot be issued. It is called by
	// several goroutines. Nil: nobody hears of it.
	Log func(r *http.Request, err error)

	once    sync.Once
	secrets []string
}

// ErrExpired is the reason why an old ticket does not count, ErrFuture why one does not that
// would not be old for longer than Timeout twice.
var (
	ErrExpired = errors.New("ticket: the ticket is too old")
	ErrFuture  = errors.New("ticket: the ticket is from the future: the clock was set back, or the clocks of the servers do not agree")
)

var errTooMany = errors.New("ticket: the request has very many cookies of the name; the others are not looked at")

// Handler gives each request that has no identity the one of its ticket.
func (c *Cookie) Handler(next http.Handler) http.Handler {
	c.once.Do(func() {
		for _, s := range c.Secrets {
			if s != "" {
				c.secrets = append(c.secrets, s)
			}
		}
		if len(c.secrets) == 0 {
			c.secrets = []string{rand.Text()}
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		d := &desk{cookie: c, request: r}
		if c.LogoutPath != "" && r.URL.Path == c.LogoutPath {
			d.due = true
		} else if t, ok := c.open(r); ok {
			d.ticket = t
			d.due = t.Secret > 0 || c.timeout() > 0 && time.Since(t.Issued) > c.timeout()/refreshPart
			r = auth.With(r, auth.Identity{User: t.User, Roles: t.Tokens, Data: t.Data, Method: Method})
		}
		tee := httpx.NewTee(w, func(_ int, header http.Header) io.Writer {
			d.commit(header)
			return nil
		})
		next.ServeHTTP(tee, auth.WithKeeper(r, d))
		tee.Finish()
	})
}

// open returns the ticket of a request; of several with the name, the first that is good.
func (c *Cookie) open(r *http.Request) (Ticket, bool) {
	for value := range login.Cookies(r, c.name(), func() { c.log(r, errTooMany) }) {
		addr, _ := c.bound(r)
		t, err := ParseFor(addr, value, c.secrets...)
		if err == nil && c.timeout() > 0 {
			err = c.aged(time.Since(t.Issued))
		}
		if err == nil {
			return t, true
		}
		c.log(r, err)
	}
	return Ticket{}, false
}

// aged says why a ticket of this age does not count; nil if it does.
func (c *Cookie) aged(age time.Duration) error {
	switch {
	case age > c.timeout():
		return ErrExpired
	case age < -c.timeout():
		return ErrFuture
	}
	return nil
}

// bound returns the address that the client's tickets are bound to, none if they are not,
// and why not if they should be.
func (c *Cookie) bound(r *http.Request) (addr netip.Addr, err error) {
	if !c.BindIP {
		return addr, nil
	}
	if c.Addr != nil {
		addr = c.Addr(r)
	} else if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		addr = ap.Addr()
	}
	if addr = addr.Unmap(); addr.Is4() {
		return addr, nil
	}
	return netip.Addr{}, fmt.Errorf("ticket: the address of the client (%v) is not IPv4, and a ticket can hold no other: its ticket is good for any address", addr)
}

func (c *Cookie) name() string {
	if c.Name == "" {
		return DefaultName
	}
	return c.Name
}

// timeout returns how long tickets are good, less than 0 for ever.
func (c *Cookie) timeout() time.Duration {
	if c.Timeout == 0 {
		return defaultTimeout
	}
	return c.Timeout
}

func (c *Cookie) log(r *http.Request, err error) {
	if c.Log != nil {
		c.Log(r, err)
	}
}

// header makes the Set-Cookie of a value; of an empty one, that which deletes it.
func (c *Cookie) header(r *http.Request, value string) *http.Cookie {
	h := &http.Cookie{Name: c.name(), Value: value, Path: c.Path, Domain: c.Domain, HttpOnly: !c.Script, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil}
	if c.HTTPS != nil {
		h.Secure = c.HTTPS(r)
	}
	if h.Path == "" {
		h.Path = "/"
	}
	switch {
	case value == "":
		h.MaxAge, h.Expires = -1, time.Unix(1, 0)
	case c.Persist && c.timeout() < 0:
		h.MaxAge = int(forever / time.Second)
	case c.Persist:
		h.MaxAge = int(c.timeout() / time.Second)
	}
	return h
}

// forever is the longest that browsers keep a cookie: 400 days.
const forever = 400 * 24 * time.Hour
