package cascade

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/httpx"
)

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
	errs := make(chan error, 8)
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
