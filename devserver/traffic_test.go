package devserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

var serverTiming = regexp.MustCompile(`Server-Timing: pastedev;desc="[0-9a-f]{32}";dur=[0-9.]+\r\n`)

// TestResponseBytes sends raw requests to a raw target and compares what the client
// gets, byte by byte, once our own header is taken out (and shown to be there).
func TestResponseBytes(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	big := strings.Repeat("v", 1<<20)
	tests := []struct{ name, request, response, want string }{
		{"length", get,
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"},
		{"no type or date is invented", get,
			"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html></html>\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\n<html></html>\n"},
		{"chunked", get,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
		{"chunked and empty", get,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"until close, to an HTTP/1.0 client", "GET / HTTP/1.0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi",
			"HTTP/1.0 200 OK\r\n\r\nhi"},
		{"head", "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 123456\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 123456\r\nConnection: close\r\n\r\n"},
		{"range", "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=1-2\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\nContent-Range: bytes 1-2/9\r\n\r\nbc",
			"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\nContent-Range: bytes 1-2/9\r\nConnection: close\r\n\r\nbc"},
		{"no content", get,
			"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
			"HTTP/1.1 204 No Content\r\nX-A: 1\r\nConnection: close\r\n\r\n"},
		{"not modified", get,
			"HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\n\r\n",
			"HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\nConnection: close\r\n\r\n"},
		{"location and cookies untouched", get,
			"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/x y\r\nSet-Cookie: a=1; Path=/; Secure\r\nSet-Cookie: b=\"2\"\r\n\r\n",
			"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/x y\r\nSet-Cookie: a=1; Path=/; Secure\r\nSet-Cookie: b=\"2\"\r\nConnection: close\r\n\r\n"},
		{"early hints", get,
			"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
			"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"},
		{"trailers", get,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 9\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 9\r\n\r\n"},
		{"trailer not announced", get,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 9\r\n\r\n",
			"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 9\r\n\r\n"},
		{"encoding untouched", get,
			"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00",
			"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\x1f\x8b\x00"},
		{"huge header", get,
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Big: " + big + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Big: " + big + "\r\nConnection: close\r\n\r\n"},
		{"status of the target's own", get,
			"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 299 status code 299\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		{"broken off amid the body", get,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
			"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
				readHead(r)
				io.WriteString(c, tt.response)
			})
			s := newSite(t, target, Options{})
			got := exchangeBytes(t, s.addr, tt.request)
			if n := len(serverTiming.FindAllString(got, -1)); n != 1 {
				t.Errorf("%d Server-Timing headers, want 1 in %.300q", n, got)
			}
			if d := cmp.Diff(tt.want, serverTiming.ReplaceAllString(got, "")); d != "" {
				t.Errorf("-want +got\n%.2000s", d)
			}
		})
	}
}

