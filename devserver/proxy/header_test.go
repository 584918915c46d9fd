package proxy

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// straight leads to one backend.
type straight struct{ b *Backend }

func (s straight) Wait(context.Context) (*Backend, error)        { return s.b, nil }
func (s straight) Open(b *Backend) bool                          { return b == s.b }
func (s straight) Replaced(ctx context.Context, b *Backend) bool { return false }

// The proxy may stand behind handlers that have set fields before it (a Hop does): they
// stay beside the target's, through interim answers too.
func TestHeaderOfHandlersBefore(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		if r.URL.Path == "/hints" {
			w.WriteHeader(http.StatusEarlyHints)
		}
		w.Header().Add("Set-Cookie", "theirs=1")
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "ok")
	}))
	defer target.Close()
	b, err := NewBackend(target.URL, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Retire()
	p := New(Options{NoHeaders: true})
	defer p.Close()
	h := p.Handler(straight{b})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "ours=1")
		w.Header().Set("Vary", "Cookie")
		w.Header().Set("Content-Type", "text/ours")
		h.ServeHTTP(w, r)
	}))
	defer s.Close()
	want := http.Header{"Set-Cookie": {"ours=1", "theirs=1"}, "Vary": {"Cookie"}, "Link": {"</a.css>"}, "Content-Type": {"text/plain"}, "Content-Length": {"2"}}
	for path, hints := range map[string][]string{"/": nil, "/hints": {"</a.css>"}} {
		var seen []string
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			seen = append(seen, h["Link"]...)
			if len(h["Set-Cookie"]) > 0 || len(h["Vary"]) > 0 {
				t.Errorf("an interim answer with %v", h)
			}
			return nil
		}})
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		res.Header.Del("Date")
		if diff := cmp.Diff(want, res.Header); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if diff := cmp.Diff(hints, seen); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}
