package httpx

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxHops bounds how many proxies before us are believed; real chains have two or three.
const maxHops = 16

// ExternalURL returns the URL that the client asked for: scheme, host and port, the mount
// point, path and query. The scheme's default port is left out. The result may be changed.
//
// If the request's peer is in trusted, what the proxy says counts: Forwarded (RFC 7239)
// or, where it is missing, X-Forwarded-Proto, -Host, -Port and -Prefix. Of a chain of
// proxies the outermost that is trusted is believed, as far as X-Forwarded-For or "for="
// leads there; a value that is not a host, port, path or one of the two schemes is passed
// over. With no trusted prefixes, or a peer outside them (also one on a unix socket), these
// headers do nothing, for anybody can write them. Trust only proxies that overwrite what
// their clients send.
func ExternalURL(r *http.Request, trusted []netip.Prefix) *url.URL {
	o := origin{scheme: "http", host: r.Host}
	if r.TLS != nil {
		o.scheme = "https"
	}
	if o.host == "" { // HTTP/1.0
		if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && a != nil {
			o.host = a.String()
		}
	}
	if isTrusted(r.RemoteAddr, trusted) {
		if f := r.Header.Values("Forwarded"); len(f) > 0 {
			o.forwarded(ParseForwarded(strings.Join(f, ",")), trusted)
		} else {
			o.xForwarded(r.Header, trusted)
		}
	}
	u := &url.URL{Scheme: o.scheme, Host: dropDefaultPort(o.host, o.scheme), RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	if mount := o.prefix + MountPoint(r.Context()); mount == "" {
		u.Path, u.RawPath = r.URL.Path, r.URL.RawPath
	} else {
		u.Path = mount + r.URL.Path
		u.RawPath = (&url.URL{Path: mount}).EscapedPath() + r.URL.EscapedPath()
	}
	if u.Path == "" || u.Path == "*" {
		u.Path, u.RawPath = "/", ""
	}
	return u
}

// origin is where the client believes to be.
type origin struct{ scheme, host, prefix string }

// forwarded believes the elements that trusted proxies added, the nearest first.
func (o *origin) forwarded(elements []Forwarded, trusted []netip.Prefix) {
	for hop, f := range slices.Backward(elements) {
		if len(elements)-hop > maxHops {
			return
		}
		o.setScheme(f.Proto)
		o.setHost(f.Host)
		if !isTrusted(f.For, trusted) {
			return
		}
	}
}

// xForwarded believes the values of the outermost trusted proxy. The lists of the headers
// are not always as long as that of X-Forwarded-For: many proxies write one value only.
func (o *origin) xForwarded(h http.Header, trusted []netip.Prefix) {
	hops := 0
	for i, addr := range slices.Backward(list(h, "X-Forwarded-For")) {
		if i == 0 || hops >= maxHops || !isTrusted(addr, trusted) {
			break // the first was told of a client, not of a proxy
		}
		hops++
	}
	pick := func(name string) string {
		if values := list(h, name); len(values) > 0 {
			return values[max(0, len(values)-1-hops)]
		}
		return ""
	}
	o.setScheme(pick("X-Forwarded-Proto"))
	o.setHost(pick("X-Forwarded-Host"))
	if port, err := strconv.ParseUint(pick("X-Forwarded-Port"), 10, 16); err == nil && port > 0 {
		name, _ := splitHostPort(o.host)
		o.host = name + ":" + strconv.FormatUint(port, 10)
	}
	if p := strings.TrimRight(pick("X-Forwarded-Prefix"), "/"); strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.ContainsAny(p, "\\?#") {
		if path, err := url.PathUnescape(p); err == nil {
			o.prefix = path
		}
	}
}

func (o *origin) setScheme(s string) {
	if s = strings.ToLower(s); s == "http" || s == "https" {
		o.scheme = s
	}
}

func (o *origin) setHost(s string) {
	if validHost(s) {
		o.host = s
	}
}

// list returns the comma-separated values of a header's lines.
func list(h http.Header, name string) []string {
	var values []string
	for _, line := range h.Values(name) {
		for v := range strings.SplitSeq(line, ",") {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

// isTrusted reports whether addr ("ip", "ip:port", "[ip]:port") lies in one of prefixes.
func isTrusted(addr string, prefixes []netip.Prefix) bool {
	if len(prefixes) == 0 {
		return false
	}
	host, _ := splitHostPort(addr)
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// splitHostPort cuts the port, with its colon gone, from a host; the brackets of an IPv6
// address stay. Unlike net.SplitHostPort it takes a host without a port.
func splitHostPort(s string) (host, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || i < strings.LastIndexByte(s, ']') || (s[0] != '[' && strings.IndexByte(s, ':') != i) {
		return s, ""
	}
	return s[:i], s[i+1:]
}

func dropDefaultPort(host, scheme string) string {
	name, port := splitHostPort(host)
	if port == "80" && scheme == "http" || port == "443" && scheme == "https" || port == "" && strings.HasSuffix(host, ":") {
		return name
	}
	return host
}

// validHost reports whether s is a name or address with an optional port and nothing
// that could change the meaning of a URL or a page.
func validHost(s string) bool {
	host, port := splitHostPort(s)
	if host == "" || len(s) > 255+6 || strings.HasSuffix(s, ":") {
		return false
	}
	if port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
	}
	if host[0] == '[' {
		ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return err == nil && ip.Is6() && host[len(host)-1] == ']'
	}
	for _, c := range []byte(host) {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// Forwarded is one element of a Forwarded header (RFC 7239, 4): what one proxy says.
type Forwarded struct{ By, For, Host, Proto string }

// ParseForwarded reads a Forwarded header; join several lines with a comma. The values
// are unquoted and otherwise as they were sent. Parameters that are not in the RFC are
// passed over; an element with bad syntax keeps its place and loses its values, so that
// nobody's element is taken for another's.
func ParseForwarded(header string) []Forwarded {
	var elements []Forwarded
	for _, part := range splitQuoted(header, ',', 1024) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		f, ok := parseElement(part)
		if !ok {
			f = Forwarded{}
		}
		elements = append(elements, f)
	}
	return elements
}

func parseElement(s string) (f Forwarded, ok bool) {
	seen := 0
	for _, pair := range splitQuoted(s, ';', maxRanges) {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		if !found {
			return f, false
		}
		// Strict, for a quote that a client left open would otherwise make the next
		// proxy's element a part of the client's.
		if value = strings.TrimSpace(value); strings.Contains(name, `"`) || !wellQuoted(value) {
			return f, false
		}
		var field *string
		bit := 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "by":
			field, bit = &f.By, 1
		case "for":
			field, bit = &f.For, 2
		case "host":
			field, bit = &f.Host, 4
		case "proto":
			field, bit = &f.Proto, 8
		default:
			continue
		}
		if seen&bit != 0 { // RFC 7239, 4: each at most once
			return f, false
		}
		seen |= bit
		*field = unquote(value)
	}
	return f, true
}

// wellQuoted reports whether s is one quoted-string or holds no quote at all.
func wellQuoted(s string) bool {
	if !strings.Contains(s, `"`) {
		return true
	}
	if len(s) < 2 || s[0] != '"' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i == len(s)-1
		}
	}
	return false
}
