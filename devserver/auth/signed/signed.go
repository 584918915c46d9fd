// Package signed keeps who has signed in, and a few values more, in a cookie that the
// client can read and cannot change.
//
//	key, err := signed.LoadKey(".pastedev/cookie.key")
//	handler := (&signed.Cookie{Keys: [][]byte{key}}).Handler(app)
//
// [Cookie.Handler] gives each request the [auth.Identity] of its cookie. A handler inside
// changes it with [auth.Remember] and [auth.Forget], and the values with [Set] and
// [Delete]; all of it before its response begins. The cookie's time slides: who keeps
// coming stays signed in. An HMAC covers everything in it, its end and the cookie's name
// too. Whatever is wrong with a cookie, its request is one without identity and nothing
// else. The package never encrypts: put nothing secret in. It cannot end a session that
// another client has a copy of; for that keep sessions at the server.
//
// In Paste this is paste.auth.cookie.
package signed

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// Method is the Method of the identities of this package.
const Method = "signed"

const (
	// DefaultName is the cookie's name unless told otherwise.
	DefaultName = "signed_auth"
	// defaultTimeout is Paste's.
	defaultTimeout = 30 * time.Minute
	// renewPart: a cookie is renewed when this part of its time is gone, so that not
	// every image of a page comes with a new one.
	renewPart = 10
	// sizeLimit bounds name and value together: what every browser keeps (RFC 6265
	// section 6.1).
	sizeLimit = 4096
	// skew is how far the clocks of servers with one key may be apart.
	skew = time.Minute
)

// Cookie is the middleware. The zero value works; its signatures end with the process. It
// must not be copied.
type Cookie struct {
	// Name is the cookie's name. Empty: [DefaultName].
	Name string
	// Keys sign: the first makes signatures, all are tried on those that come back, so
	// that a new one can be put in front. Empty: a random key that nobody else has, so
	// that a restart signs everybody out. Keys of no bytes do not count. See [LoadKey].
	Keys [][]byte
	// Timeout is how long a client may stay away. 0: half an hour.
	Timeout time.Duration
	// Persist has the cookie outlive the browser, until Timeout. False: a session cookie,
	// which has no Expires and no Max-Age.
	Persist bool
	// Path and Domain are where the client sends the cookie. Empty: all paths of this
	// very host.
	Path, Domain string
	// HTTPS reports whether the client came by https, so that the cookie is to be Secure.
	// Nil: whether the connection to this process is TLS.
	HTTPS func(r *http.Request) bool
	// Log hears why a cookie does not count and what cannot be kept. It is called by
	// several goroutines. Nil: nobody hears of it.
	Log func(r *http.Request, err error)

	once sync.Once
	keys [][]byte
}

// jarKey is the context key of the request's jar.
type jarKey struct{}

// Handler gives each request that has no identity the one of its cookie.
func (c *Cookie) Handler(next http.Handler) http.Handler {
	c.once.Do(func() {
		for _, k := range c.Keys {
			if len(k) > 0 {
				c.keys = append(c.keys, k)
			}
		}
		if len(c.keys) == 0 {
			c.keys = [][]byte{make([]byte, keySize)}
			rand.Read(c.keys[0])
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		j := c.open(r)
		if !j.content.Identity.None() {
			r = auth.With(r, j.content.Identity)
		}
		r = auth.WithKeeper(r, j)
		r = r.WithContext(context.WithValue(r.Context(), jarKey{}, j))
		tee := httpx.NewTee(w, func(_ int, header http.Header) io.Writer {
			j.commit(header)
			return nil
		})
		next.ServeHTTP(tee, r)
		tee.Finish()
	})
}

// open reads the request's cookie; of several with the name, the first that is ours.
func (c *Cookie) open(r *http.Request) *jar {
	j := &jar{cookie: c, request: r}
	for value := range login.Cookies(r, c.name(), func() { c.log(r, errTooMany) }) {
		j.sent = true
		content, err := Parse(c.name(), value, c.keys...)
		if err == nil && time.Until(content.Expires) > c.timeout()+skew {
			err = ErrTooLong
		}
		if err != nil {
			c.log(r, err)
			continue
		}
		j.content = content
		lasts := c.timeout() - c.timeout()/renewPart
		j.due = content.Key > 0 || time.Until(content.Expires) < lasts
		break
	}
	return j
}

func (c *Cookie) name() string {
	if c.Name == "" {
		return DefaultName
	}
	return c.Name
}

func (c *Cookie) timeout() time.Duration {
	if c.Timeout <= 0 {
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
	h := &http.Cookie{Name: c.name(), Value: value, Path: c.Path, Domain: c.Domain, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil}
	if c.HTTPS != nil {
		h.Secure = c.HTTPS(r)
	}
	if h.Path == "" {
		h.Path = "/"
	}
	switch {
	case value == "":
		h.MaxAge, h.Expires = -1, time.Unix(1, 0)
	case c.Persist:
		h.MaxAge = int(c.timeout() / time.Second)
	}
	return h
}

var (
	errNoCookie = errors.New("signed: no cookie is kept for this request\nhint: wrap the handler in signed.Cookie; one that has an identity before it keeps none")
	errTooMany  = errors.New("signed: the request has very many cookies of the name; the others are not looked at")
	errBegun    = errors.New("signed: the response has begun, its cookies cannot change any more")
)

// Get returns the value that the cookie of ctx's request holds under name, as it is now.
func Get(ctx context.Context, name string) (value string, ok bool) {
	j, ok := ctx.Value(jarKey{}).(*jar)
	if !ok {
		return "", false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	value, ok = j.content.Values[name]
	return value, ok
}

// Set keeps value under name in the client's cookie, beside the identity and without need
// of one. It fails, and changes nothing, if the cookie would become too large, if name or
// value are not UTF-8, or if the response has begun.
func Set(ctx context.Context, name, value string) error {
	if j, ok := ctx.Value(jarKey{}).(*jar); ok {
		return j.change(func(c *Content) { c.Values[name] = value })
	}
	return errNoCookie
}

// Delete ends what Set began. It fails if the response has begun.
func Delete(ctx context.Context, name string) error {
	if j, ok := ctx.Value(jarKey{}).(*jar); ok {
		return j.change(func(c *Content) { delete(c.Values, name) })
	}
	return errNoCookie
}
