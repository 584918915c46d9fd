package signed_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/signed"
)

func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			if err := auth.Remember(r.Context(), auth.Identity{User: "bob"}); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			return
		}
		id, ok := auth.From(r.Context())
		fmt.Println(id.User, ok)
	})
	// signed.LoadKey gives a key that outlives the process.
	srv := httptest.NewServer((&signed.Cookie{Keys: [][]byte{[]byte("32 random bytes in real life")}}).Handler(app))
	defer srv.Close()

	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	for _, path := range []string{"/", "/login", "/"} {
		res, err := browser.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		res.Body.Close()
	}
	// Output:
	//  false
	// bob true
}
