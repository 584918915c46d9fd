package upstream_test

import (
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/upstream"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// TestProxyLocations: what the target calls its own comes back below the mount point.
// TARGET is the target's host, OURS the one the client asked.
func TestProxyLocations(t *testing.T) {
	for _, c := range []struct{ base, mount, ask, location, want string }{
		{"", "", "/", "/login", "/login"}, {"", "", "/", "http://TARGET/login?a=b#c", "/login?a=b#c"}, {"", "", "/", "http://TARGET", "/"},
		{"", "/api", "/api/x", "/login", "/api/login"}, {"", "/api", "/api/x", "http://TARGET/login", "/api/login"}, {"", "/api", "/api/x", "https://TARGET/login", "/api/login"},
		{"", "/api", "/api/x", "http://TARGET", "/api/"}, {"", "/api", "/api/x", "//TARGET/a", "/api/a"}, {"", "/api", "/api/a/x", "y?z=%20", "y?z=%20"}, {"", "/api", "/api/a/x", "../y", "../y"},
		{"", "/api", "/api/x", "/api/y", "/api/y"}, {"", "/api", "/api/x", "http://OURS/api/y", "http://OURS/api/y"}, {"", "/api", "/api/x", "http://OURS/y", "http://OURS/api/y"},
		{"", "/api", "/api/x", "https://other.example/y", "https://other.example/y"}, {"", "/api", "/api/x", "http://127.0.0.1:1/y", "http://127.0.0.1:1/y"}, {"", "/api", "/api/x", "?a", "?a"}, {"", "/api", "/api/x", "#f", "#f"},
		{"", "/api", "/api/x", "", ""}, {"", "/api", "/api/x", "mailto:a@b", "mailto:a@b"}, {"", "/api", "/api/x", "http://%zz", "http://%zz"}, {"", "/api", "/api/x", "/a%2Fb?q=%2F&&", "/api/a%2Fb?q=%2F&&"},
		{"", "/api", "/api", "y", "/api/y"}, {"", "/api", "/api/", "y", "y"}, {"", "/my app", "/my%20app/x", "/y z", "/my%20app/y%20z"},
		{"/base", "/api", "/api/x", "/base/login", "/api/login"}, {"/base/", "/api", "/api/x", "/base", "/api"}, {"/base", "/api", "/api/x", "http://TARGET/base/login", "/api/login"},
		{"/base", "/api", "/api/x", "/other", "http://TARGET/other"}, {"/base", "/api", "/api/x", "/basement", "http://TARGET/basement"}, {"/base", "/api", "/api/x", "http://TARGET/other", "http://TARGET/other"},
		{"/base", "/api", "/api/x", "y", "y"}, {"/base", "/api", "/api/x", "../y", "http://TARGET/y"}, {"/base", "", "/x", "/base/y", "/y"}, {"/base", "", "/", "/base", "/"},
		{"/api", "/api", "/api/x", "/api/y", "/api/y"}, {"/api/v2", "/api", "/api/x", "/api/v2/y", "/api/y"},
		{"", "", "/", "http://TARGET//evil.example/", "/.//evil.example/"}, {"", "/api", "/api/x", "http://TARGET//evil.example/", "/api//evil.example/"},
	} {
		var ours string
		var p *upstream.Proxy
		u := target(t, c.base, func(w http.ResponseWriter, r *http.Request) {
			l := strings.NewReplacer("TARGET", p.Target.Host, "OURS", ours).Replace(c.location)
			w.Header().Set("Location", l)
			w.Header().Set("Content-Location", l)
			w.WriteHeader(303)
		})
		p = &upstream.Proxy{Target: u}
		at := serve(t, p, c.mount)
		ours = strings.TrimPrefix(at, "http://")
		res := do(t, "GET", at+c.ask, nil)
		want := strings.NewReplacer("TARGET", u.Host, "OURS", ours).Replace(c.want)
		if got := res.Header.Get("Location"); got != want || res.Header.Get("Content-Location") != want {
			t.Errorf("base %q mount %q ask %s: Location %s became %s, want %s", c.base, c.mount, c.ask, c.location, got, want)
		}
	}
}

func TestProxyCookies(t *testing.T) {
	const mixed = `a="b; c"; Expires=Wed, 21 Oct 2025 07:28:00 GMT; HttpOnly`
	for _, c := range []struct{ base, mount, in, want string }{
		{"", "", "a=b; Path=/; Domain=127.0.0.1", "a=b; Path=/"}, {"", "", "a=b; domain=.example.org", "a=b; domain=.example.org"}, {"", "", mixed, mixed},
		{"", "/api", "a=b; Path=/; Secure", "a=b; Path=/api; Secure"}, {"", "/api", "a=b;path=/x", "a=b; path=/api/x"}, {"", "/api", "a=b; Path=/api", "a=b; Path=/api"},
		{"", "/api", "a=b", "a=b"}, {"", "/api", "a=b; Path=x", "a=b; Path=x"}, {"", "/api", "__Host-a=b; Path=/; Secure", "__Host-a=b; Path=/; Secure"},
		{"/base", "/api", "a=b; Path=/base", "a=b; Path=/api"}, {"/base", "/api", "a=b; Path=/base/x/", "a=b; Path=/api/x"}, {"/base", "/api", "a=b; Path=/", "a=b; Path=/api"},
		{"/base", "/api", "a=b; Path=/other", "a=b; Path=/other"}, {"/base", "", "a=b; Path=/base", "a=b; Path=/"}, {"/base/x", "", "a=b; Path=/base", "a=b; Path=/"},
		{"", "/api", "", ""}, {"", "/api", ";;=;", ";;=;"},
	} {
		p := &upstream.Proxy{Target: target(t, c.base, func(w http.ResponseWriter, r *http.Request) { w.Header()["Set-Cookie"] = []string{c.in, "z=1"} })}
		res := do(t, "GET", serve(t, p, c.mount)+c.mount+"/x", nil, "Host", "pastedev.test")
		if d := cmp.Diff([]string{c.want, "z=1"}, res.Header["Set-Cookie"]); d != "" {
			t.Errorf("base %q mount %q: %s", c.base, c.mount, d)
		}
	}
}

func TestProxyKeeps(t *testing.T) {
	p := &upstream.Proxy{KeepLocation: true, KeepCookies: true, Target: target(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/login")
		w.Header().Set("Set-Cookie", "a=b; Path=/")
	})}
	res := do(t, "GET", serve(t, p, "/api")+"/api/x", nil)
	if res.Header.Get("Location") != "/login" || res.Header.Get("Set-Cookie") != "a=b; Path=/" {
		t.Errorf("%v", res.Header)
	}
}
