package form_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/form"
)

func Example() {
	app := http.NotFoundHandler()
	l := &form.Login{
		Title: "The shop",
		Check: func(_ context.Context, user, password string) (auth.Identity, bool) {
			return auth.Identity{User: user}, user == "bing" && password == "gnib" // in truth basic.Users
		},
	}
	handler := l.Handler(app) // itself within a keeper such as signed.Cookie

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/cart", nil))
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	// Output: 401 Form realm="The shop"
}
