package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

// TestNoWayAroundAuth: no spelling of a path that some server takes for one below /admin
// comes past what guards it.
func TestNoWayAroundAuth(t *testing.T) {
	answer := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) })
	}
	h := authConfig{Path: "/admin/"}.below(answer("guarded"), answer("open"))
	for target, guarded := range map[string]bool{
		"/admin":              true,
		"/admin/x":            true,
		"//admin/x":           true,
		"/%61dmin%2fx":        true,
		"/x/..%2Fadmin":       true,
		"/x/..%5cadmin":       true,
		"/ADMIN/x":            true, // macOS, Windows
		"/adm%C4%B1n/x":       true, // ı is I in capitals: too much is guarded rather than too little
		"/admin;a=b/x":        true, // servlets
		"/x/..;a/admin/x":     true,
		"/x/..;/admin;/x;":    true,
		"/;/admin/x":          true,
		"/administration":     false,
		"/x;/admin":           false,
		"/x/admin":            false,
		"/admin/../x":         true,
		"/x?/admin":           false,
		"/a%C5%BFdmin":        false,
		"/admin;/../../admin": true,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if got := w.Body.String() == "guarded"; got != guarded {
			t.Errorf("%s is %s", target, w.Body)
		}
	}
}

// TestNobodyIntroducesHimself: what a client says of who it is does not reach a program, in
// no spelling that becomes the same variable there.
func TestNobodyIntroducesHimself(t *testing.T) {
	for _, known := range []bool{true, false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = http.Header{"X-Forwarded-User": {"root"}, "X_forwarded_user": {"root"}, "X-Forwarded_roles": {"admin"},
			"x-forwarded-roles": {"admin"}, "X-Forwarded-Users": {"kept"}}
		want := http.Header{"X-Forwarded-Users": {"kept"}}
		if known {
			r = auth.With(r, auth.Identity{User: "ann", Roles: []string{"a", "b"}})
			want.Set(headerUser, "ann")
			want.Set(headerRoles, "a,b")
		}
		introduced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if diff := cmp.Diff(want, r.Header); diff != "" {
				t.Errorf("known: %v: %s", known, diff)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	}
}
