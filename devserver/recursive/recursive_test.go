package recursive

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

	"github.com/pastedev/pastedev/devserver/httpx"
)

// app serves paths by functions, all of them below m.
func app(m *Middleware, handlers map[string]http.HandlerFunc) http.Handler {
	return m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := handlers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}))
}

func do(h http.Handler, method, target string, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func forward(target string, opts ...Option) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := Forward(w, r, target, opts...); err != nil {
			http.Error(w, err.Error(), http.StatusLoopDetected)
		}
	}
}

func include(path string, opts ...Option) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		res, err := Include(r.Context(), path, opts...)
		if err != nil {
			http.Error(w, err.Error(), http.StatusLoopDetected)
			return
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		fmt.Fprintf(w, "[%d %s %v]", res.StatusCode, b, err)
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %q cookie=%s auth=%s accept=%s type=%s inm=%s", r.Method, r.RequestURI, b,
		r.Header.Get("Cookie"), r.Header.Get("Authorization"), r.Header.Get("Accept"), r.Header.Get("Content-Type"), r.Header.Get("If-None-Match"))
}

func TestForward(t *testing.T) {
	h := app(&Middleware{}, map[string]http.HandlerFunc{
		"/not_found": forward("/error?from=a"),
		"/keep":      forward("/error", Status(404)),
		"/silent":    forward("/nothing", Status(410)),
		"/gone":      forward("/missing", Status(500)),
		"/post":      forward("/echo"),
		"/asked":     forward("/echo", Keep()),
		"/body":      forward("/echo", Body("text/x", strings.NewReader("own")), Method("PUT"), Anonymous()),
		"/dots":      forward("/a/../echo"),
		"/echo":      echo,
		"/nothing":   func(http.ResponseWriter, *http.Request) {},
		"/error":     func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the error page ", r.URL.RawQuery) },
		"/stale": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3")
			w.Header().Set("Etag", `"1"`)
			w.Header().Set("Set-Cookie", "a=b")
			forward("/error")(w, r)
		},
	})
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/not_found", 200, "the error page from=a"},
		{"GET", "/keep", 404, "the error page "},
		{"GET", "/silent", 410, ""},
		{"GET", "/gone", 404, "404 page not found\n"}, // only a 200 gets another status
		{"POST", "/post", 200, `GET /echo "" cookie=c=1 auth=Basic x accept=a/b type= inm=`},
		{"POST", "/asked", 200, `POST /echo "sent" cookie=c=1 auth=Basic x accept=a/b type=text/plain inm=`},
		{"POST", "/body", 200, `PUT /echo "own" cookie= auth= accept=a/b type=text/x inm=`},
		{"GET", "/dots", 200, `GET /echo "" cookie=c=1 auth=Basic x accept=a/b type= inm=`},
	}
	for _, tt := range tests {
		w := do(h, tt.method, tt.path, "sent", "Cookie", "c=1", "Authorization", "Basic x", "Accept", "a/b", "Content-Type", "text/plain", "If-None-Match", `"1"`, "Range", "bytes=0-1")
		if w.Code != tt.status || w.Body.String() != tt.want {
			t.Errorf("%s: %d %q\nwant %d %q", tt.path, w.Code, w.Body, tt.status, tt.want)
		}
	}
	w := do(h, "GET", "/stale", "")
	if w.Header().Get("Etag") != "" || w.Header().Get("Content-Length") != "" || w.Header().Get("Set-Cookie") != "a=b" {
		t.Error(w.Header())
	}
}

