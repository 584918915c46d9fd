package panel_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/devserver/inject"
	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

// browserLimit bounds one browser test; the machine may be very busy.
const browserLimit = 6 * time.Minute

var browser struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if browser.stop != nil {
		browser.stop()
	}
	os.Exit(code)
}

// startBrowser starts the one browser that all tests share.
func startBrowser() {
	dir, err := os.MkdirTemp("", "pastedev-chromium-")
	if err != nil {
		browser.err = err
		return
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		browser.err = errors.New("no chromium in PATH")
		return
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(browserLimit))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	browser.ctx = ctx
	browser.stop = func() { stop(); stopAlloc(); os.RemoveAll(dir) }
	browser.err = chromedp.Do(ctx)
}

// tab is a browser tab that has kept what the page said to the console.
type tab struct {
	t   *testing.T
	ctx context.Context
	mu  sync.Mutex
	log []string
}

func newTab(t *testing.T) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("browser test")
	}
	browser.once.Do(startBrowser)
	if browser.err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("start chromium: %v", browser.err)
		}
		t.Skipf("start chromium: %v; install chromium to run this test", browser.err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx)
	ctx, cancelTime := context.WithTimeout(ctx, browserLimit)
	b := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	t.Cleanup(func() { cancelTime(); cancel(); <-done })
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.log = append(b.log, string(m.Type)+": "+m.Text)
			b.mu.Unlock()
		}
	}()
	return b
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v\nconsole: %q", err, b.console())
	}
}

func (b *tab) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

func (b *tab) console() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.log...)
}

// eval returns the value of a JavaScript expression; a promise is awaited.
func (b *tab) eval(js string) any {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v\nconsole: %q", js, err, b.console())
	}
	return value
}

// until waits for a JavaScript expression to become true.
func (b *tab) until(js string) {
	b.t.Helper()
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+js+`)`))
		if ok {
			return
		}
		if b.ctx.Err() != nil {
			b.t.Fatalf("never true: %s (%v)\nconsole: %q", js, err, b.console())
		}
		select { // no event exists for what a page draws
		case <-time.After(20 * time.Millisecond):
		case <-b.ctx.Done():
		}
	}
}

// text waits until the accessibility text of the panel holds s: the shadow root is
// closed to scripts, so the test reads what a screen reader would.
func (b *tab) text(s string, want bool) {
	b.t.Helper()
	for {
		got := b.panelText()
		if strings.Contains(got, s) == want {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-b.ctx.Done():
			b.t.Fatalf("panel never (%v) says %q, it says %q\nconsole: %q", want, s, got, b.console())
		}
	}
}

// app is a small site with pastedev before it.
type app struct {
	untimed bool // no answer names its exchange
	*httptest.Server
	t        *testing.T
	handler  *panel.Handler
	events   chan inspect.Event
	mu       sync.Mutex
	status   inspect.Status
	known    map[inspect.ID]inspect.Summary
	pages    map[string]string // path → content
	header   http.Header       // added to each page
	loads    map[string]int    // path → requests
	off      bool
	fail     *panel.Failure
	src      func(inspect.ID, int) string // the address of the script
	injector inject.Injector
	page     inspect.ID                                            // of the last load of "/"
	within   func(inspect.ID) (*inspect.Exchange, []inspect.Trace) // what happened inside; nil: nothing
	sums     func(path string) inspect.Sums
	tree     *inspect.CallTree // of every exchange
	verdict  string            // of every exchange
}

// Subscribe is panel.Feed.
func (a *app) Subscribe(ctx context.Context) <-chan inspect.Event {
	out := make(chan inspect.Event)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-a.events:
				out <- e
			}
		}
	}()
	return out
}

func newApp(t *testing.T, pages map[string]string) *app {
	a := &app{t: t, events: make(chan inspect.Event), known: map[inspect.ID]inspect.Summary{}, pages: pages,
		header: http.Header{}, loads: map[string]int{},
		status: inspect.Status{State: inspect.StateRunning, Build: &inspect.Build{Number: 1, Result: inspect.BuildOK}, ControlURL: "http://127.0.0.1:1/"}}
	a.handler = panel.New(panel.Config{Feed: a, Secret: []byte("fixed"), Status: func() inspect.Status {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.status
	}, Lookup: func(_ context.Context, id inspect.ID) (inspect.Summary, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		s, ok := a.known[id]
		if !ok {
			return s, inspect.ErrNotFound
		}
		return s, nil
	}, Inside: func(_ context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if _, ok := a.known[id]; !ok {
			return nil, nil, inspect.ErrNotFound
		}
		if a.within == nil {
			return &inspect.Exchange{Summary: a.known[id]}, nil, nil
		}
		ex, traces := a.within(id)
		return ex, traces, nil
	}, CallTree: func(_ context.Context, id inspect.ID) (*inspect.CallTree, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.tree == nil {
			return nil, inspect.ErrNotFound
		}
		return a.tree, nil
	}})
	a.src = a.handler.Src
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); a.handler.Run(ctx) }()
	a.Server = httptest.NewServer(a)
	t.Cleanup(func() { cancel(); <-done; a.Close() })
	return a
}

