// Package auth says who a request is from. The packages below it find that out, each in
// its own way, and put an [Identity] into the request with [With]; handlers read it with
// [From]; [Require] turns away who has none.
//
//	handler := (&basic.Auth{Check: check}).Handler((&auth.Require{}).Handler(app))
//
// Every method lets a request pass that has an identity already, so that methods stack:
// the outermost that knows the client wins. A method that keeps identities between
// requests, in a cookie, is a [Keeper]; a login page hands it an identity by [Remember]
// and need not know which it is.
//
// The package never reads a password, a cookie or a header. It stands for the keys
// REMOTE_USER, REMOTE_USER_TOKENS, REMOTE_USER_DATA and AUTH_TYPE of Paste's environ.
package auth

import (
	"context"
	"net/http"
	"slices"
)

// An Identity is who a request is from, as far as one method could tell.
type Identity struct {
	// User is the name. Empty: roles without a user, as an address may give them.
	User string
	// Roles are the names of groups or permissions, in the method's order.
	Roles []string
	// Data is what else the method carries for the application, as it stands.
	Data string
	// Method names the package that says so: "basic", "digest", "signed", "ticket", …
	Method string
}

// Has reports whether id has the role.
func (id Identity) Has(role string) bool { return slices.Contains(id.Roles, role) }

// None reports whether id is nobody: it has neither a user nor a role.
func (id Identity) None() bool { return id.User == "" && len(id.Roles) == 0 }

// identityKey is the context key of the identity.
type identityKey struct{}

// From returns the identity of the request to which ctx belongs, and whether it has one;
// one with neither user nor roles is none. The caller does not change its Roles.
func From(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok && !id.None()
}

// With returns a copy of r that has the identity id, in place of one it may have had. The
// zero Identity takes away the one it had.
func With(r *http.Request, id Identity) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), identityKey{}, id))
}
