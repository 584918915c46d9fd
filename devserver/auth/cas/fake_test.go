package cas

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

// fakeServer is a CAS server on which everybody is bob.
type fakeServer struct {
	*httptest.Server

	mu      sync.Mutex
	tickets map[string]string // to the service they are for
	asked   []string          // request URIs of validations
	answer  http.HandlerFunc  // in place of validations, if set
}

func newServer(t *testing.T) *fakeServer {
	f := &fakeServer{tickets: map[string]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	path := strings.TrimPrefix(r.URL.Path, "/cas")
	if path == "/login" {
		ticket := "ST-1-" + rand.Text()
		service := q.Get("service")
		f.tickets[ticket] = service
		sep := "?"
		if strings.Contains(service, "?") {
			sep = "&"
		}
		http.Redirect(w, r, service+sep+"ticket="+url.QueryEscape(ticket), http.StatusFound)
		return
	}
	f.asked = append(f.asked, r.RequestURI)
	if f.answer != nil {
		f.answer(w, r)
		return
	}
	service, ok := f.tickets[q.Get("ticket")]
	delete(f.tickets, q.Get("ticket")) // a ticket counts once
	ok = ok && service == q.Get("service")
	switch path {
	case "/validate":
		if ok {
			fmt.Fprint(w, "yes\nbob\n")
		} else {
			fmt.Fprint(w, "no\n\n")
		}
	case "/serviceValidate", "/p3/serviceValidate":
		inner := `<cas:authenticationFailure code="INVALID_TICKET">Ticket ` + escape(q.Get("ticket")) + ` not recognized.</cas:authenticationFailure>`
		if ok {
			inner = `<cas:authenticationSuccess><cas:user>bob</cas:user></cas:authenticationSuccess>`
			if strings.HasPrefix(path, "/p3") {
				inner = `<cas:authenticationSuccess><cas:user>bob</cas:user><cas:attributes><cas:mail>bob@example.edu</cas:mail>` +
					`<cas:memberOf>staff</cas:memberOf><cas:memberOf>admin</cas:memberOf></cas:attributes></cas:authenticationSuccess>`
			}
		}
		fmt.Fprintf(w, "<cas:serviceResponse xmlns:cas=%q>%s</cas:serviceResponse>", namespace, inner)
	default:
		http.NotFound(w, r)
	}
}

func (f *fakeServer) validations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// memory is Remember and Recall by a cookie with a number.
type memory struct {
	mu  sync.Mutex
	ids []auth.Identity
}

func (m *memory) remember(w http.ResponseWriter, _ *http.Request, id auth.Identity) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ids = append(m.ids, id)
	http.SetCookie(w, &http.Cookie{Name: "me", Value: fmt.Sprint(len(m.ids)), Path: "/"})
	return nil
}

func (m *memory) recall(r *http.Request) (auth.Identity, bool) {
	c, err := r.Cookie("me")
	if err != nil {
		return auth.Identity{}, false
	}
	var n int
	if _, err := fmt.Sscan(c.Value, &n); err != nil {
		return auth.Identity{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n < 1 || n > len(m.ids) {
		return auth.Identity{}, false
	}
	return m.ids[n-1], true
}

// who answers with the identity it got.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, ok := auth.From(r.Context())
	fmt.Fprintf(w, "%s|%v|%s|%s|%v|%s", id.User, id.Roles, id.Data, id.Method, ok, r.URL.RequestURI())
})
