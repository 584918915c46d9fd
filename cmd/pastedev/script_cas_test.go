package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	sessionfiles "github.com/pastedev/pastedev/devserver/session"
)

// fakeCAS is the part of testserver below /cas: a CAS server where everybody is bob, and each
// ticket counts once, for the service that it was made for.
type fakeCAS struct {
	mu      sync.Mutex
	tickets map[string]string // to the service
}

func (f *fakeCAS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	switch strings.TrimPrefix(r.URL.Path, "/cas") {
	case "/login":
		ticket, service := "ST-1-"+rand.Text(), q.Get("service")
		f.tickets[ticket] = service
		sep := "?"
		if strings.Contains(service, "?") {
			sep = "&"
		}
		http.Redirect(w, r, service+sep+"ticket="+url.QueryEscape(ticket), http.StatusFound)
	case "/p3/serviceValidate":
		service, known := f.tickets[q.Get("ticket")]
		delete(f.tickets, q.Get("ticket"))
		if !known || service != q.Get("service") {
			fmt.Fprint(w, `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure code="INVALID_TICKET">used up</cas:authenticationFailure></cas:serviceResponse>`)
			return
		}
		fmt.Fprint(w, `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>bob</cas:user>`+
			`<cas:attributes><cas:group>staff</cas:group></cas:attributes></cas:authenticationSuccess></cas:serviceResponse>`)
	default:
		fmt.Fprintln(w, "signed out of everything")
	}
}

// keepsSessions is the part of testserver that keeps a session where it is asked to.
func keepsSessions() http.Handler {
	m, err := sessionfiles.New(sessionfiles.Options{Dir: sessionfiles.Dir()})
	if err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		})
	}
	return m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, v := range r.URL.Query() {
			m.Put(r.Context(), name, v[0])
		}
		fmt.Fprintf(w, "name %s", m.GetString(r.Context(), "name"))
	}))
}
