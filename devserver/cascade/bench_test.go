package cascade_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/urlmap"
)

// BenchmarkFile serves a file of 10 kB over loopback: by http.FileServerFS alone, and
// behind a urlmap and as the first and as the second of a cascade.
func BenchmarkFile(b *testing.B) {
	files := http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte(strings.Repeat("0123456789", 1000))}})
	empty := http.FileServerFS(fstest.MapFS{})
	first := mount(b, files, http.NotFoundHandler())
	second := mount(b, empty, files)
	for _, bb := range []struct {
		name, path string
		h          http.Handler
	}{
		{"FileServerFS", "/a.txt", files},
		{"urlmap+cascade-first", "/files/a.txt", first},
		{"urlmap+cascade-second", "/files/a.txt", second},
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
