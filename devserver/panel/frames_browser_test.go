package panel_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// inner is a page for a frame. It tells the outermost page whether it has a pill, which other
// sites cannot see.
const inner = `<!doctype html><html lang=en><head><title>inner</title><link rel=icon href=data:,><link rel=stylesheet href=/app.css></head><body><p>inner
<script>const tell = () => top.postMessage({at: location.pathname, pills: document.querySelectorAll('pastedev-panel').length}, '*');
new MutationObserver(tell).observe(document.documentElement, {childList: true}); tell();</script></body></html>`

// pills of the page and of its frames of the same origin.
const pills = `(w => { const count = w => w.document.querySelectorAll('pastedev-panel').length + Array.from({length: w.length}, (_, i) => { try { return count(w[i]) } catch { return 0 } }).reduce((a, b) => a + b, 0); return count(w) })(window)`

// connected counts the pages that listen.
func (a *app) connected() (count func() int) {
	listening := 0
	a.front(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/events") {
			return false
		}
		a.mu.Lock()
		listening++
		a.mu.Unlock()
		return false
	})
	return func() int {
		a.mu.Lock()
		defer a.mu.Unlock()
		return listening
	}
}

// TestBrowserFrames: one page of several frames has one pill and one connection, reloads as one,
// and gets its styles as one.
func TestBrowserFrames(t *testing.T) {
	a := newApp(t, map[string]string{"/inner": inner, "/app.css": "p { color: rgb(1, 2, 3) }",
		"/": `<!doctype html><html lang=en><head><title>outer</title><link rel=icon href=data:,></head><body><h1>outer</h1>
<iframe src=/inner></iframe><iframe sandbox="allow-scripts" src=/inner></iframe><iframe srcdoc="<link rel=stylesheet href=/app.css><p>doc"></iframe></body></html>`})
	listening := a.connected()
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.until(`document.readyState === 'complete' && frames[0].document.readyState === 'complete'`)
	colour := func(frame int) string {
		return fmt.Sprintf(`frames[%d].document.querySelector('p') && frames[%[1]d].getComputedStyle(frames[%[1]d].document.querySelector('p')).color`, frame)
	}
	b.until(colour(0) + ` === 'rgb(1, 2, 3)' && ` + colour(2) + ` === 'rgb(1, 2, 3)'`)
	a.mu.Lock()
	a.pages["/app.css"] = "p { color: rgb(4, 5, 6) }"
	a.mu.Unlock()
	b.eval(`window.mine = frames[0].mine = 1`)
	a.events <- inspect.AssetsChanged{Paths: []string{"app.css"}, Styles: true}
	b.until(colour(0) + ` === 'rgb(4, 5, 6)' && ` + colour(2) + ` === 'rgb(4, 5, 6)'`)
	if b.eval(`window.mine === 1 && frames[0].mine === 1`) != true {
		t.Error("an edit of styles has reloaded the page")
	}
	if n := b.eval(pills); n != 1.0 {
		t.Errorf("%v pills", n)
	}
	if n := listening(); n != 1 {
		t.Errorf("%d pages listen", n)
	}
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.until(`window.mine === undefined && frames[0]?.document.querySelector('p')`)
	b.text("200 · 12.3 ms", true)
	if n := a.count("/"); n != 2 {
		t.Errorf("loaded %d times, want 2", n)
	}
	b.calm()
}

// TestBrowserForeignTop: below the page of another site the first frame has a pill, and each
// reloads itself.
func TestBrowserForeignTop(t *testing.T) {
	a := newApp(t, map[string]string{"/one": inner, "/two": inner, "/app.css": "",
		"/nest": `<!doctype html><title>nest</title><link rel=icon href=data:,><iframe src=/two></iframe>`})
	listening := a.connected()
	top := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang=en><title>another</title><link rel=icon href=data:,>
<script>const told = {}; addEventListener('message', e => { (told[e.data.at] ||= []).push(e.data.pills) });</script>
<iframe src="%[1]s/one"></iframe><iframe src="%[1]s/nest"></iframe>`, a.URL)
	}))
	t.Cleanup(top.Close)
	b := newTab(t)
	b.open(strings.Replace(top.URL, "127.0.0.1", "localhost", 1) + "/")
	b.until(`told['/one']?.at(-1) === 1`)
	b.eval(`told['/one'].length = 0`)
	for listening() < 2 { // one of each frame; they attach before they connect
		b.until(`true`)
	}
	if got := b.eval(`Math.max(...told['/two'])`); got != 0.0 {
		t.Errorf("the second frame has %v pills", got)
	}
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.until(`told['/one'].at(-1) === 1`)
	for a.count("/nest") < 2 || a.count("/two") < 2 {
		b.until(`true`)
	}
	if n := a.count("/one"); n != 2 {
		t.Errorf("loaded %d times, want 2", n)
	}
}
