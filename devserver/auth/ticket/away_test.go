package ticket

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

func TestAway(t *testing.T) {
	const sso = "https://sso.example.edu/login"
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	tests := []struct {
		name, login, back, method, target, accept string
		tls                                       bool
		status                                    int
		location                                  string
	}{
		{"a page", sso, "", "GET", "http://dev.example:8000/a%2Fb?x=1&y=%20", browser, false, 303,
			sso + "?back=http%3A%2F%2Fdev.example%3A8000%2Fa%252Fb%3Fx%3D1%26y%3D%2520"},
		{"by https, with a query", sso + "?style=1", "url", "HEAD", "http://localhost/", browser, true, 303, sso + "?style=1&url=https%3A%2F%2Flocalhost%2F"},
		{"a script", sso, "", "GET", "http://localhost/api", "application/json", false, 401, ""},
		{"a form", sso, "", "POST", "http://localhost/", browser, false, 401, ""},
		{"no login page", "", "", "GET", "http://localhost/", browser, false, 401, ""},
		{"a wrong one", "sso.example.edu", "", "GET", "http://localhost/", browser, false, 500, ""},
		{"a path like a host", sso, "", "GET", "http://localhost//evil.example/", browser, false, 303, sso + "?back=http%3A%2F%2Flocalhost%2F.%2F%2Fevil.example%2F"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &Away{Login: tt.login, Back: tt.back}
			ran := false
			h := a.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true }))
			r := httptest.NewRequest(tt.method, tt.target, nil)
			r.Header.Set("Accept", tt.accept)
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status || w.Header().Get("Location") != tt.location || ran {
				t.Errorf("%d %s, next ran: %v\n%s", w.Code, w.Header().Get("Location"), ran, w.Body)
			}
			if tt.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
				t.Error("a 401 without challenge (RFC 9110, 15.5.2)")
			}
			h.ServeHTTP(httptest.NewRecorder(), auth.With(r, auth.Identity{User: "bob"}))
			if !ran {
				t.Error("who is known is sent away")
			}
		})
	}
	for _, bad := range []string{"/login", "ftp://x/", "https://", "https://u@h/", "https://h/#f", "http://%zz"} {
		if err := (&Away{Login: bad}).Check(); err == nil || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
