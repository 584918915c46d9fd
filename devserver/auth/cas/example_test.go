package cas_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth/cas"
)

func Example() {
	app := http.NotFoundHandler()
	c := &cas.Client{Server: "https://sso.example.edu/cas", Service: "https://app.example.edu"}
	handler := c.Handler(app) // itself within a keeper such as signed.Cookie

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/cart?item=7", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 https://sso.example.edu/cas/login?service=https%3A%2F%2Fapp.example.edu%2Fcart%3Fitem%3D7
}
