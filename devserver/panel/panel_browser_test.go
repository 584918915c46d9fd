package panel_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

// panelText returns the visible text of the panel's closed shadow root.
func (b *tab) panelText() string {
	var out strings.Builder
	all := int64(-1)
	pierce := true
	doc, err := chromedp.Call(b.ctx, dom.GetDocument, dom.GetDocumentParams{Depth: &all, Pierce: &pierce})
	if err == nil {
		walk(doc.Root, false, &out)
	}
	return out.String()
}

func attr(n *cdp.Node, name string) (string, bool) {
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		if n.Attributes[i] == name {
			return n.Attributes[i+1], true
		}
	}
	return "", false
}

func walk(n *cdp.Node, inside bool, out *strings.Builder) {
	if _, hidden := attr(n, "hidden"); hidden {
		return
	}
	inside = inside || n.LocalName == "pastedev-panel"
	if inside && n.NodeName == "#text" {
		out.WriteString(n.NodeValue + " ")
	}
	for _, c := range append(append(n.ShadowRoots, n.Children...), nodes(n.ContentDocument)...) {
		walk(c, inside, out)
	}
}

func nodes(n *cdp.Node) []*cdp.Node {
	if n == nil {
		return nil
	}
	return []*cdp.Node{n}
}

func TestBrowserReload(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": "h1{color:red}"})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.eval(`scrollTo(0, 700); window.mine = 1; 0`)
	a.set(inspect.StateBuilding, &inspect.Build{Number: 2, Done: 3, Total: 9})
	b.text("building 3/9", true)
	a.set(inspect.StateStarting, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.text("restarting", true)
	if n := a.count("/"); n != 1 {
		t.Fatalf("page loaded %d times before the new build ran", n)
	}
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.until(`window.mine === undefined && document.readyState === 'complete' && scrollY === 700`)
	b.text("200", true)
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK}) // the same build again
	a.events <- inspect.AssetsChanged{Paths: []string{"static/app.css"}, Styles: true}
	b.until(`document.querySelector('link[href*="pastedev="]')`) // everything before it has been heard
	if n := a.count("/"); n != 2 {
		t.Errorf("page loaded %d times, want 2", n)
	}
}

func TestBrowserStyleSwap(t *testing.T) {
	a := newApp(t, map[string]string{"/": strings.Replace(shop, "</head>", "<link rel=stylesheet href=/other.css data-no-reload></head>", 1),
		"/app.css": "@import 'part.css'; h1{color:rgb(1,1,1)}", "/part.css": "h1{margin-left:1px}", "/other.css": ""})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.eval(`window.mine = 1`)
	a.mu.Lock()
	a.pages["/app.css"] = "@import 'part.css'; h1{color:rgb(2,2,2)}"
	a.pages["/part.css"] = "h1{margin-left:2px}"
	a.mu.Unlock()
	a.events <- inspect.AssetsChanged{Paths: []string{"static/app.css"}, Styles: true}
	b.until(`getComputedStyle(document.querySelector('h1')).color === 'rgb(2, 2, 2)' && getComputedStyle(document.querySelector('h1')).marginLeft === '2px'`)
	b.until(`document.querySelectorAll('link').length === 2`) // the old one is gone
	if b.eval(`window.mine`) != 1.0 {
		t.Error("the page was reloaded")
	}
	if n := a.count("/other.css"); n != 1 {
		t.Errorf("data-no-reload style asked for %d times", n)
	}
}

func TestBrowserOverlay(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": ""})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	a.set(inspect.StateFailed, failedBuild(2))
	b.text("web/cart.go:42:10", true)
	b.text("▸ 42", true)
	b.text("undefined: renderTotal", true)
	b.do(chromedp.KeyEvent("\u001b"))
	b.text("web/cart.go:42:10", false)
	b.text("build failed · 2 errors", true)
	a.set(inspect.StateFailed, &inspect.Build{Number: 3, Result: inspect.BuildFailed, Output: "ld: out of luck"})
	b.text("out of luck", true)
	b.eval(`window.mine = 1`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 4, Result: inspect.BuildOK})
	b.until(`window.mine === undefined`)
	b.text("200", true)
	b.text("out of luck", false)
}

