package login

import (
	"iter"
	"net/http"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// MaxCookies bounds the cookies of one name that are verified: a browser sends one for each
// path and domain, a client may send thousands.
const MaxCookies = 16

// Cookies yields the values of the request's cookies of a name, as they were sent and at most
// [MaxCookies] of them. It calls more when it has come to one that it leaves out.
func Cookies(r *http.Request, name string, more func()) iter.Seq[string] {
	return func(yield func(string) bool) {
		n := 0
		for _, sent := range httpx.Cookies(r.Header) {
			if sent.Name != name {
				continue
			}
			if n++; n > MaxCookies {
				more()
				return
			}
			if !yield(sent.Value) {
				return
			}
		}
	}
}
