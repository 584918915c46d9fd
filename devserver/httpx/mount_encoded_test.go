package httpx

import (
	"net/http/httptest"
	"testing"
)

// A prefix of several segments does not reach over an encoded slash: that path has other
// segments.
func TestWithMountEncodedSlashInPrefix(t *testing.T) {
	for target, mounted := range map[string]bool{"/a/b/c": true, "/a%2Fb/c": false, "/a%2fb": false, "/a/b%2Fc": false, "/%61/b/c": true} {
		r := httptest.NewRequest("GET", target, nil)
		got := WithMount(r, "/a/b")
		if (got != r) != mounted || !mounted && got.URL.EscapedPath() != target {
			t.Errorf("%s: mount %q, path %q", target, MountPoint(got.Context()), got.URL.EscapedPath())
		}
	}
}