// set changes the target's state and tells the feed.
func (a *app) set(s inspect.State, b *inspect.Build) {
	a.mu.Lock()
	a.status.State, a.status.Build = s, b
	a.mu.Unlock()
	a.events <- inspect.BuildChanged{Build: *b}
	a.events <- inspect.StateChanged{State: s, Build: b.Number}
}

func (a *app) count(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.loads[path]
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, panel.Prefix) {
		a.handler.ServeHTTP(w, r)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.loads[r.URL.Path]++
	id := inspect.NewID()
	if !a.untimed {
		w.Header().Set("Server-Timing", `pastedev;desc="`+string(id)+`"`)
	}
	if a.fail != nil {
		a.mu.Unlock()
		f := *a.fail
		f.ID = id
		a.handler.ServeFailure(w, r, f)
		a.mu.Lock()
		return
	}
	body, ok := a.pages[r.URL.Path]
	rec := httptest.NewRecorder()
	switch {
	case !ok:
		rec.Code = 404
	case strings.HasSuffix(r.URL.Path, ".css"):
		rec.Header().Set("Content-Type", "text/css")
	case strings.HasSuffix(r.URL.Path, ".js"):
		rec.Header().Set("Content-Type", "text/javascript")
	case strings.HasSuffix(r.URL.Path, ".svg"):
		rec.Header().Set("Content-Type", "image/svg+xml")
	case strings.HasPrefix(r.URL.Path, "/api/"):
		rec.Header().Set("Content-Type", "application/json")
	default:
		rec.Header().Set("Content-Type", "text/html; charset=utf-8")
		for k, v := range a.header {
			rec.Header()[k] = append([]string(nil), v...)
		}
	}
	rec.WriteString(body)
	res := rec.Result()
	if !ok {
		res.StatusCode = 404
	}
	a.known[id] = inspect.Summary{ID: id, Method: r.Method, Path: r.URL.Path, Status: res.StatusCode,
		Duration: inspect.Millis(12300 * time.Microsecond), ResponseSize: int64(len(body)), Verdict: a.verdict}
	if r.URL.Path == "/" {
		a.page = id
	}
	if s := a.known[id]; a.sums != nil {
		s.Sums = a.sums(r.URL.Path)
		a.known[id] = s
	}
	if !a.off {
		number := 0
		if a.status.Build != nil {
			number = a.status.Build.Number
		}
		a.injector.Apply(r, res, inject.Tag{Src: a.src(id, number), Meta: panel.Meta})
	}
	defer res.Body.Close()
	for k, v := range res.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(res.StatusCode)
	io.Copy(w, res.Body)
}

func failedBuild(n int) *inspect.Build {
	return &inspect.Build{Number: n, Result: inspect.BuildFailed, Diagnostics: []inspect.Diagnostic{{
		Severity: inspect.SeverityError, Code: "compile", Message: `cannot use "x" (untyped string constant) as int value in assignment`,
		File: "web/cart.go", Path: "/src/shop/web/cart.go", Line: 42, Column: 10,
		Context: source(40, "func (c *Cart) Total() int {", "\tvar sum int", "\tsum = c.\"x\"", "\treturn sum", "}"),
	}, {
		Severity: inspect.SeverityError, Code: "compile", Message: "undefined: renderTotal", File: "web/cart.go", Path: "/src/shop/web/cart.go", Line: 57, Column: 2,
		Context: source(56, "\tdefer c.mu.Unlock()", "\trenderTotal(w, c)", "}"),
	}}}
}

const shop = `<!doctype html><html lang=en><head><title>Shop</title><link rel=stylesheet href=/app.css></head>
<body><h1>Shop</h1><p>Text of a page that pastedev stands before.</p><div style="height:3000px"></div></body></html>`

func source(first int, lines ...string) (out []inspect.SourceLine) {
	for i, text := range lines {
		out = append(out, inspect.SourceLine{Number: first + i, Text: text})
	}
	return out
}

// key presses a key by the name that KeyboardEvent.key has for it.
func (b *tab) key(name string) {
	b.t.Helper()
	codes := map[string]string{"Enter": "\r", "Tab": "\t", "Escape": "\u001b", "ArrowRight": "\u0303", "ArrowLeft": "\u0302", "ArrowDown": "\u0301"}
	b.do(chromedp.KeyEvent(codes[name]))
}
