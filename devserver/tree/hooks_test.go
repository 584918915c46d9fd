package tree_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/tree"
)

type userKey struct{}

// Paste's hooks: urlparser_hook, urlparser_wrap, not_found_hook, application.
func TestHooks(t *testing.T) {
	dir := folder(t, map[string]string{"app.xyz": "", "user/list.xyz": "", "recur/there.txt": "there", "deep/x.txt": "x", "all/x.txt": "x"})
	pop := func(r *http.Request) *http.Request {
		name, rest, ok := httpx.Pop(r)
		if !ok || name != "bob" {
			return r
		}
		return rest.WithContext(context.WithValue(rest.Context(), userKey{}, name))
	}
	tr := newTree(t, &tree.Tree{Dir: dir, Hooks: map[string]tree.Hooks{
		".": {Before: pop, Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Wrapped", "root")
				next.ServeHTTP(w, r)
			})
		}},
		"user": {NotFound: func(w http.ResponseWriter, r *http.Request, again http.Handler) { again.ServeHTTP(w, pop(r)) }},
		"recur": {NotFound: func(w http.ResponseWriter, r *http.Request, again http.Handler) {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = strings.TrimPrefix(r.URL.Path, "/__"), ""
			r.URL.Path = "/" + strings.TrimPrefix(r.URL.Path, "/")
			again.ServeHTTP(w, r)
		}},
		"deep": {NotFound: func(w http.ResponseWriter, r *http.Request, _ http.Handler) { fmt.Fprint(w, "instead") },
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Add("Wrapped", "deep")
					next.ServeHTTP(w, r)
				})
			}},
		"all": {App: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "all %s %s", httpx.MountPoint(r.Context()), r.URL.Path)
		})},
	}})
	tr.Register(".xyz", func(e tree.Entry) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "user %v script %s", r.Context().Value(userKey{}), httpx.MountPoint(r.Context()))
		})
	})
	for _, tc := range []struct {
		target  string
		status  int
		body    string
		wrapped []string
	}{
		{"/bob/app", 200, "user bob script /bob/app", []string{"root"}},
		{"/app", 200, "user <nil> script /app", []string{"root"}},
		{"/user/bob/list", 200, "user bob script /user/bob/list", []string{"root"}},
		{"/user/eve/list", 404, "", []string{"root"}},
		{"/recur/there", 200, "there", []string{"root"}},
		{"/recur/__there", 200, "there", []string{"root"}},
		{"/recur/__notfound", 404, "", []string{"root"}},
		{"/deep/none", 200, "instead", []string{"root", "deep"}},
		{"/deep/x", 200, "x", []string{"root", "deep"}},
		{"/all/x.txt", 200, "all /all /x.txt", []string{"root"}},
		{"/none", 404, "", []string{"root"}},
	} {
		w := ask(t, tr, "GET", tc.target)
		if w.Code != tc.status || tc.body != "" && w.Body.String() != tc.body {
			t.Errorf("%s: %d %s", tc.target, w.Code, w.Body)
		}
		if diff := cmp.Diff(tc.wrapped, w.Header()["Wrapped"]); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.target, diff)
		}
	}
}
