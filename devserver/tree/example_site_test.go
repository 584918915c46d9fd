package tree_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/pastedev/pastedev/devserver/tree"
)

func ExampleTree() {
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{"about.txt": "about us", "list.items": "a b c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}

	site := &tree.Tree{Dir: dir}
	defer site.Close()
	site.Register(".items", func(e tree.Entry) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "item %s of %s", r.URL.Path, e.Name)
		})
	})
	for _, path := range []string{"/about", "/list/7", "/.git/config"} {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if fmt.Print(w.Code); w.Code == http.StatusOK {
			fmt.Print(" ", w.Body)
		}
		fmt.Println()
	}
	// Output:
	// 200 about us
	// 200 item /7 of list.items
	// 404
}
