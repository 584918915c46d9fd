//go:build unix

package static_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/pastedev/pastedev/devserver/static"
)

// TestStaticPipe: a named pipe is not waited for.
func TestStaticPipe(t *testing.T) {
	dir := tree(t, map[string]string{"a.txt": "a"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, f := range map[string]*static.Files{"Dir": {FS: open(t, dir)}, "DirFS": {FS: os.DirFS(dir)}, "Root": {FS: root.FS()}} {
		if res := get(t, f, "GET", "/pipe"); res.StatusCode != 404 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if got := body(t, get(t, f, "GET", "/a.txt")); got != "a" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestStaticForbidden: a file that may not be read is said to be so.
func TestStaticForbidden(t *testing.T) {
	dir := tree(t, map[string]string{"a.txt": "a"})
	os.Chmod(filepath.Join(dir, "a.txt"), 0)
	if _, err := os.ReadFile(filepath.Join(dir, "a.txt")); err == nil {
		t.Skip("this user reads everything")
	}
	if res := get(t, &static.Files{FS: open(t, dir)}, "GET", "/a.txt"); res.StatusCode != 403 {
		t.Errorf("%d", res.StatusCode)
	}
}
