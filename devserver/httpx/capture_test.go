package httpx

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// serve answers by h behind wrap, over a real connection.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, ctx context.Context, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func only(status int, dst io.Writer) func(int, http.Header) io.Writer {
	return func(got int, _ http.Header) io.Writer {
		if got == status {
			return dst
		}
		return nil
	}
}

func TestCaptureLeavesNoTrace(t *testing.T) {
	var taken bytes.Buffer
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Before", "1")
		c := NewCapture(w, only(404, &taken))
		h := c.Header()
		h.Set("Set-Cookie", "loser=1")
		h.Set("Trailer", "T")
		h.Del("Before")
		c.WriteHeader(103)
		c.WriteHeader(404)
		c.WriteHeader(103)
		_, _ = io.WriteString(c, "a")
		_, _ = c.Write([]byte("b"))
		_, _ = io.Copy(c, strings.NewReader("c"))
		c.Flush()
		if _, _, err := c.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("hijack: %v", err)
		}
		h.Set("T", "late")
		c.Finish()
		if !c.Captured() || c.Status() != 404 {
			t.Errorf("captured %v, status %d", c.Captured(), c.Status())
		}
		c.Restore()
		_, _ = io.WriteString(w, "mine")
	})
	n := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { n++; return nil }})
	resp, body := get(t, ctx, s.URL)
	if resp.StatusCode != 200 || body != "mine" || resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Before") != "1" || len(resp.Trailer) > 0 || n != 0 {
		t.Errorf("%v %q, %d informational", resp, body, n)
	}
	if taken.String() != "abc" {
		t.Errorf("taken: %q", taken.String())
	}
}

func TestCapturePassesThrough(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		c := NewCapture(w, only(404, io.Discard))
		h := c.Header()
		h.Set("Link", "</x>")
		c.WriteHeader(103)
		h.Set("Trailer", "T")
		h.Del("Link")
		c.WriteHeader(201)
		_, _ = io.WriteString(c, "a")
		_, _ = c.Write([]byte("b"))
		_, _ = io.Copy(c, strings.NewReader("c"))
		h.Set("T", "late")
		if c.Captured() || c.Status() != 201 {
			t.Errorf("captured %v, status %d", c.Captured(), c.Status())
		}
	})
	var early []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		early = append(early, h.Get("Link"))
		return nil
	}})
	resp, body := get(t, ctx, s.URL)
	if resp.StatusCode != 201 || body != "abc" || resp.Header.Get("Link") != "" || resp.Trailer.Get("T") != "late" {
		t.Errorf("%v %q", resp, body)
	}
	if diff := cmp.Diff([]string{"</x>"}, early); diff != "" {
		t.Error(diff)
	}
}

func TestCaptureImplicitStatus(t *testing.T) {
	for name, h := range map[string]func(*Capture){
		"nothing": func(c *Capture) {}, "write": func(c *Capture) { _, _ = c.Write(nil) }, "string": func(c *Capture) { _, _ = c.WriteString("x") },
		"flush": func(c *Capture) { c.Flush() }, "readfrom": func(c *Capture) { _, _ = c.ReadFrom(strings.NewReader("x")) },
	} {
		asked := 0
		c := NewCapture(httptest.NewRecorder(), func(status int, _ http.Header) io.Writer { asked += status; return io.Discard })
		h(c)
		c.Finish()
		if asked != 200 || !c.Captured() {
			t.Errorf("%s: asked %d, captured %v", name, asked, c.Captured())
		}
	}
}

func TestCaptureHijack(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		c := NewCapture(w, only(404, io.Discard))
		conn, _, err := http.NewResponseController(c).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if c.Finish(); c.Captured() || c.Status() != 101 {
			t.Errorf("status %d", c.Status())
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello")
		_ = conn.Close()
	})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatal(resp, err)
	}
	if got := readAll(t, br); got != "hello" {
		t.Errorf("got %q", got)
	}
}

// fromReader notes that the fast way was taken.
type fromReader struct {
	http.ResponseWriter
	n int64
}

func (w *fromReader) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(io.Discard, r)
	w.n += n
	return n, err
}

func TestCaptureKeepsReadFrom(t *testing.T) {
	w := &fromReader{ResponseWriter: httptest.NewRecorder()}
	if n, err := io.Copy(NewCapture(w, only(404, io.Discard)), io.LimitReader(zeros{}, 1000)); n != 1000 || err != nil || w.n != 1000 {
		t.Errorf("%d, %v, by ReadFrom %d", n, err, w.n)
	}
	if n, err := io.Copy(NewTee(w, only(404, io.Discard)), io.LimitReader(zeros{}, 1000)); n != 1000 || err != nil || w.n != 2000 {
		t.Errorf("a tee that copies nothing: %d, %v, by ReadFrom %d", n, err, w.n)
	}
	if NewCapture(w, nil).Unwrap() != http.ResponseWriter(w) {
		t.Error("Unwrap")
	}
}

func TestTee(t *testing.T) {
	var copied, none bytes.Buffer
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, dst := 200, io.Writer(&copied)
		switch r.URL.Path {
		case "/other":
			status, dst = 404, &none
		case "/full":
			dst = failing{}
		}
		c := NewTee(w, only(status, dst))
		c.WriteHeader(103)
		_, _ = io.WriteString(c, "a")
		_, _ = c.Write([]byte("b"))
		_, _ = io.Copy(c, strings.NewReader("c"))
		c.Flush()
		if c.Captured() {
			t.Error("a tee captures nothing")
		}
	})
	n := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { n++; return nil }})
	for _, path := range []string{"/", "/other", "/full"} {
		if _, body := get(t, ctx, s.URL+path); body != "abc" {
			t.Errorf("%s: %q", path, body)
		}
	}
	if copied.String() != "abc" || none.Len() > 0 || n != 3 {
		t.Errorf("copied %q and %q, %d informational", copied.String(), none.String(), n)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
