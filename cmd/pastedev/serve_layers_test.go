package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/gather"
)

func TestUnderstandLayers(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name  string
		c     config
		pages []string
		want  layers
		err   string
	}{
		{name: "nothing"},
		{name: "file", c: config{AccessLog: "x.log"}, want: layers{accessLog: filepath.Join(dir, "x.log")}},
		{name: "standard error", c: config{AccessLog: "-", AccessLogFormat: "json", Compress: true}, want: layers{accessLog: "-", format: "json", compress: true}},
		{name: "folder", c: config{AccessLog: "."}, err: "is a folder"},
		{name: "nowhere", c: config{AccessLog: "none/x.log"}, err: "no such file"},
		{name: "pages", c: config{Errors: map[string]string{"404": "/a?b", "5XX": "/c"}}, want: layers{errors: map[int]string{404: "/a?b", errordoc.ServerErrors: "/c"}}},
		{name: "flags replace", c: config{Errors: map[string]string{"404": "/a"}}, pages: []string{"500=/x=y"}, want: layers{errors: map[int]string{500: "/x=y"}}},
		{name: "flags repeat", pages: []string{"500=/x", "4xx=/y"}, want: layers{errors: map[int]string{500: "/x", errordoc.ClientErrors: "/y"}}},
		{name: "twice", c: config{Errors: map[string]string{"5xx": "/a", "5XX": "/b"}}, err: "two error pages for 5xx"},
		{name: "no failure", c: config{Errors: map[string]string{"302": "/a"}}, err: "hint: 404 ="},
		{name: "no status", pages: []string{"/errors/404.html"}, err: "hint: --error-page 404="},
		{name: "no path", c: config{Errors: map[string]string{"404": "a.html"}}, err: "hint: it is a path"},
		{name: "elsewhere", c: config{Errors: map[string]string{"404": "//host/a"}}, err: "hint: it is a path"},
		{name: "no URL", c: config{Errors: map[string]string{"404": "/%zz"}}, err: "hint: it is a path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := understandLayers(dir, tt.c, tt.pages)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				refused(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(layers{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAccessLogBesideSettings: a file that pastedev.toml names lies beside it, wherever
// pastedev is started.
func TestAccessLogBesideSettings(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, configName)
	if err := os.WriteFile(path, []byte("access_log = \"logs/x.log\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	if err := c.readFile(path); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "logs", "x.log"); c.AccessLog != want {
		t.Errorf("%s, want %s", c.AccessLog, want)
	}
}

// TestServeTemplate: the blocks at the end of what init writes are understood as they stand.
func TestServeTemplate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, configName)
	text := regexp.MustCompile(`(?m)^#(\S)`).ReplaceAllString(mountTemplate, "$1")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	if err := c.readFile(path); err != nil {
		t.Fatal(err)
	}
	if len(c.Mount) == 0 || len(c.Auth) == 0 || len(c.Errors) != 2 {
		t.Errorf("%d mounts, %d auth, errors %v", len(c.Mount), len(c.Auth), c.Errors)
	}
	if _, err := understandLayers(dir, c, nil); err != nil {
		t.Error(err)
	}
}

// history keeps the exchanges that have ended.
type history struct {
	mu  sync.Mutex
	all []*inspect.Exchange
}

func (h *history) Publish(e inspect.Event) {
	if f, ok := e.(inspect.ExchangeFinished); ok {
		h.mu.Lock()
		h.all = append(h.all, f.Exchange)
		h.mu.Unlock()
	}
}

// lines describes what has been recorded, the parents by their paths.
func (h *history) lines(paths map[inspect.ID]string) (lines []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ex := range h.all {
		paths[ex.ID] = ex.Path
	}
	for _, ex := range h.all {
		line := fmt.Sprintf("%s %s %d %s < %s", ex.Via, ex.Path, ex.Status, ex.Response.Body.Data, paths[ex.Parent])
		if ex.Rehearsal {
			line += " rehearsal"
		}
		lines = append(lines, line)
	}
	return lines
}

