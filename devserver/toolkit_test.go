package devserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patience is for a machine that has much else to do.
const patience = time.Minute

// bottom is the server's own writer, which notes what reaches it.
type bottom struct {
	http.ResponseWriter
	calls map[string]int
}

func (b *bottom) Flush() { _ = b.FlushError() }
func (b *bottom) FlushError() error {
	b.calls["Flush"]++
	return http.NewResponseController(b.ResponseWriter).Flush()
}
func (b *bottom) ReadFrom(r io.Reader) (int64, error) {
	b.calls["ReadFrom"]++
	return b.ResponseWriter.(io.ReaderFrom).ReadFrom(r)
}
func (b *bottom) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	b.calls["Hijack"]++
	return http.NewResponseController(b.ResponseWriter).Hijack()
}
func (b *bottom) EnableFullDuplex() error {
	b.calls["EnableFullDuplex"]++
	return http.NewResponseController(b.ResponseWriter).EnableFullDuplex()
}
func (b *bottom) SetReadDeadline(at time.Time) error {
	b.calls["SetReadDeadline"]++
	return http.NewResponseController(b.ResponseWriter).SetReadDeadline(at)
}
func (b *bottom) SetWriteDeadline(at time.Time) error {
	b.calls["SetWriteDeadline"]++
	return http.NewResponseController(b.ResponseWriter).SetWriteDeadline(at)
}

// eachLayer runs f with each middleware around the handler, on a real server. calls are
// those that reach the server's own writer; they may be read when the handler has ended.
func eachLayer(t *testing.T, h http.HandlerFunc, f func(t *testing.T, name, url string, calls map[string]int, ended <-chan struct{})) {
	for name, layer := range layers() {
		t.Run(name, func(t *testing.T) {
			calls, ended := map[string]int{}, make(chan struct{}, 8)
			inside := layer(t, h)
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { ended <- struct{}{} }()
				inside.ServeHTTP(&bottom{w, calls}, r)
			}))
			srv.Config.ErrorLog = log.New(io.Discard, "", 0)
			srv.Start()
			defer srv.Close()
			defer srv.CloseClientConnections()
			f(t, name, srv.URL, calls, ended)
		})
	}
}

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func answer(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// A request and its answer stream both ways at once: each line is answered before the next
// is sent. What keeps a body back, of either, hangs here.
func TestToolkitStreams(t *testing.T) {
	talk := func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
			return // the server would wait for the end of the body, and the client for us
		}
		w.Header().Set("Content-Type", "text/plain")
		lines := bufio.NewReader(r.Body)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, "echo "+line)
			if err := rc.Flush(); err != nil {
				t.Error(err)
				return
			}
		}
	}
	eachLayer(t, talk, func(t *testing.T, _, url string, calls map[string]int, ended <-chan struct{}) {
		pr, pw := io.Pipe()
		send, over := make(chan string, 1), make(chan struct{})
		go func() {
			defer close(over)
			<-ended
			_ = pw.Close() // a handler that gave up wants no more, and the server would wait for it
		}()
		go func() { // ends with send, or with the request
			for line := range send {
				_, _ = io.WriteString(pw, line)
			}
			_ = pw.Close()
		}()
		defer func() { close(send); <-over }()
		send <- "0\n"
		res := answer(t, request(t, "POST", url, pr))
		got := bufio.NewReader(res.Body)
		for i := range 4 {
			if i > 0 {
				send <- fmt.Sprintf("%d\n", i)
			}
			if line, err := got.ReadString('\n'); line != fmt.Sprintf("echo %d\n", i) || err != nil {
				t.Fatal(line, err)
			}
		}
	})
}

// What http.ResponseController asks for reaches the server, and so does a file its socket.
func TestToolkitReachesTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(file, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	do := map[string]http.HandlerFunc{
		"/flusher": func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"/flush": func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		},
		"/deadlines": func(w http.ResponseWriter, _ *http.Request) {
			rc, at := http.NewResponseController(w), time.Now().Add(patience)
			if err := errors.Join(rc.SetReadDeadline(at), rc.SetWriteDeadline(at), rc.EnableFullDuplex()); err != nil {
				t.Error(err)
			}
		},
		"/file":  func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
		"/large": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 100_000)) },
	}
	handler := func(w http.ResponseWriter, r *http.Request) { do[r.URL.Path](w, r) }
	eachLayer(t, handler, func(t *testing.T, name, url string, calls map[string]int, ended <-chan struct{}) {
		for _, tt := range []struct {
			path  string
			bytes int64
			want  []string
		}{
			{"/flusher", 0, []string{"Flush"}},
			{"/flush", 0, []string{"Flush"}},
			{"/deadlines", 0, []string{"SetReadDeadline", "SetWriteDeadline", "EnableFullDuplex"}},
			{"/file", 100_000, []string{"ReadFrom"}},
			{"/large", 100_000, nil},
		} {
			clear(calls)
			res := answer(t, request(t, "GET", url+tt.path, nil))
			if n, err := io.Copy(io.Discard, res.Body); n != tt.bytes || err != nil || res.StatusCode != 200 {
				t.Errorf("%s: %d, %d bytes, %v", tt.path, res.StatusCode, n, err)
			}
			<-ended
			for _, call := range tt.want {
				if name == "chaos, narrow" && call == "ReadFrom" { // a bound on what is written cannot be had otherwise
					continue
				}
				if calls[call] == 0 {
					t.Errorf("%s: %s has not reached the server: %v", tt.path, call, calls)
				}
			}
		}
	})
}

// A connection is taken over, by the interface and by the controller, and it is the client's.
func TestToolkitHijack(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		hijack := http.NewResponseController(w).Hijack
		if r.URL.Path == "/interface" {
			hijack = w.(http.Hijacker).Hijack
		}
		conn, rw, err := hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.CopyN(conn, rw, 5)
	}
	eachLayer(t, handler, func(t *testing.T, _, url string, calls map[string]int, ended <-chan struct{}) {
		for _, path := range []string{"/interface", "/controller"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: "+conn.RemoteAddr().String()+"\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
			br := bufio.NewReader(conn)
			res, err := http.ReadResponse(br, nil)
			if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatal(path, res, err)
			}
			_, _ = io.WriteString(conn, "hello")
			if b, err := io.ReadAll(br); string(b) != "hello" || err != nil {
				t.Errorf("%s: %q, %v", path, b, err)
			}
			_ = conn.Close()
			<-ended
		}
	})
}

// 1xx and trailers come through, the length and the body of the request are as they were
// sent, and an answer that was broken off is not taken for whole.
func TestToolkitIsTransparent(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/abort" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, strings.Repeat("half an answer\n", 1000))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		b, err := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "Sum")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %d %q %v", r.Method, r.URL.Path, r.ContentLength, b, err)
		w.Header().Set("Sum", "1")
	}
	eachLayer(t, handler, func(t *testing.T, _, url string, _ map[string]int, ended <-chan struct{}) {
		var early []int
		r := request(t, "REPORT", url+"/x", strings.NewReader("body"))
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			early = append(early, code)
			return nil
		}}))
		res := answer(t, r)
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		got := []any{res.StatusCode, string(b), res.Trailer.Get("Sum"), early}
		if d := cmp.Diff([]any{202, `REPORT /x 4 "body" <nil>`, "1", []int{103}}, got); d != "" {
			t.Error(d)
		}
		<-ended
		res = answer(t, request(t, "GET", url+"/abort", nil))
		if b, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("an answer that was broken off is whole: %d bytes", len(b))
		}
		<-ended
	})
}
