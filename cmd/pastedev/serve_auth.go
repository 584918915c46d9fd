package main

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/reloader"
)

// authConfig is an [[auth]] of pastedev.toml: who may ask for the paths below Path.
type authConfig struct {
	Path  string   `toml:"path"`  // "/admin"; all mounts below it
	Kind  string   `toml:"kind"`  // one of authKinds
	Realm string   `toml:"realm"` // what the browser shows; empty: the host
	Users string   `toml:"users"` // file of users, as htpasswd or htdigest write it
	Roles []string `toml:"roles"` // one of which the user must have; none: any user will do

	base string // folder that Users is relative to
}

// authKinds are the ways to find out who asks.
var authKinds = []string{"basic", "digest"}

// parseAuthFlag reads PATH=KIND:FILE.
func parseAuthFlag(text string) (authConfig, error) {
	p, rest, ok := strings.Cut(text, "=")
	kind, file, named := strings.Cut(rest, ":")
	if !ok || !named || p == "" || file == "" {
		return authConfig{}, usagef("--auth is %q\nhint: --auth /admin=basic:users.htpasswd", text)
	}
	return authConfig{Path: p, Kind: kind, Users: file}, nil
}

// handler puts the question who asks before next.
func (a authConfig) handler(next http.Handler, s *session) (http.Handler, error) {
	if !strings.HasPrefix(a.Path, "/") {
		return nil, usagef("auth %q: a path begins with a slash\nhint: path = \"/admin\"", a.Path)
	}
	if !slices.Contains(authKinds, a.Kind) {
		return nil, usagef("auth %q: there is no kind %q\nhint: it may be %s", a.Path, a.Kind, strings.Join(authKinds, " or "))
	}
	if a.Users == "" {
		return nil, usagef("auth %q has no users\nhint: users = \"users.htpasswd\", which htpasswd -B -c writes", a.Path)
	}
	if len(a.Roles) > 0 {
		next = (&auth.Require{Roles: a.Roles}).Handler(next)
	}
	file := reloader.Absolute(a.base, a.Users)
	if a.Kind == "digest" {
		if a.Realm == "" {
			return nil, usagef("auth %q: digest needs the realm that the file's passwords are for\nhint: realm = \"staging\"", a.Path)
		}
		users, err := digest.OpenHtdigest(file)
		if err != nil {
			return nil, usagef("auth %q: %v", a.Path, err)
		}
		return (&digest.Auth{Realm: a.Realm, HA1: users.HA1, Algorithms: users.Algorithms(a.Realm)}).Handler(next), nil
	}
	users, err := basic.OpenHtpasswd(file)
	if err != nil {
		return nil, usagef("auth %q: %v", a.Path, err)
	}
	users.Log = func(err error) { s.notice(err.Error()) }
	return (&basic.Auth{Realm: a.Realm, Check: users.Check}).Handler(next), nil
}

// below leads what lies below the path to guard, and all else past it. A path counts as
// it is and as a server would take it that cleans it: neither may lead around.
func (a authConfig) below(guard, next http.Handler) http.Handler {
	prefix := strings.TrimRight(a.Path, "/")
	under := func(p string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := strings.ReplaceAll(r.URL.Path, `\`, "/")
		if under(p) || under(path.Clean("/"+p)) {
			guard.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