// layeredApp serves handlers below the layers as serve does, behind a recorder that has
// told of the client's request. ask answers one.
func layeredApp(t *testing.T, l layers, list func(next http.Handler) http.Handler, handlers map[string]http.HandlerFunc) (h *history, ask func(r *http.Request) *httptest.ResponseRecorder) {
	t.Helper()
	h = new(history)
	s := &session{std: stdio{err: io.Discard}}
	s.gather = gather.New(h, true)
	v := newServing(s, setup{}, nil)
	s.serving = v
	s.front = devserver.New(devserver.Options{Record: v.recorder(s.gather), Inside: s.gather.Expect})
	t.Cleanup(func() { s.front.Close(context.Background()); s.gather.Close() })
	var next http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := handlers[r.URL.Path]; f != nil {
			f(w, r)
			return
		}
		http.NotFound(w, r)
	})
	if list != nil {
		next = list(next)
	}
	app, err := v.layered(next, l, new(composed))
	if err != nil {
		t.Fatal(err)
	}
	return h, func(r *http.Request) *httptest.ResponseRecorder {
		root := inspect.Summary{ID: inspect.NewID(), Path: r.URL.Path, Rehearsal: r.Header.Get("X-Rehearsal") != ""}
		record := v.recorder(s.gather)
		record.Publish(inspect.ExchangeStarted{Exchange: root})
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), noteKey{}, v.notes[root.ID])))
		root.Status = w.Code
		record.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: root}})
		return w
	}
}

func askFor(method, path string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "http://localhost:8000"+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// TestSubRequestsAreRecorded: each with its parent, reason, status and body, once.
func TestSubRequestsAreRecorded(t *testing.T) {
	v := &serving{}
	h, ask := layeredApp(t, layers{errors: map[int]string{404: "/sorry", 500: "/missing"}}, nil, map[string]http.HandlerFunc{
		"/sorry": say("sorry"),
		"/here":  say("here"),
		"/go":    func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, "/here")) },
		"/lost":  func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, "/nowhere")) },
		"/fails": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "own", 500) },
		"/parts": func(w http.ResponseWriter, r *http.Request) {
			res, err := recursive.Include(r.Context(), "/go")
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			io.Copy(w, res.Body)
		},
		"/on": func(w http.ResponseWriter, r *http.Request) {
			if err := recursive.Forward(w, r, "/here"); err != nil {
				t.Error(err)
			}
		},
	})
	for _, tt := range []struct {
		path, body string
		want       []string
	}{
		{"/here", "here", []string{" /here 200  < "}},
		{"/none", "sorry", []string{"error /sorry 200 sorry < /none", " /none 404  < "}},
		{"/go", "here", []string{"redirect /here 200 here < /go", " /go 200  < "}},
		{"/lost", "sorry", []string{"redirect /nowhere 404 404 page not found\n < /lost", "error /sorry 200 sorry < /lost", " /lost 404  < "}},
		{"/fails", "own\n", []string{"error /missing 404 404 page not found\n < /fails", " /fails 500  < "}},
		{"/parts", "here", []string{"redirect /here 200 here < /go", "include /go 200 here < /parts", " /parts 200  < "}},
		{"/on", "here", []string{"forward /here 200 here < /on", " /on 200  < "}},
	} {
		h.all = nil
		w := ask(askFor("GET", tt.path, "Accept", "text/html"))
		if w.Body.String() != tt.body {
			t.Errorf("%s: %q, want %q", tt.path, w.Body, tt.body)
		}
		if diff := cmp.Diff(sorted(tt.want), sorted(h.lines(map[inspect.ID]string{}))); diff != "" {
			t.Errorf("%s: %s", tt.path, diff)
		}
	}
	h.all = nil
	ask(askFor("GET", "/go", "X-Rehearsal", "1"))
	for _, line := range h.lines(map[inspect.ID]string{}) {
		if !strings.HasSuffix(line, " rehearsal") {
			t.Errorf("a rehearsal's %q would be kept", line)
		}
	}
}

