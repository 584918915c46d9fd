package static_test

import (
	"archive/zip"
	"bytes"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/static"
)

//go:embed testdata/site
var embedded embed.FS

// tree writes files by their slash-separated names and returns their directory.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t testing.TB, path string) *static.Directory {
	t.Helper()
	d, err := static.Dir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// get asks h; header fields come in pairs.
func get(t testing.TB, h http.Handler, method, target string, fields ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.RequestURI = target
	path, query, _ := strings.Cut(target, "?")
	u, err := url.Parse("http://localhost" + path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL = u
	r.URL.RawQuery = query
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestStaticPaths holds the checks of paste.urlparser's static part: nothing leads out.
func TestStaticPaths(t *testing.T) {
	parent := tree(t, map[string]string{
		"secured.txt": "secret", "site-other/x.txt": "sibling",
		"site/index.txt": "text", "site/with space.txt": "space", "site/dir with spaces/a b.txt": "ab",
		"site/sub/index.html": "sub index", "site/empty/readme.txt": "r", "site/.hidden": "h", "site/.git/config": "g",
		"site/sub/.env": "e", "site/.well-known/security.txt": "sec", "site/.well-known/.x": "x", "site/a:b/index.html": "colon",
		"site/..x": "dots", "site/ü.txt": "u", "site/deep/er/x.txt": "deeper",
	})
	root := filepath.Join(parent, "site")
	for link, to := range map[string]string{"out.txt": "../secured.txt", "outdir": "..", "abs": filepath.Join(root, "index.txt"),
		"in.txt": "index.txt", "loop": "loop", "sub/up.txt": "../index.txt", "sub/upout": "../../secured.txt", "dead": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	f := &static.Files{FS: open(t, root)}
	for _, c := range []struct {
		target string
		status int
		want   string // body, or Location
	}{
		{"", 301, "/"}, {"/", 404, ""}, {"/index.txt", 200, "text"}, {"/index.txt?a=1", 200, "text"},
		{"/index.txt/foo", 404, ""}, {"/index.txt/", 404, ""}, {"/with%20space.txt", 200, "space"},
		{"/dir%20with%20spaces/a%20b.txt", 200, "ab"}, {"/dir%20with%20spaces", 301, "/dir%20with%20spaces/"},
		{"/%C3%BC.txt", 200, "u"}, {"/%FF.txt", 404, ""},
		{"/sub", 301, "/sub/"}, {"/sub?a=b&c=%2F&&d", 301, "/sub/?a=b&c=%2F&&d"}, {"/sub/", 200, "sub index"},
		{"/sub/index.html", 200, "sub index"}, {"/a:b", 301, "/a:b/"}, {"/deep/er", 301, "/deep/er/"}, {"/empty/", 404, ""},
		{"/../secured.txt", 404, ""}, {"/dir%20with%20spaces/../../secured.txt", 404, ""}, {"/%2e%2e/secured.txt", 404, ""},
		{"/..%3fsecured.txt", 404, ""}, {"/..%2fsecured.txt", 404, ""}, {"/sub%2Findex.html", 404, ""}, {"/sub/../index.txt", 404, ""},
		{"/./index.txt", 404, ""}, {"//index.txt", 404, ""}, {"//", 404, ""}, {"/sub//index.html", 404, ""}, {"/sub//", 404, ""},
		{"/..%5csecured.txt", 404, ""}, {"/index.txt%00", 404, ""}, {"/%00", 404, ""}, {"/-other/x.txt", 404, ""}, {"/../site-other/x.txt", 404, ""},
		{"/.hidden", 404, ""}, {"/.git/config", 404, ""}, {"/.git/", 404, ""}, {"/.git", 404, ""}, {"/sub/.env", 404, ""}, {"/..x", 404, ""},
		{"/.well-known/security.txt", 200, "sec"}, {"/.well-known/.x", 404, ""}, {"/.well-known.x", 404, ""}, {"/sub/.well-known/x", 404, ""},
		{"/out.txt", 404, ""}, {"/outdir/secured.txt", 404, ""}, {"/outdir", 404, ""}, {"/outdir/", 404, ""}, {"/abs", 404, ""}, {"/in.txt", 200, "text"},
		{"/loop", 404, ""}, {"/dead", 404, ""}, {"/sub/up.txt", 200, "text"}, {"/sub/upout", 404, ""},
		{"/" + strings.Repeat("a", 5000), 404, ""}, {"/" + strings.Repeat("a/", 3000), 404, ""}, {"/missing", 404, ""},
	} {
		res := get(t, f, "GET", c.target)
		got := body(t, res)
		if res.StatusCode == 301 {
			got = res.Header.Get("Location")
		}
		if res.StatusCode != c.status || c.want != "" && got != c.want {
			t.Errorf("GET %.60s: %d %.80q, want %d %q", c.target, res.StatusCode, got, c.status, c.want)
		}
		if strings.Contains(got, "secret") || strings.Contains(got, "sibling") {
			t.Errorf("GET %s: leads out", c.target)
		}
	}
}

func TestStaticDotfilesAllowed(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{".hidden": "h", ".git/config": "g"})), Dotfiles: true}
	for target, want := range map[string]string{"/.hidden": "h", "/.git/config": "g"} {
		if got := body(t, get(t, f, "GET", target)); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	if res := get(t, f, "GET", "/../x"); res.StatusCode != 404 {
		t.Errorf("/../x: %d", res.StatusCode)
	}
}

func TestStaticOnlyReads(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"a.txt": "a"}))}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "MKCOL", "TRACE"} {
		res := get(t, f, method, "/a.txt")
		if res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
	}
	g, h := get(t, f, "GET", "/a.txt"), get(t, f, "HEAD", "/a.txt")
	if d := cmp.Diff(g.Header, h.Header); d != "" || body(t, h) != "" {
		t.Errorf("HEAD is not GET without its body: %s", d)
	}
	g, h = get(t, f, "GET", "/none"), get(t, f, "HEAD", "/none")
	if d := cmp.Diff(g.Header, h.Header); d != "" || body(t, h) != "" || h.StatusCode != 404 {
		t.Errorf("HEAD of what is missing: %s", d)
	}
}

