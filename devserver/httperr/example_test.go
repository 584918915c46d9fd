package httperr_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/httperr"
)

func Example() {
	users := map[string]string{"1": "Ada"}
	h := httperr.Handler(func(w http.ResponseWriter, r *http.Request) error {
		name, ok := users[r.FormValue("id")]
		if !ok {
			return httperr.NotFound("No user has this number.")
		}
		_, err := fmt.Fprintln(w, name)
		return err
	})

	r := httptest.NewRequest("GET", "/?id=2", nil)
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Header().Get("Content-Type"))
	fmt.Print(w.Body)
	// Output:
	// application/problem+json
	// {"title":"Not Found","status":404,"detail":"No user has this number."}
}
