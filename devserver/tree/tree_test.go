package tree_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/tree"
)

// folder makes the files of a text such as "-- name --\ncontents", by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ask asks for a target as it is, not cleaned.
func ask(t *testing.T, h http.Handler, method, target string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.URL, r.RequestURI = u, target
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func newTree(t *testing.T, tr *tree.Tree) *tree.Tree {
	t.Helper()
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
	return tr
}

// show is a program that tells what it was given.
func show(e tree.Entry) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s mount %s path %s", e.Name, httpx.MountPoint(r.Context()), r.URL.Path)
	})
}

var site = map[string]string{
	"index.txt":           "the index",
	"about.html":          "about",
	"about.css":           "style",
	"b.gif":               "gif",
	"b.gif.bak2":          "bak2",
	"two.a":               "a",
	"two.b":               "b",
	"old.bak":             "old",
	"note.txt~":           "note",
	".hidden":             "hidden",
	".git/config":         "config",
	"dir with spaces/f 1": "spaces",
	"sub/Main.txt":        "sub's main",
	"sub/x.txt":           "x",
	"empty/x.txt":         "x",
	"app.cgi":             "#!/bin/sh\n",
	"tool":                "#!/bin/sh\n",
	"plain.cgi":           "not even executable",
	"lib.go":              "package lib\n",
	"x_test.go":           "package main\n",
	"page.xyz":            "registered",
	"pic.jpeg":            "jpeg",
	"pic.md":              "md",
	"data.min.js":         "js",
	"assets.url":          "not an address\n",
}

// The checks of paste.urlparser's URLParser and StaticURLParser.
func TestPaths(t *testing.T) {
	dir := folder(t, site)
	tr := newTree(t, &tree.Tree{Dir: dir, Program: show, Ignore: []string{".md"}})
	tr.Register(".xyz", show)
	for _, tc := range []struct {
		target string
		status int
		want   string // in the body
	}{
		{"/", 200, "the index"},
		{"/index", 200, "the index"},
		{"/index.txt", 200, "the index"},
		{"/index.txt/foo", 404, ""},
		{"/index.txt/", 404, ""},
		{"/about", 200, "about"},
		{"/about.css", 200, "style"},
		{"/b.gif", 200, "gif"},
		{"/two", 404, "more than one file fits, and none exactly: two.a, two.b"},
		{"/two.b", 200, "b"},
		{"/pic", 200, "jpeg"},
		{"/pic.md", 200, "md"},
		{"/data.min", 200, "js"},
		{"/data", 404, ""},
		{"/old.bak", 404, ""},
		{"/old", 404, ""},
		{"/note.txt~", 404, ""},
		{"/note", 404, ""},
		{"/.hidden", 404, ""},
		{"/.git/config", 404, ""},
		{"/dir%20with%20spaces/f%201", 200, "spaces"},
		{"/dir%20with%20spaces/../../secured.txt", 404, ""},
		{"/../secured.txt", 404, ""},
		{"/%2e%2e/secured.txt", 404, ""},
		{"/..%2fsecured.txt", 404, ""},
		{"/..%3fsecured.txt", 404, ""},
		{"/..%5csecured.txt", 404, ""},
		{"/sub/%00", 404, ""},
		{"/sub/", 200, "sub's main"},
		{"/sub/main", 404, ""},
		{"/sub//x.txt", 200, "x"},
		{"/empty", 404, ""},
		{"/empty/", 404, ""},
		{"/none", 404, ""},
		{"/app", 200, "app.cgi mount /app path "},
		{"/app.cgi/a/b", 200, "app.cgi mount /app.cgi path /a/b"},
		{"/tool/a%2Fb", 200, "tool mount /tool path /a/b"},
		{"/plain.cgi", 200, "plain.cgi mount"},
		{"/page/rest", 200, "page.xyz mount /page path /rest"},
		{"/lib.go", 404, ""},
		{"/lib", 404, ""},
		{"/x_test.go", 404, ""},
		{"/assets", 500, "not the address of a server: not an address"},
	} {
		w := ask(t, tr, "GET", tc.target)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) || tc.status == 200 && tc.target != "/sub/" && strings.Contains(w.Body.String(), "secured") {
			t.Errorf("%s: %d %s", tc.target, w.Code, w.Body)
		}
	}
}

func TestRedirectToSlash(t *testing.T) {
	tr := newTree(t, &tree.Tree{Dir: folder(t, site)})
	mounted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tr.ServeHTTP(w, httpx.WithMount(r, "/a b")) })
	for _, tc := range []struct{ target, want string }{
		{"/sub", "/sub/"},
		{"/sub?x=%201", "/sub/?x=%201"},
		{"/a%20b/sub?q", "/a%20b/sub/?q"},
		{"/a%20b", "/a%20b/"},
	} {
		h := http.Handler(tr)
		if strings.HasPrefix(tc.target, "/a") {
			h = mounted
		}
		if w := ask(t, h, "GET", tc.target); w.Code != 301 || w.Header().Get("Location") != tc.want {
			t.Errorf("%s: %d %q", tc.target, w.Code, w.Header().Get("Location"))
		}
	}
}

