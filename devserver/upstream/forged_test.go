package upstream_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/upstream"
)

// Without a mount point there is no prefix, and a stranger cannot make the target believe
// that there is one: it would write its links by it.
func TestForgedPrefixOutsideOfMounts(t *testing.T) {
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Forwarded", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Host"} {
			if v := strings.Join(r.Header.Values(name), " "); strings.Contains(v, "evil") {
				w.Header().Add("Seen", name+": "+v)
			}
		}
	})
	at := serve(t, &upstream.Proxy{Target: u}, "")
	res := do(t, "GET", at+"/x", nil, "X-Forwarded-Prefix", "//evil.example", "X-Forwarded-Port", "evil", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example")
	if seen := res.Header.Values("Seen"); len(seen) > 0 {
		t.Errorf("the target was told %q", seen)
	}
}
