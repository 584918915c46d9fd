package cascade

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
)

type handlers []http.HandlerFunc

func cascade(t testing.TB, hs ...http.HandlerFunc) *Cascade {
	t.Helper()
	var list []http.Handler
	for _, h := range hs {
		list = append(list, h)
	}
	c, err := New(list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t testing.TB, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func do(t testing.TB, req *http.Request) (*http.Response, string) {
	t.Helper()
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

func request(t testing.TB, ctx context.Context, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func get(t testing.TB, url string) (*http.Response, string) {
	t.Helper()
	return do(t, request(t, t.Context(), "GET", url, nil))
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// httpError is an error as httperr and others have it.
type httpError int

func (e httpError) Error() string   { return http.StatusText(int(e)) }
func (e httpError) StatusCode() int { return int(e) }

func panics(v any) http.HandlerFunc { return func(http.ResponseWriter, *http.Request) { panic(v) } }

// paste.md 3.1.
func TestWhoWins(t *testing.T) {
	for _, tt := range []struct {
		name  string
		catch []int
		hs    handlers
		code  int
		body  string
	}{
		{"404 and 200", nil, handlers{status(404, "a"), status(200, "b")}, 200, "b"},
		{"200 and 200", nil, handlers{status(200, "a"), status(200, "b")}, 200, "a"},
		{"404 and 404", nil, handlers{status(404, "a"), status(404, "b")}, 404, "b"},
		{"three", nil, handlers{status(404, "a"), status(404, "b"), status(201, "c")}, 201, "c"},
		{"the second of three", nil, handlers{status(404, "a"), status(201, "b"), panics("not asked")}, 201, "b"},
		{"500 is not caught", nil, handlers{status(500, "a"), status(200, "b")}, 500, "a"},
		{"500 when listed", []int{500, 404}, handlers{status(500, "a"), status(404, "b"), status(200, "c")}, 200, "c"},
		{"404 when not listed", []int{500}, handlers{status(404, "a"), status(200, "b")}, 404, "a"},
		{"any status can be listed", []int{200, 418}, handlers{status(418, "a"), status(200, "b"), status(204, "")}, 204, ""},
		{"nothing sent is 200", nil, handlers{func(http.ResponseWriter, *http.Request) {}, status(200, "b")}, 200, ""},
		{"nothing sent, 200 listed", []int{200}, handlers{func(http.ResponseWriter, *http.Request) {}, status(200, "b")}, 200, "b"},
		{"typed panic", nil, handlers{panics(httpError(404)), status(200, "b")}, 200, "b"},
		{"wrapped panic", nil, handlers{panics(fmt.Errorf("look up: %w", httpError(404))), status(200, "b")}, 200, "b"},
		{"panic after the loser's status", nil, handlers{func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(404)
			panic(httpError(404))
		}, status(200, "b")}, 200, "b"},
		{"single handler is itself", []int{404}, handlers{status(404, "a")}, 404, "a"},
		{"redirect wins", nil, handlers{status(304, ""), status(200, "b")}, 304, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cascade(t, tt.hs...)
			c.Catch = tt.catch
			resp, body := get(t, serve(t, c).URL)
			if resp.StatusCode != tt.code || body != tt.body {
				t.Errorf("%d %q, want %d %q", resp.StatusCode, body, tt.code, tt.body)
			}
		})
	}
}

func TestPanicsPropagate(t *testing.T) {
	for name, v := range map[string]any{"500": httpError(500), "plain": "boom", "abort": http.ErrAbortHandler, "error": errors.New("x")} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != v {
					t.Errorf("recovered %v", got)
				}
			}()
			cascade(t, panics(v), status(200, "b")).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		})
	}
	t.Run("404 of the last", func(t *testing.T) {
		defer func() {
			if got := recover(); got != httpError(404) {
				t.Errorf("recovered %v", got)
			}
		}()
		cascade(t, status(404, ""), panics(httpError(404))).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
	t.Run("404 after the answer began", func(t *testing.T) {
		w := httptest.NewRecorder()
		defer func() {
			if got := recover(); got != httpError(404) || w.Body.String() != "a" {
				t.Errorf("recovered %v, %q", got, w.Body)
			}
		}()
		cascade(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "a")
			panic(httpError(404))
		}, status(200, "b")).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	})
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(); err == nil || !strings.Contains(err.Error(), "no handlers") {
		t.Errorf("zero handlers: %v", err)
	}
	if _, err := New(status(200, ""), nil); err == nil || !strings.Contains(err.Error(), "handler 2 of 2 is nil") {
		t.Errorf("nil handler: %v", err)
	}
}

func tempDir(t *testing.T) (left func() int) {
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, dir)
	}
	return func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
}

