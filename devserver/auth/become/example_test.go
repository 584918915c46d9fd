package become_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/auth/become"
)

func Example() {
	app := http.NotFoundHandler()
	p := &become.Picker{
		Users:  []become.User{{Name: "alice", Roles: []string{"admin"}}, {Name: "bob", Note: "has nothing in the cart"}},
		Listen: []string{"127.0.0.1:8080"},
	}
	handler := p.Handler(app)

	r := httptest.NewRequest("GET", "http://localhost:8080/_become", nil)
	for _, peer := range []string{"127.0.0.1:40000", "203.0.113.9:40000"} {
		r.RemoteAddr = peer
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(peer, w.Code)
	}
	// Output:
	// 127.0.0.1:40000 200
	// 203.0.113.9:40000 403
}