func sorted(lines []string) []string {
	out := append([]string(nil), lines...)
	for i := range out {
		for j := range i {
			if out[i] < out[j] {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

// to is r as a CGI program's redirect has it.
func to(r *http.Request, path string) *http.Request {
	u, err := r.URL.Parse(path)
	if err != nil {
		panic(err)
	}
	r = r.Clone(r.Context())
	r.URL, r.Method = u, "GET"
	return r
}

// TestDigestIsAskedOnce: the field that answers a challenge is good for one path and once;
// a redirect behind the same question does without another.
func TestDigestIsAskedOnce(t *testing.T) {
	v := &serving{}
	guard := func(next http.Handler) http.Handler {
		h, err := askedOnce(next, func(next http.Handler) (http.Handler, error) {
			ask := &digest.Auth{Realm: "r", Algorithms: []digest.Algorithm{digest.MD5}, HA1: func(_ context.Context, alg digest.Algorithm, realm, user string) (string, bool) {
				return digest.Hash(alg, realm, user, "secret"), true
			}}
			return ask.Handler(next), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	_, ask := layeredApp(t, layers{}, guard, map[string]http.HandlerFunc{
		"/here": say("here"),
		"/go":   func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, "/here")) },
	})
	challenge := ask(askFor("GET", "/go"))
	nonce := regexp.MustCompile(`nonce="([^"]+)"`).FindStringSubmatch(challenge.Header().Get("Www-Authenticate"))
	if challenge.Code != http.StatusUnauthorized || nonce == nil {
		t.Fatalf("%d %v", challenge.Code, challenge.Header())
	}
	sum := func(parts ...string) string { return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":")))) }
	response := sum(digest.Hash(digest.MD5, "r", "ann", "secret"), nonce[1], "00000001", "c", "auth", sum("GET", "/go"))
	w := ask(askFor("GET", "/go", "Authorization", fmt.Sprintf(
		`Digest username="ann", realm="r", nonce="%s", uri="/go", qop=auth, nc=00000001, cnonce="c", algorithm=MD5, response="%s"`, nonce[1], response)))
	if w.Code != http.StatusOK || w.Body.String() != "here" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestAskedOnce: a guard is asked once for a request and what descends from it, another
// guard by itself, and the next request again.
func TestAskedOnce(t *testing.T) {
	v := &serving{}
	asked := map[string]int{}
	guard := func(name, below string, next http.Handler) http.Handler {
		h, err := askedOnce(next, func(next http.Handler) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked[name]++
				if r.Header.Get("X-"+name) == "" {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				next.ServeHTTP(w, auth.With(r, auth.Identity{User: name, Roles: []string{"staff"}}))
			}), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, below) {
				h.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	who := func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		fmt.Fprintf(w, "%s %v", id.User, id.Roles)
	}
	redirect := func(path string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, path)) }
	}
	_, ask := layeredApp(t, layers{}, func(next http.Handler) http.Handler {
		return guard("Site", "/s", guard("Admin", "/s/admin", next))
	}, map[string]http.HandlerFunc{
		"/open": redirect("/s/who"), "/s/go": redirect("/s/who"), "/s/up": redirect("/s/admin/who"), "/s/admin/twice": redirect("/s/up"),
		"/s/who": who, "/s/admin/who": who, "/s/out": redirect("/free"), "/free": who,
	})
	for _, tt := range []struct {
		path, site, admin, want string
		code, asks              int
	}{
		{"/s/who", "1", "", "Site [staff]", 200, 1},
		{"/s/go", "1", "", "Site [staff]", 200, 1},
		{"/s/go", "", "", "", 401, 1},
		{"/open", "", "", "", 401, 1},  // a way in from outside is none
		{"/s/up", "1", "", "", 401, 2}, // nor one from a place that fewer are kept out of
		{"/s/up", "1", "1", "Admin [staff]", 200, 2},
		{"/s/admin/twice", "1", "1", "Admin [staff]", 200, 2},
		{"/s/out", "1", "", " []", 200, 1}, // where nobody asks, nobody is known
	} {
		clear(asked)
		r := askFor("GET", tt.path)
		for name, value := range map[string]string{"X-Site": tt.site, "X-Admin": tt.admin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := ask(r)
		if w.Code != tt.code || w.Body.String() != tt.want || asked["Site"]+asked["Admin"] != tt.asks {
			t.Errorf("%+v: %d %q, asked %v", tt, w.Code, w.Body, asked)
		}
	}
}

