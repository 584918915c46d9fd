package panel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
)

// cartTree is what a request for a cart does, with mark in its names.
func cartTree(mark string) *inspect.CallTree {
	const ms = time.Millisecond
	at := &inspect.Location{File: "cart.go", Path: "/src/shop/cart.go", Line: 43}
	return &inspect.CallTree{Functions: []inspect.CallFunction{
		{Kind: inspect.CallHandler, Name: "example.com/shop.(*Server).cart" + mark},
		{Kind: inspect.CallFunc, Name: "example.com/shop.(*Cart).Load" + mark, At: at},
		{Kind: inspect.CallSQL, Name: "query SELECT name, price\n\tFROM lines WHERE id = ?" + mark},
		{Kind: inspect.CallHTTP, Name: "GET http://prices.test/217" + mark},
		{Kind: inspect.CallWait, Name: "select" + mark},
		{Kind: inspect.CallTemplate, Name: "cart.html" + mark},
		{Kind: inspect.CallGoroutine, Name: "example.com/shop.prefetch" + mark},
	}, Nodes: []inspect.CallNode{{Parent: -1, Function: 0, Calls: 1, Total: 40 * ms}, {Parent: 0, Function: 1, Calls: 1, Total: 30 * ms}, {Parent: 1, Function: 2, Calls: 14, Total: 18 * ms},
		{Parent: 1, Function: 3, Calls: 1, Total: 8 * ms}, {Parent: 3, Function: 4, Calls: 3, Total: 7 * ms}, {Parent: 0, Function: 5, Calls: 1, Total: 6 * ms}, {Parent: 1, Function: 6, Calls: 2, Total: 25 * ms}}}
}

// profileApp is a page whose exchanges have the tree.
func profileApp(t *testing.T, tree *inspect.CallTree, verdict string) *app {
	a := newApp(t, map[string]string{"/": printsPage, "/api/orders": "[]"})
	a.tree, a.verdict = tree, verdict
	a.sums = func(string) inspect.Sums { return inspect.Sums{Nodes: 7} }
	return a
}

// profile opens the page and the tab of its exchange, which has nothing else to show.
func (b *tab) profile(a *app) {
	b.t.Helper()
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.text("/api/orders", true)
	b.key("Enter")
}

// TestBrowserProfile: the tab shows the call tree, which zooms by key; Escape leaves the
// zoom before the tab.
func TestBrowserProfile(t *testing.T) {
	a := profileApp(t, cartTree(""), "+38 ms in loadCart, 12 more SELECTs")
	b := newTab(t)
	b.profile(a)
	for _, s := range []string{"+38 ms in loadCart, 12 more SELECTs", "shop.(*Cart).Load", "goroutines ×2 · 25.0 ms · started in shop.(*Cart).Load", "query SELECT name, price FROM lines WHERE id = ? ×14 18.0 ms 18.0 ms", "Whole profile"} {
		b.text(s, true)
	}
	for range 2 {
		b.key("Tab") // from the tab over the pane to the graph
	}
	b.key("ArrowDown")
	b.text("30.0 ms (75 %)", true)
	b.text("cart.go:43", true)
	b.key("Enter")
	b.text("shop.(*Server).cart › shop.(*Cart).Load", true)
	b.key("Escape")
	b.text("shop.(*Server).cart › shop.(*Cart).Load", false)
	b.text("Whole profile", true)
	b.key("Escape")
	b.text("/api/orders", true)
	b.text("Whole profile", false)
	b.calm()
}

// TestBrowserProfileNone: what has no tree says so.
func TestBrowserProfileNone(t *testing.T) {
	a := profileApp(t, nil, "")
	b := newTab(t)
	b.profile(a)
	b.text("There is no call tree of this request.", true)
	b.calm()
}

// TestBrowserProfilePolicies: the module loads under each policy that the panel does, and
// no name becomes markup.
func TestBrowserProfilePolicies(t *testing.T) {
	for n, policy := range []string{
		"default-src 'none'",
		"default-src 'none'; script-src 'nonce-abc'",
		"script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'",
		"default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"script-src 'unsafe-inline'; style-src 'none'; connect-src 'none'",
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := profileApp(t, cartTree(evil+"\u202eש"), "<b>slower</b>"+evil)
			a.header.Set("Content-Security-Policy", policy)
			a.pages["/"] = `<!doctype html><title>x</title><link rel=icon href=data:,><p>x`
			b := newTab(t)
			b.open(a.URL + "/")
			b.text("200 · 12.3 ms", true)
			b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
			b.text("↑↓ move", true)
			b.key("Enter")
			b.text("<b>slower</b>", true)
			b.text("shop.(*Cart).Load</script></style><script>window.pwned=1", true)
			if strings.Contains(b.panelText(), "\u202e") {
				t.Error("a character that turns text is in the panel")
			}
			if b.eval(`window.pwned === undefined && document.images.length === 0`) != true {
				t.Error("a name became markup")
			}
			for _, l := range b.console() {
				if !strings.Contains(l, "icon") && !strings.Contains(l, "data:,") { // the page's own
					t.Errorf("console: %s", l)
				}
			}
		})
	}
}
