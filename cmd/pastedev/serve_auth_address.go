package main

import (
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/become"
	"github.com/pastedev/pastedev/devserver/auth/grantip"
)

// addresses gives users and roles to who comes from some addresses, all rules that match in
// their order, and refuses others unless it is optional.
func (g authGroup) addresses() (method, error) {
	grant := new(grantip.Grant)
	for _, a := range g {
		if len(a.From) == 0 || len(a.Names) != 1 {
			return nil, usagef("auth %q: address needs a range and the name that it gets\nhint: from = [\"127.0.0.0/8\", \"::1\"], names = [\"local:admin\"]; names = [\":admin\"] gives the role alone", a.Path)
		}
		if a.Optional != g[0].Optional {
			return nil, usagef("auth %q: one of its addresses is optional and another is not\nhint: optional = true in all of them, or in none", a.Path)
		}
		if a.Optional && len(a.Roles) > 0 {
			return nil, usagef("auth %q: an optional address refuses nobody, so it can want no roles\nhint: roles in the [[auth]] that asks, or no optional", a.Path)
		}
		name, roles := splitName(a.Names[0])
		for _, text := range a.From {
			from, err := grantip.ParseRange(text)
			if err != nil {
				return nil, usagef("auth %q: from: %v", a.Path, err)
			}
			grant.Rules = append(grant.Rules, grantip.Rule{From: from, User: name, Add: roles})
		}
	}
	if g[0].Optional {
		return grant.Handler, nil
	}
	return func(next http.Handler) http.Handler { return grant.Handler((&auth.Require{}).Handler(next)) }, nil
}

// become lets a developer be any of some users, picked on a page of its own.
func (a authConfig) become(s *session) (method, error) {
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
	return p.Handler, nil
}
