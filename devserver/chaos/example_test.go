package chaos_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/chaos"
)

func Example() {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "[]") })
	flaky := chaos.Chaos{Fail: 1}.Handler(api) // all of them, so that this example is sure

	w := httptest.NewRecorder()
	flaky.ServeHTTP(w, httptest.NewRequest("GET", "/api/items", nil))
	fmt.Println(w.Code, w.Header().Get("Retry-After"), w.Header().Get("Server-Timing"))
	// Output: 503 1 chaos-fail;desc="made to fail"
}
