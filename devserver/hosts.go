package devserver

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// isLoopback reports whether addr (ip:port) lies on this machine.
func isLoopback(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// hostName returns the name in a Host header, lower-case, without port and brackets.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return strings.ToLower(host)
}

// hostAllowed reports whether host names this machine by a name that no foreign DNS
// can point here: localhost, *.localhost, a loopback IP, the IP the listener is bound
// to, or a name that the user allowed. A name with a leading dot allows the domain
// and all below it.
func hostAllowed(host, bound string, allow []string) bool {
	name := hostName(host)
	if name == "" {
		return false
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		b, berr := netip.ParseAddr(hostName(bound))
		if ip.Unmap().IsLoopback() || berr == nil && !b.IsUnspecified() && ip.Unmap() == b.Unmap() {
			return true
		}
	}
	for _, a := range allow {
		a = strings.ToLower(a)
		if name == strings.TrimPrefix(a, ".") || strings.HasPrefix(a, ".") && strings.HasSuffix(name, a) {
			return true
		}
	}
	return false
}

// trusted reports whether r may see source: it comes from this machine and was not
// sent here by a foreign name (DNS rebinding). The reason names what would allow it.
func (f *Front) trusted(r *http.Request, l *listener) (ok bool, reason string) {
	if !isLoopback(r.RemoteAddr) {
		return false, "this path answers only to this machine, and the request came from " + r.RemoteAddr
	}
	if !hostAllowed(r.Host, l.public.String(), f.options.AllowHost) {
		return false, "Host: " + r.Host + " is not a name of this machine (--allow-host " + hostName(r.Host) + " would allow it)"
	}
	return true, ""
}
