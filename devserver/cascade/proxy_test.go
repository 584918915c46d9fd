package cascade

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func reverse(t *testing.T, upstream http.HandlerFunc) http.HandlerFunc {
	target, err := url.Parse(serve(t, upstream).URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1}
	return p.ServeHTTP
}

// A proxy that loses before it has sent the body still reads on for a while in its
// transport; the next handler misses nothing of it.
func TestProxyLosesEarly(t *testing.T) {
	const size = 4 << 20
	early := reverse(t, func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Length", "4")
		w.WriteHeader(404)
		_, _ = io.WriteString(w, "lost")
		_ = rc.Flush()                     // the whole answer is out, and
		_, _ = io.Copy(io.Discard, r.Body) // the body still coming in
	})
	count := func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if n != size || err != nil {
			t.Errorf("read %d, %v", n, err)
		}
		_, _ = io.WriteString(w, "app")
	}
	for name, c := range map[string]*Cascade{"handler": cascade(t, early, early, count), "proxy": cascade(t, early, reverse(t, count), status(404, ""))} {
		s := serve(t, c)
		for _, length := range []int64{size, -1} {
			req := request(t, t.Context(), "POST", s.URL, io.LimitReader(repeated{}, size))
			req.ContentLength = length
			if resp, body := do(t, req); resp.StatusCode != 200 || body != "app" {
				t.Errorf("%s, length %d: %d %q", name, length, resp.StatusCode, body)
			}
		}
	}
}

// An upgrade goes through a proxy that won.
func TestProxyUpgrade(t *testing.T) {
	up := reverse(t, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.CopyN(conn, rw, 5)
	})
	for name, c := range map[string]*Cascade{"first": cascade(t, up, status(200, "")), "last": cascade(t, status(404, ""), up)} {
		conn, err := net.Dial("tcp", serve(t, c).Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		br := bufio.NewReader(conn)
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 101 {
			t.Fatal(name, resp, err)
		}
		_, _ = io.WriteString(conn, "hello")
		b := make([]byte, 5)
		if _, err := io.ReadFull(br, b); string(b) != "hello" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
		_ = conn.Close()
	}
}

// Server-sent events of a proxy that won arrive one by one.
func TestProxyStreams(t *testing.T) {
	next := make(chan struct{})
	sse := reverse(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 2 {
			_, _ = io.WriteString(w, "data: x\n\n")
			_ = http.NewResponseController(w).Flush()
			<-next
		}
	})
	resp, err := http.Get(serve(t, cascade(t, status(404, ""), sse, status(404, ""))).URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	br := bufio.NewReader(resp.Body)
	for range 2 {
		if line, err := br.ReadString('\n'); strings.TrimSpace(line) != "data: x" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		_, _ = br.ReadString('\n')
		next <- struct{}{}
	}
}

// RFC 9110, 10.1.1: a client that waits to be asked for its body is asked once, and only
// if somebody wants it.
func TestProxyExpect(t *testing.T) {
	for path, want := range map[string]string{"/reads": "100 200 hello", "/refuses": "417 "} {
		at := serve(t, cascade(t, status(404, ""), reverse(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/refuses" {
				w.WriteHeader(http.StatusExpectationFailed)
				return
			}
			_, _ = io.Copy(w, r.Body)
		}), status(404, "")))
		conn, err := net.Dial("tcp", at.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // ends a test that hangs
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", path)
		var got string
		br := bufio.NewReader(conn)
		for {
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatalf("%s: %q, %v", path, got, err)
			}
			if got += strconv.Itoa(res.StatusCode) + " "; res.StatusCode == http.StatusContinue {
				_, _ = io.WriteString(conn, "hello")
				continue
			}
			b, err := io.ReadAll(res.Body)
			if got += string(b); err != nil || got != want {
				t.Errorf("%s: %q, %v, want %q", path, got, err, want)
			}
			break
		}
	}
}
