package upstream_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/upstream"
)

func Example() {
	app := httptest.NewServer(http.RedirectHandler("/login", http.StatusSeeOther))
	defer app.Close()

	target, err := upstream.Parse(app.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy := &upstream.Proxy{Target: target, Methods: []string{"GET", "POST"}}
	defer proxy.Close()

	w := httptest.NewRecorder()
	proxy.ServeHTTP(w, httpx.WithMount(httptest.NewRequest("GET", "/api/cart", nil), "/api"))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 /api/login
}
