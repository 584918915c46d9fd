package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/session"
)

func Example() {
	sessions, err := session.New(session.Options{}) // Dir keeps them over restarts
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sessions.Close()
	h := sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions.Put(r.Context(), "visits", sessions.GetInt(r.Context(), "visits")+1)
		fmt.Fprintln(w, "visit", sessions.GetInt(r.Context(), "visits"))
	}))

	first, second := httptest.NewRecorder(), httptest.NewRecorder()
	h.ServeHTTP(first, httptest.NewRequest("GET", "/", nil))
	again := httptest.NewRequest("GET", "/", nil)
	again.Header.Set("Cookie", first.Header().Get("Set-Cookie"))
	h.ServeHTTP(second, again)
	fmt.Print(first.Body.String(), second.Body.String())
	// Output:
	// visit 1
	// visit 2
}
