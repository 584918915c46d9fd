package recursive

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// paste.md 3.3: an include stays at or under the mount point, in whatever way its path is
// written.
func TestIncludeOutsideTheMountIsRefused(t *testing.T) {
	asked := 0
	h := new(Middleware).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page" {
			asked++
			return
		}
		for _, target := range []string{"/other", "/", "/appx/y", "/app/../other", "/app%2Fy", "http://evil.example/app/y", "//evil.example/app/y", "y", ""} {
			res, err := Include(r.Context(), target)
			if err == nil {
				_ = res.Body.Close()
				t.Errorf("%q is included", target)
			} else if !strings.HasPrefix(err.Error(), "recursive: ") {
				t.Errorf("%q: %v", target, err)
			}
		}
		res, err := Include(r.Context(), "/app/z/../y")
		if err != nil {
			t.Error(err)
			return
		}
		_ = res.Body.Close()
	}))
	h.ServeHTTP(httptest.NewRecorder(), httpx.WithMount(httptest.NewRequest("GET", "/app/page", nil), "/app"))
	if asked != 1 {
		t.Errorf("%d sub-requests, want 1", asked)
	}
}
