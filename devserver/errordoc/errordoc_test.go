package errordoc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

// site fails below /fail/<status> and has pages.
func site(t *testing.T) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") })
	mux.HandleFunc("/fail/{status}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		if _, err := fmt.Sscan(r.PathValue("status"), &code); err != nil {
			t.Error(err)
		}
		h := w.Header()
		for _, name := range []string{"Content-Language", "Content-Encoding", "Etag", "Last-Modified", "Accept-Ranges", "Content-Range", "Content-Disposition", "Cache-Control"} {
			h.Set(name, "old")
		}
		h.Set("Content-Length", "3")
		h.Set("Content-Type", "text/old")
		h.Set("Www-Authenticate", `Basic realm="Foo"`)
		h.Set("Retry-After", "7")
		h.Set("X-Own", "app")
		h.Add("Set-Cookie", "app=1")
		h.Set("Vary", "Cookie")
		w.WriteHeader(code)
		h.Set("Too-Late", "1")
		fmt.Fprint(w, "own")
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.Header.Get("If-None-Match") != "" || r.Header.Get("Content-Type") != "" {
			t.Errorf("the page was asked for with %s %v", r.Method, r.Header)
		}
		b, err := io.ReadAll(r.Body)
		if len(b) > 0 || err != nil {
			t.Errorf("the page got a body: %q %v", b, err)
		}
		f, ok := From(r.Context())
		if !ok {
			t.Error("no failure in the context")
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Etag", `"page"`)
		h.Set("Www-Authenticate", "page")
		h.Add("Set-Cookie", "page=1")
		h.Add("Vary", "Accept")
		s := fmt.Sprintf("<h1>%d of %s</h1>", f.Status, f.URI)
		h.Set("Content-Length", fmt.Sprint(len(s)))
		fmt.Fprint(w, s)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		fmt.Fprint(w, "the page is broken")
	})
	mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic("in the page") })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusFound) })
	mux.HandleFunc("/empty", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func start(t *testing.T, m *Middleware, next http.Handler) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(m.Handler(next))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func ask(t *testing.T, method, url, accept string, header ...string) (*http.Response, string) {
	t.Helper()
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader("sent")
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if method != "HEAD" && res.ContentLength >= 0 && res.ContentLength != int64(len(b)) {
		t.Errorf("Content-Length %d, %d bytes", res.ContentLength, len(b))
	}
	return res, string(b)
}

func TestPageKeepsTheStatus(t *testing.T) {
	m := &Middleware{
		Pages: map[int]string{404: "/page", ServerErrors: "/page?class", 503: "", 410: "/empty"},
		Find: func(_ *http.Request, status int) string {
			if status == 401 {
				return "/page"
			}
			return ""
		},
	}
	url := start(t, m, site(t))
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/fail/404?a=b", 404, "<h1>404 of /fail/404?a=b</h1>"},
		{"GET", "/fail/500", 500, "<h1>500 of /fail/500</h1>"},
		{"GET", "/fail/599", 599, "<h1>599 of /fail/599</h1>"},
		{"GET", "/fail/401", 401, "<h1>401 of /fail/401</h1>"},
		{"POST", "/fail/404", 404, "<h1>404 of /fail/404</h1>"},
		{"HEAD", "/fail/404", 404, ""},
		{"GET", "/fail/410", 410, ""},
		{"GET", "/fail/503", 503, "own"}, // taken out of its class
		{"GET", "/fail/403", 403, "own"},
		{"GET", "/fail/302", 302, "own"},
		{"GET", "/ok", 200, "fine"},
		{"GET", "/nosuch", 404, "<h1>404 of /nosuch</h1>"},
	}
	for _, tt := range tests {
		res, body := ask(t, tt.method, url+tt.path, browser, "If-None-Match", `"1"`, "Content-Type", "text/x")
		if res.StatusCode != tt.status || body != tt.want {
			t.Errorf("%s %s: %d %q, want %d %q", tt.method, tt.path, res.StatusCode, body, tt.status, tt.want)
		}
		if tt.method == "HEAD" && res.ContentLength != int64(len("<h1>404 of /fail/404</h1>")) {
			t.Error(res.ContentLength)
		}
	}
}