// TestRequestBytes compares what a raw target gets with what the client sent.
func TestRequestBytes(t *testing.T) {
	big := strings.Repeat("v", 1<<20)
	tests := []struct{ name, request, want string }{
		{"nothing added", "GET / HTTP/1.1\r\nHost: example.test:99\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: example.test:99\r\n\r\n"},
		{"path and query bytes", "GET /a%2Fb//c%zz/../{x}?x;y&%% HTTP/1.1\r\nHost: x\r\n\r\n", ""}, // invalid escape: refused by net/http
		{"escaped slash, dots, braces", "GET /a%2fb//c/../{x}|\"?x;y&a=%20+&& HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /a%2fb//c/../{x}|\"?x;y&a=%20+&& HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"two slashes first", "GET //evil.test/x%2f HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET //evil.test/x%2f HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"empty query", "GET /? HTTP/1.1\r\nHost: x\r\n\r\n", "GET /? HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"options of the server", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"absolute form goes to the target only", "GET http://x.test/y?z HTTP/1.1\r\nHost: x.test\r\n\r\n",
			"GET http://x.test/y?z HTTP/1.1\r\nHost: x.test\r\n\r\n"},
		{"agent, encoding and cookies", "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a b\r\nAccept-Encoding: br;q=1\r\nCookie: a=\"1\"; b\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a b\r\nAccept-Encoding: br;q=1\r\nCookie: a=\"1\"; b\r\n\r\n"},
		{"hop-by-hop fields end here", "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 3\r\nTe: trailers, gzip\r\nX-End: 1\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nTe: trailers\r\nX-End: 1\r\n\r\n"},
		{"strange method", "PROPFIND /x HTTP/1.1\r\nHost: x\r\n\r\n", "PROPFIND /x HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"post with a length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"},
		{"post in chunks with a trailer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"},
		{"huge header", "GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + big + "\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + big + "\r\n\r\n"},
		{"smuggling: chunked wins, the length is dropped", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		{"smuggling: two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", ""},
		{"smuggling: strange coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\nabc", ""},
		{"smuggling: space before the colon", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n", ""},
		{"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan string, 2)
			target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
				head := readHead(r)
				switch {
				case strings.Contains(head, "chunked"):
					head += readHead(r) // up to the empty line after the trailer
				case strings.Contains(head, "Content-Length: 3"):
					b := make([]byte, 3)
					io.ReadFull(r, b)
					head += string(b)
				}
				got <- head
				io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			})
			s := newSite(t, target, Options{NoHeaders: true})
			c := dial(t, s.addr)
			io.WriteString(c, tt.request)
			answer := readHead(bufio.NewReader(c))
			if tt.want == "" {
				if !strings.HasPrefix(answer, "HTTP/1.1 400 ") && !strings.HasPrefix(answer, "HTTP/1.1 501 ") {
					t.Errorf("answer %q, want a refusal", answer)
				}
				select {
				case g := <-got:
					t.Errorf("reached the target: %q", g)
				default:
				}
				return
			}
			if !strings.HasPrefix(answer, "HTTP/1.1 204 ") {
				t.Fatalf("answer %q", answer)
			}
			if d := cmp.Diff(tt.want, <-got); d != "" {
				t.Errorf("-want +got\n%.2000s", d)
			}
		})
	}
}

// TestStreamsBothWays shows that each byte goes through before the next is sent.
func TestStreamsBothWays(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		rc.EnableFullDuplex()
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		rc.Flush()
		b := make([]byte, 1)
		for {
			if _, err := r.Body.Read(b); err != nil {
				return
			}
			w.Write(b)
			rc.Flush()
		}
	}))
	s := newSite(t, target, Options{})
	pr, pw := io.Pipe()
	req, _ := http.NewRequest("POST", "http://"+s.addr+"/", pr)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 8)
	for i := range 20 {
		want := string(rune('a' + i))
		io.WriteString(pw, want)
		if n, err := res.Body.Read(b); err != nil || string(b[:n]) != want {
			t.Fatalf("byte %d: got %q, %v", i, b[:n], err)
		}
	}
	pw.Close()
	if n, err := res.Body.Read(b); n != 0 || err != io.EOF {
		t.Fatalf("end: %d bytes, %v", n, err)
	}
	if x := s.rec.wait(t, 1)[0]; x.RequestSize != 20 || x.ResponseSize != 20 || x.Error != "" {
		t.Errorf("recorded %d up, %d down, error %q", x.RequestSize, x.ResponseSize, x.Error)
	}
}

// TestSlowBodyWithLength shows that a head with a length does not wait for its body.
func TestSlowBodyWithLength(t *testing.T) {
	release := make(chan struct{})
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
		<-release
		io.WriteString(c, "h")
		<-release
		io.WriteString(c, "i")
	})
	s := newSite(t, target, Options{})
	res, err := http.Get("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 2)
	for _, want := range []string{"h", "i"} {
		release <- struct{}{}
		if n, _ := res.Body.Read(b); string(b[:n]) != want {
			t.Fatalf("got %q, want %q", b[:n], want)
		}
	}
}

