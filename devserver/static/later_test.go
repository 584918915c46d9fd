package static

import (
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDirLater: a directory is served once it is there, and refused if it is none.
func TestDirLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dist")
	d, err := DirLater(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Open("a.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	get := func() (int, string) {
		w := httptest.NewRecorder()
		(&Files{FS: d}).ServeHTTP(w, httptest.NewRequest("GET", "/a.txt", nil))
		return w.Code, w.Body.String()
	}
	if code, body := get(); code != 404 || !strings.Contains(body, "has it been built?") {
		t.Errorf("before: %d %s", code, body)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if code, body := get(); code != 404 || strings.Contains(body, "built") {
		t.Errorf("without the file: %d %s", code, body)
	}
	if err := os.WriteFile(filepath.Join(path, "a.txt"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, body := get(); code != 200 || body != "hello" {
		t.Errorf("after: %d %s", code, body)
	}
	if _, err := DirLater(filepath.Join(path, "a.txt")); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("a file: %v", err)
	}
}
