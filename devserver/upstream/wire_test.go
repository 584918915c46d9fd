package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/upstream"
)

// scripted is a target that hands the head of each request to seen and answers with the
// same bytes, whatever it is asked, and closes.
func scripted(t *testing.T, answer string) (at *url.URL, seen <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heads := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			br, head := bufio.NewReader(c), ""
			for !strings.HasSuffix(head, "\r\n\r\n") {
				line, err := br.ReadString('\n')
				if head += line; err != nil {
					break
				}
			}
			heads <- head
			io.WriteString(c, answer)
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, br)
			c.Close()
		}
	}()
	return &url.URL{Scheme: "http", Host: l.Addr().String()}, heads
}

const ok = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

// bare serves h without anything of net/http's own between client and handler.
func bare(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.DisableGeneralOptionsHandler = true
	s.Config.ErrorLog = quiet()
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// RFC 9112, 3.2: what a target is asked for in each form of the request target.
func TestRequestTargets(t *testing.T) {
	at, seen := scripted(t, ok)
	host := bare(t, &upstream.Proxy{Target: at})
	for ask, want := range map[string]string{
		"GET /a?b HTTP/1.1\r\nHost: x":                      "GET /a?b HTTP/1.1\r\nHost: " + at.Host,
		"GET http://elsewhere.test/a HTTP/1.1\r\nHost: x":   "GET /a HTTP/1.1\r\nHost: " + at.Host,
		"GET //elsewhere.test/a HTTP/1.1\r\nHost: x":        "GET //elsewhere.test/a HTTP/1.1\r\nHost: " + at.Host,
		"GET /..%2f..%5C/%00 HTTP/1.1\r\nHost: x":           "GET /..%2f..%5C/%00 HTTP/1.1\r\nHost: " + at.Host,
		"OPTIONS * HTTP/1.1\r\nHost: x":                     "OPTIONS * HTTP/1.1\r\nHost: " + at.Host,
		"OPTIONS /a HTTP/1.1\r\nHost: x":                    "OPTIONS /a HTTP/1.1\r\nHost: " + at.Host,
		"QUERY /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0": "QUERY /a HTTP/1.1\r\nHost: " + at.Host,
	} {
		if got := raw(t, host, ask+"\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("%q: %s", ask, got)
			continue
		}
		if got := <-seen; !strings.HasPrefix(got, want+"\r\n") {
			t.Errorf("%q: %q, want %q", ask, got, want)
		}
	}
	got := raw(t, host, "CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 501 ") {
		t.Errorf("CONNECT: %s", got)
	}
	select {
	case got := <-seen:
		t.Errorf("CONNECT reached the target as %q", got)
	default:
	}
}

// RFC 9110, 7.6.1 and RFC 9112, 6.3: fields of one connection stay on it, and a body has
// one length.
func TestRequestFields(t *testing.T) {
	at, seen := scripted(t, "HTTP/1.1 200 OK\r\nConnection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok")
	host := bare(t, &upstream.Proxy{Target: at, Request: upstream.Edits{Set: map[string]string{"host": "edited.test"}}})
	res := raw(t, host, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nTE: trailers, deflate\r\n"+
		"Connection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Connection: keep-alive\r\nForwarded: for=1.2.3.4\r\nUser-Agent: me\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	if !strings.HasPrefix(res, "HTTP/1.1 200 OK") || strings.Contains(res, "X-Secret") || strings.Contains(res, "Keep-Alive") || strings.Contains(res, "Proxy-") {
		t.Errorf("the answer: %s", res)
	}
	head := <-seen
	h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head[strings.Index(head, "\n")+1:]))).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Forwarded-") {
			h.Del(name)
		}
	}
	want := textproto.MIMEHeader{"Host": {"edited.test"}, "Te": {"trailers"}, "Transfer-Encoding": {"chunked"}, "User-Agent": {"me"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}

// What another handler has set before stays, though there are interim answers (RFC 8297).
func TestInterimAnswers(t *testing.T) {
	at, _ := scripted(t, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\nHTTP/1.1 200 OK\r\nX-Target: 1\r\nVary: Cookie\r\nContent-Length: 2\r\n\r\nok")
	gone := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	for name, c := range map[string]struct {
		target *url.URL
		hints  []string
		status int
		want   http.Header
	}{
		"answered": {at, []string{"</a.css>", "</b.css>"}, 200, http.Header{"X-Outer": {"1"}, "X-Target": {"1"}, "Vary": {"Accept-Encoding", "Cookie"}}},
		"refused":  {gone, nil, 502, http.Header{"X-Outer": {"1"}, "Vary": {"Accept-Encoding", "Accept"}}},
	} {
		p := &upstream.Proxy{Target: c.target}
		host := bare(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Outer", "1")
			w.Header().Set("Vary", "Accept-Encoding")
			p.ServeHTTP(w, r)
		}))
		var hints []string
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			hints = append(hints, h.Get("Link"))
			return nil
		}})
		r, err := http.NewRequestWithContext(ctx, "GET", "http://"+host+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		got := http.Header{}
		for _, name := range []string{"X-Outer", "X-Target", "Vary", "Link"} {
			if v, ok := res.Header[name]; ok {
				got[name] = v
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" || res.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, res.StatusCode, diff)
		}
		if diff := cmp.Diff(c.hints, hints); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A body that the client does not send whole is the client's fault, not the target's.
func TestBodiesOfTheClient(t *testing.T) {
	at := target(t, "", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	limited := func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 5) }
	plain := func(h http.Handler) http.Handler { return h }
	for name, c := range map[string]struct {
		wrap   func(http.Handler) http.Handler
		send   string
		status string
	}{
		"short":   {plain, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this", "400 Bad Request"},
		"chunk":   {plain, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request"},
		"limited": {limited, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789", "413 Request Entity Too Large"},
	} {
		told := make(chan error, 1)
		p := &upstream.Proxy{Target: at, Failed: func(_ *http.Request, err error) { told <- err }}
		host := bare(t, c.wrap(p))
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		io.WriteString(conn, c.send)
		conn.(*net.TCPConn).CloseWrite()
		got, _ := io.ReadAll(conn)
		if !strings.HasPrefix(string(got), "HTTP/1.1 "+c.status) {
			t.Errorf("%s: %s", name, got)
		}
		select {
		case err := <-told:
			t.Errorf("%s: the target is blamed: %v", name, err)
		default:
		}
	}
}

// The target may answer while it reads (RFC 9112, 9.3.2 speaks of it for 4xx; streams
// both ways do it all the time).
func TestBothWaysAtOnce(t *testing.T) {
	at := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		rc.Flush()
		for br := bufio.NewReader(r.Body); ; {
			line, err := br.ReadString('\n')
			if err != nil {
				return
			}
			io.WriteString(w, strings.ToUpper(line))
			rc.Flush()
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	body, say := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, "POST", serve(t, &upstream.Proxy{Target: at}, ""), body)
	if err != nil {
		t.Fatal(err)
	}
	keeping := &http.Transport{} // who closes after one request would not be made to wait
	defer keeping.CloseIdleConnections()
	res, err := keeping.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back := bufio.NewReader(res.Body)
	for _, word := range []string{"one\n", "two\n", "three\n"} {
		if _, err := io.WriteString(say, word); err != nil {
			t.Fatal(err)
		}
		if got, err := back.ReadString('\n'); err != nil || got != strings.ToUpper(word) {
			t.Fatalf("%q, %v", got, err)
		}
	}
	say.Close()
	if _, err := back.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// RFC 9110, 10.1.1: the body is asked for only if the target wants it.
func TestExpect(t *testing.T) {
	at, _ := scripted(t, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
	got := raw(t, bare(t, &upstream.Proxy{Target: at}), "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 417") {
		t.Errorf("refused: %s", got)
	}
	read := target(t, "", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	conn, err := net.Dial("tcp", bare(t, &upstream.Proxy{Target: read}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
	br := bufio.NewReader(conn)
	if line, err := br.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("%q, %v", line, err)
	}
	io.WriteString(conn, "hello")
	rest, _ := io.ReadAll(br)
	if !strings.Contains(string(rest), "HTTP/1.1 200 OK") || !strings.HasSuffix(string(rest), "hello") || strings.Contains(string(rest), "100 Continue") {
		t.Errorf("%q", rest)
	}
}

// RFC 9112, 6.3: an answer that ends before its length is not passed on as whole.
func TestAnswersCutShort(t *testing.T) {
	for name, answer := range map[string]string{
		"length":   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"chunk":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
		"no chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		at, _ := scripted(t, answer)
		res := do(t, "GET", "http://"+bare(t, &upstream.Proxy{Target: at}), nil)
		if b, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%s: %q and no error", name, b)
		}
	}
	at, _ := scripted(t, "HTTP/1.0 200 OK\r\n\r\nall until the end")
	if got := read(t, do(t, "GET", "http://"+bare(t, &upstream.Proxy{Target: at}), nil)); got != "all until the end" {
		t.Errorf("HTTP/1.0: %q", got)
	}
}

// A target that is the server itself is told, not asked for ever.
func TestLoop(t *testing.T) {
	p := &upstream.Proxy{}
	calls := 0
	host := bare(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		p.ServeHTTP(w, r)
	}))
	p.Target = &url.URL{Scheme: "http", Host: host}
	t.Cleanup(p.Close)
	for range 3 { // over a connection that is kept, too
		res := do(t, "GET", "http://"+host+"/", nil)
		if got := read(t, res); res.StatusCode != http.StatusLoopDetected || !strings.Contains(got, "leads back") {
			t.Errorf("%d %s", res.StatusCode, got)
		}
	}
	if calls != 6 {
		t.Errorf("%d calls for 3 requests", calls)
	}
}