func TestBrowserList(t *testing.T) {
	page := strings.Replace(shop, "</body>", `<img src=/pic.svg alt=""><script>fetch('/api/fetched', {method: 'POST'}); const x = new XMLHttpRequest(); x.open('GET', '/api/asked'); x.send(); fetch('/api/missing')</script></body>`, 1)
	a := newApp(t, map[string]string{"/": page, "/app.css": "", "/api/fetched": "{}", "/api/asked": "[]",
		"/pic.svg": `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`})
	b := newTab(t)
	b.do(chromedp.Navigate(a.URL+"/"), chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	for _, s := range []string{"POST /api/fetched 200", "GET /api/asked 200", "GET /pic.svg 200", "GET /app.css 200", "GET /api/missing 404", "GET / 200 12.3 ms", " requests"} {
		b.text(s, true)
	}
	b.do(chromedp.KeyEvent("\u001b"))
	b.text("POST", false)
}

func TestBrowserStaysAfterBodySwap(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": ""})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.eval(`document.body.replaceWith(document.createElement('body')); document.querySelector('pastedev-panel').remove()`)
	b.until(`document.querySelectorAll('html > pastedev-panel').length === 1`)
	b.eval(`document.open(); document.write('<!doctype html><p>new'); document.close()`)
	b.until(`document.querySelectorAll('html > pastedev-panel').length === 1`)
}

// TestBrowserTransparent compares a page with and without the script: globals,
// document, order of scripts, and the console.
func TestBrowserTransparent(t *testing.T) {
	page := `<!doctype html><html><head><title>x</title><link rel=icon href=data:,><script>window.order = ['inline ' + (document.currentScript === document.scripts[document.scripts.length - 1])]</script>
<script defer src=/d.js></script><script async src=/a.js></script><script type=module src=/m.js></script></head><body><p>x</p></body></html>`
	pages := map[string]string{"/": page, "/d.js": "order.push('defer')", "/m.js": "order.push('module')", "/a.js": "window.asynced = 1"}
	seen := map[bool]any{}
	for _, off := range []bool{true, false} {
		a := newApp(t, pages)
		a.off = off
		b := newTab(t)
		b.open(a.URL + "/")
		b.until(`document.readyState === 'complete' && window.asynced`)
		if !off {
			b.text("200", true)
		}
		seen[off] = b.eval(`({keys: Object.keys(window), order, names: Object.getOwnPropertyNames(window).length, scripts: document.scripts.length, head: document.head.innerHTML, body: document.body.outerHTML,
  custom: customElements.get('pastedev-panel') === undefined, handlers: Object.keys(window).filter(k => k.startsWith('on') && window[k])})`)
		if log := b.console(); len(log) > 0 {
			t.Errorf("off %v: console: %q", off, log)
		}
	}
	if diff := cmp.Diff(seen[true], seen[false]); diff != "" {
		t.Errorf("the page differs with pastedev:\n%s", diff)
	}
}

// TestBrowserPolicies: the panel works and live reload connects under each policy,
// with nothing in the console, and what the page may not do it still may not.
func TestBrowserPolicies(t *testing.T) {
	tests := []struct{ name, policy string }{
		{"none", "default-src 'none'"},
		{"self", "default-src 'self'"},
		{"script self", "default-src 'none'; script-src 'self'"},
		{"nonce", "default-src 'none'; script-src 'nonce-abc'"},
		{"strict-dynamic", "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'"},
		{"trusted types", "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
		{"unsafe-inline", "script-src 'unsafe-inline'; connect-src 'none'"},
		{"list", "default-src 'none', script-src 'nonce-abc'"},
		{"elem", "script-src-elem 'none'; script-src-attr 'none'; style-src 'none'; connect-src https:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t, map[string]string{"/": `<!doctype html><title>x</title><link rel=icon href=data:,><p>x`})
			a.header.Set("Content-Security-Policy", tt.policy)
			b := newTab(t)
			b.open(a.URL + "/")
			b.text("200", true)
			a.set(inspect.StateBuilding, &inspect.Build{Number: 2})
			b.text("building", true)
			for _, l := range b.console() {
				if !strings.Contains(l, "icon") && !strings.Contains(l, "data:,") { // the page's own
					t.Errorf("console: %s", l)
				}
			}
			a.set(inspect.StateFailed, failedBuild(2))
			b.text("web/cart.go:42:10", true)
		})
	}
}

// TestBrowserHidden: a page that nobody sees holds no connection, and catches up with
// the build that it missed when it is seen again.
func TestBrowserHidden(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": ""})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.eval(`window.mine = 1; Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true}); document.dispatchEvent(new Event('visibilitychange')); 0`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	if b.eval(`fetch('/app.css').then(() => window.mine)`) != 1.0 {
		t.Error("a hidden page was reloaded")
	}
	b.eval(`Object.defineProperty(document, 'visibilityState', {value: 'visible'}); document.dispatchEvent(new Event('visibilitychange')); 0`)
	b.until(`window.mine === undefined`)
	b.text("200", true)
}

// TestBrowserStale: a page whose capability is of another run says what to do.
func TestBrowserStale(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": ""})
	signer := panel.New(panel.Config{Status: func() inspect.Status { return inspect.Status{} }})
	a.src = signer.Src
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("page of an earlier run", true)
}

// TestBrowserFailurePages: each page reloads itself when the program is there, once.
func TestBrowserFailurePages(t *testing.T) {
	for name, f := range failures() {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, map[string]string{"/": "<!doctype html><title>back</title><link rel=icon href=data:,><p>x"})
			a.status.State, a.status.Build, a.fail = f.State, f.Build, &f
			b := newTab(t)
			b.open(a.URL + "/")
			b.until(`document.title.includes('pastedev') && document.readyState === 'complete'`)
			a.mu.Lock()
			a.fail = nil
			a.mu.Unlock()
			a.set(inspect.StateRunning, &inspect.Build{Number: 8, Result: inspect.BuildOK})
			b.until(`document.title === 'back'`)
			b.text("200", true)
			if n := a.count("/"); n != 2 {
				t.Errorf("loaded %d times, want 2", n)
			}
			for _, l := range b.console() {
				if !strings.Contains(l, "Failed to load resource: the server responded with a status of 50") {
					t.Errorf("console: %s", l)
				}
			}
		})
	}
}

// TestBrowserPost: the answer to a form is not sent again by a reload.
func TestBrowserPost(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<!doctype html><title>form</title><form method=post action=/sent><button>send</button></form>`, "/sent": "<!doctype html><title>sent</title>"})
	b := newTab(t)
	b.open(a.URL + "/")
	b.eval(`document.forms[0].submit()`)
	b.until(`document.title === 'sent'`)
	b.text("200 · 12.3 ms", true)
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.text("send the form again", true)
	if n := a.count("/sent"); n != 1 {
		t.Errorf("form sent %d times", n)
	}
}
