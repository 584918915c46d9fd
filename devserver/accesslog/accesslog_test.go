package accesslog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// buffer can be written while it is read.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

var india = time.Date(2026, 11, 23, 9, 5, 7, 0, time.FixedZone("IST", 5*3600+1800))

// fixed returns a Middleware to out whose clock stands, or moves by step each time it is asked.
func fixed(out io.Writer, step time.Duration) *Middleware {
	var mu sync.Mutex
	now := india.Add(-step)
	return &Middleware{Out: out, now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(step)
		return now
	}}
}

func serve(m *Middleware, r *http.Request, h http.HandlerFunc) {
	m.Handler(h).ServeHTTP(httptest.NewRecorder(), r)
	m.Flush()
}

func TestCombined(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *http.Request)
		h      http.HandlerFunc
		want   string
	}{
		{"plain", nil, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") },
			`192.0.2.1 - - [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 200 5 "-" "-"`},
		{"nothing written", nil, func(http.ResponseWriter, *http.Request) {},
			`192.0.2.1 - - [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 200 - "-" "-"`},
		{"fields", func(r *http.Request) {
			r.Header.Set("Referer", "http://h/x")
			r.Header.Set("User-Agent", "curl/8")
			r.SetBasicAuth("ada l", "secret")
		}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
			`192.0.2.1 - ada\x20l [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 404 - "http://h/x" "curl/8"`},
		{"refused credentials name nobody", func(r *http.Request) { r.SetBasicAuth("ada", "x") }, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
			`192.0.2.1 - - [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 401 - "-" "-"`},
		{"a unix socket has no address", func(r *http.Request) { r.RemoteAddr = "@" }, func(http.ResponseWriter, *http.Request) {},
			`- - - [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 200 - "-" "-"`},
		// Security defect 7: quotes, ESC, newlines and foreign bytes.
		{"escaped", func(r *http.Request) {
			r.RequestURI = "/\xff\""
			r.Header["Referer"] = []string{"\" 200 1 \"\\"}
			r.Header["User-Agent"] = []string{"\x1b[2J\r\nx\u009b\u202eä日\t\x7f\u2028"}
			r.Header["X-Forwarded-For"] = []string{"1.2.3.4\n5.6.7.8"}
		}, func(http.ResponseWriter, *http.Request) {},
			`192.0.2.1 - - [23/Nov/2026:09:05:07 +0530] "GET /\xff\" HTTP/1.1" 200 - "\" 200 1 \"\\" "\x1b[2J\x0d\x0ax\xc2\x9b\xe2\x80\xaeä日\x09\x7f\xe2\x80\xa8"`},
		{"method and path saved before they are rewritten", nil, func(_ http.ResponseWriter, r *http.Request) {
			r.Method, r.URL.Path, r.RequestURI, r.Host = "PUT", "/other", "/other", "h"
		}, `192.0.2.1 - - [23/Nov/2026:09:05:07 +0530] "GET /a?b=c HTTP/1.1" 200 - "-" "-"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out buffer
			r := httptest.NewRequest("GET", "/a?b=c", nil)
			if tt.change != nil {
				tt.change(r)
			}
			serve(fixed(&out, 0), r, tt.h)
			if d := cmp.Diff(tt.want+"\n", out.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestUTCOffset(t *testing.T) {
	for _, tt := range []struct {
		seconds int
		want    string
	}{{5*3600 + 1800, "+0530"}, {-(3*3600 + 1800), "-0330"}, {0, "+0000"}, {5*3600 + 2700, "+0545"}, {-8 * 3600, "-0800"}} {
		e := &Entry{Time: india.In(time.FixedZone("", tt.seconds))}
		if s := string(e.AppendCombined(nil, false)); !strings.Contains(s, tt.want+"]") {
			t.Errorf("%d: %s", tt.seconds, s)
		}
	}
}

func TestDuration(t *testing.T) {
	var out buffer
	m := fixed(&out, 1500*time.Microsecond)
	m.Format = CombinedDuration
	serve(m, httptest.NewRequest("GET", "/", nil), func(http.ResponseWriter, *http.Request) {})
	if !strings.HasSuffix(out.String(), `"-" 1500`+"\n") {
		t.Error(out.String())
	}
}

func TestJSON(t *testing.T) {
	var out buffer
	m := fixed(&out, 2500*time.Microsecond)
	m.Format = JSON
	r := httptest.NewRequest("POST", "http://shop.test/a?b=1&c=<>", nil)
	r.Header["User-Agent"] = []string{"\x1b\"\\\n\xff\u009b\x7f"}
	serve(m, r, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		fmt.Fprint(w, "hello")
	})
	if !strings.Contains(out.String(), `"uri":"http://shop.test/a?b=1&c=<>"`) || strings.Count(out.String(), "\n") != 1 {
		t.Error(out.String())
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	want := map[string]any{
		"time": "2026-11-23T09:05:07+05:30", "remote": "192.0.2.1", "method": "POST", "uri": "http://shop.test/a?b=1&c=<>", "proto": "HTTP/1.1",
		"host": "shop.test", "status": 201.0, "bytes": 5.0, "ms": 2.5, "user_agent": `\x1b"\\x0a\xff\xc2\x9b\x7f`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	m := &Middleware{Logger: slog.New(slog.NewTextHandler(&out, nil))}
	serve(m, httptest.NewRequest("GET", "/x", nil), func(http.ResponseWriter, *http.Request) {})
	if s := out.String(); !strings.Contains(s, "msg=request") || !strings.Contains(s, "uri=/x") || !strings.Contains(s, "status=200") {
		t.Error(s)
	}
}

func TestForwardedOnlyWhenTold(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("10.0.0.0/8")}
	tests := []struct {
		name    string
		xff     []string
		trusted []netip.Prefix
		want    string
	}{
		{"not told", []string{"1.2.3.4"}, nil, "192.0.2.1"},
		{"told", []string{"1.2.3.4"}, proxies, "1.2.3.4"},
		{"peer is no proxy", []string{"1.2.3.4"}, proxies[1:], "192.0.2.1"},
		{"forged first element", []string{"6.6.6.6, 1.2.3.4, 10.1.1.1"}, proxies, "1.2.3.4"},
		{"two lines, port, IPv6", []string{"6.6.6.6", "[2001:db8::1]:443"}, proxies, "2001:db8::1"},
		{"newline", []string{"1.2.3.4\n6.6.6.6 - - x"}, proxies, "192.0.2.1"},
		{"ESC", []string{"\x1b[2J"}, proxies, "192.0.2.1"},
		{"a name", []string{"unknown"}, proxies, "192.0.2.1"},
		{"zone", []string{"fe80::1%\" x"}, proxies, "fe80::1"},
		{"empty", []string{""}, proxies, "192.0.2.1"},
		{"only proxies", []string{"10.0.0.1, 10.0.0.2"}, proxies, "10.0.0.1"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Forwarded-For"] = tt.xff
		if got := remote(r, tt.trusted); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRealByteCounts(t *testing.T) {
	f, err := os.Open("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method string
		h            http.HandlerFunc
		status       string
	}{
		{"write and string", "GET", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "abc")
			_, _ = io.WriteString(w, "de")
		}, "200 5"},
		{"Content-Length lies", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = w.Write([]byte("abc"))
		}, "200 -"},
		{"HEAD", "HEAD", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "abc") }, "200 -"},
		{"204", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			_, _ = w.Write([]byte("abc"))
		}, "204 -"},
		{"file", "GET", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, f) }, fmt.Sprintf("200 %d", st.Size())},
		{"1xx is not the answer", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(202)
		}, "202 -"},
		{"flush", "GET", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }, "200 -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out buffer
			m := &Middleware{Out: &out}
			srv := httptest.NewUnstartedServer(m.Handler(tt.h))
			srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
			srv.Start()
			req, err := http.NewRequestWithContext(t.Context(), tt.method, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if res, err := http.DefaultClient.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
			srv.Close()
			if err := m.Close(); err != nil {
				t.Error(err)
			}
			if !strings.Contains(out.String(), `" `+tt.status+` "`) {
				t.Errorf("want %q in %q", tt.status, out.String())
			}
		})
	}
}

