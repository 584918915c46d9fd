package static_test

import (
	"fmt"
	"net/http/httptest"
	"testing/fstest"

	"github.com/pastedev/pastedev/devserver/static"
)

func Example() {
	site := fstest.MapFS{"index.html": {Data: []byte("<h1>It serves</h1>")}}
	files := &static.Files{FS: site, SPA: "index.html"}

	w := httptest.NewRecorder()
	files.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Body)
	// Output: 200 text/html; charset=utf-8 <h1>It serves</h1>
}
