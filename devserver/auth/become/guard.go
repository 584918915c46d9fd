package become

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxHops bounds how many addresses of proxies are looked at; a longer chain is refused.
const maxHops = 32

// refusal returns why the picker does not work for r, nil if it does. Nothing that a
// client sends can make up for a listener or a peer that is not this machine's.
func (p *Picker) refusal(r *http.Request) *auth.Refusal {
	refuse := func(detail, hint string) *auth.Refusal {
		return &auth.Refusal{Status: http.StatusForbidden, Detail: detail, Hint: hint}
	}
	listen := p.Listen
	if len(listen) == 0 {
		if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && a != nil {
			listen = []string{a.String()}
		} else {
			listen = []string{"an unknown address"}
		}
	}
	for _, a := range listen {
		if !loopbackName(hostOnly(a)) {
			return refuse("Users can be picked only while the server listens on this machine alone, and it listens on "+a+".",
				"start it on 127.0.0.1, or sign in as the user")
		}
	}
	if !loopbackAddr(r.RemoteAddr) {
		return refuse("Users can be picked only from this machine, and the request came from "+r.RemoteAddr+".",
			"open the page on the machine that the server runs on")
	}
	if hop, ok := foreignHop(r.Header); ok {
		return refuse(fmt.Sprintf("Users can be picked only from this machine, and a proxy says that the request came from %q.", hop),
			"open the page on the machine that the server runs on, without the proxy")
	}
	for _, host := range append([]string{r.Host}, r.Header.Values("X-Forwarded-Host")...) {
		if !p.hostAllowed(host) {
			return refuse(fmt.Sprintf("Users can be picked only under a name of this machine, and the Host header is %q.", host),
				"open http://localhost in its place, or allow the name (AllowHosts)")
		}
	}
	return nil
}

// foreignHop returns the first client or proxy in the forwarding headers that is not this
// machine. They are not believed: they can only make the picker refuse.
func foreignHop(h http.Header) (string, bool) {
	var hops []string
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip"} {
		for _, line := range h.Values(name) {
			hops = append(hops, strings.Split(line, ",")...)
		}
	}
	for _, f := range httpx.ParseForwarded(strings.Join(h.Values("Forwarded"), ",")) {
		hops = append(hops, f.For)
	}
	for i, hop := range hops {
		if hop = strings.TrimSpace(hop); i >= maxHops || !loopbackName(hostOnly(hop)) {
			return hop, true
		}
	}
	return "", false
}

// hostAllowed is the rule against DNS rebinding: a page of an attacker's name that
// resolves to 127.0.0.1 is same-origin to itself, and only Host tells.
func (p *Picker) hostAllowed(hostport string) bool {
	host := hostOnly(hostport)
	if loopbackName(host) {
		return true
	}
	for _, a := range p.AllowHosts {
		a = strings.ToLower(a)
		if host != "" && a != "" && (host == strings.TrimPrefix(a, ".") || a[0] == '.' && strings.HasSuffix(host, a)) {
			return true
		}
	}
	return false
}

// checkOrigin refuses a form of another origin. A request without Origin is none of a
// browser's, or one that Sec-Fetch-Site tells of; the form's token counts besides.
func checkOrigin(r *http.Request) *auth.Refusal {
	origins, sites := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	bad := ""
	switch {
	case len(origins) > 1, len(sites) > 1:
		bad = "there are several"
	case len(origins) == 1:
		u, err := url.Parse(origins[0])
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			bad = fmt.Sprintf("the Origin header is %q", origins[0])
		}
	}
	if bad == "" && len(sites) == 1 && sites[0] != "same-origin" {
		bad = fmt.Sprintf("the Sec-Fetch-Site header is %q", sites[0])
	}
	if bad == "" {
		return nil
	}
	return &auth.Refusal{Status: http.StatusForbidden,
		Detail: "Only this page's own form can pick a user, and this one comes from elsewhere: " + bad + ".",
		Hint:   "open the page itself and pick there"}
}

// hostOnly returns the host of "host", "host:port", "::1", "[::1]" or "[::1]:port" in
// lower case, without a final dot.
func hostOnly(s string) string {
	if h, _, err := net.SplitHostPort(s); err == nil {
		s = h
	} else if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	return strings.ToLower(strings.TrimSuffix(s, "."))
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

// loopbackAddr is loopbackName for the address of a connection.
func loopbackAddr(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
