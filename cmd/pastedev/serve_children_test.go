package main

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/gather"
)

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
		"/sorry": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") != "text/html" {
				t.Errorf("the page is asked for with %v", r.Header)
			}
			io.WriteString(w, "sorry")
		},
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
