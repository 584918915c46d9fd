package upstream_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/upstream"
)

// patience bounds what must happen soon; it only ends a test that hangs.
const patience = 2 * time.Minute

// target starts a server and returns its URL with path.
func target(t testing.TB, path string, h http.HandlerFunc) *url.URL {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := upstream.Parse(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// serve mounts p at mount and returns the server's URL.
func serve(t testing.TB, p *upstream.Proxy, mount string) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ServeHTTP(w, httpx.WithMount(r, mount)) }))
	s.Start()
	t.Cleanup(p.Close)
	t.Cleanup(s.Close)
	return s.URL
}

var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       patience,
}

func do(t testing.TB, method, target string, body io.Reader, fields ...string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if r.Header.Add(fields[i], fields[i+1]); fields[i] == "Host" {
			r.Host = fields[i+1]
		}
	}
	res, err := client.Transport.RoundTrip(r) // a Client would judge Location
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func read(t testing.TB, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestProxyPathsJoinAndQueryStays(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RequestURI) }
	for _, c := range []struct{ base, mount, ask, want string }{
		{"", "", "/", "/"}, {"", "", "/a/b", "/a/b"}, {"/", "", "/a/", "/a/"},
		{"/base", "", "/", "/base/"}, {"/base/", "", "/", "/base/"}, {"/base", "", "/a", "/base/a"}, {"/base/", "", "/a/", "/base/a/"},
		{"", "/api", "/api", "/"}, {"", "/api", "/api/", "/"}, {"", "/api", "/api/x", "/x"},
		{"/base", "/api", "/api", "/base"}, {"/base/", "/api", "/api", "/base/"}, {"/base", "/api", "/api/", "/base/"}, {"/base/", "/api", "/api/x", "/base/x"},
		{"", "", "/a%2Fb/%7e%C3%BC", "/a%2Fb/%7e%C3%BC"}, {"/b%2Fc", "/api", "/api/a%2Fb", "/b%2Fc/a%2Fb"}, {"", "", "/a//b", "/a//b"}, {"", "", "/a/../b", "/a/../b"},
		{"", "", "/?a=1&b=;&&c=%zz&d=+%20", "/?a=1&b=;&&c=%zz&d=+%20"}, {"", "", "/?", "/?"}, {"/x?k=v", "", "/?a=1", "/x/?k=v&a=1"}, {"/x?k=v", "", "/", "/x/?k=v"},
	} {
		p := &upstream.Proxy{Target: target(t, c.base, echo)}
		host := strings.TrimPrefix(serve(t, p, c.mount), "http://")
		if got := raw(t, host, "GET "+c.ask+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\n"+c.want) && !strings.Contains(got, "\r\n"+c.want+"\r\n") {
			t.Errorf("base %q mount %q ask %q: %q, want %q", c.base, c.mount, c.ask, got, c.want)
		}
	}
}

