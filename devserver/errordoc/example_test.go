package errordoc_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/errordoc"
)

func Example() {
	mux := http.NewServeMux()
	mux.HandleFunc("/errors/404.html", func(w http.ResponseWriter, r *http.Request) {
		failed, _ := errordoc.From(r.Context())
		fmt.Fprintf(w, "<h1>Nothing at %s</h1>", failed.URI)
	})
	h := (&errordoc.Middleware{Pages: map[int]string{404: "/errors/404.html"}}).Handler(mux)

	for _, accept := range []string{"text/html", "application/json"} {
		r := httptest.NewRequest("GET", "/shop", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 404 <h1>Nothing at /shop</h1>
	// 404 404 page not found
}
