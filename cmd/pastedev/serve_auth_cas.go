package main

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth/cas"
	signedcookie "github.com/pastedev/pastedev/devserver/auth/signed"
)

// cas has users sign in at a CAS server, and remembers them in a signed cookie.
func (a authConfig) cas(s *session) (method, error) {
	if a.Server == "" {
		return nil, usagef("auth %q: cas needs the server that users sign in at\nhint: server = \"https://sso.example.edu/cas\"", a.Path)
	}
	service, err := a.service(s)
	if err != nil {
		return nil, err
	}
	client := &cas.Client{Server: a.Server, Service: service, Version: a.Version,
		Failed: func(_ *http.Request, err error) { s.noticeLines(fmt.Sprintf("auth %q: %v", a.Path, err)) }}
	if err := client.Check(); err != nil {
		return nil, usagef("auth %q: %v", a.Path, err)
	}
	keeper, key, err := a.keeper(s, "cas\x00"+strings.TrimRight(a.Server, "/"))
	if err != nil {
		return nil, err
	}
	out := a.logout(key, client.LogoutURL())
	return func(next http.Handler) http.Handler {
		return keeper.Handler(remembered(signedcookie.Method, a.named, out(client.Handler(next))))
	}, nil
}

// service is the address that browsers know this site by: that of the settings, or the one
// that pastedev listens at if there is no doubt about it.
func (a authConfig) service(s *session) (string, error) {
	if a.Service != "" {
		return a.Service, nil
	}
	host, port, err := net.SplitHostPort(s.config.Addr)
	ip, _ := netip.ParseAddr(host)
	if err != nil || port == "0" || host == "" || ip.IsUnspecified() {
		return "", usagef("auth %q: cas needs the address that browsers know this site by, and %s is none\nhint: service = \"https://localhost:8000\"", a.Path, s.config.Addr)
	}
	scheme := "http"
	if s.config.TLS {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}
