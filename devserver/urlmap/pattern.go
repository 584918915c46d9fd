package urlmap

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// place is where a mount sits: a host ("", "a.com", "a.com:81"; lower case, IPv6 in
// brackets) and a prefix, decoded, without a slash at its end.
type place struct{ host, prefix string }

// parse reads a pattern.
func parse(pattern string) (place, error) {
	bad := func(format string, args ...any) (place, error) {
		return place{}, fmt.Errorf("mount %q: "+format, append([]any{pattern}, args...)...)
	}
	rest, isURL := pattern, false
	if scheme, after, found := strings.Cut(pattern, "://"); found {
		if s := strings.ToLower(scheme); s != "http" && s != "https" {
			return bad("scheme %q is not http or https", scheme)
		}
		rest, isURL = after, true
	}
	host, prefix, slash := strings.Cut(rest, "/")
	switch {
	case rest == "" && !isURL:
		return place{}, nil
	case host == "" && isURL:
		return bad("no host after the scheme")
	case !slash && !isURL:
		return bad("no slash\nhint: write \"/%s\" for a path, \"%[1]s/\" for a host", rest)
	}
	var p place
	if host != "" {
		var err error
		if p.host, err = parseHost(host); err != nil {
			return bad("%w", err)
		}
	}
	if prefix = strings.TrimSuffix(prefix, "/"); prefix == "" {
		return p, nil
	}
	decoded, err := url.PathUnescape(prefix)
	switch {
	case strings.ContainsAny(prefix, "?#"):
		return bad("a prefix has no query and no fragment")
	case err != nil:
		return bad("%w", err)
	case strings.Contains(strings.ToUpper(prefix), "%2F"):
		return bad("an encoded slash separates nothing, so no path is under it")
	case strings.ContainsFunc(decoded, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return bad("a control character in the prefix")
	}
	segments := strings.Split(decoded, "/")
	if slices.Contains(segments, "") || slices.Contains(segments, ".") || slices.Contains(segments, "..") {
		return bad("an empty segment, \".\" or \"..\" in the prefix\nhint: requests are compared as they come, none is cleaned")
	}
	p.prefix = "/" + decoded
	return p, nil
}

// parseHost reads a host with an optional port into the form that requests are
// looked up by.
func parseHost(s string) (string, error) {
	host, port := splitHost(s)
	if strings.HasSuffix(s, ":") {
		return "", fmt.Errorf("no port after the colon")
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
			return "", fmt.Errorf("port %q is not a number from 1 to 65535", port)
		}
		port = ":" + port
	}
	if strings.HasPrefix(host, "[") {
		if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil || !ip.Is6() {
			return "", fmt.Errorf("%q is not an IPv6 address", host)
		}
		return host + port, nil
	}
	if strings.Contains(host, ":") {
		return "", fmt.Errorf("an IPv6 address as host stands in brackets: [%s]", host)
	}
	for _, c := range []byte(host) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return "", fmt.Errorf("host %q holds %q\nhint: a name of other letters is written in its xn-- form", host, c)
		}
	}
	if host == "" {
		return "", fmt.Errorf("no host before the port")
	}
	return host + port, nil
}

// splitHost cuts a Host header into the name, in the one form that names are compared
// in, and the port.
func splitHost(s string) (host, port string) {
	host = s
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') && (s[0] == '[' || strings.IndexByte(s, ':') == i) {
		host, port = s[:i], s[i+1:]
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		if ip, err := netip.ParseAddr(host[1 : len(host)-1]); err == nil && ip.Is6() {
			return "[" + ip.String() + "]", port
		}
		return host, port
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), port
}
