package traceback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// ourRoots make this package the app.
func ourRoots(t *testing.T) Roots {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(filepath.Dir(dir))
	return Roots{Module: "github.com/pastedev/pastedev", Dir: root, GOROOT: goroot(t)}
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

type kept struct{ reports []*Report }

func (k *kept) Report(_ context.Context, r *Report) error {
	k.reports = append(k.reports, r)
	return nil
}

type basket struct{ items map[string]int }

func (b *basket) add(k string) { b.items[k]++ }

func nilMap(http.ResponseWriter, *http.Request) { (&basket{}).add("tea") }

// secret must be on no page. It is not written out here: this file is on the pages as source.
var secret = strings.Repeat("hidden", 2)

// ask sends a GET through the catcher as an in-process request.
func ask(c *Catcher, h http.HandlerFunc, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", "/cart?q=1&token="+secret, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	c.Handler(h).ServeHTTP(rec, req)
	return rec
}

func TestCatcherDebug(t *testing.T) {
	k := &kept{}
	c := &Catcher{Debug: true, Roots: ourRoots(t), Reporters: []Reporter{k}}
	rec := ask(c, nilMap, "Accept", "text/html", "Authorization", "Bearer "+secret)
	body := rec.Body.String()
	for _, want := range []string{"write to a nil map", "traceback.(*basket).add", "inspect/traceback/catcher_test.go", "b.items[k]"} {
		if !strings.Contains(visible(t, rec.Body.Bytes()), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, secret) {
		t.Error("a secret is on the page")
	}
	if rec.Code != 500 || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("status %d, header %v", rec.Code, rec.Header())
	}
	tr := k.reports[0].Trace
	if f := tr.Frames[0]; !strings.HasSuffix(f.Function, "(*basket).add") || f.Origin != inspect.FrameApp || tr.Goroutine == 0 {
		t.Errorf("frames %+v", tr.Frames)
	}
}

func TestCatcherForms(t *testing.T) {
	c := &Catcher{Debug: true, Reporters: []Reporter{&kept{}}, Roots: ourRoots(t)}
	tests := []struct{ accept, want, holds string }{
		{"text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", "<h1>write to a nil map"},
		{"application/json", "application/problem+json", `"title": "write to a nil map"`},
		{"application/problem+json, text/html;q=0.5", "application/problem+json", `"location": "inspect/traceback/catcher_test.go:`},
		{"text/markdown", "text/markdown; charset=utf-8", "# write to a nil map"},
		{"*/*", "text/plain; charset=utf-8", "write to a nil map"},
		{"", "text/plain; charset=utf-8", "write to a nil map"},
		{"text/html;q=0, text/plain", "text/plain; charset=utf-8", "write to a nil map"},
	}
	for _, tt := range tests {
		t.Run(tt.accept, func(t *testing.T) {
			rec := ask(c, nilMap, "Accept", tt.accept)
			if got := rec.Header().Get("Content-Type"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if !strings.Contains(rec.Body.String(), tt.holds) {
				t.Errorf("lacks %q:\n%s", tt.holds, rec.Body)
			}
		})
	}
}

// TestCatcherPublic: without Debug nothing of the program is told, in no form.
func TestCatcherPublic(t *testing.T) {
	for _, accept := range []string{"text/html", "application/json", "text/plain", "text/markdown"} {
		var log strings.Builder
		c := &Catcher{Roots: ourRoots(t), Log: &log}
		rec := ask(c, nilMap, "Accept", accept)
		body := rec.Body.String()
		if rec.Code != 500 || !strings.Contains(body, "E-") {
			t.Errorf("%s: %d %s", accept, rec.Code, body)
		}
		for _, secret := range []string{"nil map", ".go", "basket", "traceback", "goroutine"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s: the answer tells %q", accept, secret)
			}
		}
		if !strings.Contains(log.String(), "write to a nil map") || !strings.Contains(log.String(), "catcher_test.go") {
			t.Errorf("nothing reported it, and the log lacks it: %s", &log)
		}
	}
}

func TestCatcherPasses(t *testing.T) {
	expected := errors.New("redirect")
	tests := []struct {
		name string
		v    any
	}{{"abort", http.ErrAbortHandler}, {"expected", expected}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := &kept{}
			c := &Catcher{Reporters: []Reporter{k}, Expected: func(v any) bool { return v == expected }}
			defer func() {
				if v := recover(); v != tt.v || len(k.reports) > 0 {
					t.Errorf("raised again: %v, reports %d", v, len(k.reports))
				}
			}()
			ask(c, func(http.ResponseWriter, *http.Request) { panic(tt.v) })
			t.Error("the panic was swallowed")
		})
	}
}

