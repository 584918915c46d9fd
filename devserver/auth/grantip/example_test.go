package grantip_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/grantip"
)

func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		fmt.Println(id.User, id.Roles)
	})
	g := &grantip.Grant{Rules: []grantip.Rule{
		{From: grantip.MustParseRange("192.168.0.0/16"), Add: []string{"worker"}},
		{From: grantip.MustParseRange("192.168.0.5-192.168.0.8"), User: "bob", Add: []string{"editor"}},
	}}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "192.168.0.6:5555"
	g.Handler(app).ServeHTTP(httptest.NewRecorder(), r)
	// Output: bob [worker editor]
}
