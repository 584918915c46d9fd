package urlmap

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// say answers with a name, the mount point and the path that is left.
func say(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s(%s|%s)", name, httpx.MountPoint(r.Context()), r.URL.Path)
	})
}

func mounted(t testing.TB, patterns ...string) *Map {
	t.Helper()
	m := new(Map)
	for _, p := range patterns {
		if err := m.Add(p, say(p)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func ask(m http.Handler, host, target string) string {
	r := httptest.NewRequest("GET", target, nil)
	r.Host = host
	w := httptest.NewRecorder()
	if m.ServeHTTP(w, r); w.Code != 200 {
		return fmt.Sprint(w.Code)
	}
	return w.Body.String()
}

// paste.md 3.2, Paste's own table.
func TestPrefixes(t *testing.T) {
	m := mounted(t, "", "/foo", "/foo/bar", "/f")
	for target, want := range map[string]string{
		"/":              "(|/)",
		"/blah":          "(|/blah)",
		"/foo/and/more":  "/foo(/foo|/and/more)",
		"/foo/bar":       "/foo/bar(/foo/bar|)",
		"/foo/bar/baz":   "/foo/bar(/foo/bar|/baz)",
		"/fffzzz":        "(|/fffzzz)",
		"/f/z/y":         "/f(/f|/z/y)",
		"/foo":           "/foo(/foo|)",
		"/foo/":          "/foo(/foo|/)",
		"/foo/barn":      "/foo(/foo|/barn)",
		"//foo//x":       "(|//foo//x)", // nothing is collapsed
		"/foo//x":        "/foo(/foo|//x)",
		"/x/../foo":      "(|/x/../foo)", // nothing is cleaned
		"/foo%2Fbar/baz": "(|/foo/bar/baz)",
		"/foo/b%2Fx":     "/foo(/foo|/b/x)",
		"/foo/bar%2Fx":   "/foo(/foo|/bar/x)",
		"/foo/bar/%2fx":  "/foo/bar(/foo/bar|//x)",
		"/%66oo/x":       "/foo(/foo|/x)",
		"/FOO":           "(|/FOO)",
	} {
		if got := ask(m, "h", target); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	m := mounted(t, "/", "/x", "a.com/", "A.com:81/", "a.com:81/x/y", "http://b.com/x", "c.com:443/", "c.com:80/p", "[::1]:8080/", "[0:0::2]/", "https://d.com")
	for _, tt := range []struct{ host, target, want string }{
		{"a.com", "/", "a.com/(|/)"},
		{"A.COM", "/x", "a.com/(|/x)"},
		{"a.com.", "/", "a.com/(|/)"},
		{"a.com:82", "/", "a.com/(|/)"},
		{"a.com:81", "/", "A.com:81/(|/)"},
		{"a.com:81", "/x/y/z", "a.com:81/x/y(/x/y|/z)"},
		{"b.com:9", "/x/1", "http://b.com/x(/x|/1)"},
		{"b.com", "/y", "/(|/y)"},
		{"c.com", "/p", "c.com:80/p(/p|)"},
		{"c.com", "/q", "/(|/q)"},
		{"c.com:443", "/q", "c.com:443/(|/q)"},
		{"d.com", "/q", "https://d.com(|/q)"},
		{"none.com", "/x", "/x(/x|)"},
		{"[::1]:8080", "/q", "[::1]:8080/(|/q)"},
		{"[0:0:0:0:0:0:0:1]:8080", "/q", "[::1]:8080/(|/q)"},
		{"[::1]", "/q", "/(|/q)"},
		{"[::2]:5", "/q", "[0:0::2]/(|/q)"},
		{"", "/x", "/x(/x|)"},
		{"[", "/x", "/x(/x|)"},
		{"::1", "/x", "/x(/x|)"},
	} {
		if got := ask(m, tt.host, tt.target); got != tt.want {
			t.Errorf("%s%s: %s, want %s", tt.host, tt.target, got, tt.want)
		}
	}
	r := httptest.NewRequest("GET", "/q", nil)
	r.Host, r.TLS = "c.com", &tls.ConnectionState{}
	if _, got := m.Handler(r); got != "c.com:443/" {
		t.Errorf("HTTPS without a port: %s", got)
	}
}

// Paste lets a.com/foo win over a.com:81/foo/bar.
func TestPortBeforeLength(t *testing.T) {
	m := mounted(t, "a.com/foo/bar/baz", "a.com:81/foo/bar", "a.com:81/foo")
	if got := ask(m, "a.com:81", "/foo/bar/baz"); got != "a.com:81/foo/bar(/foo/bar|/baz)" {
		t.Error(got)
	}
}

func TestAddRefuses(t *testing.T) {
	m := mounted(t, "/a", "h:80/b", "")
	h := say("")
	for pattern, want := range map[string]string{
		"/a":            "is mounted there already",
		"/a/":           `"/a" is mounted there already`,
		"/%61":          "is mounted there already",
		"/":             "is mounted there already",
		"HTTP://H:80/b": "is mounted there already",
		"api":           `hint: write "/api" for a path, "api/" for a host`,
		"ftp://h/":      `scheme "ftp"`,
		"http://":       "no host",
		"http:///x":     "no host",
		"h:/x":          "no port",
		"h:x/x":         `port "x"`,
		"h:70000/x":     `port "70000"`,
		"h:0/x":         `port "0"`,
		":80/x":         "no host before the port",
		"::1/x":         "stands in brackets",
		"[::g]/x":       "not an IPv6 address",
		"[1.2.3.4]/x":   "not an IPv6 address",
		"ü.de/x":        "xn--",
		"a b/x":         "holds ' '",
		"u@h/x":         "holds '@'",
		"/x?q":          "no query",
		"/x#f":          "no fragment",
		"/x%2fy":        "encoded slash",
		"/x%zz":         "invalid URL escape",
		"//x":           "empty segment",
		"/x//y":         "empty segment",
		"/x/../y":       `".."`,
		"/./y":          `"."`,
		"/x%0a":         "control character",
	} {
		err := m.Add(pattern, h)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), fmt.Sprintf("mount %q: ", pattern)) {
			t.Errorf("%q: %v, want %q", pattern, err, want)
		}
	}
	if err := m.Add("/c", nil); err == nil {
		t.Error("nil handler")
	}
	if diff := cmp.Diff([]string{"", "/a", "h:80/b"}, m.Patterns()); diff != "" {
		t.Error(diff)
	}
}

func TestReplaceAndDelete(t *testing.T) {
	m := mounted(t, "/", "/a", "h/a")
	if err := m.Replace("/a/", say("new")); err != nil {
		t.Fatal(err)
	}
	if err := m.Replace("/b", say("b")); err != nil {
		t.Fatal(err)
	}
	if a, b := ask(m, "x", "/a"), ask(m, "x", "/b"); a != "new(/a|)" || b != "b(/b|)" {
		t.Error(a, b)
	}
	for pattern, want := range map[string]bool{"/a": true, "/none": false, "other/a": false, "bad": false} {
		if m.Delete(pattern) != want {
			t.Errorf("delete %q", pattern)
		}
	}
	if a, h := ask(m, "x", "/a"), ask(m, "h", "/a"); a != "/(|/a)" || h != "h/a(/a|)" {
		t.Error(a, h)
	}
	for _, p := range []string{"/", "/b", "h/a"} {
		m.Delete(p)
	}
	if got := ask(m, "h", "/a"); got != "404" || len(m.Patterns()) != 0 {
		t.Error(got, m.Patterns())
	}
	if new(Map).Delete("/") {
		t.Error("deleted from nothing")
	}
}

func TestNests(t *testing.T) {
	outer := new(Map)
	if err := outer.Add("/a", mounted(t, "/b")); err != nil {
		t.Fatal(err)
	}
	if got := ask(outer, "h", "/a/b/c"); got != "/b(/a/b|/c)" {
		t.Error(got)
	}
}

func TestMethodsAndStar(t *testing.T) {
	m := mounted(t, "/")
	for _, method := range []string{"HEAD", "POST", "MKCOL", "OPTIONS"} {
		r := httptest.NewRequest(method, "/", nil)
		r.URL.Path = "*"
		if _, p := m.Handler(r); p != "/" {
			t.Errorf("%s *: %q", method, p)
		}
	}
}

// paste.md 3.2: the list of mounts, and their test_404.
func TestNotFoundPage(t *testing.T) {
	m := mounted(t, "/apps/test", "h:8080/<b>")
	page := func(accept string) (*httptest.ResponseRecorder, string) {
		r := httptest.NewRequest("GET", "/x", nil)
		r.URL.Path, r.Host = "/--><script>", "<i>\x1b"
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httpx.WithMount(r, ""))
		if w.Code != 404 {
			t.Errorf("status %d", w.Code)
		}
		return w, w.Body.String()
	}
	w, html := page("text/html,*/*;q=0.8")
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(html, "<code>/apps/test</code>") ||
		!strings.Contains(html, "h:8080/&lt;b&gt;") || strings.Contains(html, "<script") || strings.Contains(html, "<i>") {
		t.Error(html)
	}
	w, text := page("*/*")
	want := "nothing is mounted at /--%3E%3Cscript%3E (host \"<i>\\x1b\")\nmounted:\n  /apps/test\n  h:8080/<b>\n"
	if diff := cmp.Diff(want, text); diff != "" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error(diff, w.Header())
	}
	w, problem := page("application/json")
	want = `{"title":"Nothing is mounted here","status":404,"detail":"nothing is mounted at /--%3E%3Cscript%3E (host \"<i>\\x1b\")","mounts":["/apps/test","h:8080/<b>"]}`
	var got, wanted any
	if err := errors.Join(json.Unmarshal([]byte(problem), &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Error(diff, w.Header())
	}
	for i := range maxListed + 5 {
		if err := m.Add(fmt.Sprintf("/m%d", i), say("")); err != nil {
			t.Fatal(err)
		}
	}
	if _, text := page(""); !strings.HasSuffix(text, "  and 7 more\n") {
		t.Error("no end of a long list")
	}
	m = new(Map)
	if _, text := page(""); !strings.HasSuffix(text, "nothing at all is mounted\n") {
		t.Error(text)
	}
	m.NotFound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "mine", 404) })
	if _, text := page(""); text != "mine\n" {
		t.Error(text)
	}
}

