package httpx

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// paste.md 4.8, the URL table.
func TestExternalURL(t *testing.T) {
	for _, tt := range []struct {
		host, target string
		tls          bool
		want         string
	}{
		{"x:80", "/", false, "http://x/"},
		{"x:443", "/", true, "https://x/"},
		{"x:8080", "/", false, "http://x:8080/"},
		{"x:80", "/", true, "https://x:80/"},
		{"x:443", "/", false, "http://x:443/"},
		{"[::1]:8080", "/", false, "http://[::1]:8080/"},
		{"[::1]:80", "/", false, "http://[::1]/"},
		{"[::1]", "/", false, "http://[::1]/"},
		{"x", "/a%20b/%C3%BC?q=1&r", false, "http://x/a%20b/%C3%BC?q=1&r"},
		{"x", "/a%2Fb", false, "http://x/a%2Fb"},
		{"x", "/?", false, "http://x/?"},
	} {
		r := httptest.NewRequest("GET", tt.target, nil)
		if r.Host = tt.host; tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := ExternalURL(r, nil).String(); got != tt.want {
			t.Errorf("%s%s: %s, want %s", tt.host, tt.target, got, tt.want)
		}
	}
	r := &http.Request{Host: "x", URL: &url.URL{Path: "/a b/ü"}}
	if got := ExternalURL(r, nil).String(); got != "http://x/a%20b/%C3%BC" {
		t.Errorf("a path that was never escaped: %s", got)
	}
	r = &http.Request{Host: "x", URL: &url.URL{Path: "/a/b/c%d"}}
	if got := ExternalURL(WithMount(r, "/a"), nil).String(); got != "http://x/a/b/c%25d" {
		t.Errorf("below a mount: %s", got)
	}
}

