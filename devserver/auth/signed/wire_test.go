package signed

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

// Over a real connection the response is as without us, but for the cookie: however it
// begins, it has the cookie, and after that it is too late.
func TestResponsesKeepTheirWays(t *testing.T) {
	remember := func(t *testing.T, r *http.Request, want error) {
		if err := auth.Remember(r.Context(), auth.Identity{User: "bob"}); !errors.Is(err, want) {
			t.Errorf("Remember: %v, want %v", err, want)
		}
	}
	tests := []struct {
		name    string
		handler func(t *testing.T, w http.ResponseWriter, r *http.Request)
		status  int
		body    string
	}{
		{"nothing written", func(t *testing.T, w http.ResponseWriter, r *http.Request) {}, 200, ""},
		{"a status", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			remember(t, r, errBegun)
		}, 204, ""},
		{"a body", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "x")
			remember(t, r, errBegun)
		}, 200, "x"},
		{"early hints, and headers cleared", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(103)
			clear(w.Header()) // as a reverse proxy does
			remember(t, r, nil)
			w.WriteHeader(201)
		}, 201, ""},
		{"flush", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			remember(t, r, errBegun)
			io.WriteString(w, "x")
		}, 200, "x"},
		{"flush by controller", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			remember(t, r, errBegun)
		}, 200, ""},
		{"reader from", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			if _, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(make([]byte, 1<<20))); err != nil {
				t.Error(err)
			}
			remember(t, r, errBegun)
		}, 200, strings.Repeat("\x00", 1<<20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(new(Cookie).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				remember(t, r, nil)
				tt.handler(t, w, r)
			})))
			defer srv.Close()
			var hints []http.Header
			trace := &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error { hints = append(hints, http.Header(h)); return nil }}
			req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != tt.status || string(b) != tt.body {
				t.Errorf("%d, %d bytes, %v; want %d, %d bytes", res.StatusCode, len(b), err, tt.status, len(tt.body))
			}
			if n := len(res.Cookies()); n != 1 {
				t.Errorf("%d cookies, want 1", n)
			}
			if want := strings.HasPrefix(tt.name, "early hints"); (len(hints) == 1) != want || want && hints[0].Get("Link") == "" {
				t.Errorf("informational responses %v", hints)
			}
		})
	}
}

func TestUpgradePasses(t *testing.T) {
	srv := httptest.NewServer(new(Cookie).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello")
		rw.Flush()
	})))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	b, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 101 ") || !strings.HasSuffix(string(b), "\r\n\r\nhello") {
		t.Errorf("got %q, %v", b, err)
	}
}

func FuzzParse(f *testing.F) {
	key := []byte("key")
	for _, c := range []Content{
		{},
		{Identity: auth.Identity{User: "bob", Roles: []string{"a"}, Data: "d"}, Expires: time.Unix(4e9, 0)},
		{Values: map[string]string{"a\x00": "\u00ff"}, Expires: time.Unix(1, 0)},
	} {
		s, err := c.sign("n", key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s)
	}
	f.Add("")
	f.Add(strings.Repeat("A", 54) + "e30")
	f.Fuzz(func(t *testing.T, value string) {
		c, err := Parse("n", value)
		if errors.Is(err, ErrMalformed) {
			return
		}
		if !errors.Is(err, ErrNoKey) {
			t.Fatalf("without a key: %v", err)
		}
		if _, err := Parse("n", value, []byte("another")); !errors.Is(err, ErrSignature) {
			t.Errorf("by another key: %v", err)
		}
		// What it says can be said again, and is read as the same.
		s, err := c.sign("n", key)
		if err != nil || len(s) > sizeLimit {
			return
		}
		again, err := Parse("n", s, key)
		if err != nil && !errors.Is(err, ErrExpired) {
			t.Fatal(err)
		}
		again.Key = c.Key
		if len(c.Values)+len(c.Identity.Roles) == 0 {
			c.Values, c.Identity.Roles = again.Values, again.Identity.Roles
		}
		if c.empty() != again.empty() || c.Identity.User != again.Identity.User || !cmp.Equal(len(c.Values), len(again.Values)) {
			t.Errorf("%+v is read as %+v", c, again)
		}
	})
}
