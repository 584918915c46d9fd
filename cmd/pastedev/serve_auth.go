package main

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/become"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/auth/form"
	"github.com/pastedev/pastedev/devserver/auth/grantip"
	signedcookie "github.com/pastedev/pastedev/devserver/auth/signed"
	"github.com/pastedev/pastedev/reloader"
)

// authConfig is an [[auth]] of pastedev.toml: who may ask for the paths below Path.
type authConfig struct {
	Path  string   `toml:"path"`  // "/admin"; all mounts below it
	Kind  string   `toml:"kind"`  // one of authKinds
	Realm string   `toml:"realm"` // what the browser shows; empty: the host
	Users string   `toml:"users"` // file of users, as htpasswd or htdigest write it
	Names []string `toml:"names"` // "ann:admin,editor": roles of users; of become, who can be picked; of address, who they are
	From  []string `toml:"from"`  // of address: "192.168.0.0/16"
	Roles []string `toml:"roles"` // one of which the user must have; none: any user will do

	base string // folder that Users is relative to
}

// authKinds are the ways to find out who asks.
var authKinds = []string{"basic", "digest", "form", "address", "become"}

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
	if len(a.Roles) > 0 {
		next = (&auth.Require{Roles: a.Roles}).Handler(next)
	}
	switch a.Kind {
	case "address":
		return a.address(next)
	case "become":
		return a.become(next, s)
	case "digest":
		return a.digest(next, s)
	}
	if a.Users == "" {
		return nil, usagef("auth %q has no users\nhint: users = \"users.htpasswd\", which htpasswd -B -c writes", a.Path)
	}
	users, err := basic.OpenHtpasswd(reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, usagef("auth %q: %v", a.Path, err)
	}
	users.Log = func(err error) { s.notice(err.Error()) }
	check := func(ctx context.Context, user, password string) (auth.Identity, bool) {
		id, ok := users.Check(ctx, user, password)
		if ok {
			id.Roles = a.rolesOf(user)
		}
		return id, ok
	}
	if a.Kind == "basic" {
		return (&basic.Auth{Realm: a.Realm, Check: check}).Handler(next), nil
	}
	key, err := s.authKey()
	if err != nil {
		return nil, err
	}
	login := &form.Login{Check: check, Title: a.Realm, Key: key}
	return (&signedcookie.Cookie{Name: "pastedev_user", Keys: [][]byte{key}, Path: "/"}).Handler(login.Handler(next)), nil
}

// digest asks by HTTP's Digest scheme.
func (a authConfig) digest(next http.Handler, s *session) (http.Handler, error) {
	if a.Realm == "" || a.Users == "" {
		return nil, usagef("auth %q: digest needs a file of users and the realm that their passwords are for\nhint: users = \"users.htdigest\", realm = \"staging\"", a.Path)
	}
	users, err := digest.OpenHtdigest(reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, usagef("auth %q: %v", a.Path, err)
	}
	users.Log = func(err error) { s.notice(err.Error()) }
	return (&digest.Auth{
		Realm: a.Realm, HA1: users.HA1, Algorithms: users.Algorithms(a.Realm),
		Identify: func(_ context.Context, user string) auth.Identity { return auth.Identity{Roles: a.rolesOf(user)} },
	}).Handler(next), nil
}

// address lets in who comes from some addresses.
func (a authConfig) address(next http.Handler) (http.Handler, error) {
	if len(a.From) == 0 || len(a.Names) != 1 {
		return nil, usagef("auth %q: address needs a range and the name that it gets\nhint: from = [\"127.0.0.0/8\"], names = [\"local:admin\"]", a.Path)
	}
	name, roles := splitName(a.Names[0])
	g := new(grantip.Grant)
	for _, text := range a.From {
		from, err := grantip.ParseRange(text)
		if err != nil {
			return nil, usagef("auth %q: from: %v", a.Path, err)
		}
		g.Rules = append(g.Rules, grantip.Rule{From: from, User: name, Add: roles})
	}
	return g.Handler((&auth.Require{}).Handler(next)), nil
}

// become lets a developer be any of some users, picked on a page of its own.
func (a authConfig) become(next http.Handler, s *session) (http.Handler, error) {
	if strings.Trim(a.Path, "/") != "" || len(a.Names) == 0 {
		return nil, usagef("auth %q: become is for all paths, and needs names\nhint: path = \"/\", names = [\"ann:admin\", \"bob\"]", a.Path)
	}
	key, err := s.authKey()
	if err != nil {
		return nil, err
	}
	p := &become.Picker{Key: key, Listen: []string{s.config.Addr}, AllowHosts: s.config.AllowHost}
	for _, text := range a.Names {
		name, roles := splitName(text)
		p.Users = append(p.Users, become.User{Name: name, Roles: roles})
	}
	return p.Handler(next), nil
}

// rolesOf returns the roles that the settings give a user of a file.
func (a authConfig) rolesOf(user string) []string {
	for _, text := range a.Names {
		if name, roles := splitName(text); name == user {
			return roles
		}
	}
	return nil
}

// splitName reads "ann:admin,editor".
func splitName(text string) (name string, roles []string) {
	name, list, ok := strings.Cut(text, ":")
	if ok {
		roles = strings.Split(list, ",")
	}
	return name, roles
}

// authKey is the key of cookies, kept so that a restart signs nobody out; nil for a check.
func (s *session) authKey() ([]byte, error) {
	if s.stateDir == "" {
		return nil, nil
	}
	return signedcookie.LoadKey(s.statePath("auth.key"))
}

// The fields by which programs and upstreams learn who asks, where there is an [[auth]].
const (
	headerUser  = "X-Forwarded-User"
	headerRoles = "X-Forwarded-Roles"
)

// introduced tells programs and upstreams who asks. What the client says of it is dropped.
func introduced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del(headerUser)
		r.Header.Del(headerRoles)
		if id, ok := auth.From(r.Context()); ok {
			r.Header.Set(headerUser, id.User)
			r.Header.Set(headerRoles, strings.Join(id.Roles, ","))
		}
		next.ServeHTTP(w, r)
	})
}

// rank orders methods, the outermost first: who has picked a user, or comes from a known
// address, is not asked again.
func (a authConfig) rank() int {
	switch a.Kind {
	case "become":
		return 0
	case "address":
		return 1
	}
	return 2
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
