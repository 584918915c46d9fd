package httperr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrappingAndUnknown(t *testing.T) {
	cause := errors.New("dial tcp: secret")
	tests := []struct {
		name string
		err  error
		code int
	}{
		{"wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", NotFound("").Because(cause))), 404},
		{"joined", errors.Join(io.EOF, Conflict("")), 409},
		{"unknown", fmt.Errorf("load: %w", cause), 500},
		{"too large", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 5}), 413},
	}
	for _, tt := range tests {
		for _, debug := range []bool{false, true} {
			var told int
			m := &Middleware{Debug: debug, Log: quiet(), OnError: func(_ *http.Request, err error, status int) {
				if !errors.Is(err, tt.err) {
					t.Errorf("%s: told %v", tt.name, err)
				}
				told = status
			}}
			res := get(t, m.Func(func(http.ResponseWriter, *http.Request) error { return tt.err }), "")
			s := body(t, res)
			if res.StatusCode != tt.code || told != tt.code {
				t.Errorf("%s: %d, told %d, want %d", tt.name, res.StatusCode, told, tt.code)
			}
			if strings.Contains(s, tt.err.Error()) != debug {
				t.Errorf("%s: debug %v: %q", tt.name, debug, s)
			}
		}
	}
	e := NotFound("gone fishing").Because(cause)
	if !errors.Is(e, cause) || e.Error() != "404 Not Found: gone fishing: dial tcp: secret" {
		t.Error(e)
	}
}

func TestStaleFieldsDropped(t *testing.T) {
	res := get(t, (&Middleware{Log: quiet()}).Func(func(w http.ResponseWriter, _ *http.Request) error {
		for _, n := range stale {
			w.Header().Set(n, "1")
		}
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Vary", "Cookie")
		return errors.New("x")
	}), "")
	if res.Header.Get("Set-Cookie") == "" || res.Header.Get("Etag") != "" || res.Header.Get("Cache-Control") != "" || res.Header.Get("Content-Encoding") != "" {
		t.Error(res.Header)
	}
	if d := cmp.Diff([]string{"Cookie", "Accept"}, res.Header.Values("Vary")); d != "" {
		t.Error(d)
	}
	body(t, res)
}

// After the first byte the error is logged and the connection cut, nothing is appended.
func TestAfterFirstByte(t *testing.T) {
	var log strings.Builder
	told := make(chan int, 1)
	m := &Middleware{Log: slog.New(slog.NewTextHandler(&log, nil)), OnError: func(_ *http.Request, _ error, status int) { told <- status }}
	srv := httptest.NewServer(m.Func(func(w http.ResponseWriter, _ *http.Request) error {
		fmt.Fprint(w, "half a page")
		return NotFound("late")
	}))
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err == nil || string(b) != "half a page" {
		t.Errorf("%q, %v", b, err)
	}
	srv.Close()
	if got := <-told; got != 0 || !strings.Contains(log.String(), "late") {
		t.Errorf("told %d, log %q", got, log.String())
	}
}

func TestReadFrom(t *testing.T) {
	f, err := os.Open("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	srv := httptest.NewServer(Handler(func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.Copy(w, f)
		return err
	}))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, res); !strings.HasPrefix(s, "// Package httperr") {
		t.Error(s)
	}
	// A source that fails at once leaves room for an answer.
	res = get(t, (&Middleware{Log: quiet()}).Func(func(w http.ResponseWriter, _ *http.Request) error {
		d, err := os.Open(".")
		if err != nil {
			return err
		}
		defer d.Close()
		_, err = w.(io.ReaderFrom).ReadFrom(d)
		return err
	}), "")
	if res.StatusCode != 500 {
		t.Error(res.StatusCode)
	}
}

func TestInformationalIsNotTheAnswer(t *testing.T) {
	srv := httptest.NewServer(Handler(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		return NotFound("")
	}))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}

func TestHijacked(t *testing.T) {
	m := &Middleware{Log: quiet()}
	srv := httptest.NewServer(m.Func(func(w http.ResponseWriter, _ *http.Request) error {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return err
		}
		defer c.Close()
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
		return errors.New("later")
	}))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, res); s != "ok" {
		t.Error(s)
	}
}

func TestPanics(t *testing.T) {
	m := &Middleware{Log: quiet()}
	h := m.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("p") {
		case "typed":
			panic(fmt.Errorf("deep: %w", Forbidden("no")))
		case "string":
			panic("no")
		case "abort":
			panic(http.ErrAbortHandler)
		}
	}))
	serve := func(q string) (status int, v any) {
		defer func() { v = recover() }()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/?p="+q, nil))
		return w.Code, nil
	}
	if s, v := serve("typed"); s != 403 || v != nil {
		t.Error(s, v)
	}
	if _, v := serve("string"); v != "no" {
		t.Error(v)
	}
	if _, v := serve("abort"); v != http.ErrAbortHandler {
		t.Error(v)
	}
	if s, v := serve("none"); s != 200 || v != nil {
		t.Error(s, v)
	}
}

func TestClientGoneIsNotLogged(t *testing.T) {
	var log strings.Builder
	m := &Middleware{Log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := m.Func(func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() })
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if log.Len() != 0 {
		t.Error(log.String())
	}
}
