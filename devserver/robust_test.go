package devserver

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestForwarded: what earlier proxies said is kept, and the client's address joins.
func TestForwarded(t *testing.T) {
	tests := []struct {
		name, request string
		want          map[string]string
	}{
		{"direct", "Host: app.test:81\r\n", map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "app.test:81", "X-Forwarded-Proto": "http", "Host": "app.test:81"}},
		{"behind another proxy", "Host: inner\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nX-Forwarded-Host: outer\r\nX-Forwarded-Proto: https\r\n", map[string]string{
			"X-Forwarded-For": "10.0.0.1, 10.0.0.2, 127.0.0.1", "X-Forwarded-Host": "outer", "X-Forwarded-Proto": "https", "Host": "inner"}},
	}
	for _, tt := range tests {
		got := make(chan map[string]string, 1)
		target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := map[string]string{"Host": r.Host}
			for name, v := range r.Header {
				if strings.HasPrefix(name, "X-Forwarded-") {
					h[name] = strings.Join(v, " | ")
				}
			}
			got <- h
		}))
		s := newSite(t, target, Options{})
		exchangeBytes(t, s.addr, "GET / HTTP/1.1\r\nConnection: close\r\n"+tt.request+"\r\n")
		if d := cmp.Diff(tt.want, <-got); d != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, d)
		}
	}
}

// TestEarlyRefusal: a target that answers amid an upload and hangs up is heard.
func TestEarlyRefusal(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		io.CopyN(io.Discard, r, 1000)
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		c.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, r) // or what it has not read turns the close into a reset
	})
	s := newSite(t, target, Options{})
	pr, pw := io.Pipe()
	go func() {
		io.WriteString(pw, strings.Repeat("x", 1000)) // and no more, no end
	}()
	req, _ := http.NewRequest("POST", "http://"+s.addr, pr)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	pw.Close()
	if res.StatusCode != 413 || string(b) != "big" || err != nil {
		t.Errorf("status %d, %q, %v", res.StatusCode, b, err)
	}
}

// TestClientBreaksOffUpload: the target must not take half a body for a whole one.
func TestClientBreaksOffUpload(t *testing.T) {
	for name, request := range map[string]string{
		"length": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
		"chunks": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			read := make(chan error, 1)
			target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				read <- err
			}))
			s := newSite(t, target, Options{})
			c := dial(t, s.addr)
			io.WriteString(c, request)
			c.(*net.TCPConn).CloseWrite()
			if err := <-read; err == nil {
				t.Error("the target read a body that seemed whole")
			}
			if head := readHead(bufio.NewReader(c)); !strings.HasPrefix(head, "HTTP/1.1 400 ") {
				t.Errorf("the client got %q", head)
			}
			if x := s.rec.wait(t, 1)[0]; !strings.HasPrefix(x.Error, "read request body: ") || x.RequestSize != 3 {
				t.Errorf("recorded %d bytes, error %q", x.RequestSize, x.Error)
			}
		})
	}
}

// TestPipelined: requests sent ahead, and the sending side closed, are all answered.
func TestPipelined(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path+";") }))
	s := newSite(t, target, Options{})
	c := dial(t, s.addr)
	io.WriteString(c, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n")
	c.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(c)
	if err != nil || strings.Count(string(got), " 200 OK\r\n") != 3 || !strings.HasSuffix(string(got), "/c;") {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestManyInterimResponses: all of them come, in their order, before the final one.
func TestManyInterimResponses(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		for range 20 {
			io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n")
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	})
	s := newSite(t, target, Options{})
	got := exchangeBytes(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if n := strings.Count(got, "HTTP/1.1 102 Processing\r\n\r\n"); n != 20 || !strings.HasSuffix(got, "\r\n\r\nhi") {
		t.Errorf("%d interim responses in %q", n, got)
	}
}

// TestOverH2C: trailers come through, and a body that breaks off does not look whole.
func TestOverH2C(t *testing.T) {
	srv := &http.Server{Protocols: new(http.Protocols), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "hi")
		http.NewResponseController(w).Flush()
		if r.URL.Path == "/broken" {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Sum", "9")
	})}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { srv.Serve(l); close(done) }()
	t.Cleanup(func() { srv.Close(); <-done })
	s := newSite(t, l.Addr().String(), Options{})
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetUnencryptedHTTP2(true)
	defer tr.CloseIdleConnections()
	for _, path := range []string{"/", "/broken"} {
		req, _ := http.NewRequest("GET", "http://"+s.addr+path, nil)
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if res.ProtoMajor != 2 || string(b) != "hi" || (err != nil) != (path == "/broken") {
			t.Errorf("%s: %s %q, %v", path, res.Proto, b, err)
		}
		if sum := res.Trailer.Get("X-Sum"); (sum == "9") != (path == "/") {
			t.Errorf("%s: trailer %q", path, sum)
		}
	}
	if x := s.rec.wait(t, 2); x[0].Proto != "HTTP/2.0" || x[0].Error != "" || x[1].Error == "" {
		t.Errorf("recorded %+v and %+v", x[0].Summary, x[1].Summary)
	}
}

// TestBrokenBehindFilter: what a filter swallows, the client and the record still learn.
func TestBrokenBehindFilter(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		readHead(r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	})
	s := newSite(t, target, Options{Filter: func(_ inspect.ID, _ *http.Request, res *http.Response) bool {
		res.Body = &swallow{res.Body}
		return true
	}})
	res, err := http.Get("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	if string(b) != "hello" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read %q, %v", b, err)
	}
	if x := s.rec.wait(t, 1)[0]; !strings.HasPrefix(x.Error, "the program broke the connection after 5 bytes") {
		t.Errorf("recorded error %q", x.Error)
	}
}

// swallow ends cleanly whatever happens below.
type swallow struct{ io.ReadCloser }

func (s *swallow) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}