func TestStaticDefaults(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"a.txt": "a", "d/x": ""}))}
	for _, target := range []string{"/a.txt", "/none", "/d"} {
		if got := get(t, f, "GET", target).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", target, got)
		}
	}
	f.CacheControl = "max-age=60"
	if got := get(t, f, "GET", "/a.txt").Header.Get("Cache-Control"); got != "max-age=60" {
		t.Errorf("Cache-Control %q", got)
	}
	f.CacheControl = "-"
	if got, ok := get(t, f, "GET", "/a.txt").Header["Cache-Control"]; ok {
		t.Errorf("Cache-Control %q", got)
	}
	if res := get(t, &static.Files{}, "GET", "/a.txt"); res.StatusCode != 404 {
		t.Errorf("the zero value: %d", res.StatusCode)
	}
}

// TestStaticNotReflected is the check "/-->%0D<script>": a path is never markup.
func TestStaticNotReflected(t *testing.T) {
	f := &static.Files{FS: open(t, t.TempDir())}
	for _, accept := range []string{"text/html", "*/*", "application/json", ""} {
		res := get(t, f, "GET", "/--%3E%0D%0A%1B[31m%3Cscript%3Ealert(1)%3C/script%3E", "Accept", accept)
		got := body(t, res)
		if res.StatusCode != 404 || !strings.Contains(got, "looked for") {
			t.Errorf("Accept %s: %d %s", accept, res.StatusCode, got)
		}
		isPage := strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
		if isPage && strings.Contains(got, "<script") || strings.ContainsAny(got, "\r\x1b") {
			t.Errorf("Accept %s: reflected: %q", accept, got)
		}
		if isPage != (accept == "text/html") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("Accept %s: type %s", accept, res.Header.Get("Content-Type"))
		}
	}
}