func TestCatcherNested(t *testing.T) {
	inner, outer := &kept{}, &kept{}
	ci := &Catcher{Debug: true, Reporters: []Reporter{inner}}
	co := &Catcher{Debug: true, Reporters: []Reporter{outer}}
	ask(co, ci.Handler(http.HandlerFunc(nilMap)).ServeHTTP)
	if len(inner.reports) != 0 || len(outer.reports) != 1 {
		t.Errorf("inner reported %d, outer %d", len(inner.reports), len(outer.reports))
	}
}

// TestCatcherAfterFirstByte: the client must see that the answer is not whole.
func TestCatcherAfterFirstByte(t *testing.T) {
	reported := make(chan *Report, 1)
	c := &Catcher{Debug: true, Reporters: []Reporter{reporterFunc(func(_ context.Context, r *Report) error { reported <- r; return nil })}}
	srv := httptest.NewServer(c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "the beginning")
		w.(http.Flusher).Flush()
		panic("in the middle")
	})))
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || err == nil || string(body) != "the beginning" {
		t.Errorf("status %d, body %q, error %v", resp.StatusCode, body, err)
	}
	if r := <-reported; r.Trace.Message != "in the middle" {
		t.Errorf("reported %q", r.Trace.Message)
	}
}

type reporterFunc func(context.Context, *Report) error

func (f reporterFunc) Report(ctx context.Context, r *Report) error { return f(ctx, r) }

type plainWriter struct{ http.ResponseWriter }

// TestCatcherTransparent: a handler finds the same abilities as without us.
func TestCatcherTransparent(t *testing.T) {
	c := &Catcher{}
	h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, flush := w.(http.Flusher)
		_, hijack := w.(http.Hijacker)
		_, from := w.(io.ReaderFrom)
		fmt.Fprintf(w, "%v %v %v %v", flush, hijack, from, http.NewResponseController(w).Flush())
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); string(b) != "true true true <nil>" {
		t.Errorf("behind net/http: %s", b)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(plainWriter{rec}, httptest.NewRequest("GET", "/", nil))
	if got := rec.Body.String(); !strings.HasPrefix(got, "false false true") {
		t.Errorf("behind a plain writer: %s", got)
	}
}

type evilError struct{ text string }

func (e evilError) Error() string { panic(e.text) }

type evilStringer struct{}

func (evilStringer) String() string { panic("String failed") }

type evilSupplement struct{ error }

func (evilSupplement) TracebackSupplement() Supplement { panic("supplement failed") }

type mapError struct{}

func (mapError) Error() string { return "template failed" }
func (mapError) TracebackSupplement() Supplement {
	return Supplement{Object: mapError{}, SourceURL: "cart.html", Line: 7, Column: 3, Expression: "user.name", Warnings: []string{"old syntax"}, Info: "this is some supplemental information",
		Extra: []ExtraData{{Extra, "rare", []string{"a"}}, {Important, "object", map[string]string{"b": "2", "a": "1"}}}}
}

// TestContained: whatever the program's own code does while it is asked about a failure, the
// failure is reported.
func TestContained(t *testing.T) {
	bad := DecoratorFunc(func(context.Context, *Report) error { panic("decorator failed") })
	failing := reporterFunc(func(context.Context, *Report) error { return errors.New("reporter failed\nin two lines") })
	panicking := reporterFunc(func(context.Context, *Report) error { panic(evilError{"x"}) })
	for _, v := range []any{evilError{"Error failed"}, evilStringer{}, fmt.Errorf("wrapped: %w", evilSupplement{errors.New("inner")}), (*evilError)(nil), nil} {
		var log strings.Builder
		c := &Catcher{Debug: true, Decorators: []Decorator{bad}, Reporters: []Reporter{failing, panicking}, Log: &log}
		rec := ask(c, func(_ http.ResponseWriter, r *http.Request) {
			Info(r.Context(), "evil", evilStringer{})
			panic(v)
		}, "Accept", "text/html")
		page := visible(t, rec.Body.Bytes())
		for _, want := range []string{"decorator failed", "reporter failed in two lines", "could not be sent by"} {
			if rec.Code != 500 || !strings.Contains(page, want) {
				t.Errorf("%T: status %d, the page lacks %q", v, rec.Code, want)
			}
		}
		if !strings.Contains(log.String(), "E-") {
			t.Errorf("%T: nothing took the report, and the log lacks it:\n%s", v, &log)
		}
	}
}