// A stripped handler's redirect is its own affair: a relative one is right by itself.
func TestRedirectIsNotRewritten(t *testing.T) {
	m := new(Map)
	err := m.Add("/app", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", httpx.MountPoint(r.Context())+"/login")
		w.WriteHeader(303)
	}))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", "/app/x", nil))
	if got := w.Header().Get("Location"); got != "/app/login" {
		t.Error(got)
	}
}

// Requests go on while the set changes, and what stays mounted always answers.
func TestConcurrentAdd(t *testing.T) {
	m := mounted(t, "/stays", "/")
	s := httptest.NewServer(m)
	defer s.Close()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				p := fmt.Sprintf("/g%d/%d", g, i)
				if err := m.Add(p, say(p)); err != nil {
					t.Error(err)
				}
				if got := ask(m, "h", p+"/x"); got != p+"("+p+"|/x)" {
					t.Error(got)
				}
				if i%2 == 0 && !m.Delete(p) {
					t.Errorf("%s is gone", p)
				}
			}
		})
		wg.Go(func() {
			for range 50 {
				resp, err := s.Client().Get(s.URL + "/stays/x")
				if err != nil {
					t.Error(err)
					return
				}
				b, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if string(b) != "/stays(/stays|/x)" {
					t.Errorf("%d %q", resp.StatusCode, b)
				}
			}
		})
	}
	wg.Wait()
	if n := len(m.Patterns()); n != 2+4*25 {
		t.Errorf("%d mounts", n)
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"", "/", "/a/b", "h/a", "h:80/", "http://[::1]:8080/x", "/%2F", "[::1]", "a:b:c/", "https://h", "/a%20b/ü"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		p, err := parse(pattern)
		if err != nil {
			return
		}
		again, err := parse(p.host + (&url.URL{Path: p.prefix + "/"}).EscapedPath())
		if err != nil || again != p {
			t.Fatalf("%q is %+v, and that is %+v, %v", pattern, p, again, err)
		}
		m := new(Map)
		if err := m.Add(pattern, say("x")); err != nil {
			t.Fatal(err)
		}
		host := p.host
		if host == "" {
			host = "any"
		}
		r := &http.Request{Host: host, URL: &url.URL{Path: p.prefix + "/" + path}}
		if _, got := m.Handler(r); got != pattern {
			t.Errorf("%q does not take %q", pattern, r.URL.Path)
		}
		r.URL = &url.URL{Path: path}
		if h, _ := m.Handler(r); h != nil && p.prefix != "" && path != p.prefix && !strings.HasPrefix(path, p.prefix+"/") {
			t.Errorf("%q takes %q", pattern, path)
		}
	})
}