// raw sends bytes and returns all that comes back.
func raw(t testing.TB, host, send string) string {
	t.Helper()
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, send)
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestProxyForwardedFields(t *testing.T) {
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		seen := map[string]string{"Host": r.Host}
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Gone", "Connection", "Keep-Alive", "X-Hop", "User-Agent", "Accept-Encoding"} {
			if v, ok := r.Header[name]; ok {
				seen[name] = strings.Join(v, "|")
			}
		}
		json.NewEncoder(w).Encode(seen)
	})
	sent := []string{"X-Forwarded-For", "9.9.9.9", "X-Forwarded-Host", "evil", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "1", "X-Forwarded-Prefix", "/outer",
		"Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "5", "User-Agent", "me"}
	ask := func(p *upstream.Proxy) (map[string]string, string) {
		at := serve(t, p, "/api")
		var seen map[string]string
		if err := json.Unmarshal([]byte(read(t, do(t, "GET", at+"/api/x", nil, sent...))), &seen); err != nil {
			t.Fatal(err)
		}
		return seen, strings.TrimPrefix(at, "http://")
	}
	got, host := ask(&upstream.Proxy{Target: u})
	want := map[string]string{"Host": u.Host, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/api", "User-Agent": "me"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("of a stranger: %s", d)
	}
	got, host = ask(&upstream.Proxy{Target: u, KeepHost: true, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	want = map[string]string{"Host": host, "X-Forwarded-For": "9.9.9.9, 127.0.0.1", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/outer/api", "User-Agent": "me"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("of a trusted proxy: %s", d)
	}
}

func TestProxyEditsAndMethods(t *testing.T) {
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Powered-By", "old")
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("Seen", r.Host+" "+r.Header.Get("Authorization")+" "+strings.Join(r.Header["X-Add"], "|")+" "+r.Header.Get("Cookie"))
	})
	p := &upstream.Proxy{Target: u, Methods: []string{"GET", "POST"},
		Request:  upstream.Edits{Delete: []string{"cookie"}, Set: map[string]string{"authorization": "Bearer x", "Host": "virtual.example"}, Add: map[string]string{"X-Add": "2"}},
		Response: upstream.Edits{Delete: []string{"X-Powered-By"}, Set: map[string]string{"Access-Control-Allow-Origin": "*"}}}
	at := serve(t, p, "")
	res := do(t, "GET", at, nil, "X-Add", "1", "Cookie", "a=b")
	if got := res.Header.Get("Seen"); got != "virtual.example Bearer x 1|2" {
		t.Errorf("request: %q", got)
	}
	if res.Header.Get("X-Powered-By") != "" || res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Keep-Alive") != "" {
		t.Errorf("answer: %v", res.Header)
	}
	if res := do(t, "DELETE", at, nil); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, POST" {
		t.Errorf("DELETE: %d %q", res.StatusCode, res.Header.Get("Allow"))
	}
	if res := do(t, "MKCOL", serve(t, &upstream.Proxy{Target: u}, ""), nil); res.StatusCode != 200 {
		t.Errorf("MKCOL: %d", res.StatusCode)
	}
}

func TestProxyStreamsAndTrailers(t *testing.T) {
	next := make(chan bool)
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Trailer", "X-Sum")
		w.WriteHeader(103)
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			<-next
		}
		io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Sum", "got "+r.Trailer.Get("X-Up"))
		w.Header().Set(http.TrailerPrefix+"X-Late", "late")
	})
	at := serve(t, &upstream.Proxy{Target: u}, "")
	var early []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { early = append(early, code); return nil }})
	r, _ := http.NewRequestWithContext(ctx, "POST", at, io.NopCloser(strings.NewReader("body")))
	r.Trailer = http.Header{"X-Up": {"loaded"}}
	r.ContentLength = -1
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for i := range 3 { // each line comes before the next is written
		line, err := lines.ReadString('\n')
		if err != nil || line != fmt.Sprintf("data: %d\n", i) {
			t.Fatalf("%q %v", line, err)
		}
		lines.ReadString('\n')
		next <- true
	}
	if _, err := io.ReadAll(lines); err != nil {
		t.Fatal(err)
	}
	if res.Trailer.Get("X-Sum") != "got loaded" || res.Trailer.Get("X-Late") != "late" {
		t.Errorf("trailers %v", res.Trailer)
	}
	if d := cmp.Diff([]int{103}, early); d != "" {
		t.Error(d)
	}
}

func TestProxyWebSocket(t *testing.T) {
	u := target(t, "/base", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			kind, b, err := c.Read(r.Context())
			if err != nil {
				return
			}
			c.Write(r.Context(), kind, append([]byte(r.URL.Path+" "), b...))
		}
	})
	at := serve(t, &upstream.Proxy{Target: u}, "/ws")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(at, "http")+"/ws/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.Write(ctx, websocket.MessageText, []byte("hello"))
	if _, b, err := c.Read(ctx); err != nil || string(b) != "/base/chat hello" {
		t.Errorf("%q %v", b, err)
	}
	c.Close(websocket.StatusNormalClosure, "")
}

func TestProxyBodiesAsTheyAre(t *testing.T) {
	big := strings.Repeat("x", 3<<20)
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip") // not decoded on the way, though it is none
		w.Header().Set("X-Big", strings.Repeat("h", 60_000))
		io.Copy(w, r.Body)
	})
	at := serve(t, &upstream.Proxy{Target: u}, "")
	res := do(t, "POST", at, strings.NewReader(big))
	if got := read(t, res); got != big || res.Header.Get("Content-Encoding") != "gzip" || len(res.Header.Get("X-Big")) != 60_000 {
		t.Errorf("%d bytes, %v", len(got), res.Header.Get("Content-Encoding"))
	}
	if res := do(t, "HEAD", at, nil); res.StatusCode != 200 {
		t.Errorf("HEAD %d", res.StatusCode)
	}
}

