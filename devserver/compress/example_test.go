package compress_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/pastedev/pastedev/devserver/compress"
)

func Example() {
	h := (&compress.Middleware{
		Saved: func(r *http.Request, before, after int64) {
			fmt.Println(r.URL.Path, "was", before, "bytes and is smaller:", after < before)
		},
	}).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html>", strings.Repeat("<p>hello</p>", 1000))
	}))

	r := httptest.NewRequest("GET", "/page", nil)
	r.Header.Set("Accept-Encoding", "gzip, zstd")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Header().Get("Content-Encoding"), w.Header().Get("Content-Type"))
	// Output:
	// /page was 12015 bytes and is smaller: true
	// zstd text/html; charset=utf-8
}
