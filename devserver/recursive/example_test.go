package recursive_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/recursive"
)

func Example() {
	mux := http.NewServeMux()
	mux.HandleFunc("/nav", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<nav>Home</nav>") })
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		nav, err := recursive.Include(r.Context(), "/nav")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer nav.Body.Close()
		_, _ = io.Copy(w, nav.Body)
		fmt.Fprint(w, "<p>A page")
	})
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		if err := recursive.Forward(w, r, "/page"); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	app := (&recursive.Middleware{}).Handler(mux)

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/old", nil))
	fmt.Println(w.Body)
	// Output: <nav>Home</nav><p>A page
}