func TestExpectContinue(t *testing.T) {
	word := make(chan struct{})
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		if head := readHead(r); !strings.Contains(head, "Expect: 100-continue\r\n") {
			t.Errorf("no Expect in %q", head)
		}
		<-word
		io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		b := make([]byte, 3)
		io.ReadFull(r, b)
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n%s", b)
	})
	s := newSite(t, target, Options{})
	c := dial(t, s.addr)
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
	r := bufio.NewReader(c)
	first := make(chan string)
	go func() { first <- readHead(r) }()
	s.rec.waitStarted(t, 1)
	select {
	case got := <-first:
		t.Fatalf("client was told %q before the target said anything", got)
	case word <- struct{}{}:
	}
	if got := <-first; got != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("client was told %q", got)
	}
	io.WriteString(c, "abc")
	if head := readHead(r); !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") {
		t.Errorf("then %q", head)
	}

	refuse := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		io.WriteString(c, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
	})
	s = newSite(t, refuse, Options{})
	c = dial(t, s.addr)
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
	got := readHead(bufio.NewReader(c))
	if !strings.HasPrefix(got, "HTTP/1.1 417 ") {
		t.Errorf("refused: client was told %q", got)
	}
}

func TestEarlyHintsThroughClient(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		w.WriteHeader(200)
	}))
	s := newSite(t, target, Options{})
	var codes []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		codes = append(codes, code)
		return nil
	}})
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://"+s.addr, nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if d := cmp.Diff([]int{103}, codes); d != "" {
		t.Error(d)
	}
}

func TestClientGone(t *testing.T) {
	left := make(chan struct{})
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
		<-r.Context().Done() // the target learns it as it would without us
		close(left)
	}))
	s := newSite(t, target, Options{})
	c := dial(t, s.addr)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	r := bufio.NewReader(c)
	readHead(r)
	io.ReadFull(r, make([]byte, 10)) // 5 CRLF hello CRLF
	c.Close()
	<-left
	if x := s.rec.wait(t, 1)[0]; x.Error != "client went away after 5 bytes" || x.Status != 200 {
		t.Errorf("recorded status %d, error %q", x.Status, x.Error)
	}
}

func TestTargetGone(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
	})
	s := newSite(t, target, Options{})
	res, err := http.Get("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	if string(b) != "hello" || err != io.ErrUnexpectedEOF {
		t.Errorf("client read %q, %v", b, err)
	}
	x := s.rec.wait(t, 1)[0]
	if want := "the program broke the connection after 5 bytes: unexpected EOF"; x.Error != want {
		t.Errorf("recorded error %q, want %q", x.Error, want)
	}
}

// TestNoAnswer: the record says in words that the target took a request and hung up.
func TestNoAnswer(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) { readHead(r) })
	s := newSite(t, target, Options{})
	res, err := http.Post("http://"+s.addr, "text/plain", strings.NewReader("an order"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	x := s.rec.wait(t, 1)[0]
	if want := "the program ended the connection without an answer"; !strings.HasPrefix(x.Error, want) || strings.Contains(x.Error, "EOF") || x.Status != 502 {
		t.Errorf("recorded status %d, error %q, want %q", x.Status, x.Error, want)
	}
}

func TestWebSocket(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		for {
			kind, b, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, b) != nil {
				return
			}
		}
	}))
	s := newSite(t, target, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, res, err := websocket.Dial(ctx, "ws://"+s.addr+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Header.Get("Server-Timing") == "" {
		t.Error("no Server-Timing on the switch")
	}
	for range 3 {
		if err := c.Write(ctx, websocket.MessageText, []byte("ping")); err != nil {
			t.Fatal(err)
		}
		if _, b, err := c.Read(ctx); err != nil || string(b) != "ping" {
			t.Fatalf("read %q, %v", b, err)
		}
	}
	if n := s.InFlight(); n != 1 {
		t.Errorf("%d in flight while open, want 1", n)
	}
	c.Close(websocket.StatusNormalClosure, "")
	x := s.rec.wait(t, 1)[0]
	if x.Kind != inspect.KindWebSocket || x.Status != 101 || x.RequestSize < 3*8 || x.ResponseSize < 3*6 || x.Error != "" {
		t.Errorf("recorded %s %d, %d up, %d down, error %q", x.Kind, x.Status, x.RequestSize, x.ResponseSize, x.Error)
	}
}

func TestUpgrade(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		head := readHead(r)
		if !strings.Contains(head, "Connection: Upgrade, HTTP2-Settings\r\n") || !strings.Contains(head, "Http2-Settings: AAMAAABk\r\n") {
			t.Errorf("head %q", head)
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nfirst")
		b, _ := io.ReadAll(r) // until the client's half-close
		io.WriteString(c, "got "+string(b))
	})
	s := newSite(t, target, Options{NoHeaders: true})
	c := dial(t, s.addr)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\nsome")
	r := bufio.NewReader(c)
	got := readHead(r)
	io.WriteString(c, " bytes")
	c.(*net.TCPConn).CloseWrite()
	rest, _ := io.ReadAll(r)
	want := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nfirstgot some bytes"
	if d := cmp.Diff(want, got+string(rest)); d != "" {
		t.Error(d)
	}
	if x := s.rec.wait(t, 1)[0]; x.Kind != inspect.KindUpgrade || x.RequestSize != 10 || x.ResponseSize != 19 {
		t.Errorf("recorded %s, %d up, %d down", x.Kind, x.RequestSize, x.ResponseSize)
	}
}