func TestExternalURLBehindProxies(t *testing.T) {
	for _, tt := range []struct {
		name, peer, header, want string
	}{
		{"untrusted peer", "10.0.0.1:1", "X-Forwarded-Host: evil\nX-Forwarded-Proto: https\nX-Forwarded-Prefix: /p\nForwarded: host=evil", "http://in:8080/x"},
		{"peer without address", "@", "X-Forwarded-Host: evil", "http://in:8080/x"},
		{"proto and host", "127.0.0.1:1", "X-Forwarded-Host: out\nX-Forwarded-Proto: HTTPS", "https://out/x"},
		{"IPv6 peer", "[::1]:1", "X-Forwarded-Host: [2001:db8::1]:443\nX-Forwarded-Proto: https", "https://[2001:db8::1]/x"},
		{"mapped peer", "[::ffff:127.0.0.1]:1", "X-Forwarded-Proto: https", "https://in:8080/x"},
		{"port", "127.0.0.1:1", "X-Forwarded-Proto: https\nX-Forwarded-Port: 8443", "https://in:8443/x"},
		{"default port", "127.0.0.1:1", "X-Forwarded-Proto: https\nX-Forwarded-Port: 443", "https://in/x"},
		{"prefix", "127.0.0.1:1", "X-Forwarded-Prefix: /p%20q/", "http://in:8080/p%20q/x"},
		{"prefix that names a host", "127.0.0.1:1", "X-Forwarded-Prefix: //evil", "http://in:8080/x"},
		{"no host", "127.0.0.1:1", "X-Forwarded-Host: a b\nX-Forwarded-Proto: javascript", "http://in:8080/x"},
		{"host with a path", "127.0.0.1:1", "X-Forwarded-Host: evil/..", "http://in:8080/x"},
		{"host with a user", "127.0.0.1:1", "X-Forwarded-Host: a@evil", "http://in:8080/x"},
		{"the nearest of a list", "127.0.0.1:1", "X-Forwarded-For: 6.6.6.6, 10.0.0.2\nX-Forwarded-Host: evil, out", "http://out/x"},
		{"two trusted hops", "127.0.0.1:1", "X-Forwarded-For: 6.6.6.6, 127.0.0.2\nX-Forwarded-Host: out, middle", "http://out/x"},
		{"client that claims to be a proxy", "127.0.0.1:1", "X-Forwarded-For: 127.0.0.1\nX-Forwarded-Host: evil, out", "http://out/x"},
		{"Forwarded", "127.0.0.1:1", `Forwarded: for=10.0.0.2;host="out:8443";proto=https`, "https://out:8443/x"},
		{"Forwarded wins", "127.0.0.1:1", "Forwarded: proto=https\nX-Forwarded-Host: evil", "https://in:8080/x"},
		{"Forwarded, nearest", "127.0.0.1:1", "Forwarded: host=evil, for=10.0.0.2;host=out", "http://out/x"},
		{"Forwarded, two hops", "127.0.0.1:1", `Forwarded: for=6.6.6.6;host=out;proto=https, for="[::1]:99";host=middle`, "https://out/x"},
		{"Forwarded, two lines", "127.0.0.1:1", "Forwarded: for=6.6.6.6;host=out\nForwarded: for=127.0.0.3;proto=https", "https://out/x"},
		{"Forwarded, open quote", "127.0.0.1:1", `Forwarded: host=evil;for="x, for=10.0.0.2;host=out`, "http://in:8080/x"},
		{"Forwarded, open quote closed by the next", "127.0.0.1:1", `Forwarded: host=evil;for="x, for="[::1]";host="out"`, "http://in:8080/x"},
		{"Forwarded, twice", "127.0.0.1:1", "Forwarded: host=a;host=b", "http://in:8080/x"},
		{"Forwarded, hidden", "127.0.0.1:1", `Forwarded: for=_hidden;host=out`, "http://out/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/x", nil)
			r.Host, r.RemoteAddr = "in:8080", tt.peer
			for line := range strings.SplitSeq(tt.header, "\n") {
				k, v, _ := strings.Cut(line, ": ")
				r.Header.Add(k, v)
			}
			if got := ExternalURL(r, loopback).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParseForwarded(t *testing.T) {
	got := ParseForwarded(`for="_gaz\"onk" , ; For="[2001:db8:cafe::17]:4711";by=a;secret=x,for=1;for=2,, proto=http ;HOST=h`)
	want := []Forwarded{{For: `_gaz"onk`}, {For: "[2001:db8:cafe::17]:4711", By: "a"}, {}, {Proto: "http", Host: "h"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzForwarded(f *testing.F) {
	for _, s := range []string{"", "for=1;host=a;proto=http", `for="[::1]:1", host="a\"b"`, `host=evil;for="x, for=1;host=out`, ";,=;", `"`, "host=a%20b/../", "\x00=\xff"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, forwarded, host string) {
		ParseForwarded(forwarded)
		r := &http.Request{Host: "in", RemoteAddr: "127.0.0.1:1", URL: &url.URL{Path: "/x"}, Header: http.Header{"X-Forwarded-Host": {host}, "X-Forwarded-Prefix": {forwarded}}}
		if forwarded != "" && len(host)%2 == 0 {
			r.Header["Forwarded"] = []string{forwarded}
		}
		u := ExternalURL(r, loopback)
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || u.User != nil || again.Scheme != "http" && again.Scheme != "https" || again.Path != u.Path {
			t.Errorf("%q means %+v, read again %+v, %v", u.String(), u, again, err)
		}
		// What an appending proxy says must hold whatever the client wrote before it.
		if els := ParseForwarded(forwarded + ", for=10.0.0.2;host=out;proto=http"); !strings.Contains(forwarded, `"`) && strings.Count(forwarded, ",") < 1000 {
			if last := els[len(els)-1]; last != (Forwarded{For: "10.0.0.2", Host: "out", Proto: "http"}) {
				t.Errorf("the proxy's element became %+v", last)
			}
		}
	})
}
