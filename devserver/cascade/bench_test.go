package cascade_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/devserver/urlmap"
)

// BenchmarkFile serves a file of 10 kB from disk over loopback: by http.FileServerFS
// alone, behind a urlmap and as the first and the second of a cascade, and by the whole
// of what pastedev serve puts together.
func BenchmarkFile(b *testing.B) {
	dir, empty := b.TempDir(), b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("0123456789", 1000)), 0o600); err != nil {
		b.Fatal(err)
	}
	root, err := static.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	files, none := http.FileServerFS(os.DirFS(dir)), http.FileServerFS(os.DirFS(empty))
	for _, bb := range []struct {
		name, path string
		h          http.Handler
	}{
		{"FileServerFS", "/a.txt", files},
		{"urlmap+cascade/first", "/files/a.txt", mount(b, files, none)},
		{"urlmap+cascade/second", "/files/a.txt", mount(b, none, files)},
		{"urlmap+cascade+static", "/files/a.txt", mount(b, &static.Files{FS: root}, none)},
	} {
		b.Run(bb.name, func(b *testing.B) { fetch(b, bb.h, bb.path) })
	}
}

func mount(b *testing.B, hs ...http.Handler) http.Handler {
	b.Helper()
	c, err := cascade.New(hs...)
	if err != nil {
		b.Fatal(err)
	}
	m := new(urlmap.Map)
	for pattern, h := range map[string]http.Handler{"/files": c, "/": http.NotFoundHandler()} {
		if err := m.Add(pattern, h); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

func fetch(b *testing.B, h http.Handler, path string) {
	s := httptest.NewServer(h)
	defer s.Close()
	b.SetBytes(10_000)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := s.Client().Get(s.URL + path)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if _ = resp.Body.Close(); n != 10_000 || err != nil {
			b.Fatal(resp.Status, n, err)
		}
	}
}