func TestProxyResetAmidBody(t *testing.T) {
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		c, _, _ := http.NewResponseController(w).Hijack()
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	})
	res := do(t, "GET", serve(t, &upstream.Proxy{Target: u}, ""), nil)
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("a cut answer ended well: %q", b)
	}
}

func TestProxyClientLeaves(t *testing.T) {
	began, ended := make(chan bool), make(chan bool)
	u := target(t, "", func(w http.ResponseWriter, r *http.Request) { close(began); <-r.Context().Done(); close(ended) })
	p := &upstream.Proxy{Target: u, Failed: func(_ *http.Request, err error) { t.Errorf("told of %v", err) }}
	at := serve(t, p, "")
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", at, nil)
	go func() { <-began; cancel() }()
	if _, err := client.Do(r); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-ended
}

func TestProxyDeadTargets(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	hang := func(say string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				wg.Go(func() {
					defer c.Close()
					// All of it first: an answer amid the request may be lost to the end of writing.
					if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						io.Copy(io.Discard, r.Body)
					}
					if say != "" { // and is at its end; what is unread at a Close would take the answer back
						io.WriteString(c, say)
						c.(*net.TCPConn).CloseWrite()
					}
					io.Copy(io.Discard, c)
				})
			}
		})
		t.Cleanup(func() { l.Close(); client.CloseIdleConnections(); wg.Wait() })
		return l.Addr().String()
	}
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = quiet()
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	plain := target(t, "", func(http.ResponseWriter, *http.Request) {})
	crash := target(t, "", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	for _, c := range []struct {
		target string
		status int
		say    string
	}{
		{"http://" + closed.Addr().String(), 502, "connection refused: is it running?"},
		{"http://no-such-host.invalid:9", 502, "no such host"},
		{"http://" + hang(""), 504, "no answer within the time allowed"},
		{"http://" + hang("SSH-2.0-x\r\n\r\n"), 502, "does not answer in HTTP"},
		{"https://" + plain.Host, 502, "does not speak TLS"},
		{tlsServer.URL, 502, "authority that is not known"},
		{crash.String(), 502, "closed the connection without an answer"},
	} {
		u, err := upstream.Parse(c.target)
		if err != nil {
			t.Fatal(err)
		}
		told := make(chan error, 1)
		p := &upstream.Proxy{Target: u, Failed: func(_ *http.Request, err error) { told <- err }}
		if c.status == 504 {
			p.AnswerTimeout = 50 * time.Millisecond
		}
		at := serve(t, p, "")
		for accept, kind := range map[string]string{"text/html": "text/html; charset=utf-8", "*/*": "text/plain; charset=utf-8", "application/json": "application/problem+json"} {
			res := do(t, "POST", at+"/%3Cb%3E?q=<script>", strings.NewReader("x"), "Accept", accept)
			got := read(t, res)
			if res.StatusCode != c.status || !strings.Contains(got, c.say) || !strings.Contains(got, u.Host) || res.Header.Get("Content-Type") != kind {
				t.Errorf("%s, %s: %d %s", c.target, accept, res.StatusCode, got)
			}
			if strings.Contains(got, "<script") || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s", c.target, got)
			}
			<-told
		}
	}
	if res := do(t, "GET", serve(t, &upstream.Proxy{}, ""), nil); res.StatusCode != 502 {
		t.Errorf("the zero value: %d", res.StatusCode)
	}
}

func TestProxyTrustsAuthority(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "secret of "+r.Proto) }))
	t.Cleanup(s.Close)
	u, _ := upstream.Parse(s.URL)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	for name, p := range map[string]*upstream.Proxy{"pool": {Target: u, RootCAs: pool}, "insecure": {Target: u, Insecure: true}} {
		if got := read(t, do(t, "GET", serve(t, p, ""), nil)); got != "secret of HTTP/1.1" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"localhost:9000": "http://localhost:9000", "https://x/base": "https://x/base", "http://[::1]:80/": "http://[::1]:80/",
		"": "no host", "ftp://x": "not http or https", "http://": "no host", "http://u:geheim@x": "Authorization", "http://x/#f": "fragment", "http://x:y": "invalid port", "http://x:99999": "no port 99999", "http://x:0/": "no port 0", "/path": "no host",
	} {
		u, err := upstream.Parse(in)
		got := fmt.Sprint(u)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || strings.Contains(got, "geheim") || err == nil && got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