// paste.md 3.1: POST 5 B, 10,000 B (file) and chunked, seen whole by both.
func TestBodyIsWholeForEach(t *testing.T) {
	for _, size := range []int{0, 5, 10_000, 700_000} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprint(size, chunked), func(t *testing.T) {
				left := tempDir(t)
				sent := strings.Repeat("x0123456789", size/11+1)[:size]
				var seen []string
				see := func(code int) http.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request) {
						b, err := io.ReadAll(r.Body)
						if err != nil {
							t.Error(err)
						}
						if seen = append(seen, string(b)); chunked && r.Trailer.Get("Sum") != "1" {
							t.Errorf("trailer %v", r.Trailer)
						}
						w.WriteHeader(code)
					}
				}
				half := func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.CopyN(io.Discard, r.Body, int64(size/2))
					_ = r.Body.Close()
					w.WriteHeader(404)
				}
				c := cascade(t, half, see(404), half, see(404), see(200))
				c.Memory = 4096
				s := httptest.NewServer(c)
				req := request(t, t.Context(), "POST", s.URL, io.LimitReader(strings.NewReader(sent), 1<<30))
				if req.ContentLength = int64(size); chunked {
					req.ContentLength, req.Trailer = -1, http.Header{"Sum": {"1"}}
				}
				do(t, req)
				s.Close() // waits for the handler
				if diff := cmp.Diff([]int{len(sent), len(sent), len(sent)}, []int{len(seen[0]), len(seen[1]), len(seen[2])}); diff != "" {
					t.Error(diff)
				}
				for _, got := range seen {
					if got != sent {
						t.Error("the body is not what was sent")
					}
				}
				if n := left(); n > 0 {
					t.Errorf("%d files left", n)
				}
			})
		}
	}
}

func TestTruncatedBodyIsAnError(t *testing.T) {
	errs := make(chan error, 2)
	see := func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if string(b) != "abc" {
			t.Errorf("got %q", b)
		}
		errs <- err
		w.WriteHeader(404)
	}
	s := serve(t, cascade(t, see, see))
	for _, head := range []string{"Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+head)
		_ = conn.(*net.TCPConn).CloseWrite()
		first := <-errs
		// The server takes the half-closed connection for a client that left and cancels;
		// whether the second is still asked is open, but if so, it hears the same.
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
		if !errors.Is(first, io.ErrUnexpectedEOF) {
			t.Errorf("first: %v", first)
		}
		select {
		case second := <-errs:
			if !errors.Is(second, io.ErrUnexpectedEOF) {
				t.Errorf("second: %v", second)
			}
		default:
		}
	}
	// The same without a connection that could be missed.
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("abc"), cut{}))
	cascade(t, see, see).ServeHTTP(httptest.NewRecorder(), r)
	for range 2 {
		if err := <-errs; !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type key struct{}

func TestLoserLeavesNoTrace(t *testing.T) {
	loser := func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Set-Cookie", "loser=1")
		h.Set("Before", "overwritten")
		h.Set("Trailer", "T")
		w.WriteHeader(103)
		*r = *r.WithContext(context.WithValue(r.Context(), key{}, "loser"))
		r.Header.Set("X-Loser", "1")
		r.URL.Path = "/loser"
		r.SetPathValue("loser", "1")
		_ = r.ParseForm()
		http.Error(w, "lost", 404)
		h.Set("T", "late")
	}
	winner := func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) != nil || r.Header.Get("X-Loser") != "" || r.URL.Path != "/p" || r.Form != nil || r.PathValue("loser") != "" {
			t.Errorf("the winner sees %+v", r)
		}
		_, _ = io.WriteString(w, "won")
	}
	for name, c := range map[string]*Cascade{"last": cascade(t, loser, winner), "between": cascade(t, loser, loser, winner, loser)} {
		s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Before", "kept")
			c.ServeHTTP(w, r)
		}))
		early := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil }})
		resp, body := do(t, request(t, ctx, "POST", s.URL+"/p?a=1", strings.NewReader("b=2")))
		resp.Header.Del("Date")
		want := http.Header{"Before": {"kept"}, "Content-Length": {"3"}, "Content-Type": {"text/plain; charset=utf-8"}}
		if diff := cmp.Diff(want, resp.Header); diff != "" || body != "won" || len(resp.Trailer) > 0 || early > 0 {
			t.Errorf("%s: %s, %q, %d informational", name, diff, body, early)
		}
	}
}

// 1xx and trailers are the winner's.
func TestWinnersInformationalAndTrailers(t *testing.T) {
	winner := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(103)
		w.Header().Set("Trailer", "T")
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "x")
		w.Header().Set("T", "end")
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, winner, status(404, "")), "last": cascade(t, status(404, ""), winner)} {
		early := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil }})
		resp, _ := do(t, request(t, ctx, "GET", serve(t, c).URL, nil))
		if early != 1 || resp.Trailer.Get("T") != "end" {
			t.Errorf("%s: %d informational, trailer %v", name, early, resp.Trailer)
		}
	}
}

