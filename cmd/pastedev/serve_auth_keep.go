package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	signedcookie "github.com/pastedev/pastedev/devserver/auth/signed"
)

// authKey is the key of cookies, kept so that a restart signs nobody out; nil for a check.
func (s *session) authKey() ([]byte, error) {
	if s.stateDir == "" {
		return nil, nil
	}
	return signedcookie.LoadKey(s.statePath("auth.key"))
}

// keeper makes the cookie that remembers who has signed in by one method. It has a key of
// its own for each source of users, ann of one file being nobody in another, and a name that
// tells the projects at localhost apart, whose cookies browsers keep in one place.
func (a authConfig) keeper(s *session, source string) (cookie *signedcookie.Cookie, key []byte, err error) {
	project, err := s.authKey()
	if err != nil {
		return nil, nil, err
	}
	mac := hmac.New(sha256.New, project)
	mac.Write([]byte("pastedev auth 1\x00" + source))
	key = mac.Sum(nil)
	name := sha256.Sum256(append([]byte("cookie name\x00"), key...))
	cookie = &signedcookie.Cookie{Name: "pastedev_user_" + hex.EncodeToString(name[:4]), Keys: [][]byte{key}, Timeout: time.Duration(a.Timeout)}
	return cookie, key, nil
}

// remembered looks again at who a cookie of the method by says it is: his roles are those of
// the settings as they are now, and who is a user no more is nobody.
func remembered(by string, now func(auth.Identity) auth.Identity, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := auth.From(r.Context()); ok && id.Method == by {
			r = auth.With(r, now(id))
		}
		next.ServeHTTP(w, r)
	})
}

// named adds the roles that the settings give a user to those that he brought along.
func (a authConfig) named(id auth.Identity) auth.Identity {
	for _, role := range a.rolesOf(id.User) {
		if !id.Has(role) {
			id.Roles = append(slices.Clone(id.Roles), role)
		}
	}
	return id
}
