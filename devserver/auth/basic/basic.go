// Package basic asks for a user and a password by HTTP's Basic scheme (RFC 7617).
//
//	users, err := basic.OpenHtpasswd("htpasswd")
//	handler := (&basic.Auth{Realm: "staging", Check: users.Check}).Handler(app)
//
// [Auth.Handler] puts an [auth.Identity] into each request that proves who it is from and
// answers 401 to all others, however malformed. It never logs or repeats a password and
// keeps none; nor does it slow down who guesses, so it is no guard for the open internet.
//
// In Paste this is paste.auth.basic.
package basic

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pastedev/pastedev/devserver/auth"
)

// Method is the Method of the identities of this package.
const Method = "basic"

// maxField bounds user and password, so that hashing them is no way to keep the server busy:
// apr1 takes a password a thousand times, and a header may have megabytes. bcrypt looks at
// 72 bytes.
const maxField = 1 << 10

// Auth is the middleware. The zero value lets nobody in.
type Auth struct {
	// Realm is what the client shows when it asks for the password. Empty: the Host of
	// the request.
	Realm string
	// Check returns the identity of user if password is theirs. It is called by several
	// goroutines, for every request. An identity without Method gets [Method], one with
	// neither user nor roles gets the user. Nil: nobody is known. See [Users] and
	// [OpenHtpasswd].
	Check func(ctx context.Context, user, password string) (auth.Identity, bool)
	// Optional lets requests without an Authorization header through, without identity.
	// Those with a wrong one are still refused.
	Optional bool
}

// Handler asks each request that has no identity for one before it goes to next.
func (a *Auth) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		header := r.Header.Values("Authorization")
		if len(header) == 0 && a.Optional {
			next.ServeHTTP(w, r)
			return
		}
		id, complaint := a.identify(r.Context(), header)
		if complaint != "" {
			a.refuse(w, r, complaint)
			return
		}
		next.ServeHTTP(w, auth.With(r, id))
	})
}

// identify returns the identity that the Authorization lines prove, or a sentence that
// says why they do not.
func (a *Auth) identify(ctx context.Context, header []string) (id auth.Identity, complaint string) {
	if len(header) == 0 {
		return id, "This page asks for a user and a password."
	}
	if len(header) > 1 {
		return id, "The request has more than one Authorization header."
	}
	user, password, complaint := parse(header[0])
	if complaint != "" {
		return id, complaint
	}
	const unknown = "The user or the password is wrong."
	if a.Check == nil {
		return id, unknown
	}
	id, ok := a.Check(ctx, user, password)
	if !ok {
		return auth.Identity{}, unknown
	}
	if id.None() {
		id.User = user
	}
	if id.None() {
		return auth.Identity{}, "The user's name is empty."
	}
	if id.Method == "" {
		id.Method = Method
	}
	return id, ""
}

// parse reads an Authorization header (RFC 7617 section 2). The password may hold colons
// and be empty, the user may not hold a colon.
func parse(header string) (user, password, complaint string) {
	scheme, token, _ := strings.Cut(strings.Trim(header, " \t"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", "The request's Authorization header is not of the scheme Basic."
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimLeft(token, " "))
	if err != nil {
		return "", "", "What follows Basic in the request's Authorization header is not base64."
	}
	user, password, ok := strings.Cut(string(b), ":")
	if !ok {
		return "", "", "There is no colon between user and password in the request's Authorization header."
	}
	if len(user) > maxField || len(password) > maxField {
		return "", "", "User or password is longer than any."
	}
	if !utf8.Valid(b) {
		return "", "", "User and password in the request's Authorization header are not UTF-8."
	}
	if strings.ContainsFunc(string(b), unicode.IsControl) {
		return "", "", "There is a control character in user or password."
	}
	return user, password, ""
}

func (a *Auth) refuse(w http.ResponseWriter, r *http.Request, complaint string) {
	realm := a.Realm
	if realm == "" {
		realm = r.Host
	}
	w.Header().Set("WWW-Authenticate", "Basic realm="+auth.Quote(realm)+`, charset="UTF-8"`)
	auth.Refuse(w, r, auth.Refusal{Status: http.StatusUnauthorized, Detail: complaint})
}
