package ticket_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/ticket"
)

// Someone signs in elsewhere, at a server that has the same secret.
func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := auth.From(r.Context())
		fmt.Println(id.User, id.Roles, ok)
	})
	handler := (&ticket.Cookie{Secrets: []string{"shared"}}).Handler(app)

	value, err := ticket.Ticket{User: "bob", Tokens: []string{"editor"}, Issued: time.Now()}.Sign("shared")
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "auth_tkt="+value)
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// bob [editor] true
}

// What is in a cookie, for who holds the secret and for who does not.
func ExampleParse() {
	const cookie = "ca59a9c423a2329a90a1d973c1f855346553f100bob!"
	for _, secrets := range [][]string{{"sekrit"}, nil} {
		t, err := ticket.Parse(cookie, secrets...)
		fmt.Println(t.User, t.Hash, t.Issued.UTC().Format(time.RFC3339), err)
	}
	// Output:
	// bob MD5 2023-11-14T22:13:20Z <nil>
	// bob MD5 2023-11-14T22:13:20Z ticket: there is no secret to verify the ticket with
}
