// Package grantip gives users and roles to requests by the address they come from.
//
//	g := &grantip.Grant{Rules: []grantip.Rule{
//		{From: grantip.MustParseRange("127.0.0.1"), Add: []string{"system"}},
//		{From: grantip.MustParseRange("192.168.0.0/16"), Add: []string{"worker"}},
//	}}
//	handler := g.Handler(app)
//
// Every rule that matches applies, in the order of the list, so write the wide ones first
// and the exceptions behind them. The package never asks DNS, and believes
// X-Forwarded-For only from proxies that it is told to trust. Its Paste ancestor is
// paste.auth.grantip.
package grantip

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
)

// Method is the Method of identities that come from here alone.
const Method = "grantip"

// maxHops bounds how many proxies before us are believed; real chains have two or three.
const maxHops = 16

// A Rule says what the addresses of a range are granted.
type Rule struct {
	// From are the addresses. The zero value has none.
	From Range
	// User is who they are. Empty: the rule says nothing of that.
	User string
	// RemoveUser makes them nobody, whoever they were; their roles stay. It goes before
	// User.
	RemoveUser bool
	// Add and Remove are roles that they get and lose, whether a rule before or another
	// method gave them. Remove goes first.
	Add, Remove []string
}

// Grant is the middleware. The zero value grants nothing.
type Grant struct {
	// Rules are applied in order, all that match. Set before Handler is called.
	Rules []Rule
	// Clobber lets User of a rule replace the user that another method found. False: that
	// one stays. Roles are changed, and RemoveUser counts, either way.
	Clobber bool
	// Trusted are the proxies whose X-Forwarded-For is believed. Empty: none, and the
	// address is the connection's.
	Trusted []netip.Prefix
}

// Handler gives each request what its address is granted. A request that no rule matches
// goes on as it is, also one whose address is unknown, as on a unix socket.
func (g *Grant) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if addr := Client(r, g.Trusted); addr.IsValid() {
			id, was := auth.From(r.Context())
			if got, matched := g.apply(addr, id); matched && (was || got.User != "" || len(got.Roles) > 0) {
				r = auth.With(r, got)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// apply returns id as the rules for addr make it, and whether there is one.
func (g *Grant) apply(addr netip.Addr, id auth.Identity) (_ auth.Identity, matched bool) {
	keep := id.User != "" && !g.Clobber
	id.Roles = slices.Clone(id.Roles)
	for _, rule := range g.Rules {
		if !rule.From.Contains(addr) {
			continue
		}
		matched = true
		if rule.RemoveUser {
			id.User, id.Data, id.Method, keep = "", "", "", false
		}
		if rule.User != "" && !keep && rule.User != id.User {
			id.User, id.Data, id.Method = rule.User, "", Method
		}
		id.Roles = slices.DeleteFunc(id.Roles, func(role string) bool { return slices.Contains(rule.Remove, role) })
		for _, role := range rule.Add {
			if !slices.Contains(id.Roles, role) {
				id.Roles = append(id.Roles, role)
			}
		}
	}
	if id.Method == "" {
		id.Method = Method
	}
	return id, matched
}

// Client returns the address that r comes from: the connection's, or, as long as that is
// in trusted, what it says in X-Forwarded-For, from its end on. It is invalid if the
// connection has none, or if the header of a trusted proxy holds something else in its
// place.
func Client(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := parsePeer(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for range maxHops {
		if !addr.IsValid() || len(hops) == 0 || len(hops) == 1 && strings.TrimSpace(hops[0]) == "" || !isTrusted(addr, trusted) {
			break
		}
		addr = parsePeer(strings.TrimSpace(hops[len(hops)-1]))
		hops = hops[:len(hops)-1]
	}
	return addr
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	addr = addr.WithZone("")
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parsePeer reads "1.2.3.4", "1.2.3.4:5", "::1", "[::1]" and "[::1]:5".
func parsePeer(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap()
	}
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
