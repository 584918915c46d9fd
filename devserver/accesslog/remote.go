package accesslog

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how many proxies before us are believed; real chains have two or three.
const maxHops = 16

// remote returns the address of the client: the peer's, and as long as that is a trusted
// proxy's, the one before it in X-Forwarded-For. It is an address or empty.
func remote(r *http.Request, trusted []netip.Prefix) string {
	addr, ok := address(r.RemoteAddr)
	if !ok {
		return ""
	}
	if len(trusted) == 0 {
		return addr.String()
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for hops, s := range slices.Backward(chain) {
		if len(chain)-hops > maxHops || !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			break
		}
		before, ok := address(strings.TrimSpace(s))
		if !ok {
			break // who comes before that cannot be known
		}
		addr = before
	}
	return addr.String()
}

// address reads "ip", "ip:port" or "[ip]:port". A zone is dropped.
func address(s string) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(s)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	}
	addr, err := netip.ParseAddr(host)
	return addr.Unmap().WithZone(""), err == nil
}