// The first byte is there before the handler ends.
func TestWinnerStreams(t *testing.T) {
	for _, first := range []bool{true, false} {
		more := make(chan struct{})
		stream := func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "first")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			if _, ok := w.(http.Flusher); !ok {
				t.Error("no Flusher")
			}
			<-more
			_, _ = io.WriteString(w, "second")
		}
		c := cascade(t, stream, status(404, ""))
		if !first {
			c = cascade(t, status(404, ""), stream)
		}
		resp, err := http.Get(serve(t, c).URL)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		_, err = io.ReadFull(resp.Body, b)
		close(more)
		rest, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(b) != "first" || string(rest) != "second" {
			t.Errorf("%q, %v, %q", b, err, rest)
		}
	}
}

// The winner reads the request while it writes the response.
func TestWinnerDuplex(t *testing.T) {
	talk := func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.WriteHeader(200)
		_ = rc.Flush()
		br := bufio.NewReader(r.Body)
		for {
			line, err := br.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, "echo "+line)
			_ = rc.Flush()
		}
	}
	s := serve(t, cascade(t, status(404, ""), talk, status(404, "")))
	pr, pw := io.Pipe()
	resp, err := http.DefaultClient.Do(request(t, t.Context(), "POST", s.URL, pr))
	if err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(resp.Body)
	for _, line := range []string{"a\n", "b\n"} {
		_, _ = io.WriteString(pw, line)
		if got, err := br.ReadString('\n'); got != "echo "+line || err != nil {
			t.Fatal(got, err)
		}
	}
	_ = pw.Close()
	_, _ = io.Copy(io.Discard, br)
	_ = resp.Body.Close()
}

func TestHijack(t *testing.T) {
	upgrade := func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.CopyN(conn, rw, 5)
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, upgrade, panics("asked")), "last": cascade(t, status(404, ""), upgrade)} {
		conn, err := net.Dial("tcp", serve(t, c).Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello")
		br := bufio.NewReader(conn)
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 101 {
			t.Fatal(name, resp, err)
		}
		if got, _ := io.ReadAll(br); string(got) != "hello" {
			t.Errorf("%s: %q", name, got)
		}
		_ = conn.Close()
	}
}

func TestHead(t *testing.T) {
	file := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", zeroTime, strings.NewReader("content"))
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, file, status(404, "")), "last": cascade(t, status(404, "lost"), file)} {
		resp, body := do(t, request(t, t.Context(), "HEAD", serve(t, c).URL, nil))
		if resp.StatusCode != 200 || resp.ContentLength != 7 || body != "" {
			t.Errorf("%s: %d, %d, %q", name, resp.StatusCode, resp.ContentLength, body)
		}
	}
}

func TestLimit(t *testing.T) {
	c := cascade(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		var e *http.MaxBytesError
		if !errors.As(err, &e) || e.Limit != 100 {
			t.Errorf("got %v", err)
		}
		w.WriteHeader(404)
	}, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); !httpx.TooLarge(err) {
			t.Errorf("the last reads a body with a hole: %v", err)
		}
	})
	c.Memory, c.Limit = 10, 100
	c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", bytes.NewReader(make([]byte, 1000))))

	// The limit is for what must be kept: the last takes a body of any size.
	c = cascade(t, status(404, ""), func(w http.ResponseWriter, r *http.Request) {
		if b, err := io.ReadAll(r.Body); len(b) != 1000 || err != nil {
			t.Errorf("%d, %v", len(b), err)
		}
	})
	c.Limit = 100
	c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", bytes.NewReader(make([]byte, 1000))))
}

func TestLost(t *testing.T) {
	var lost [][2]int
	c := cascade(t, status(404, ""), panics(httpError(410)), status(200, ""), status(200, ""))
	c.Catch = []int{404, 410}
	c.Lost = func(_ *http.Request, handler, status int) { lost = append(lost, [2]int{handler, status}) }
	c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff([][2]int{{0, 404}, {1, 410}}, lost); diff != "" {
		t.Error(diff)
	}
}

// A client that has left is nobody to ask on for.
func TestClientLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := cascade(t, func(w http.ResponseWriter, r *http.Request) { cancel(); w.WriteHeader(404) }, status(404, ""), panics("asked"))
	c.Lost = func(_ *http.Request, handler, _ int) {
		if handler > 0 {
			t.Error("the second was asked")
		}
	}
	defer func() {
		if recover() == nil {
			return
		}
		t.Error("the last was asked")
	}()
	c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
}

// A form's files are removed, whoever parsed it.
func TestFormFilesAreRemoved(t *testing.T) {
	left := tempDir(t)
	parse := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(1); err != nil || len(r.MultipartForm.File["f"]) != 1 {
				t.Errorf("%v %v", err, r.MultipartForm)
			}
			w.WriteHeader(code)
		}
	}
	body := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", 12<<20) + "\r\n--b--\r\n"
	for _, c := range []*Cascade{cascade(t, parse(404), parse(200)), cascade(t, parse(404), parse(200), parse(200))} {
		s := httptest.NewServer(c)
		req := request(t, t.Context(), "POST", s.URL, strings.NewReader(body))
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		resp, _ := do(t, req)
		s.Close()
		if n := left(); resp.StatusCode != 200 || n > 0 {
			t.Errorf("%d, %d files left", resp.StatusCode, n)
		}
	}
}
