package cas

import (
	"fmt"
	"net/http"
	"testing"
)

// The server's word counts at the address that was configured: a redirect of the question,
// which anybody could be at the end of, signs nobody in.
func TestRedirectedAnswerCountsNothing(t *testing.T) {
	for version := 1; version <= 3; version++ {
		f := newServer(t)
		f.answer = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/elsewhere" {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return
			}
			if version == 1 {
				fmt.Fprint(w, "yes\nmallory\n")
			} else {
				fmt.Fprint(w, ok("<cas:user>mallory</cas:user>"))
			}
		}
		c, m := newClient(f.URL)
		c.Version = version
		res := get(c.Handler(who), "/?ticket=ST-1")
		if asked := f.validations(); res.StatusCode != 502 || len(m.ids) != 0 || len(asked) != 1 {
			t.Errorf("version %d: %d, signed in %v, asked %q", version, res.StatusCode, m.ids, asked)
		}
	}
}