func loop(ctx context.Context) {
	for i := range 10 {
		Info(ctx, "i", i)
		if i == 5 {
			panic("at five")
		}
	}
}

func returned(ctx context.Context) { Info(ctx, "seen", "before") }

// TestInfo: the value of the pass that failed stands beside its frame.
func TestInfo(t *testing.T) {
	k := &kept{}
	c := &Catcher{Reporters: []Reporter{k}}
	ask(c, func(_ http.ResponseWriter, r *http.Request) {
		returned(r.Context())
		loop(r.Context())
	})
	r := k.reports[0]
	if d := cmp.Diff([]inspect.Note{{Key: "i", Value: "5"}}, r.Trace.Frames[0].Notes); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	want := []Section{{Supplemental, "Noted before, by functions that have returned", []inspect.Note{{Key: "traceback.returned: seen", Value: "before"}}}}
	if d := cmp.Diff(want, r.Sections); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	Info(context.Background(), "nobody", "listens")
}

func TestSupplement(t *testing.T) {
	k := &kept{}
	c := &Catcher{Debug: true, Reporters: []Reporter{k}}
	rec := ask(c, func(_ http.ResponseWriter, r *http.Request) {
		panic(errors.Join(errors.New("other"), fmt.Errorf("render: %w", mapError{})))
	})
	var titles []string
	for _, s := range k.reports[0].Sections {
		titles = append(titles, fmt.Sprintf("%d %s", s.Importance, s.Title))
	}
	if d := cmp.Diff([]string{"0 object", "1 traceback.mapError", "3 rare"}, titles); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, want := range []string{"cart.html:7:3", "user.name", "old syntax", "this is some supplemental information", "caused by", "render: template failed"} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, rec.Body)
		}
	}
}

// TestHide holds the rules against Paste's own cases: calls go from A to D, the last failed.
func TestHide(t *testing.T) {
	tests := []struct {
		name  string
		rules []Hider
		want  string
	}{
		{"none", nil, "AABBCCDDE"},
		{"this", []Hider{Hide("b", HideThis)}, "AACCDDE"},
		{"before", []Hider{Hide("c1", HideBefore)}, "CCDDE"},
		{"before and this", []Hider{Hide("c1", HideBeforeAndThis)}, "CDDE"},
		{"after until reset", []Hider{Hide("b2", HideAfter), Hide("e1", HideReset)}, "AABBE"},
		{"after and this until reset", []Hider{Hide("b1", HideAfterAndThis), Hide("d2", HideReset)}, "AADE"},
		{"reset and this", []Hider{Hide("a2", HideAfter), Hide("d1", HideResetAndThis)}, "AADE"},
		{"would hide the failure", []Hider{Hide("e...", HideThis), Hide("a", HideThis)}, "AABBCCDDE"},
		{"after without reset", []Hider{Hide("b1", HideAfter)}, "AABBCCDDE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var tr inspect.Trace
			for _, f := range []string{"e1", "d2", "d1", "c2", "c1", "b2", "b1", "a2", "a1"} {
				tr.Frames = append(tr.Frames, inspect.Frame{Location: inspect.Location{Function: f}, Package: f[:1]})
			}
			Apply(&tr, tt.rules)
			got := ""
			for i := len(tr.Frames) - 1; i >= 0; i-- {
				if !tr.Frames[i].Hidden {
					got += strings.ToUpper(tr.Frames[i].Package)
				}
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestSameCode: one bug has one code from two URLs, and the same as in a printed dump.
func TestSameCode(t *testing.T) {
	k := &kept{}
	c := &Catcher{Reporters: []Reporter{k}, Roots: ourRoots(t)}
	h := c.Handler(http.HandlerFunc(nilMap))
	for _, url := range []string{"/a", "/b?x=1"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", url, nil))
	}
	if a, b := k.reports[0].Trace.Code, k.reports[1].Trace.Code; a != b {
		t.Errorf("codes %s and %s", a, b)
	}
	other := func(http.ResponseWriter, *http.Request) { (&basket{}).add("x") }
	ask(c, other)
	if a, b := k.reports[0].Trace.Code, k.reports[2].Trace.Code; a == b {
		t.Errorf("another way to the fault has the same code %s", a)
	}
}

func TestProblemIsJSON(t *testing.T) {
	d := samplePage()
	var got map[string]any
	if err := json.Unmarshal(Problem(&d.Report, 500), &got); err != nil {
		t.Fatal(err)
	}
	if got["code"] != d.Trace.Code || got["location"] != "cart/cart.go:41" || got["status"] != 500.0 {
		t.Errorf("%v", got)
	}
}