func TestPanicIsLoggedAndGoesOn(t *testing.T) {
	for _, wrote := range []bool{false, true} {
		var out buffer
		m := fixed(&out, 0)
		m.Format = JSON
		func() {
			defer func() {
				if v := recover(); v != "boom" {
					t.Errorf("recovered %v", v)
				}
			}()
			serve(m, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
				if wrote {
					fmt.Fprint(w, "x")
				}
				panic("boom")
			})
		}()
		m.Flush()
		if s := out.String(); !strings.Contains(s, `"aborted":true`) || strings.Contains(s, `"status":200`) != wrote {
			t.Error(s)
		}
	}
}

// A hijacked connection is logged when it ends, with its own bytes and status.
func TestHijackedLoggedAtEnd(t *testing.T) {
	lines := make(chan string, 4)
	m := &Middleware{Out: writerFunc(func(p []byte) (int, error) { lines <- string(p); return len(p), nil })}
	handed, finish := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(m.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if _, ok := c.(halfCloser); !ok {
			t.Error("CloseWrite is lost")
		}
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_ = rw.Flush()
		go func() {
			<-finish
			fmt.Fprint(c, "12345")
			c.Close()
			c.Close()
		}()
		close(handed)
	})))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "x")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-handed
	m.Flush()
	select {
	case l := <-lines:
		t.Errorf("logged before its end: %s", l)
	default:
	}
	close(finish)
	if b, _ := io.ReadAll(bufio.NewReader(res.Body)); string(b) != "12345" {
		t.Errorf("%q", b)
	}
	if l := <-lines; !strings.Contains(l, `"GET /ws HTTP/1.1" 101 74 "-"`) {
		t.Error(l)
	}
	select {
	case l := <-lines:
		t.Errorf("logged twice: %s", l)
	default:
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