// A 401 keeps its challenge and takes the page's type; what described the lost body goes.
func TestHeaderMerge(t *testing.T) {
	res, _ := ask(t, "GET", start(t, &Middleware{Pages: map[int]string{401: "/page"}}, site(t))+"/fail/401", browser)
	res.Header.Del("Date")
	res.Header.Del("Connection")
	want := http.Header{
		"Www-Authenticate": {`Basic realm="Foo"`}, "Retry-After": {"7"}, "X-Own": {"app"}, "Set-Cookie": {"app=1", "page=1"}, "Vary": {"Cookie", "Accept"},
		"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-store"}, "Content-Length": {fmt.Sprint(len("<h1>401 of /fail/401</h1>"))},
	}
	if d := cmp.Diff(want, res.Header); d != "" {
		t.Error(d)
	}
}

// What the failed answer's own document may do says nothing of the page; what is said of
// every answer, above, still counts, unless the page has a policy of its own.
func TestPolicies(t *testing.T) {
	const name = "Content-Security-Policy"
	for _, tt := range []struct{ above, own, page, want string }{
		{"", "default-src 'none'", "", ""},
		{"default-src 'self'", "", "", "default-src 'self'"},
		{"default-src 'self'", "default-src 'none'", "", "default-src 'self'"},
		{"default-src 'self'", "default-src 'none'", "img-src *", "img-src *"},
	} {
		set := func(w http.ResponseWriter, policy string) {
			if policy != "" {
				w.Header().Set(name, policy)
			}
		}
		app := (&Middleware{Pages: map[int]string{404: "/page"}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/page" {
				set(w, tt.page)
				return
			}
			set(w, tt.own)
			w.WriteHeader(404)
		}))
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", browser)
		set(w, tt.above)
		app.ServeHTTP(w, r)
		if got := w.Header().Get(name); got != tt.want || w.Code != 404 {
			t.Errorf("%+v: %d %q", tt, w.Code, got)
		}
	}
}

func TestKeep(t *testing.T) {
	m := &Middleware{
		Pages: map[int]string{ServerErrors: "/page", ClientErrors: "/page"},
		Keep:  func(h http.Header) bool { return h.Get("X-Own") == "app" },
	}
	url := start(t, m, site(t))
	if _, body := ask(t, "GET", url+"/fail/500", browser); body != "own" {
		t.Errorf("%q, want what the application said", body)
	}
	if _, body := ask(t, "GET", url+"/nosuch", browser); body == "own" || !strings.Contains(body, "404") {
		t.Errorf("%q, want the page", body)
	}
}

// A page that is missing or fails itself: the original body, logged, no loop.
func TestNoPageOriginalBody(t *testing.T) {
	for _, page := range []string{"/missing", "/broken", "/panics", "/moved", "/fail/404", "no/path", "http://h/", "\x00"} {
		var log strings.Builder
		m := &Middleware{
			Pages: map[int]string{404: page, 500: page},
			Log:   slog.New(slog.NewTextHandler(&log, nil)),
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/fail/404", nil)
		r.Header.Set("Accept", browser)
		m.Handler(site(t)).ServeHTTP(w, r)
		if w.Code != 404 || w.Body.String() != "own" || w.Header().Get("Etag") != "old" || w.Header().Get("Content-Type") != "text/old" {
			t.Errorf("%s: %d %q %v", page, w.Code, w.Body, w.Header())
		}
		if d := cmp.Diff([]string{"app=1"}, w.Header()["Set-Cookie"]); d != "" {
			t.Errorf("%s: %s", page, d)
		}
		if strings.Count(log.String(), "error page not to be had") != 1 {
			t.Errorf("%s: log %q", page, log.String())
		}
	}
}

func TestOnlyForHTML(t *testing.T) {
	tests := []struct {
		accept string
		all    bool
		page   bool
	}{
		{browser, false, true},
		{"application/xhtml+xml", false, true},
		{"application/json", false, false},
		{"*/*", false, false},
		{"", false, false},
		{"text/html;q=0, */*", false, false},
		{"application/json", true, true},
	}
	for _, tt := range tests {
		url := start(t, &Middleware{Pages: map[int]string{ClientErrors: "/page"}, All: tt.all}, site(t))
		if _, body := ask(t, "GET", url+"/fail/404", tt.accept); (body != "own") != tt.page {
			t.Errorf("%q, all %v: %q", tt.accept, tt.all, body)
		}
	}
}

func TestFetch(t *testing.T) {
	closed := 0
	res := func(status int, body string) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/x"}, "Etag": {"x"}}, Body: closer{strings.NewReader(body), &closed}}
	}
	tests := []struct {
		name string
		res  *http.Response
		err  error
		want string
	}{
		{"page", res(200, "fetched"), nil, "fetched"},
		{"missing", res(404, "x"), nil, "own"},
		{"fails", nil, errors.New("no such mount"), "own"},
	}
	for _, tt := range tests {
		m := &Middleware{
			Pages: map[int]string{404: "/p?q"},
			Fetch: func(ctx context.Context, path string) (*http.Response, error) {
				if f, ok := From(ctx); !ok || f.Status != 404 || path != "/p?q" {
					t.Error(f, ok, path)
				}
				return tt.res, tt.err
			},
			Log: slog.New(slog.DiscardHandler),
		}
		got, body := ask(t, "GET", start(t, m, site(t))+"/fail/404", browser)
		if body != tt.want || got.StatusCode != 404 {
			t.Errorf("%s: %d %q", tt.name, got.StatusCode, body)
		}
	}
	if closed != 2 {
		t.Errorf("%d of 2 bodies closed", closed)
	}
}

