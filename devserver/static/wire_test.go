package static_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pastedev/pastedev/devserver/static"
)

// TestStaticOverTheWire: large files, plain and compressed, come whole through a server,
// by the system's way from file to socket.
func TestStaticOverTheWire(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<17)
	dir := tree(t, map[string]string{"big.js": big, "big.js.gz": big[:1<<20]})
	s := httptest.NewServer(&static.Files{FS: open(t, dir)})
	defer s.Close()
	for coding, want := range map[string]string{"identity": big, "gzip": big[:1<<20]} {
		r, _ := http.NewRequest("GET", s.URL+"/big.js", nil)
		r.Header.Set("Accept-Encoding", coding)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(got) != want || res.ContentLength != int64(len(want)) {
			t.Errorf("%s: %d bytes of %d, Content-Length %d, %v", coding, len(got), len(want), res.ContentLength, err)
		}
	}
}

// TestStaticWhileReplaced: requests while the directory is deleted and made anew see the
// old, the new or nothing; never an error.
func TestStaticWhileReplaced(t *testing.T) {
	dist := filepath.Join(t.TempDir(), "dist")
	build := func(i int) {
		os.RemoveAll(dist)
		os.Mkdir(dist, 0o755)
		os.WriteFile(filepath.Join(dist, "new"), []byte(fmt.Sprint(i)), 0o644)
		os.Rename(filepath.Join(dist, "new"), filepath.Join(dist, "a.txt"))
	}
	build(0)
	f := &static.Files{FS: open(t, dist)}
	stop := make(chan bool)
	var askers sync.WaitGroup
	for range 3 {
		askers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if res := get(t, f, "GET", "/a.txt"); res.StatusCode != 200 && res.StatusCode != 404 {
					t.Errorf("%d %s", res.StatusCode, body(t, res))
				}
			}
		})
	}
	for i := range 100 {
		build(i)
		if got := body(t, get(t, f, "GET", "/a.txt")); got != fmt.Sprint(i) {
			t.Errorf("build %d: %q", i, got)
		}
	}
	close(stop)
	askers.Wait()
}