func TestStaticMissingIndexSaysWhatItLookedFor(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"sub/x.txt": ""})), Index: []string{"index.html", "default.htm"}}
	if got := body(t, get(t, f, "GET", "/sub/")); !strings.Contains(got, "looked for sub/index.html, sub/default.htm") {
		t.Errorf("%s", got)
	}
	if got := body(t, get(t, f, "GET", "/sub/", "Accept", "application/json")); got !=
		"{\n  \"title\": \"Not Found\",\n  \"status\": 404,\n  \"detail\": \"looked for sub/index.html, sub/default.htm\"\n}\n" {
		t.Errorf("%s", got)
	}
}

func TestStaticRedirectBelowMount(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"sub/x.txt": "", "index.html": "top"}))}
	mounted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.ServeHTTP(w, httpx.WithMount(r, "/my app")) })
	stripped := http.StripPrefix("/my app", f)
	for name, h := range map[string]http.Handler{"mount": mounted, "StripPrefix": stripped} {
		for target, want := range map[string]string{"/my%20app": "/my%20app/", "/my%20app?x=%20": "/my%20app/?x=%20", "/my%20app/sub?q": "/my%20app/sub/?q"} {
			if res := get(t, h, "GET", target); res.StatusCode != 301 || res.Header.Get("Location") != want {
				t.Errorf("%s %s: %d %q, want %q", name, target, res.StatusCode, res.Header.Get("Location"), want)
			}
		}
		if got := body(t, get(t, h, "GET", "/my%20app/")); got != "top" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestStaticNoOpenRedirect: a path of a mount with slashes does not become a host.
func TestStaticNoOpenRedirect(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"sub/x.txt": ""}))}
	r := httptest.NewRequest("GET", "/x", nil)
	r.RequestURI, r.URL.Path = "//evil.example/sub", "/sub"
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if got := w.Header().Get("Location"); strings.HasPrefix(got, "//") || !strings.HasPrefix(got, "/") {
		t.Errorf("Location %q", got)
	}
}

func TestStaticSPA(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"index.html": "app", "a.js": "js", "assets/x.css": "css"})), SPA: "index.html"}
	for _, c := range []struct {
		target string
		fields []string
		status int
	}{
		{"/users/7", []string{"Accept", "text/html,*/*;q=0.8"}, 200},
		{"/users/j.doe", []string{"Accept", "text/html", "Sec-Fetch-Mode", "navigate"}, 200},
		{"/assets/", []string{"Accept", "text/html"}, 200},
		{"/users/7", []string{"Accept", "text/html", "Sec-Fetch-Mode", "cors"}, 404},
		{"/missing.js", []string{"Accept", "*/*", "Sec-Fetch-Mode", "no-cors"}, 404},
		{"/api/x", []string{"Accept", "application/json"}, 404},
		{"/users/7", nil, 404},
		{"/.git/config", []string{"Accept", "text/html"}, 404},
		{"/../x", []string{"Accept", "text/html"}, 404},
	} {
		res := get(t, f, "GET", c.target, c.fields...)
		if got := body(t, res); res.StatusCode != c.status || c.status == 200 && got != "app" {
			t.Errorf("%s %v: %d %s", c.target, c.fields, res.StatusCode, got)
		}
	}
	if res := get(t, f, "POST", "/users/7", "Accept", "text/html"); res.StatusCode != 405 {
		t.Errorf("POST: %d", res.StatusCode)
	}
	f.SPA = "gone.html"
	if res := get(t, f, "GET", "/x", "Accept", "text/html"); res.StatusCode != 404 || !strings.Contains(body(t, res), "gone.html") {
		t.Errorf("without its page: %d", res.StatusCode)
	}
}

