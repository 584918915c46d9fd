package control

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// refusal is a request turned away: what was wrong with it, and what would allow it.
type refusal struct {
	status int
	rule   string // short name for the log: "host", "origin", ...
	detail string
	hint   string
}

// guard holds the rules that do not depend on who asks, but on where a request
// comes from. They are checked before any token is looked at, so that a foreign
// page cannot even guess.
type guard struct {
	allowHosts []string // beside loopback; ".example.test" also stands for every name below it
}

// check returns nil for a request that may go on. document is set for the paths
// that a browser may open from anywhere by following a link: the page itself, which
// holds no data.
func (g guard) check(r *http.Request, document bool) *refusal {
	if ref := g.checkHost(r.Host); ref != nil {
		return ref
	}
	if ref := checkOrigin(r); ref != nil {
		return ref
	}
	if ref := checkFetchSite(r, document); ref != nil {
		return ref
	}
	return checkMethod(r)
}

// checkHost is the rule against DNS rebinding: a page of an attacker's name that
// resolves to 127.0.0.1 is same-origin to itself, and only Host tells.
func (g guard) checkHost(hostport string) *refusal {
	host := hostOnly(hostport)
	if loopbackName(host) {
		return nil
	}
	for _, allowed := range g.allowHosts {
		allowed = strings.ToLower(allowed)
		if host != "" && allowed != "" && (host == strings.TrimPrefix(allowed, ".") || allowed[0] == '.' && strings.HasSuffix(host, allowed)) {
			return nil
		}
	}
	return &refusal{http.StatusForbidden, "host",
		fmt.Sprintf("the Host header is %q, which is not this machine's loopback", hostport),
		"use http://localhost or http://127.0.0.1, or start pastedev with --allow-host " + cmpOr(host, "NAME")}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// hostOnly returns the host of a Host header in lower case: no port, no brackets,
// no final dot. It is "" for what is not a host.
func hostOnly(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	} else if strings.Contains(host, ":") {
		return "" // neither host:port nor a bracketed address
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// loopbackName reports whether host can only mean this machine: a literal loopback
// address, localhost, or a name below it (RFC 6761 section 6.3).
func loopbackName(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() && ip.Zone() == ""
}

// checkOrigin refuses a request that a page of another origin made. The origin
// "null" (a sandboxed frame, a file, a redirect across origins) is foreign.
func checkOrigin(r *http.Request) *refusal {
	values, ok := r.Header["Origin"]
	if !ok {
		return nil
	}
	if len(values) == 1 && strings.EqualFold(values[0], "http://"+r.Host) {
		return nil
	}
	return &refusal{http.StatusForbidden, "origin",
		fmt.Sprintf("the Origin header is %q, and only http://%s may ask here", strings.Join(values, ", "), r.Host),
		"open the inspector page by the link that pastedev printed; no flag allows other origins"}
}

// checkFetchSite refuses what a browser says another site caused. "same-site" is
// another site here: every port of localhost is the same site, the app's included.
// https://www.w3.org/TR/fetch-metadata/
func checkFetchSite(r *http.Request, document bool) *refusal {
	values, ok := r.Header["Sec-Fetch-Site"]
	if !ok {
		return nil
	}
	site := strings.Join(values, ", ")
	if site == "same-origin" || site == "none" {
		return nil
	}
	if document && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return nil
	}
	return &refusal{http.StatusForbidden, "sec-fetch-site",
		fmt.Sprintf("the Sec-Fetch-Site header is %q: another page asked", site),
		"open the inspector page by the link that pastedev printed; no flag allows other sites"}
}

// checkMethod lets GET and HEAD read and POST act, and demands JSON of POST, which
// no HTML form can send.
func checkMethod(r *http.Request) *refusal {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return nil
	case http.MethodPost:
	default:
		return &refusal{http.StatusMethodNotAllowed, "method", "the method is " + r.Method, "GET reads and POST acts; there is no other way"}
	}
	ct := r.Header.Get("Content-Type")
	if mt, _, err := mime.ParseMediaType(ct); err == nil && mt == "application/json" {
		return nil
	}
	return &refusal{http.StatusUnsupportedMediaType, "content-type",
		fmt.Sprintf("the Content-Type header is %q, and a POST here must be application/json", ct),
		"send Content-Type: application/json and a JSON object"}
}

// Security headers. The page may load its own scripts and styles, ask its own
// origin, and show images that it made itself; nothing else, in nobody's frame.
const (
	pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src blob: data:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
	dataCSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
)

func setSecurityHeaders(h http.Header, csp string) {
	h.Set("Content-Security-Policy", csp)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
