package httperr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func get(t *testing.T, h http.Handler, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/x", nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := res.ContentLength; n >= 0 && n != int64(len(b)) && len(b) > 0 {
		t.Errorf("Content-Length %d, body of %d bytes", n, len(b))
	}
	return string(b)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestNegotiation(t *testing.T) {
	tests := []struct{ accept, want string }{
		{"", "text/plain; charset=utf-8"},
		{"*/*", "text/plain; charset=utf-8"},
		{browser, "text/html; charset=utf-8"},
		{"text/*", "text/html; charset=utf-8"},
		{"text/plain", "text/plain; charset=utf-8"},
		{"application/json", "application/problem+json"},
		{"application/problem+json", "application/problem+json"},
		{"application/json, text/plain, */*", "application/problem+json"},
		{"text/html;q=0.1, application/json", "application/problem+json"},
		{"text/html;q=0, application/json;q=0, text/plain;q=0.1", "text/plain; charset=utf-8"},
		{"image/png", "text/plain; charset=utf-8"},
		{`";;;=`, "application/problem+json"}, // says nothing well-formed
	}
	for _, tt := range tests {
		res := get(t, NotFound("no such user"), tt.accept)
		if got := res.Header.Get("Content-Type"); got != tt.want {
			t.Errorf("Accept %q: %s, want %s", tt.accept, got, tt.want)
		}
		if res.StatusCode != 404 || res.Header.Get("Vary") != "Accept" {
			t.Errorf("Accept %q: status %d, Vary %q", tt.accept, res.StatusCode, res.Header.Get("Vary"))
		}
		if s := body(t, res); !strings.Contains(s, "no such user") || !strings.Contains(s, "Not Found") {
			t.Errorf("Accept %q: body %q", tt.accept, s)
		}
	}
}

