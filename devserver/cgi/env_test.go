package cgi_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// environ runs env.cgi for r and returns what it saw, as the report tells it and as the
// program printed it.
func environ(t *testing.T, h *cgi.Handler, r *http.Request) (map[string]string, cgi.Report) {
	t.Helper()
	needUnix(t)
	var report cgi.Report
	h.Path = "testdata/bin/env.cgi"
	h.Done = func(p cgi.Report) { report = p }
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	vars := map[string]string{}
	for _, entry := range report.Env {
		name, value, _ := strings.Cut(entry, "=")
		if _, twice := vars[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		vars[name] = value
		if !strings.Contains(w.Body.String(), entry+"\n") && name != "_" && name != "PWD" && name != "SHLVL" {
			t.Errorf("the program did not see %q", entry)
		}
	}
	return vars, report
}

func TestEnvironment(t *testing.T) {
	r := httptest.NewRequest("POST", "http://Example.com:8080/cgi-bin/env.cgi/a%20b/c?x=1&y=%20", strings.NewReader("hello"))
	r.RemoteAddr = "192.0.2.7:4711"
	r.Header = http.Header{"Content-Type": {"text/plain"}, "Content-Length": {"5"}, "X-Many": {"a", "b"}, "Cookie": {"a=1", "b=2"}, "Authorization": {"Basic eDp5"}}
	r = httpx.WithMount(r, "/cgi-bin/env.cgi")
	vars, report := environ(t, &cgi.Handler{}, r)
	dir, _ := filepath.Abs("testdata/bin")
	want := map[string]string{
		"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "pastedev",
		"SERVER_NAME": "Example.com", "SERVER_PORT": "8080", "REQUEST_SCHEME": "http", "REQUEST_METHOD": "POST", "REDIRECT_STATUS": "200",
		"SCRIPT_NAME": "/cgi-bin/env.cgi", "PATH_INFO": "/a b/c", "QUERY_STRING": "x=1&y=%20",
		"REQUEST_URI": "http://Example.com:8080/cgi-bin/env.cgi/a%20b/c?x=1&y=%20", "SCRIPT_FILENAME": filepath.Join(dir, "env.cgi"),
		"PATH_TRANSLATED": filepath.Join(dir, "a b", "c"), "REMOTE_ADDR": "192.0.2.7", "REMOTE_HOST": "192.0.2.7", "REMOTE_PORT": "4711",
		"CONTENT_LENGTH": "5", "CONTENT_TYPE": "text/plain", "HTTP_HOST": "Example.com:8080",
		"HTTP_X_MANY": "a, b", "HTTP_COOKIE": "a=1; b=2", "HTTP_AUTHORIZATION": "Basic eDp5",
	}
	want["REQUEST_URI"] = "/cgi-bin/env.cgi/a%20b/c?x=1&y=%20" // from its absolute form
	for name := range vars {
		if slices.Contains([]string{"PATH", "HOME", "LANG", "TMPDIR", "TZ"}, name) || strings.HasPrefix(name, "LC_") {
			delete(vars, name)
		}
	}
	if diff := cmp.Diff(want, vars); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if report.Dir != dir || report.Program != want["SCRIPT_FILENAME"] || len(report.Dropped) != 0 || !slices.IsSortedFunc(report.Env, func(a, b string) int {
		a, _, _ = strings.Cut(a, "=")
		b, _, _ = strings.Cut(b, "=")
		return strings.Compare(a, b)
	}) {
		t.Errorf("%+v", report)
	}
}

// Security defect 5: only a short list of our own environment, and what is named.
func TestEnvironmentIsAllowListed(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("NAMED", "named")
	t.Setenv("LC_TIME", "C")
	t.Setenv("TZ", "UTC")
	vars, _ := environ(t, &cgi.Handler{Env: []string{"NAMED", "NOT_SET"}, Set: []string{"SERVER_SOFTWARE=mine", "EQUALS=a=b"}}, httptest.NewRequest("GET", "/", nil))
	if _, leaked := vars["AWS_SECRET_ACCESS_KEY"]; leaked {
		t.Error("the environment of this process reached the program")
	}
	if _, invented := vars["NOT_SET"]; invented {
		t.Error("NOT_SET is set")
	}
	for name, want := range map[string]string{"NAMED": "named", "LC_TIME": "C", "TZ": "UTC", "SERVER_SOFTWARE": "mine", "EQUALS": "a=b"} {
		if vars[name] != want {
			t.Errorf("%s=%q, want %q", name, vars[name], want)
		}
	}
}

// Security defect 5: httpoxy, and fields that could be taken for others.
func TestProxyFieldNeverReachesTheProgram(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://ours.example")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = http.Header{"Proxy": {"http://evil.example"}, "proxy": {"http://evil.example"}, "X_Admin": {"yes"}, "X-Admin": {"no"},
		"X.Admin": {"yes"}, "Proxy-Authorization": {"x"}, "Connection": {"close"}, "X=Y": {"z"}}
	vars, report := environ(t, &cgi.Handler{}, r)
	for name, value := range vars {
		if strings.Contains(value, "evil") || name == "HTTP_PROXY" || name == "HTTP_PROXY_AUTHORIZATION" || name == "HTTP_CONNECTION" {
			t.Errorf("%s=%s", name, value)
		}
	}
	if vars["HTTP_X_ADMIN"] != "no" {
		t.Errorf("HTTP_X_ADMIN=%q", vars["HTTP_X_ADMIN"])
	}
	if diff := cmp.Diff([]string{"Connection", "Proxy", "Proxy-Authorization", "X.Admin", "X=Y", "X_Admin", "proxy"}, report.Dropped); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestServerVariables(t *testing.T) {
	for _, tc := range []struct {
		host              string
		tls               bool
		url               *url.URL
		name, port, https string
	}{
		{host: "a.example", name: "a.example", port: "80"},
		{host: "a.example", tls: true, name: "a.example", port: "443", https: "on"},
		{host: "[::1]:9", name: "[::1]", port: "9"},
		{host: "127.0.0.1:40000", url: &url.URL{Scheme: "https", Host: "dev.example"}, name: "dev.example", port: "443", https: "on"},
		{host: "127.0.0.1:40000", url: &url.URL{Scheme: "http", Host: "dev.example:81"}, name: "dev.example", port: "81"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = tc.host
		if tc.tls {
			r.TLS = &tls.ConnectionState{}
		}
		h := &cgi.Handler{}
		if tc.url != nil {
			h.URL = func(*http.Request) *url.URL { return tc.url }
		}
		vars, _ := environ(t, h, r)
		if vars["SERVER_NAME"] != tc.name || vars["SERVER_PORT"] != tc.port || vars["HTTPS"] != tc.https {
			t.Errorf("%+v: %s %s %s", tc, vars["SERVER_NAME"], vars["SERVER_PORT"], vars["HTTPS"])
		}
	}
}

func TestUserVariables(t *testing.T) {
	user := func(*http.Request) (string, string) { return "Basic", "bob" }
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Basic secret")
	vars, _ := environ(t, &cgi.Handler{User: user}, r)
	if _, seen := vars["HTTP_AUTHORIZATION"]; seen || vars["AUTH_TYPE"] != "Basic" || vars["REMOTE_USER"] != "bob" {
		t.Errorf("%v", vars)
	}
	vars, _ = environ(t, &cgi.Handler{User: func(*http.Request) (string, string) { return "", "" }}, r)
	if _, set := vars["REMOTE_USER"]; set || vars["HTTP_AUTHORIZATION"] != "Basic secret" {
		t.Errorf("%v", vars)
	}
}

func TestRootAndDir(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	vars, report := environ(t, &cgi.Handler{Root: root, Dir: dir}, httptest.NewRequest("GET", "/a/b/", nil))
	if vars["PATH_TRANSLATED"] != filepath.Join(root, "a", "b")+"/" || vars["DOCUMENT_ROOT"] != root || report.Dir != dir || vars["SCRIPT_NAME"] != "" || vars["PATH_INFO"] != "/a/b/" {
		t.Errorf("%v %s", vars, report.Dir)
	}
}

// A path that leads elsewhere, or that no program can be given, reaches none.
func TestBadPaths(t *testing.T) {
	needUnix(t)
	for _, path := range []string{"/../etc/passwd", "/a/%2e%2e/b", "/a%2f..%2fb", "/..", "/.", `/..\b`, "/%00"} {
		var report cgi.Report
		h := &cgi.Handler{Path: "testdata/bin/env.cgi", Done: func(p cgi.Report) { report = p }}
		w := httptest.NewRecorder()
		u, err := url.ParseRequestURI(path)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = u
		h.ServeHTTP(w, r)
		if w.Code != 400 || report.PID != 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
