package devserver

import (
	"net/http"

	"github.com/pastedev/pastedev/devserver/proxy"
)

// Within has next answer r, a sub-request of an exchange that is under way, and records it
// as an exchange of its own: see [proxy.Proxy.Within].
func (f *Front) Within(w http.ResponseWriter, r *http.Request, sub proxy.Sub, next http.Handler) {
	f.proxy.Within(w, r, sub, next)
}