func TestLoops(t *testing.T) {
	depth := 0
	h := app(&Middleware{}, map[string]http.HandlerFunc{
		"/recurse": forward("/recurse"),
		"/one":     forward("/two"),
		"/two":     forward("/one"),
		"/inc":     include("/inc"),
		"/qs":      forward("/qs?x=1"),
		"/count": func(w http.ResponseWriter, r *http.Request) {
			depth++
			forward(fmt.Sprintf("/count?n=%d", depth))(w, r)
		},
		"/other":  forward("/other", Method("PUT")),
		"/twice":  func(w http.ResponseWriter, r *http.Request) { include("/leaf")(w, r); include("/leaf")(w, r) },
		"/leaf":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "leaf") },
		"/mutual": include("/lautum"),
		"/lautum": forward("/mutual"),
	})
	tests := []struct{ path, want string }{
		{"/recurse", "recursive: GET /recurse → GET /recurse is a loop\n"},
		{"/one", "recursive: GET /one → GET /two → GET /one is a loop\n"},
		{"/inc", "recursive: GET /inc → GET /inc is a loop\n"},
		{"/qs", "recursive: GET /qs → GET /qs?x=1 → GET /qs?x=1 is a loop\n"},
		{"/other", "recursive: GET /other → PUT /other → PUT /other is a loop\n"},
		{"/twice", "[200 leaf <nil>][200 leaf <nil>]"},
		{"/mutual", "[508 recursive: GET /mutual → GET /lautum → GET /mutual is a loop\n <nil>]"},
	}
	for _, tt := range tests {
		if got := do(h, "GET", tt.path, "").Body.String(); got != tt.want {
			t.Errorf("%s: %q\nwant %q", tt.path, got, tt.want)
		}
	}
	// The same path with another query is allowed, up to the depth.
	w := do(h, "GET", "/count", "")
	if depth != 11 || w.Code != http.StatusLoopDetected || !strings.Contains(w.Body.String(), "→ GET /count?n=10 → GET /count?n=11 is deeper than 10 requests") {
		t.Error(depth, w.Code, w.Body)
	}
	depth = 0
	shallow := app(&Middleware{MaxDepth: 1}, map[string]http.HandlerFunc{"/a": forward("/b"), "/b": forward("/c")})
	if w := do(shallow, "GET", "/a", ""); !strings.Contains(w.Body.String(), "deeper than 1 requests") {
		t.Error(w.Body)
	}
	var loop *LoopError
	self := app(&Middleware{}, map[string]http.HandlerFunc{"/a": func(w http.ResponseWriter, r *http.Request) {
		if err := Forward(w, r, "/a"); !errors.As(err, &loop) {
			t.Error(err)
		}
	}})
	do(self, "GET", "/a", "")
	if d := cmp.Diff([]string{"GET /a", "GET /a"}, loop.Chain); d != "" {
		t.Error(d)
	}
}

func TestForwardAfterBytesIsError(t *testing.T) {
	for name, begin := range map[string]func(w http.ResponseWriter){
		"write":  func(w http.ResponseWriter) { fmt.Fprint(w, "x") },
		"status": func(w http.ResponseWriter) { w.WriteHeader(202) },
		"flush":  func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
	} {
		h := app(&Middleware{}, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			before := w.Header().Clone()
			if err := Forward(w, r, "/echo"); !errors.Is(err, ErrBegun) {
				t.Errorf("%s: %v", name, err)
			}
			if d := cmp.Diff(before, w.Header()); d != "" {
				t.Error(d)
			}
		}, "/echo": echo})
		if w := do(h, "GET", "/", ""); strings.Contains(w.Body.String(), "GET") {
			t.Error(w.Body)
		}
	}
	// An informational answer is no beginning.
	h := app(&Middleware{}, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103)
		forward("/echo")(w, r)
	}, "/echo": echo})
	srv := httptest.NewServer(h)
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); !strings.HasPrefix(string(b), "GET /echo") {
		t.Errorf("%s", b)
	}
}

