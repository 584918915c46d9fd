package upstream

import (
	"net/url"
	"strings"
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

// FuzzBringBack: whatever the target writes, a reference to its own host or to a path
// leads to us or to it afterwards, never to a third host.
func FuzzBringBack(f *testing.F) {
	for _, s := range [][4]string{{"/login", "", "/api", "/api/x"}, {"http://target:1/base/x?y#z", "/base", "/api", "/api/"}, {"//target:1//evil/x", "", "", "/"}, {"../../..//evil", "/base", "", "/x"},
		{"a=b; Path=/; Domain=target", "/base", "/api", "/api"}, {"/%2F%2Fevil", "", "", "//x"}, {`/\evil`, "", "/a b", "/"}, {"/./..//evil", "", "", "/"}} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, ref, base, mount, ask string) {
		target, err := url.Parse("http://target:1" + base)
		if err != nil || target.Host != "target:1" || len(mount) > 0 && mount[0] != '/' || len(ask) == 0 || ask[0] != '/' {
			return
		}
		p := &Proxy{Target: target, base: strings.TrimRight(target.EscapedPath(), "/")}
		esc := (&url.URL{Path: strings.TrimRight(mount, "/")}).EscapedPath()
		askRaw := (&url.URL{Path: ask}).EscapedPath()
		if esc != "" && (esc[0] != '/' || strings.HasPrefix(esc, "//")) {
			return
		}
		a := asked{mount: esc, host: "ours:2", at: pathURL(esc + askRaw), out: pathURL(joinPath(target.EscapedPath(), askRaw))}
		p.cookie(a, ref)
		got := p.location(a, ref)
		was, err := url.Parse(ref)
		if err != nil || got == ref {
			return
		}
		if was.Host != "" && !strings.EqualFold(was.Host, "target:1") && !strings.EqualFold(was.Host, "ours:2") {
			t.Fatalf("%q of a third host became %q", ref, got)
		}
		now, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q became %q: %v", ref, got, err)
		}
		if h := now.Host; h != "" && !strings.EqualFold(h, "ours:2") && h != "target:1" || strings.HasPrefix(got, "//") && h == "" {
			t.Fatalf("%q became %q", ref, got)
		}
	})
}
