package tree_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/tree"
)

func Example() {
	dir, _ := os.MkdirTemp("", "site")
	defer os.RemoveAll(dir)
	_ = os.WriteFile(filepath.Join(dir, "about.html"), []byte("about us"), 0o644)
	_ = os.WriteFile(filepath.Join(dir, "notes.md"), []byte("# Notes"), 0o644)

	site := &tree.Tree{
		Dir:     dir,
		Program: func(e tree.Entry) http.Handler { return &cgi.Handler{Path: e.Path} },
	}
	defer site.Close()
	site.Register(".md", func(e tree.Entry) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "<h1>%s</h1>", e.Name) })
	})
	for _, path := range []string{"/about", "/notes.md", "/none"} {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, w.Code)
	}
	// Output:
	// /about 200
	// /notes.md 200
	// /none 404
}
