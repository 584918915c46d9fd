package multi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth/multi"
)

func Example() {
	page := func(http.Handler) http.Handler { return http.NotFoundHandler() } // in truth form.Login.Handler
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

	m := &multi.Choose{Choices: []multi.Choice{{When: multi.ByPath("/account"), Handler: page}}}
	handler := m.Handler(app)
	for _, path := range []string{"/", "/account/orders"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, w.Code)
	}
	// Output:
	// / 204
	// /account/orders 404
}
