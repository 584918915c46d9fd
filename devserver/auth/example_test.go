package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth"
)

func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		fmt.Fprintf(w, "hello %s", id.User)
	})
	handler := (&auth.Require{Roles: []string{"editor"}}).Handler(app)

	r := httptest.NewRequest("GET", "/", nil)
	for _, id := range []auth.Identity{{}, {User: "eve"}, {User: "bob", Roles: []string{"editor"}}} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, auth.With(r, id))
		fmt.Println(w.Code)
	}
	// Output:
	// 401
	// 403
	// 200
}
