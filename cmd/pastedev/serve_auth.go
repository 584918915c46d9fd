package main

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/pastedev/pastedev/devserver/auth"
)

// authConfig is an [[auth]] of pastedev.toml: who may ask for the paths below Path.
type authConfig struct {
	Path  string   `toml:"path"`  // "/admin"; all mounts below it
	Kind  string   `toml:"kind"`  // one of authKinds
	Realm string   `toml:"realm"` // what the browser shows; empty: the host
	Users string   `toml:"users"` // file of users, as pastedev password, htpasswd or htdigest write it
	Names []string `toml:"names"` // "ann:admin,editor": roles of users; of become, who can be picked; of address, who they are
	Roles []string `toml:"roles"` // one of which the user must have; none: any user will do
	When  string   `toml:"when"`  // of several for one path, the requests that this is for: see requestsOf

	// Of address.
	From     []string `toml:"from"`     // "192.168.0.0/16"
	Optional bool     `toml:"optional"` // other addresses are not refused

	// Of those that remember who has signed in.
	Timeout duration `toml:"timeout"` // how long one may stay away; 0: as the method has it

	// Of ticket.
	Secret      string `toml:"secret"`       // a file, env:NAME or text:…
	Hash        string `toml:"hash"`         // of new tickets: md5, sha256, sha512
	Cookie      string `toml:"cookie"`       // its name
	BindAddress bool   `toml:"bind_address"` // tickets are for one IPv4 address
	Login       string `toml:"login"`        // the page of another site that issues tickets

	// Of cas.
	Server  string `toml:"server"`  // below which /login lies
	Service string `toml:"service"` // as browsers know this site; empty: at addr
	Version int    `toml:"version"` // of the protocol

	base string // folder that files are relative to
}

// authKinds are the ways to find out who asks.
var authKinds = []string{"basic", "digest", "form", "address", "become", "ticket", "cas"}

// A method asks each request who it is from before next has it.
type method func(next http.Handler) http.Handler

// parseAuthFlag reads PATH=KIND:FILE.
func parseAuthFlag(text string) (authConfig, error) {
	p, rest, ok := strings.Cut(text, "=")
	kind, file, named := strings.Cut(rest, ":")
	if !ok || !named || p == "" || file == "" {
		return authConfig{}, usagef("--auth is %q\nhint: --auth /admin=basic:users.htpasswd", text)
	}
	return authConfig{Path: p, Kind: kind, Users: file}, nil
}