// TestRedirectLoop is told to the client, and in the record of the one that was led back.
func TestRedirectLoop(t *testing.T) {
	v := &serving{}
	h, ask := layeredApp(t, layers{}, nil, map[string]http.HandlerFunc{
		"/a": func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, "/b")) },
		"/b": func(w http.ResponseWriter, r *http.Request) { v.localRedirect().ServeHTTP(w, to(r, "/a")) },
	})
	const loop = "GET /a → GET /b → GET /a is a loop"
	w := ask(askFor("GET", "/a"))
	if w.Code != http.StatusLoopDetected || !strings.Contains(w.Body.String(), loop) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, ex := range h.all {
		want := map[string]inspect.Origin{"/a": "", "/b": inspect.FromPastedev}[ex.Path]
		if ex.ResponseFrom != want || strings.Contains(ex.Error, loop) != (ex.Path == "/b") {
			t.Errorf("%s: from %q, error %q", ex.Path, ex.ResponseFrom, ex.Error)
		}
	}
	if len(h.all) != 2 {
		t.Errorf("%d exchanges", len(h.all))
	}
}

// diskWriter is a client that takes a file from the disk by itself.
type diskWriter struct {
	http.ResponseWriter
	short int64
}

func (w *diskWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(io.Discard, r)
	w.short += n
	return n, err
}

// TestFilesGoTheShortWay: a file reaches the client's writer as such, through all layers.
func TestFilesGoTheShortWay(t *testing.T) {
	const size = 64 << 10
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &session{stateDir: dir, std: stdio{err: io.Discard}}
	s.gather = gather.New(new(history), true)
	v, c := newServing(s, setup{}, nil), new(composed)
	all := layers{accessLog: filepath.Join(dir, "log"), format: formatCombined, compress: true, errors: map[int]string{404: "/x"}}
	for name, l := range map[string]layers{"none": {}, "all": all} {
		app, err := v.layered(&static.Files{FS: os.DirFS(dir)}, l, c)
		if err != nil {
			t.Fatal(err)
		}
		w := &diskWriter{ResponseWriter: httptest.NewRecorder()}
		app.ServeHTTP(w, askFor("GET", "/a.txt", "Accept", "text/html"))
		if w.short != size {
			t.Errorf("layers %s: %d of %d bytes went the short way", name, w.short, size)
		}
	}
	c.close()
	if b, err := os.ReadFile(all.accessLog); err != nil || !strings.Contains(string(b), `"GET http://localhost:8000/a.txt HTTP/1.1" 200 65536 `) {
		t.Errorf("access log %q: %v", b, err)
	}
}

// BenchmarkLayers is the price of the layers that are always there, in the way of a file.
func BenchmarkLayers(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), make([]byte, 10<<10), 0o600); err != nil {
		b.Fatal(err)
	}
	s := &session{}
	s.gather = gather.New(new(history), true)
	v := newServing(s, setup{}, nil)
	bare := http.Handler(&static.Files{FS: os.DirFS(dir)})
	app, err := v.layered(bare, layers{}, new(composed))
	if err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"bare": bare, "layered": app} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&diskWriter{ResponseWriter: httptest.NewRecorder()}, askFor("GET", "/a.txt"))
			}
		})
	}
}

// TestAccessLogIsNoEdit: a line of the access log concerns no browser, wherever it lies.
func TestAccessLogIsNoEdit(t *testing.T) {
	dir := t.TempDir()
	set := setup{layers: layers{accessLog: filepath.Join(dir, "public", "access.html")}}
	load := func() (config, setup, error) { return config{}, set, nil }
	v := newServing(&session{dir: dir}, set, load)
	for _, tt := range []struct {
		paths, want []string
		wakes       bool
	}{
		{paths: []string{"public/access.html"}},
		{paths: []string{"public/access.html", "public/a.css"}, want: []string{"public/a.css"}},
		{paths: []string{"public/access.html", configName}, wakes: true},
		{paths: []string{"public/other.html"}, want: []string{"public/other.html"}},
	} {
		var got []string
		if e, ok := v.edited(inspect.AssetsChanged{Paths: tt.paths}).(inspect.AssetsChanged); ok {
			got = e.Paths
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v: %s", tt.paths, diff)
		}
		if woken := len(v.wake) > 0; woken != tt.wakes {
			t.Errorf("%v: woken %t", tt.paths, woken)
		}
		for len(v.wake) > 0 {
			<-v.wake
		}
	}
}

// TestLayersTell is what --check says.
func TestLayersTell(t *testing.T) {
	var b bytes.Buffer
	(&layers{accessLog: "-", format: "json", compress: true, errors: map[int]string{404: "/a", 5: "/b"}}).tell(&b)
	want := "access log       json     -\nanswers          compress zstd, gzip\n5xx              error    /b\n404              error    /a\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