func TestStaticDirectoryReplaced(t *testing.T) {
	parent := tree(t, map[string]string{"dist/a.txt": "one"})
	dist := filepath.Join(parent, "dist")
	f := &static.Files{FS: open(t, dist)}
	if got := body(t, get(t, f, "GET", "/a.txt")); got != "one" {
		t.Fatal(got)
	}
	if err := os.RemoveAll(dist); err != nil {
		t.Fatal(err)
	}
	if res := get(t, f, "GET", "/a.txt"); res.StatusCode != 404 {
		t.Errorf("gone: %d", res.StatusCode)
	}
	os.Mkdir(dist, 0o755)
	os.WriteFile(filepath.Join(dist, "a.txt"), []byte("two"), 0o644)
	if got := body(t, get(t, f, "GET", "/a.txt")); got != "two" {
		t.Errorf("made anew: %q", got)
	}
	os.Rename(dist, dist+".old")
	os.Mkdir(dist, 0o755)
	os.WriteFile(filepath.Join(dist, "a.txt"), []byte("three"), 0o644)
	if got := body(t, get(t, f, "GET", "/a.txt")); got != "three" {
		t.Errorf("moved away: %q", got)
	}
}

func TestStaticDirErrors(t *testing.T) {
	dir := tree(t, map[string]string{"file": ""})
	for path, want := range map[string]string{dir + "/none": "no such file", dir + "/file": "not a directory"} {
		if _, err := static.Dir(path); err == nil || !strings.HasPrefix(err.Error(), "serve "+path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	d := open(t, dir)
	d.Close()
	if _, err := d.Open("file"); err == nil {
		t.Error("open after close")
	}
	if res := get(t, &static.Files{FS: d}, "GET", "/file"); res.StatusCode != 500 {
		t.Errorf("after close: %d", res.StatusCode)
	}
}

// TestStaticRelativeRoot: the directory is found once, not at each request.
func TestStaticRelativeRoot(t *testing.T) {
	dir := tree(t, map[string]string{"site/a.txt": "a"})
	t.Chdir(dir)
	f := &static.Files{FS: open(t, "site")}
	t.Chdir(t.TempDir())
	if got := body(t, get(t, f, "GET", "/a.txt")); got != "a" {
		t.Error(got)
	}
}

func TestStaticFileSystems(t *testing.T) {
	site, err := fs.Sub(embedded, "testdata/site")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	zw := zip.NewWriter(&packed)
	when := time.Date(2020, 1, 2, 3, 4, 6, 0, time.UTC)
	for name, content := range map[string]string{"index.html": "<p>hello", "ten.txt": "0123456789", "noext": "<!doctype html>x"} {
		m, _ := zw.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: when})
		io.WriteString(m, content)
	}
	zw.Close()
	zr, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, fsys := range map[string]fs.FS{"embed": site, "zip": zr} {
		f := &static.Files{FS: fsys}
		if got := body(t, get(t, f, "GET", "/")); !strings.HasPrefix(got, "<p>hello") {
			t.Errorf("%s: %q", name, got)
		}
		res := get(t, f, "GET", "/ten.txt", "Range", "bytes=-3")
		if got := body(t, res); res.StatusCode != 206 || got != "789" {
			t.Errorf("%s: %d %q", name, res.StatusCode, got)
		}
		tag := res.Header.Get("ETag")
		if tag == "" || get(t, f, "GET", "/ten.txt", "If-None-Match", tag).StatusCode != 304 {
			t.Errorf("%s: ETag %q", name, tag)
		}
		if other := get(t, f, "GET", "/").Header.Get("ETag"); other == tag {
			t.Errorf("%s: two files, one ETag", name)
		}
	}
	f := &static.Files{FS: zr}
	if res := get(t, f, "GET", "/noext"); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || body(t, res) != "<!doctype html>x" {
		t.Error("a file that is sniffed and read again from the archive")
	}
	if got := get(t, f, "GET", "/ten.txt").Header.Get("Last-Modified"); got != "Thu, 02 Jan 2020 03:04:06 GMT" {
		t.Errorf("Last-Modified %q", got)
	}
}
