package cascade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func (e httpError) Error() string { return http.StatusText(int(e)) }

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

// paste.md 3.1: POST 5 B, 10,000 B (file) and chunked, seen whole by both.

// 1xx and trailers are the winner's.

// The first byte is there before the handler ends.

// The winner reads the request while it writes the response.

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

func TestZeroValue(t *testing.T) {
	w := httptest.NewRecorder()
	new(Cascade).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || !strings.Contains(w.Body.String(), "no handlers") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
