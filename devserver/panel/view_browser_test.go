package panel_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

const plainPage = `<!doctype html><title>x</title><link rel=icon href=data:,><p>x`

// toggle presses the panel's shortcut.
func (b *tab) toggle() {
	b.t.Helper()
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
}

// front stands before an app: it counts the scripts and the ids asked for, and may refuse
// to serve what is pastedev's, as when pastedev has ended.
func (a *app) front(handle func(w http.ResponseWriter, r *http.Request) (done bool)) {
	a.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, panel.Prefix) || !handle(w, r) {
			a.ServeHTTP(w, r)
		}
	})
}

// TestBrowserLoadsWhenWanted: a page loads the first script alone; the rest comes with the
// first opening, once.
func TestBrowserLoadsWhenWanted(t *testing.T) {
	a := newApp(t, map[string]string{"/": plainPage})
	a.front(func(_ http.ResponseWriter, r *http.Request) bool {
		a.mu.Lock()
		a.loads[r.URL.Path]++
		a.mu.Unlock()
		return false
	})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	if n := a.count("/_pastedev/view.js"); n != 0 {
		t.Errorf("view.js was loaded %d times before it was wanted", n)
	}
	for range 2 {
		b.toggle()
		b.text("↑↓ move", true)
		b.toggle()
		b.text("↑↓ move", false)
	}
	if n := a.count("/_pastedev/view.js"); n != 1 {
		t.Errorf("view.js was loaded %d times, want once", n)
	}
	b.calm()
}

// TestBrowserCannotOpen: where the opened panel cannot be loaded, the pill says so, the page
// is left alone, and the next press tries again.
func TestBrowserCannotOpen(t *testing.T) {
	a := newApp(t, map[string]string{"/": plainPage})
	ended := true
	a.front(func(w http.ResponseWriter, r *http.Request) bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		if ended && (strings.HasSuffix(r.URL.Path, "/view.js") || strings.HasSuffix(r.URL.Path, "/events")) {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		return false
	})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.toggle()
	b.text("cannot be opened: pastedev does not answer", true)
	a.mu.Lock()
	ended = false
	a.mu.Unlock()
	b.toggle()
	b.text("↑↓ move", true)
}

// TestBrowserPolling: a page that asks again and again keeps its own row and the newest, and
// what it has forgotten is not asked for when the panel is opened.
func TestBrowserPolling(t *testing.T) {
	a := newApp(t, map[string]string{"/": plainPage, "/api/poll": "{}"})
	asked := 0
	a.front(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/exchanges") {
			a.mu.Lock()
			asked += len(strings.Split(r.URL.Query().Get("ids"), ","))
			a.mu.Unlock()
		}
		return false
	})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.eval(`(async () => { for (let i = 0; i < 40; i++) { performance.clearResourceTimings(); await Promise.all(Array.from({length: 20}, () => fetch('/api/poll').then(r => r.text()))) } })()`)
	b.text("200 · 12.3 ms · 200 requests", true) // the page's own row is still there
	b.toggle()
	b.text("GET / 200", true)
	b.text("… /api/poll", false) // all are known
	a.mu.Lock()
	defer a.mu.Unlock()
	if asked > 220 {
		t.Errorf("asked for %d exchanges, of which 200 can be shown", asked)
	}
}

// TestBrowserBase: a <base> of the page does not lead the panel, and its capability, away.
func TestBrowserBase(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<!doctype html><head><base href="http://127.0.0.1:1/away/"><title>x</title><link rel=icon href=data:,></head><p>x`})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.toggle()
	b.text("GET / 200", true)
	a.set(inspect.StateBuilding, &inspect.Build{Number: 2})
	b.text("building", true)
	b.calm()
}

// TestBrowserForeignStyles: the page's own rules about everything do not reach the panel.
func TestBrowserForeignStyles(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<!doctype html><html dir=rtl lang=ar><title>x</title><link rel=icon href=data:,>
<style>*{display:none!important;opacity:0!important;position:static!important;direction:rtl!important;color-scheme:only light!important;pointer-events:none!important;z-index:1!important}</style><p>x`})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	got := b.eval(`(s => [s.display, s.opacity, s.position, s.direction, s.colorScheme, s.pointerEvents, s.zIndex].join())(getComputedStyle(document.querySelector('pastedev-panel')))`)
	if want := "block,1,fixed,ltr,light dark,auto,2147483647"; got != want {
		t.Errorf("the panel's host has %v, want %v", got, want)
	}
}

// TestBrowserXHTML: in a page that is XML the panel is as in any other.
func TestBrowserXHTML(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title><link rel="icon" href="data:,"/></head><body><p>x</p></body></html>`})
	a.header.Set("Content-Type", "application/xhtml+xml")
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.toggle()
	b.text("GET / 200", true)
	a.set(inspect.StateFailed, failedBuild(2))
	b.text("web/cart.go:42:10", true)
	b.calm()
}

// TestBrowserSpeaks: a reader of the screen hears of the state once, not of each step of a
// build nor of each request.
func TestBrowserSpeaks(t *testing.T) {
	a := newApp(t, map[string]string{"/": plainPage})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	if got := b.spoken(); got != "" {
		t.Errorf("says %q of a page that is well", got)
	}
	a.set(inspect.StateBuilding, &inspect.Build{Number: 2, Done: 3, Total: 9})
	b.text("building 3/9…", true)
	b.says("building…")
	a.set(inspect.StateFailed, failedBuild(2))
	b.text("web/cart.go:42:10", true)
	b.says("build failed · 2 errors")
}

// says waits until the panel's live region holds want, and nothing else: it is written after
// what is seen.
func (b *tab) says(want string) {
	b.t.Helper()
	for {
		got := b.spoken()
		if got == want {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-b.ctx.Done():
			b.t.Fatalf("says %q, want %q", got, want)
		}
	}
}

// spoken returns what the panel's live region holds.
func (b *tab) spoken() string {
	b.t.Helper()
	all, pierce := int64(-1), true
	doc, err := chromedp.Call(b.ctx, dom.GetDocument, dom.GetDocumentParams{Depth: &all, Pierce: &pierce})
	if err != nil {
		b.t.Fatal(err)
	}
	region := statusOf(doc.Root, false)
	if region == nil {
		b.t.Fatal("the panel has no live region")
	}
	var text strings.Builder
	walk(region, true, &text)
	return strings.TrimSpace(text.String())
}

func statusOf(n *cdp.Node, inside bool) *cdp.Node {
	inside = inside || n.LocalName == "pastedev-panel"
	if role, _ := attr(n, "role"); inside && role == "status" {
		return n
	}
	for _, c := range append(append([]*cdp.Node(nil), n.ShadowRoots...), n.Children...) {
		if found := statusOf(c, inside); found != nil {
			return found
		}
	}
	return nil
}

// TestBrowserManyTabs: where there are many tabs none is out of sight.
func TestBrowserManyTabs(t *testing.T) {
	a := servedApp(t, "")
	b := newTab(t)
	b.openServed(a)
	b.text("Sub-requests  3", true)
	for _, name := range []string{"Logs", "SQL", "Calls", "Errors"} {
		b.text(name+" ", false) // there is nothing in them
	}
	b.text("Profile", true)
	b.key("ArrowRight")
	b.text("Program  1", true)
}