// Security defect 9.
func TestNothingOutside(t *testing.T) {
	top := folder(t, map[string]string{"root/in.txt": "in", "root-sibling/f.txt": "sibling", "secret.txt": "secret"})
	dir := filepath.Join(top, "root")
	for name, target := range map[string]string{"out.txt": filepath.Join(top, "secret.txt"), "rel.txt": "../secret.txt", "outdir": "../root-sibling", "fine.txt": "in.txt"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	tr := newTree(t, &tree.Tree{Dir: dir})
	for target, want := range map[string]int{"/in.txt": 200, "/fine.txt": 200, "/out.txt": 404, "/out": 404, "/rel.txt": 404, "/outdir/f.txt": 404, "/../root-sibling/f.txt": 404, "-sibling/f.txt": 0} {
		if want == 0 {
			continue
		}
		if w := ask(t, tr, "GET", target); w.Code != want || strings.Contains(w.Body.String(), "secret") && want == 404 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func TestRelativeRootIsResolvedOnce(t *testing.T) {
	dir := folder(t, map[string]string{"www/a.txt": "a"})
	t.Chdir(dir)
	tr := newTree(t, &tree.Tree{Dir: "www"})
	if w := ask(t, tr, "GET", "/a.txt"); w.Code != 200 {
		t.Fatal(w.Code)
	}
	t.Chdir(t.TempDir())
	if w := ask(t, tr, "GET", "/a.txt"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNothingIsReflected(t *testing.T) {
	tr := newTree(t, &tree.Tree{Dir: folder(t, site)})
	w := ask(t, tr, "GET", "/-->%0D<script>", "Accept", "text/html")
	if w.Code != 404 || strings.Contains(w.Body.String(), "<script>") || strings.Contains(w.Body.String(), "\r") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestFiles(t *testing.T) {
	tr := newTree(t, &tree.Tree{Dir: folder(t, site)})
	w := ask(t, tr, "POST", "/b.gif")
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	w = ask(t, tr, "HEAD", "/about.css")
	if w.Code != 200 || w.Body.Len() != 0 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Length") != "5" {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	w = ask(t, tr, "GET", "/about.css", "Range", "bytes=1-2")
	if w.Code != 206 || w.Body.String() != "ty" {
		t.Errorf("range: %d %s", w.Code, w.Body)
	}
	if w = ask(t, tr, "GET", "/app"); w.Code != 500 || strings.Contains(w.Body.String(), "#!") {
		t.Errorf("a program that is not to be run: %d %s", w.Code, w.Body)
	}
	named := newTree(t, &tree.Tree{Dir: folder(t, site), File: show})
	if w = ask(t, named, "GET", "/sub/x"); w.Body.String() != "sub/x.txt mount /sub/x path " {
		t.Errorf("%s", w.Body)
	}
}

func TestFailureForms(t *testing.T) {
	tr := newTree(t, &tree.Tree{Dir: folder(t, site)})
	for accept, want := range map[string]string{"": "text/plain; charset=utf-8", "text/html,*/*;q=0.8": "text/html; charset=utf-8", "application/json": "application/problem+json"} {
		if w := ask(t, tr, "GET", "/two", "Accept", accept); w.Header().Get("Content-Type") != want || !strings.Contains(w.Body.String(), "two.a, two.b") {
			t.Errorf("%s: %v %s", accept, w.Header(), w.Body)
		}
	}
}

func TestURLFiles(t *testing.T) {
	var got *http.Request
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		fmt.Fprint(w, "from the upstream")
	}))
	defer up.Close()
	down := httptest.NewServer(nil)
	down.Close()
	tr := newTree(t, &tree.Tree{Dir: folder(t, map[string]string{
		"api.url": "# where the API runs\n\n" + up.URL + "/v1\n", "short.url": "[InternetShortcut]\r\nURL=" + up.URL + "\r\n",
		"down.url": down.URL, "file.url": "file:///etc/passwd", "none.url": "# nothing\n",
	})})
	w := ask(t, tr, "GET", "/api/items?x=1")
	if w.Code != 200 || w.Body.String() != "from the upstream" || got.URL.String() != "/v1/items?x=1" || got.Header.Get("X-Forwarded-Prefix") != "/api" || got.Host != "example.com" && got.Host != "localhost" {
		t.Errorf("%d %s, asked for %s at %s with %v", w.Code, w.Body, got.URL, got.Host, got.Header)
	}
	if w = ask(t, tr, "GET", "/short"); w.Code != 200 || got.URL.Path != "/" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for target, want := range map[string]int{"/down/x": 502, "/file": 500, "/none": 500} {
		if w = ask(t, tr, "GET", target); w.Code != want || !strings.Contains(w.Body.String(), "hint: ") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// Every file and folder of it, with time, mode and contents.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data := []byte(nil)
		if info.Mode().IsRegular() {
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		all[path] = fmt.Sprint(info.Mode(), info.ModTime(), string(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFolderMadeAnew(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open folder cannot be removed there")
	}
	dir := folder(t, map[string]string{"dist/a.txt": "one"})
	tr := newTree(t, &tree.Tree{Dir: filepath.Join(dir, "dist")})
	ask(t, tr, "GET", "/a.txt")
	if err := os.RemoveAll(filepath.Join(dir, "dist")); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, tr, "GET", "/a.txt"); w.Code != 500 || !strings.Contains(w.Body.String(), "no such file or directory") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if err := tr.Check(); err == nil {
		t.Error("Check finds a folder that is gone")
	}
	os.Mkdir(filepath.Join(dir, "dist"), 0o755)
	os.WriteFile(filepath.Join(dir, "dist", "a.txt"), []byte("two"), 0o644)
	if w := ask(t, tr, "GET", "/a.txt"); w.Body.String() != "two" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