type closer struct {
	io.Reader
	n *int
}

func (c closer) Close() error { *c.n++; return nil }

// Nothing is buffered: what is not replaced streams, 1xx pass, and so does a file.
func TestPassesThrough(t *testing.T) {
	next := make(chan struct{})
	url := start(t, &Middleware{Pages: map[int]string{404: "/x"}}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(103)
		w.WriteHeader(500)
		for range 2 {
			fmt.Fprint(w, "x")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-next
		}
		if n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("yz")); n != 2 || err != nil {
			t.Error(n, err)
		}
	}))
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", browser)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 1)
	for range 2 {
		if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "x" {
			t.Fatal(string(b), err)
		}
		next <- struct{}{}
	}
	if rest, err := io.ReadAll(res.Body); string(rest) != "yz" || err != nil || res.StatusCode != 500 {
		t.Error(string(rest), err, res.StatusCode)
	}
}

// After a page, whatever the application does reaches nobody.
func TestAfterThePage(t *testing.T) {
	h := (&Middleware{Pages: map[int]string{404: "/p"}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/p" {
			fmt.Fprint(w, "page")
			return
		}
		w.WriteHeader(404)
		w.WriteHeader(500)
		w.Header().Set("X-Late", "1")
		fmt.Fprint(w, "own")
		_, _ = io.Copy(w, strings.NewReader("own"))
		_ = http.NewResponseController(w).Flush()
		if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
			t.Error("hijacked")
		}
	}))
	r := httptest.NewRequest("GET", "/a", nil)
	r.Header.Set("Accept", browser)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 404 || w.Body.String() != "page" || w.Header().Get("X-Late") != "" {
		t.Error(w.Code, w.Body, w.Header())
	}
}

// A page cut off behind its head is cut off for the client.
func TestPagePanicsBehindItsHead(t *testing.T) {
	h := (&Middleware{Pages: map[int]string{404: "/p"}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/p" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "half")
		panic("late")
	}))
	r := httptest.NewRequest("GET", "/a", nil)
	r.Header.Set("Accept", browser)
	defer func() {
		if v := recover(); v != "late" {
			t.Error(v)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestParseStatus(t *testing.T) {
	for s, want := range map[string]int{"404": 404, "4xx": ClientErrors, "5XX": ServerErrors, "599": 599} {
		if got, err := ParseStatus(s); got != want || err != nil {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "4", "200", "600", "-404", "3xx", "404 "} {
		if _, err := ParseStatus(s); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", s)) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzWantsHTML(f *testing.F) {
	for _, s := range []string{browser, "", "*/*", "text/html;q=0", "html", ";;html,", "\"text/html"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/fail/404", nil)
		r.Header["Accept"] = []string{accept}
		w := httptest.NewRecorder()
		(&Middleware{Pages: map[int]string{404: "/page"}}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/page" {
				fmt.Fprint(w, "page")
				return
			}
			http.NotFound(w, r)
		})).ServeHTTP(w, r)
		if w.Code != 404 || w.Body.String() != "page" && w.Body.String() != "404 page not found\n" {
			t.Errorf("%q: %d %q", accept, w.Code, w.Body)
		}
		if !strings.Contains(strings.ToLower(accept), "html") && w.Body.String() == "page" {
			t.Errorf("%q does not name HTML", accept)
		}
	})
}