func TestTargets(t *testing.T) {
	var mount, path string
	inner := app(&Middleware{}, map[string]http.HandlerFunc{
		"/x": func(w http.ResponseWriter, r *http.Request) {
			mount, path = "", ""
			forward(r.URL.Query().Get("t"))(w, r)
		},
		"/y": func(_ http.ResponseWriter, r *http.Request) {
			mount, path = httpx.MountPoint(r.Context()), r.URL.EscapedPath()
		},
		"/a/b":  func(_ http.ResponseWriter, r *http.Request) { path = r.URL.EscapedPath() },
		"":      func(http.ResponseWriter, *http.Request) { path = "root" },
		"/deep": func(w http.ResponseWriter, r *http.Request) { forward("/m t/y")(w, httpx.WithMount(r, "/deep")) },
	})
	tests := []struct {
		target string
		ok     bool
		path   string
	}{
		{"/m t/y", true, "/y"},
		{"/m%20t/y", true, "/y"},
		{"/m t", true, "root"},
		{"/m t/a%2Fb", true, "/a%2Fb"},
		{"/y", false, ""},
		{"/m t2/y", false, ""},
		{"/m t/../y", false, ""},
		{"/m t/z/../y", true, "/y"},
		{"y", false, ""},
		{"", false, ""},
		{"?a", false, ""},
		{"http://h/m t/y", false, ""},
		{"//h/m t/y", false, ""},
		{"mailto:x", false, ""},
		{"/m t/\n", false, ""},
		{"/m t/%zz", false, ""},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/m%20t/x", nil)
		q := r.URL.Query()
		q.Set("t", tt.target)
		r.URL.RawQuery = q.Encode()
		w := httptest.NewRecorder()
		inner.ServeHTTP(w, httpx.WithMount(r, "/m t"))
		if (w.Code == 200) != tt.ok || path != tt.path {
			t.Errorf("%q: %d %s, path %q", tt.target, w.Code, w.Body, path)
		}
		if tt.path == "/y" && mount != "/m t" {
			t.Errorf("%q: mount %q", tt.target, mount)
		}
	}
	// Deeper mounts are forgotten: the new request starts below the Middleware.
	path = ""
	inner.ServeHTTP(httptest.NewRecorder(), httpx.WithMount(httptest.NewRequest("GET", "/m%20t/deep", nil), "/m t"))
	if mount != "/m t" || path != "/y" {
		t.Errorf("mount %q, path %q", mount, path)
	}
}

func TestOutside(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if err := Forward(httptest.NewRecorder(), r, "/x"); !errors.Is(err, ErrOutside) {
		t.Error(err)
	}
	if _, err := Include(t.Context(), "/x"); !errors.Is(err, ErrOutside) {
		t.Error(err)
	}
	var kept context.Context
	h := app(&Middleware{}, map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, r *http.Request) { kept = r.Context() }})
	do(h, "GET", "/", "")
	if _, err := Include(kept, "/x"); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
}

func TestNestedMiddlewaresShareTheChain(t *testing.T) {
	inner := app(&Middleware{}, map[string]http.HandlerFunc{"/in": func(w http.ResponseWriter, r *http.Request) {
		forward("/m/again")(w, r)
	}, "/again": forward("/m/in")})
	outer := (&Middleware{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, httpx.WithMount(r, "/m"))
	}))
	want := "recursive: GET /m/in → GET /m/again → GET /m/in is a loop\n"
	if got := do(outer, "GET", "/m/in", "").Body.String(); got != want {
		t.Errorf("%q", got)
	}
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"/", "/m/x?a=b", "//h", "/m/../../x", "/m%2F", "\x00", "/m/%2e%2e/y", "http:/m", "/m;x?#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		h := (&Middleware{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-First") == "" {
				if !strings.HasPrefix(r.RequestURI, "/m") || httpx.MountPoint(r.Context()) != "/m" || r.URL.Path != "" && r.URL.Path[0] != '/' {
					t.Errorf("%q became %q, %q", target, r.RequestURI, r.URL.Path)
				}
				return
			}
			_ = Forward(w, r, target, Header("X-First", ""))
		}))
		r := httptest.NewRequest("POST", "/m/first", nil)
		r.Header.Set("X-First", "1")
		h.ServeHTTP(httptest.NewRecorder(), httpx.WithMount(r, "/m"))
	})
}