// askWho puts the questions of [[auth]] before next. Who has picked a user, or comes from a
// known address, is not asked again; of several for one path each request has one.
func (s *session) askWho(next http.Handler, list []authConfig) (http.Handler, error) {
	if len(list) > 0 {
		next = introduced(next)
	}
	for _, a := range list {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	for _, g := range slices.Backward(groupAuth(list)) {
		h, err := askedOnce(next, func(next http.Handler) (http.Handler, error) { return g.handler(next, s) })
		if err != nil {
			return nil, err
		}
		next = g[0].below(h, next)
	}
	return next, nil
}

// method makes the question that a alone asks.
func (a authConfig) method(s *session) (method, error) {
	switch a.Kind {
	case "become":
		return a.become(s)
	case "basic":
		return a.basic(s)
	case "digest":
		return a.digest(s)
	case "form":
		return a.form(s)
	case "ticket":
		return a.ticket(s)
	default:
		return a.cas(s)
	}
}

// authKeys are the keys that not every kind has, and those that have them.
var authKeys = []struct {
	name  string
	set   func(a authConfig) bool
	kinds string
}{
	{"realm", func(a authConfig) bool { return a.Realm != "" }, "basic digest form ticket"},
	{"users", func(a authConfig) bool { return a.Users != "" }, "basic digest form ticket"},
	{"when", func(a authConfig) bool { return a.When != "" }, "basic digest form ticket cas"},
	{"from", func(a authConfig) bool { return len(a.From) > 0 }, "address"},
	{"optional", func(a authConfig) bool { return a.Optional }, "address"},
	{"timeout", func(a authConfig) bool { return a.Timeout != 0 }, "form ticket cas"},
	{"secret", func(a authConfig) bool { return a.Secret != "" }, "ticket"},
	{"hash", func(a authConfig) bool { return a.Hash != "" }, "ticket"},
	{"cookie", func(a authConfig) bool { return a.Cookie != "" }, "ticket"},
	{"bind_address", func(a authConfig) bool { return a.BindAddress }, "ticket"},
	{"login", func(a authConfig) bool { return a.Login != "" }, "ticket"},
	{"server", func(a authConfig) bool { return a.Server != "" }, "cas"},
	{"service", func(a authConfig) bool { return a.Service != "" }, "cas"},
	{"version", func(a authConfig) bool { return a.Version != 0 }, "cas"},
}

// check refuses what no kind, or not this one, understands.
func (a authConfig) check() error {
	switch {
	case !strings.HasPrefix(a.Path, "/"):
		return usagef("auth %q: a path begins with a slash\nhint: path = \"/admin\"", a.Path)
	case !slices.Contains(authKinds, a.Kind):
		return usagef("auth %q: there is no kind %q\nhint: it may be %s", a.Path, a.Kind, strings.Join(authKinds, " or "))
	case a.Timeout < 0:
		return usagef("auth %q: timeout is negative\nhint: timeout = \"2h\"", a.Path)
	}
	for _, k := range authKeys {
		if kinds := strings.Fields(k.kinds); k.set(a) && !slices.Contains(kinds, a.Kind) {
			return usagef("auth %q: %s has no %s\nhint: %s is a key of %s", a.Path, a.Kind, k.name, k.name, strings.Join(kinds, ", "))
		}
	}
	for _, text := range append(slices.Clone(a.Names), a.Roles...) {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return usagef("auth %q: there is a control character in %q\nhint: names = [\"ann:admin,editor\"], roles = [\"admin\"]", a.Path, text)
		}
	}
	return nil
}

// rolesOf returns the roles that the settings give a user.
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

// under is a path below that of the [[auth]].
func (a authConfig) under(name string) string { return strings.TrimRight(a.Path, "/") + "/" + name }

// The fields by which programs and upstreams learn who asks, where there is an [[auth]].
const (
	headerUser  = "X-Forwarded-User"
	headerRoles = "X-Forwarded-Roles"
)

// introduced tells programs and upstreams who asks. What the client says of it is dropped.
func introduced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header { // WSGI and its like take X_Forwarded_User for the same
			if plain := strings.ReplaceAll(name, "_", "-"); strings.EqualFold(plain, headerUser) || strings.EqualFold(plain, headerRoles) {
				delete(r.Header, name)
			}
		}
		if id, ok := auth.From(r.Context()); ok {
			r.Header.Set(headerUser, id.User)
			r.Header.Set(headerRoles, strings.Join(id.Roles, ","))
		}
		next.ServeHTTP(w, r)
	})
}

// below leads what lies below the path to guard, and all else past it. A path counts as
// it is and as a server would take it that cleans it, that leaves parameters out of segments
// ("/admin;x", "/x/..;/admin") or that is on a file system without cases: none may lead around.
func (a authConfig) below(guard, next http.Handler) http.Handler {
	fold := func(p string) string { return strings.ToLower(strings.ToUpper(p)) } // ſ is s, and K is k
	prefix := fold(strings.TrimRight(a.Path, "/"))
	under := func(p string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := fold(strings.ReplaceAll(r.URL.Path, `\`, "/"))
		bare := withoutParameters(p)
		if under(p) || under(path.Clean("/"+p)) || under(bare) || under(path.Clean("/"+bare)) {
			guard.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withoutParameters is a path whose segments end at their first ";" (RFC 3986, 3.3).
func withoutParameters(p string) string {
	if !strings.Contains(p, ";") {
		return p
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return strings.Join(segments, "/")
}
