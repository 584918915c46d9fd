package static_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/devserver/urlmap"
)

// BenchmarkServe10kB compares with http.FileServerFS over loopback connections, alone and
// behind urlmap and cascade: the aim is 0.9 times its throughput or more.
func BenchmarkServe10kB(b *testing.B) {
	dir := tree(b, map[string]string{"a.txt": strings.Repeat("0123456789", 1024)})
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	files := &static.Files{FS: open(b, dir)}
	both, err := cascade.New(files, http.NotFoundHandler())
	if err != nil {
		b.Fatal(err)
	}
	var mounts urlmap.Map
	if err := mounts.Add("/", both); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		h    http.Handler
	}{
		{"FileServerFS-DirFS", http.FileServerFS(os.DirFS(dir))},
		{"FileServerFS-Root", http.FileServerFS(root.FS())},
		{"static", files},
		{"urlmap-cascade-static", &mounts},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := httptest.NewServer(c.h)
			defer s.Close()
			client := s.Client()
			b.SetBytes(10240)
			b.ReportAllocs()
			for b.Loop() {
				res, err := client.Get(s.URL + "/a.txt")
				if err != nil {
					b.Fatal(err)
				}
				n, _ := io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if n != 10240 {
					b.Fatal(n)
				}
			}
		})
	}
}
