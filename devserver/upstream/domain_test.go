package upstream

import (
	"net/url"
	"testing"
)

// TestCookieDomain: a Domain that holds for the target but not for us is left out.
func TestCookieDomain(t *testing.T) {
	p := &Proxy{Target: &url.URL{Scheme: "https", Host: "api.shop.example:8443"}}
	for _, c := range []struct{ host, in, want string }{
		{"localhost:8000", "a=b; Domain=api.shop.example", "a=b"}, {"localhost:8000", "a=b; Domain=.shop.example; Secure", "a=b; Secure"},
		{"localhost:8000", "a=b; DOMAIN=Shop.Example", "a=b"}, {"localhost:8000", "a=b; Domain=other.example", "a=b; Domain=other.example"},
		{"localhost:8000", "a=b; Domain=hop.example", "a=b; Domain=hop.example"}, {"dev.shop.example", "a=b; Domain=shop.example", "a=b; Domain=shop.example"},
		{"[::1]:8000", "a=b; Domain=shop.example", "a=b"}, {"localhost", "a=b; Domain=", "a=b; Domain="},
	} {
		if got := p.cookie(asked{host: c.host, at: pathURL("/"), out: pathURL("/")}, c.in); got != c.want {
			t.Errorf("at %s: %q became %q, want %q", c.host, c.in, got, c.want)
		}
	}
}
