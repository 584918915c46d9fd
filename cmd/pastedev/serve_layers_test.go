package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/gather"
)

func TestUnderstandLayers(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name  string
		c     config
		pages []string
		want  layers
		err   string
	}{
		{name: "nothing"},
		{name: "file", c: config{AccessLog: "x.log"}, want: layers{accessLog: filepath.Join(dir, "x.log")}},
		{name: "standard error", c: config{AccessLog: "-", AccessLogFormat: "json", Compress: true}, want: layers{accessLog: "-", format: "json", compress: true}},
		{name: "folder", c: config{AccessLog: "."}, err: "is a folder"},
		{name: "nowhere", c: config{AccessLog: "none/x.log"}, err: "no such file"},
		{name: "pages", c: config{Errors: map[string]string{"404": "/a?b", "5XX": "/c"}}, want: layers{errors: map[int]string{404: "/a?b", errordoc.ServerErrors: "/c"}}},
		{name: "flags replace", c: config{Errors: map[string]string{"404": "/a"}}, pages: []string{"500=/x=y"}, want: layers{errors: map[int]string{500: "/x=y"}}},
		{name: "flags repeat", pages: []string{"500=/x", "4xx=/y"}, want: layers{errors: map[int]string{500: "/x", errordoc.ClientErrors: "/y"}}},
		{name: "twice", c: config{Errors: map[string]string{"5xx": "/a", "5XX": "/b"}}, err: "two error pages for 5xx"},
		{name: "no failure", c: config{Errors: map[string]string{"302": "/a"}}, err: "hint: 404 ="},
		{name: "no status", pages: []string{"/errors/404.html"}, err: "hint: --error-page 404="},
		{name: "no path", c: config{Errors: map[string]string{"404": "a.html"}}, err: "hint: it is a path"},
		{name: "elsewhere", c: config{Errors: map[string]string{"404": "//host/a"}}, err: "hint: it is a path"},
		{name: "no URL", c: config{Errors: map[string]string{"404": "/%zz"}}, err: "hint: it is a path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := understandLayers(dir, tt.c, tt.pages)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				refused(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(layers{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAccessLogBesideSettings: a file that pastedev.toml names lies beside it, wherever
// pastedev is started.
func TestAccessLogBesideSettings(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, configName)
	if err := os.WriteFile(path, []byte("access_log = \"logs/x.log\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	if err := c.readFile(path); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "logs", "x.log"); c.AccessLog != want {
		t.Errorf("%s, want %s", c.AccessLog, want)
	}
}

// TestServeTemplate: the blocks at the end of what init writes are understood as they stand.
func TestServeTemplate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, configName)
	text := regexp.MustCompile(`(?m)^#(\S)`).ReplaceAllString(mountTemplate, "$1")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	if err := c.readFile(path); err != nil {
		t.Fatal(err)
	}
	if len(c.Mount) == 0 || len(c.Auth) == 0 || len(c.Errors) != 2 {
		t.Errorf("%d mounts, %d auth, errors %v", len(c.Mount), len(c.Auth), c.Errors)
	}
	if _, err := understandLayers(dir, c, nil); err != nil {
		t.Error(err)
	}
}

// diskWriter is a client that takes a file from the disk by itself.
type diskWriter struct {
	http.ResponseWriter
	short int64
}

func (w *diskWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(io.Discard, r)
	w.short += n
	return n, err
}

// TestFilesGoTheShortWay: a file reaches the client's writer as such, through all layers.
func TestFilesGoTheShortWay(t *testing.T) {
	const size = 64 << 10
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &session{stateDir: dir, std: stdio{err: io.Discard}}
	s.gather = gather.New(new(history), true)
	v, c := newServing(s, setup{}, nil), new(composed)
	all := layers{accessLog: filepath.Join(dir, "log"), format: formatCombined, compress: true, errors: map[int]string{404: "/x"}}
	for name, l := range map[string]layers{"none": {}, "all": all} {
		app, err := v.layered(&static.Files{FS: os.DirFS(dir)}, l, c)
		if err != nil {
			t.Fatal(err)
		}
		w := &diskWriter{ResponseWriter: httptest.NewRecorder()}
		app.ServeHTTP(w, askFor("GET", "/a.txt", "Accept", "text/html"))
		if w.short != size {
			t.Errorf("layers %s: %d of %d bytes went the short way", name, w.short, size)
		}
	}
	c.close()
	if b, err := os.ReadFile(all.accessLog); err != nil || !strings.Contains(string(b), `"GET http://localhost:8000/a.txt HTTP/1.1" 200 65536 `) {
		t.Errorf("access log %q: %v", b, err)
	}
}

// BenchmarkLayers is the price of the layers that are always there, in the way of a file.
func BenchmarkLayers(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), make([]byte, 10<<10), 0o600); err != nil {
		b.Fatal(err)
	}
	s := &session{}
	s.gather = gather.New(new(history), true)
	v := newServing(s, setup{}, nil)
	bare := http.Handler(&static.Files{FS: os.DirFS(dir)})
	app, err := v.layered(bare, layers{}, new(composed))
	if err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"bare": bare, "layered": app} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&diskWriter{ResponseWriter: httptest.NewRecorder()}, askFor("GET", "/a.txt"))
			}
		})
	}
}

// TestAccessLogIsNoEdit: a line of the access log concerns no browser, wherever it lies.
func TestAccessLogIsNoEdit(t *testing.T) {
	dir := t.TempDir()
	set := setup{layers: layers{accessLog: filepath.Join(dir, "public", "access.html")}}
	load := func() (config, setup, error) { return config{}, set, nil }
	v := newServing(&session{dir: dir}, set, load)
	for _, tt := range []struct {
		paths, want []string
		wakes       bool
	}{
		{paths: []string{"public/access.html"}},
		{paths: []string{"public/access.html", "public/a.css"}, want: []string{"public/a.css"}},
		{paths: []string{"public/access.html", configName}, wakes: true},
		{paths: []string{"public/other.html"}, want: []string{"public/other.html"}},
	} {
		var got []string
		if e, ok := v.edited(inspect.AssetsChanged{Paths: tt.paths}).(inspect.AssetsChanged); ok {
			got = e.Paths
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v: %s", tt.paths, diff)
		}
		if woken := len(v.wake) > 0; woken != tt.wakes {
			t.Errorf("%v: woken %t", tt.paths, woken)
		}
		for len(v.wake) > 0 {
			<-v.wake
		}
	}
}
