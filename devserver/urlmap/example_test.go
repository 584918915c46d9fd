package urlmap_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/urlmap"
)

func Example() {
	say := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Printf("%s: %q below %q\n", name, r.URL.Path, httpx.MountPoint(r.Context()))
		})
	}
	var m urlmap.Map
	err := errors.Join(m.Add("/", say("site")), m.Add("/api", say("api")), m.Add("admin.localhost/", say("admin")))
	if err != nil {
		fmt.Println(err)
	}
	for _, url := range []string{"http://localhost/api/users", "http://localhost/apis", "http://admin.localhost/api"} {
		m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", url, nil))
	}
	// Output:
	// api: "/users" below "/api"
	// site: "/apis" below ""
	// admin: "/api" below ""
}
