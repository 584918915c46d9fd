package profile_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/profile"
)

// A request that asks for it is profiled, and the answer's header says where its profile is.
func ExampleProfiler() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "two books") })
	profiler := &profile.Profiler{OnDemand: true}
	handler := profiler.Handler(mux) // for http.ListenAndServe("localhost:8080", handler)

	r := httptest.NewRequest("GET", "http://localhost:8080/cart", nil)
	r.RemoteAddr = "127.0.0.1:54321"
	r.Header.Set("Pastedev-Profile", "cpu")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)

	fmt.Println(w.Body)
	fmt.Println("go tool pprof http://" + r.Host + w.Header().Get("Pastedev-Profile"))
	// Output:
	// two books
	// go tool pprof http://localhost:8080/debug/pastedev/profiles/1
}

// A function that is too short for samples is timed all the same.
func ExampleFunction() {
	var text strings.Builder
	err := profile.Function{Name: "load cart", Out: &text}.RunErr(func() error { return errors.New("no such cart") })
	name, rest, _ := strings.Cut(text.String(), ":")
	fmt.Println(err)
	fmt.Println(name + strings.TrimLeft(rest, " 0123456789.µnms"))
	// Output:
	// no such cart
	// load cart, 0 samples: one sample is 10 ms of processor time
}

func ExampleBars() {
	walls := []inspect.Millis{4, 4, 5, 5, 5, 5, 6, 9}
	fmt.Println(profile.Bars(profile.Histogram(walls, 5)))
	// Output: ▄█▂ ▂
}