func TestProblemJSON(t *testing.T) {
	s := body(t, get(t, &Error{Code: 409, Title: "Taken", Detail: `the name "ö" is taken`, Err: errors.New("secret")}, "application/json"))
	var got map[string]any
	if err := json.Unmarshal([]byte(s), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"title": "Taken", "status": 409.0, "detail": `the name "ö" is taken`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRedirectWithoutLocationIsError(t *testing.T) {
	for _, h := range []http.Handler{Found(""), &Error{Code: 302}, &Error{Code: 308, Header: http.Header{"location": {""}}}, Redirect(200, "/x"), Redirect(304, "/x")} {
		var status int
		var told error
		m := &Middleware{Log: quiet(), OnError: func(_ *http.Request, err error, s int) { told, status = err, s }}
		res := get(t, m.Func(func(http.ResponseWriter, *http.Request) error { return h.(error) }), "")
		if res.StatusCode != 500 || status != 500 || !errors.Is(told, ErrLocation) || res.Header.Get("Location") != "" {
			t.Errorf("%v: status %d, told %v", h, res.StatusCode, told)
		}
	}
}

// Security defect 8: CR and LF in a Location.
func TestLocationControlBytesRefused(t *testing.T) {
	for _, l := range []string{"/x\r\nSet-Cookie: a=b", "/x\n", "\r", "/\x00", "/\x1b[2J", "/\x7f", "http://[::1"} {
		if e := Found(l); e.StatusCode() != 500 || !errors.Is(e, ErrLocation) {
			t.Errorf("%q: %v", l, e)
		}
		res := get(t, (&Middleware{Log: quiet()}).Func(func(http.ResponseWriter, *http.Request) error {
			return &Error{Code: 303, Header: http.Header{"lOcation": {l}}}
		}), "")
		if res.StatusCode != 500 || len(res.Header.Values("Location")) != 0 {
			t.Errorf("%q by hand: %d %q", l, res.StatusCode, res.Header)
		}
	}
	if got := Found("/ä b?q=ü").Get("location"); got != "/%C3%A4%20b?q=%C3%BC" {
		t.Error(got)
	}
}

func TestHeaderLookupIsCaseInsensitive(t *testing.T) {
	e := &Error{Code: 302, Header: http.Header{"locATION": {"/bing"}, "x-a": {"1", "2"}}}
	if e.Get("Location") != "/bing" || e.Get("X-A") != "1" || e.Get("none") != "" {
		t.Error(e.Get("Location"), e.Get("X-A"))
	}
	res := get(t, e, "")
	if d := cmp.Diff([]string{"1", "2"}, res.Header.Values("X-A")); d != "" || res.Header.Get("Location") != "/bing" {
		t.Error(d, res.Header)
	}
}

func TestRedirectLinkInHTMLOnly(t *testing.T) {
	html := get(t, SeeOther("/bing/foo"), browser)
	text := get(t, SeeOther("/bing/foo"), "text/plain")
	for _, res := range []*http.Response{html, text} {
		if res.Header.Get("Location") != "/bing/foo" || res.StatusCode != 303 {
			t.Error(res.StatusCode, res.Header)
		}
	}
	const link = `<a href="/bing/foo">`
	if !strings.Contains(body(t, html), link) || strings.Contains(body(t, text), "<a") {
		t.Error("link is missing in HTML or there in text")
	}
	if s := body(t, get(t, Found("javascript:alert(1)"), browser)); strings.Contains(s, "<a") {
		t.Error(s)
	}
}

func TestClasses(t *testing.T) {
	if e := NotFound(""); !e.Client() || e.Server() || e.Redirect() {
		t.Error("404 must be a client error only")
	}
	if e := Internal(nil); e.Client() || !e.Server() {
		t.Error("500 must be a server error")
	}
	if e := Found("/"); !e.Redirect() {
		t.Error("302 must be a redirection")
	}
}

func TestHTMLEscaped(t *testing.T) {
	e := &Error{Code: 404, Title: `<b>"t"`, Detail: `<script>"&'`, Err: fmt.Errorf(`--><script>--!> %w`, errors.New("----"))}
	m := &Middleware{Debug: true, Log: quiet()}
	s := body(t, get(t, m.Func(func(http.ResponseWriter, *http.Request) error { return e }), browser))
	if strings.Contains(s, "<script") || strings.Contains(s, "<b>") {
		t.Error(s)
	}
	_, c, _ := strings.Cut(s, "<!-- ")
	c, rest, ok := strings.Cut(c, " -->")
	if !ok || strings.Contains(c, "--") || strings.TrimSpace(rest) != "</body>\n</html>" || !strings.Contains(c, "*fmt.wrapError") {
		t.Errorf("comment %q, rest %q", c, rest)
	}
	z := html.NewTokenizer(strings.NewReader(s))
	for z.Next() != html.ErrorToken {
		if n, _ := z.TagName(); string(n) == "script" {
			t.Error("a script came through")
		}
	}
}

func TestNonASCIIDetail(t *testing.T) {
	for _, accept := range []string{browser, "text/plain", "application/json"} {
		if s := body(t, get(t, Gone("weg — für immer 🙈"), accept)); !strings.Contains(s, "weg — für immer 🙈") {
			t.Errorf("%s: %q", accept, s)
		}
	}
	if s := body(t, get(t, Gone("\x1b[2J\u009b\xff"), "text/plain")); strings.ContainsAny(s, "\x1b\u009b") || !utf8.ValidString(s) {
		t.Errorf("%q", s)
	}
}

func TestNoBody(t *testing.T) {
	for _, code := range []int{204, 205, 304} {
		srv := httptest.NewServer(Handler(func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Etag", `"1"`)
			return New(code, "nobody sees this")
		}))
		res, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		if s := body(t, res); s != "" || res.StatusCode != code || res.Header.Get("Content-Type") != "" {
			t.Errorf("%d: %d %q %v", code, res.StatusCode, s, res.Header)
		}
		if got := res.Header.Get("Etag") != ""; got != (code == 304) {
			t.Errorf("%d: Etag kept: %v", code, got)
		}
		srv.Close()
	}
}

func TestHEAD(t *testing.T) {
	srv := httptest.NewServer(NotFound("x"))
	defer srv.Close()
	g, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Body.Close()
	h, err := http.Head(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Body.Close()
	if h.StatusCode != 404 || h.ContentLength != g.ContentLength || h.ContentLength <= 0 {
		t.Error(h.StatusCode, h.ContentLength, g.ContentLength)
	}
}

// The IANA registry of status codes.
func TestRegisteredCodesKnown(t *testing.T) {
	codes := []int{200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308,
		400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451,
		500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511}
	for _, c := range codes {
		if http.StatusText(c) == "" || New(c, "").title() != http.StatusText(c) || New(c, "").StatusCode() != c {
			t.Errorf("%d is not known", c)
		}
	}
	for c, want := range map[int]string{499: "Client Error", 599: "Server Error", 299: "Success", 399: "Redirection", 700: "Unknown Status"} {
		if got := New(c, "").title(); got != want {
			t.Errorf("%d: %q, want %q", c, got, want)
		}
	}
	for _, c := range []int{-1, 0, 99, 101, 1000} {
		if got := New(c, "").StatusCode(); got != 500 {
			t.Errorf("%d: %d", c, got)
		}
	}
}

func TestConstructors(t *testing.T) {
	tests := []struct {
		e           *Error
		code        int
		name, value string
	}{
		{BadRequest(""), 400, "", ""},
		{Unauthorized(`Basic realm="x"`, ""), 401, "WWW-Authenticate", `Basic realm="x"`},
		{Forbidden(""), 403, "", ""},
		{MethodNotAllowed("GET", "HEAD"), 405, "Allow", "GET, HEAD"},
		{NotAcceptable(""), 406, "", ""},
		{Conflict(""), 409, "", ""},
		{PreconditionFailed(""), 412, "", ""},
		{TooLarge(""), 413, "", ""},
		{UnsupportedMediaType("", "text/css"), 415, "Accept", "text/css"},
		{Unprocessable(""), 422, "", ""},
		{TooManyRequests(1500*time.Millisecond, ""), 429, "Retry-After", "2"},
		{BadGateway(nil), 502, "", ""},
		{Unavailable(0, ""), 503, "Retry-After", ""},
		{GatewayTimeout(nil), 504, "", ""},
		{MovedPermanently("/a"), 301, "Location", "/a"},
		{TemporaryRedirect("../a"), 307, "Location", "../a"},
		{PermanentRedirect("http://h/"), 308, "Location", "http://h/"},
		{NotModified(), 304, "", ""},
	}
	for _, tt := range tests {
		res := get(t, tt.e, "")
		if res.StatusCode != tt.code || tt.name != "" && res.Header.Get(tt.name) != tt.value {
			t.Errorf("%d: status %d, %s %q", tt.code, res.StatusCode, tt.name, res.Header.Get(tt.name))
		}
	}
}

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
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
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

func FuzzAccept(f *testing.F) {
	for _, s := range []string{"", "*/*", browser, "text/html;q=2", ";q=,,", `a/b;c="\"`, "text/html;q=0.000,*/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept"] = []string{accept}
		w := httptest.NewRecorder()
		NotFound("d").ServeHTTP(w, r)
		if w.Code != 404 || w.Body.Len() == 0 || w.Header().Get("Content-Type") == "" {
			t.Errorf("%q: %d %q", accept, w.Code, w.Header())
		}
	})
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"", "/", "//h", "a b", "/\r\nx: y", "ü", "javascript:alert(1)", "http://h/%zz", "\"><script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		(&Middleware{Log: quiet()}).answer(w, r, nil, &Error{Code: 302, Header: http.Header{"location": {target}}})
		l := w.Header().Get("Location")
		if (w.Code == 302) != (l != "") {
			t.Fatalf("%q: %d with Location %q", target, w.Code, l)
		}
		for _, c := range []byte(l) {
			if c <= ' ' || c >= 0x7f {
				t.Fatalf("%q: byte %#x in Location %q", target, c, l)
			}
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Fatalf("%q: %s", target, w.Body)
		}
	})
}
