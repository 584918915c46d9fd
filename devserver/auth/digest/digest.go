// Package digest asks for a user and a password by HTTP's Digest scheme (RFC 7616), in
// which the password itself is not sent.
//
//	handler := (&digest.Auth{Realm: "staging", HA1: digest.Passwords(find)}).Handler(app)
//
// [Auth.Handler] offers SHA-256 and MD5 with qop=auth. Nonces are made here and nowhere
// else, live for minutes, and count their uses: a request that is sent again is refused,
// parallel requests in any order are not. An answer is good for the request target it was
// made for, query included, and for no other. The package does not do auth-int, -sess,
// userhash, nor clients without qop, and never sees a body. Behind several servers a
// client must stay with one: another's nonces are unknown and are answered by a new one.
//
// In Paste this is paste.auth.digest.
package digest

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
)

// Method is the Method of the identities of this package.
const Method = "digest"

// nonceLife is how long a nonce is good unless told otherwise. A client with an old one
// gets a new one and need not ask its user.
const nonceLife = 5 * time.Minute

// Auth is the middleware. The zero value lets nobody in. It must not be copied.
type Auth struct {
	// Realm is what the client shows when it asks for the password, and part of what is
	// hashed. Empty: the Host of the request.
	Realm string
	// HA1 returns [Hash] of the user. It is called by several goroutines, for every
	// request. Nil: nobody is known. See [Passwords] and [OpenHtdigest].
	HA1 func(ctx context.Context, alg Algorithm, realm, user string) (ha1 string, ok bool)
	// Algorithms are those offered, the best first. Nil: SHA-256, MD5. A client uses the
	// first that it knows, so HA1 must know each user in all of them.
	Algorithms []Algorithm
	// Identify returns what else is known of a user who has proven to be it. Nil: nothing.
	// An empty User or Method is filled in.
	Identify func(ctx context.Context, user string) auth.Identity
	// NonceLife is how long a nonce is good. 0: five minutes.
	NonceLife time.Duration
	// Optional lets requests without an Authorization header through, without identity.
	// Those with a wrong one are still refused.
	Optional bool

	once   sync.Once
	nonces *nonces
	decoy  string // in place of HA1 for a user that does not exist
}

// Handler asks each request that has no identity for one before it goes to next.
func (a *Auth) Handler(next http.Handler) http.Handler {
	a.once.Do(func() {
		life := a.NonceLife
		if life <= 0 {
			life = nonceLife
		}
		a.nonces, a.decoy = newNonces(life), rand.Text()
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, known := auth.From(r.Context())
		header := r.Header.Values("Authorization")
		if known || len(header) == 0 && a.Optional {
			next.ServeHTTP(w, r)
			return
		}
		id, no := a.identify(r, header)
		if no != nil {
			a.refuse(w, r, no)
			return
		}
		next.ServeHTTP(w, auth.With(r, id))
	})
}

// refusal says why a request has no identity.
type refusal struct {
	complaint string
	target    bool // the answer was made for another request target
	stale     bool // all is right but the nonce
}

func no(format string, args ...any) *refusal {
	return &refusal{complaint: fmt.Sprintf(format, args...)}
}

// identify returns the identity that the Authorization lines prove.
func (a *Auth) identify(r *http.Request, header []string) (auth.Identity, *refusal) {
	switch len(header) {
	case 0:
		return auth.Identity{}, no("This page asks for a user and a password.")
	case 1:
	default:
		return auth.Identity{}, no("The request has more than one Authorization header.")
	}
	c, err := parse(header[0])
	if err != nil {
		return auth.Identity{}, no("The request's Authorization header is not an answer by the scheme Digest: %v.", err)
	}
	if why := a.fits(r, c); why != nil {
		return auth.Identity{}, why
	}
	if !a.proves(r, c) {
		return auth.Identity{}, no("The user or the password is wrong.")
	}
	if why := a.nonces.use(c.nonce, c.nc); why != "" {
		return auth.Identity{}, &refusal{complaint: why, stale: true}
	}
	id := auth.Identity{}
	if a.Identify != nil {
		id = a.Identify(r.Context(), c.user)
	}
	if id.User == "" {
		id.User = c.user
	}
	if id.Method == "" {
		id.Method = Method
	}
	return id, nil
}

// fits says how the answer does not belong to the question and the request.
func (a *Auth) fits(r *http.Request, c credentials) *refusal {
	if c.realm != a.realm(r) {
		return no("The answer is for another realm.")
	}
	if !slices.Contains(a.algorithms(), c.algorithm) {
		return no("The answer is by an algorithm that was not offered.")
	}
	if target := target(r); c.uri != target && c.uri != originForm(target) {
		return &refusal{complaint: "The answer was made for another request target than this one.", target: true}
	}
	return nil
}

// proves reports whether the response is that of one who knows the password.
func (a *Auth) proves(r *http.Request, c credentials) bool {
	ha1, known := "", false
	if a.HA1 != nil {
		ha1, known = a.HA1(r.Context(), c.algorithm, c.realm, c.user)
	}
	if ha1 = strings.ToLower(ha1); len(ha1) != hex.EncodedLen(c.algorithm.size()) {
		ha1, known = a.decoy, false
	}
	ha2 := c.algorithm.sum(r.Method, c.uri)
	want := c.algorithm.sum(ha1, c.nonce, c.count, c.cnonce, "auth", ha2)
	return subtle.ConstantTimeCompare([]byte(want), []byte(c.response)) == 1 && known
}

// refuse answers 401 with a challenge for each algorithm, 400 to an answer that was made
// for another target.
func (a *Auth) refuse(w http.ResponseWriter, r *http.Request, why *refusal) {
	if why.target {
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusBadRequest, Detail: why.complaint,
			Hint: "the uri of the Authorization header must be the request's path with its query, as sent"})
		return
	}
	nonce, stale := a.nonces.make(), ""
	if why.stale {
		stale = ", stale=true"
	}
	for _, alg := range a.algorithms() {
		w.Header().Add("WWW-Authenticate", fmt.Sprintf(`Digest realm=%s, qop="auth", algorithm=%s, nonce="%s", charset=UTF-8, userhash=false%s`,
			auth.Quote(a.realm(r)), alg, nonce, stale))
	}
	auth.Refuse(w, r, auth.Refusal{Status: http.StatusUnauthorized, Detail: why.complaint})
}

func (a *Auth) algorithms() []Algorithm {
	if a.Algorithms == nil {
		return []Algorithm{SHA256, MD5}
	}
	return a.Algorithms
}

func (a *Auth) realm(r *http.Request) string {
	if a.Realm == "" {
		return r.Host
	}
	return a.Realm
}

// target returns the request target as the client sent it, whatever mounts have made of
// the request's URL since.
func target(r *http.Request) string {
	if r.RequestURI == "" {
		return r.URL.RequestURI() // a request that came over no wire
	}
	return r.RequestURI
}

// originForm returns the path and query of a target that has the form sent to proxies
// (RFC 9112 section 3.2.2); clients put either into their answer.
func originForm(target string) string {
	_, rest, ok := strings.Cut(target, "://")
	if !ok || strings.HasPrefix(target, "/") {
		return target
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}
