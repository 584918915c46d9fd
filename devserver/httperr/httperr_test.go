package httperr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
