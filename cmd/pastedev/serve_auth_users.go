package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/auth/form"
	signedcookie "github.com/pastedev/pastedev/devserver/auth/signed"
	"github.com/pastedev/pastedev/reloader"
)

// checker reports whether a password is a user's.
type checker = func(ctx context.Context, user, password string) (auth.Identity, bool)

// usersFile opens the file of users, and returns how it and the names answer for a password.
func (a authConfig) usersFile(s *session) (*basic.Htpasswd, checker, error) {
	if a.Users == "" {
		return nil, nil, usagef("auth %q has no users\nhint: users = \"users.htpasswd\", which pastedev password ann --users users.htpasswd makes", a.Path)
	}
	users, err := basic.OpenHtpasswd(reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, nil, a.unread(err, "ann --users "+shellWord(a.Users))
	}
	users.Log = func(err error) { s.notice(err.Error()) }
	return users, func(ctx context.Context, user, password string) (auth.Identity, bool) {
		id, ok := users.Check(ctx, user, password)
		if ok {
			id.Roles = a.rolesOf(user)
		}
		return id, ok
	}, nil
}

// unread is the error for a file of users; args are those of the command that begins one.
func (a authConfig) unread(err error, args string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("auth %q: %v\nhint: pastedev password %s makes it", a.Path, err, args)
	}
	return usagef("auth %q: %v", a.Path, err)
}

// basic asks by HTTP's Basic scheme.
func (a authConfig) basic(s *session) (method, error) {
	_, check, err := a.usersFile(s)
	if err != nil {
		return nil, err
	}
	return (&basic.Auth{Realm: a.Realm, Check: check}).Handler, nil
}

// digest asks by HTTP's Digest scheme.
func (a authConfig) digest(s *session) (method, error) {
	if a.Realm == "" || a.Users == "" {
		return nil, usagef("auth %q: digest needs a file of users and the realm that their passwords are for\nhint: users = \"users.htdigest\", realm = \"staging\"", a.Path)
	}
	users, err := digest.OpenHtdigest(reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, a.unread(err, "ann --digest --realm "+shellWord(a.Realm)+" --users "+shellWord(a.Users))
	}
	users.Log = func(err error) { s.notice(err.Error()) }
	return (&digest.Auth{
		Realm: a.Realm, HA1: users.HA1, Algorithms: users.Algorithms(a.Realm),
		Identify: func(_ context.Context, user string) auth.Identity { return auth.Identity{Roles: a.rolesOf(user)} },
	}).Handler, nil
}

// form asks by a page, and remembers the answer in a signed cookie.
func (a authConfig) form(s *session) (method, error) {
	users, check, err := a.usersFile(s)
	if err != nil {
		return nil, err
	}
	keeper, key, err := a.keeper(s, "form\x00"+reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, err
	}
	ask := a.page(check, key, "")
	now := func(id auth.Identity) auth.Identity {
		if !users.Has(id.User) {
			return auth.Identity{}
		}
		id.Roles = a.rolesOf(id.User)
		return id
	}
	return func(next http.Handler) http.Handler {
		return keeper.Handler(remembered(signedcookie.Method, now, ask(next)))
	}, nil
}

// page is the page to sign in at, and the one to sign out at, below the path. Each has its
// own token, as a form that was made for one is not to be taken by the other.
func (a authConfig) page(check checker, key []byte, after string) method {
	in := &form.Login{Check: check, Title: a.Realm, Key: key}
	out := a.logout(key, after)
	return func(next http.Handler) http.Handler { return out(in.Handler(next)) }
}

// logout is the page to sign out at, and where the browser goes then; "" is the path.
func (a authConfig) logout(key []byte, after string) method {
	if after == "" {
		after = a.under("")
	}
	return (&form.Logout{Path: a.under("_logout"), To: after, Key: key}).Handler
}
