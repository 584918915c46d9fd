package tree_test

import (
	"log"
	"net/http"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/tree"
)

func Example() {
	site := &tree.Tree{
		Dir:     "./site",
		Program: func(e tree.Entry) http.Handler { return &cgi.Handler{Path: e.Path} },
	}
	defer site.Close()
	site.Register(".md", func(e tree.Entry) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, e.Path) })
	})
	log.Print(http.ListenAndServe("127.0.0.1:8000", site))
}
