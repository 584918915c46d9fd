package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/multi"
)

// authGroup are the [[auth]] that ask at one place: of one path, in the order they stand.
// Those that ask for a login are one group, as are addresses; a picker is one by itself.
type authGroup []authConfig

// groupAuth puts together what asks at one place, the outermost first.
func groupAuth(list []authConfig) (groups []authGroup) {
	for _, a := range list {
		i := slices.IndexFunc(groups, func(g authGroup) bool { return g[0].rank() == a.rank() && g[0].under("") == a.under("") })
		if i < 0 {
			groups = append(groups, authGroup{a})
			continue
		}
		groups[i] = append(groups[i], a)
	}
	slices.SortStableFunc(groups, func(a, b authGroup) int { return a[0].rank() - b[0].rank() })
	return groups
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

// handler puts what the group asks before next, and the roles that the path wants, which
// count however it became known who asks.
func (g authGroup) handler(next http.Handler, s *session) (http.Handler, error) {
	for _, a := range g[1:] {
		if !slices.Equal(a.Roles, g[0].Roles) {
			return nil, usagef("auth %q: its parts want different roles, %q and %q\nhint: roles are the path's: the same in each", a.Path, g[0].Roles, a.Roles)
		}
	}
	if roles := g[0].Roles; len(roles) > 0 {
		next = (&auth.Require{Roles: roles}).Handler(next)
	}
	m, err := g.method(s)
	if err != nil {
		return nil, err
	}
	return m(next), nil
}

func (g authGroup) method(s *session) (method, error) {
	switch {
	case g[0].Kind == "address":
		return g.addresses()
	case len(g) == 1 && g[0].When == "":
		return g[0].method(s)
	case g[0].Kind == "become":
		return nil, usagef("auth %q: become is there twice\nhint: one with all names", g[0].Path)
	}
	return g.choose(s)
}

// choose gives each request to the first whose requests it is one of, and those that are
// nobody's to the one without a when; where all have one, they are refused.
func (g authGroup) choose(s *session) (method, error) {
	last := g.fallback()
	m := &multi.Choose{Default: (&auth.Require{}).Handler}
	for i, a := range g {
		ask, err := a.method(s)
		if err != nil {
			return nil, err
		}
		if i == last {
			m.Default = ask
			continue
		}
		when, err := a.requestsOf()
		if err != nil {
			return nil, err
		}
		m.Choices = append(m.Choices, multi.Choice{When: when, Handler: ask})
	}
	return m.Handler, nil
}

// fallback is the index of the one that has the requests of no other: the first that neither
// says when nor has a scheme of its own; else digest, as nobody answers a challenge of its
// before it is made; else the last that does not say; -1 for none.
func (g authGroup) fallback() int {
	last := -1
	for i, a := range g {
		switch {
		case a.When != "":
		case a.scheme() == "":
			return i
		case last < 0 || g[last].Kind != "digest":
			last = i
		}
	}
	return last
}

// scheme is that of the Authorization field by which a client asks for this method.
func (a authConfig) scheme() string {
	switch a.Kind {
	case "basic":
		return "Basic"
	case "digest":
		return "Digest"
	}
	return ""
}

// requestsOf reads when: scheme:NAME, header:NAME=VALUE, query:NAME=VALUE, path:/PREFIX.
func (a authConfig) requestsOf() (func(*http.Request) bool, error) {
	if a.Kind == "digest" && (a.When == "" || strings.EqualFold(a.When, "scheme:Digest")) {
		return nil, usagef("auth %q: digest is never asked: its clients say nothing before its challenge, and that is of another one here\nhint: when = \"header:X-Requested-With\", \"query:login=digest\" or \"path:/api\"", a.Path)
	}
	if a.When == "" {
		if scheme := a.scheme(); scheme != "" {
			return multi.ByScheme(scheme), nil
		}
		return nil, usagef("auth %q: %s is never asked, as another one without a when is before it\nhint: when = \"header:X-Requested-With\", \"scheme:Basic\", \"query:login=sso\" or \"path:/api\" in one of them", a.Path, a.Kind)
	}
	by, what, _ := strings.Cut(a.When, ":")
	name, value, _ := strings.Cut(what, "=")
	switch {
	case name == "":
	case by == "scheme":
		return multi.ByScheme(what), nil
	case by == "header":
		return multi.ByHeader(name, value), nil
	case by == "query":
		return multi.ByQuery(name, value), nil
	case by == "path" && strings.HasPrefix(what, "/"):
		return multi.ByPath(what), nil
	}
	return nil, usagef("auth %q: when is %q\nhint: scheme:NAME, header:NAME, header:NAME=VALUE, query:NAME=VALUE or path:/PREFIX", a.Path, a.When)
}
