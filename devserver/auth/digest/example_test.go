package digest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	icholy "github.com/icholy/digest"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/digest"
)

func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		fmt.Println("hello", id.User)
	})
	srv := httptest.NewServer((&digest.Auth{
		Realm: "staging",
		HA1: digest.Passwords(func(_ context.Context, user string) (string, bool) {
			return "gnib", user == "bing"
		}),
	}).Handler(app))
	defer srv.Close()

	for _, password := range []string{"gnib", "guess"} {
		client := &http.Client{Transport: &icholy.Transport{Username: "bing", Password: password}}
		res, err := client.Get(srv.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		res.Body.Close()
		fmt.Println(res.Status)
	}
	// Output:
	// hello bing
	// 200 OK
	// 401 Unauthorized
}
