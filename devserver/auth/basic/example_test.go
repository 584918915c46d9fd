package basic_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
)

func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		fmt.Fprintf(w, "hello %s", id.User)
	})
	handler := (&basic.Auth{
		Realm: "staging",
		Check: basic.Users(map[string]string{"bing": "gnib"}),
	}).Handler(app)

	for _, password := range []string{"gnib", "guess"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("bing", password)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 hello bing
	// 401 401 Unauthorized
	// The user or the password is wrong.
}
