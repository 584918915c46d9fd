package static_test

import (
	"io/fs"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/pastedev/pastedev/devserver/static"
)

// trusting is a file system that takes any name it is given, as some do.
type trusting struct {
	t     *testing.T
	files fstest.MapFS
}

func (f trusting) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		f.t.Errorf("asked for %q", name)
	}
	return f.files.Open(name)
}

// Whatever the path is, the file system is asked for valid names alone: it need not defend
// itself.
func TestStaticAsksForValidNames(t *testing.T) {
	f := &static.Files{FS: trusting{t, fstest.MapFS{"a.txt": {Data: []byte("a")}, "d/b.txt": {Data: []byte("b")}}}, Dotfiles: true, Listing: true,
		Index: []string{"../secret", "/etc/passwd", "", "index.html"}, SPA: "../app.html"}
	for target, want := range map[string]int{
		"/a.txt": 200, "/d/": 200, "/../secret": 404, "/d/../../secret": 404, "/%2e%2e/secret": 404, "/..%2fsecret": 404, "//etc/passwd": 404, "/d//b.txt": 404,
		"/./a.txt": 404, "/d/.": 404, "/d/..": 404, "//": 404, "/%ff": 404,
	} {
		if res := get(t, f, "GET", target, "Accept", "text/html"); res.StatusCode != want && (want == http.StatusOK || res.StatusCode < 400) {
			t.Errorf("%s: %d, want %d", target, res.StatusCode, want)
		}
	}
}