func TestTLSIsSplicedThrough(t *testing.T) {
	target := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "secret") }))
	defer target.Close()
	s := newSite(t, target.Listener.Addr().String(), Options{})
	tr := target.Client().Transport.(*http.Transport).Clone()
	defer tr.CloseIdleConnections()
	req, _ := http.NewRequest("GET", "https://"+s.addr, nil)
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(b) != "secret" || !res.TLS.PeerCertificates[0].Equal(target.Certificate()) {
		t.Errorf("body %q", b)
	}
	tr.CloseIdleConnections()
	x := s.rec.wait(t, 1)[0]
	if x.Kind != inspect.KindTunnel || x.Proto != "tls" || x.RequestSize == 0 || x.ResponseSize == 0 || x.Request.Body.Data != nil || x.Error != "" {
		t.Errorf("recorded %+v", x)
	}
	if _, err := tls.Dial("tcp", s.addr, nil); err == nil {
		t.Error("a client that does not know the target's certificate was content")
	}
}

func TestOtherProtocols(t *testing.T) {
	t.Run("client speaks first", func(t *testing.T) {
		target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
			b, _ := io.ReadAll(r)
			io.WriteString(c, "echo "+string(b))
		})
		s := newSite(t, target, Options{})
		c := dial(t, s.addr)
		io.WriteString(c, "\x00\x01binary")
		c.(*net.TCPConn).CloseWrite()
		if got, _ := io.ReadAll(c); string(got) != "echo \x00\x01binary" {
			t.Errorf("got %q", got)
		}
		if x := s.rec.wait(t, 1)[0]; x.Kind != inspect.KindTunnel || x.Proto != "tcp" || x.RequestSize != 8 {
			t.Errorf("recorded %+v", x.Summary)
		}
	})
	t.Run("target speaks first", func(t *testing.T) {
		target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
			io.WriteString(c, "220 ready\r\n")
			line, _ := r.ReadString('\n')
			io.WriteString(c, "250 "+line)
		})
		s := newSite(t, target, Options{})
		c := dial(t, s.addr)
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); line != "220 ready\r\n" {
			t.Fatalf("greeting %q, %v", line, err)
		}
		io.WriteString(c, "EHLO x\r\n")
		if line, _ := r.ReadString('\n'); line != "250 EHLO x\r\n" {
			t.Errorf("answer %q", line)
		}
	})
	t.Run("a silent connection becomes HTTP", func(t *testing.T) {
		accepted := make(chan struct{}, 8)
		target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
			accepted <- struct{}{}
			if readHead(r) != "" {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
			}
		})
		s := newSite(t, target, Options{})
		c := dial(t, s.addr)
		<-accepted // the silence has lasted until the target was asked for a greeting
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if head := readHead(bufio.NewReader(c)); !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") {
			t.Errorf("got %q", head)
		}
	})
}

func TestConnectIsRefused(t *testing.T) {
	reached := make(chan struct{}, 1)
	target := rawTarget(t, func(net.Conn, *bufio.Reader) { reached <- struct{}{} })
	s := newSite(t, target, Options{})
	got := exchangeBytes(t, s.addr, "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 405 ") || !strings.Contains(got, "CONNECT is refused") {
		t.Errorf("got %q", got)
	}
	select {
	case <-reached:
		t.Error("it reached the target")
	default:
	}
}
