package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/pastedev/pastedev/devserver/control"
)

// TestBrowser drives the whole `pastedev run` on the shop through a real Chromium:
// the steps are those of one sitting, each on what the one before has left.
func TestBrowser(t *testing.T) {
	browser := startChromium(t)
	in := startApp(t, "shop")
	in.await("/", "shop, version 1")
	in.awaitRecording()
	b := newTab(t, browser)
	b.do(chromedp.Navigate(in.url))

	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance, *tab)
	}{
		{"script", stepScript},
		{"reload", stepReload},
		{"style", stepStyle},
		{"build error", stepBuildError},
		{"recovery", stepRecovery},
		{"panel", stepPanel},
		{"inspector", stepInspector},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			b.t, in.tb = t, t
			step.run(t, in, b)
		}) {
			t.Fatalf("no use to go on; pastedev said:\n%s", in.log)
		}
	}
	in.tb = t
}

// stepScript: the page got the script, which shows the pill and takes itself away.
func stepScript(t *testing.T, _ *instance, b *tab) {
	b.until(`document.querySelector('html > pastedev-panel')`)
	b.says("200")
	if n := b.eval(`document.querySelectorAll('script[src*="pastedev"]').length`); n != 0.0 {
		t.Errorf("%v script tags of ours are left in the page", n)
	}
}

// stepReload: a save, and the page shows the new text without anybody's doing. A
// function that the page had set is gone, so it is the page that was loaded anew.
func stepReload(t *testing.T, in *instance, b *tab) {
	b.eval(`window.mine = 1`)
	in.edit("web/web.go", "version 1", "version 2")
	b.until(`document.querySelector('h1')?.textContent === 'shop, version 2' && window.mine === undefined`)
	in.edit("web/templates/index.html", "<h1>", `<h1 id="embedded">`)
	b.until(`document.querySelector('#embedded')`)
}

// stepStyle: an edit of a style sheet is swapped in; what the page holds stays.
func stepStyle(t *testing.T, in *instance, b *tab) {
	b.says("200")
	b.until(`document.readyState === 'complete'`)
	b.eval(`window.mine = 2`)
	in.edit("static/shop.css", "color: #223", "color: rgb(1, 2, 3)")
	b.until(`getComputedStyle(document.body).color === 'rgb(1, 2, 3)'`)
	if b.eval(`window.mine`) != 2.0 {
		t.Error("the page was reloaded for a style sheet")
	}
}

// stepBuildError: the open page shows what the compiler says, with the source around
// it, over its own content, which stays.
func stepBuildError(t *testing.T, in *instance, b *tab) {
	in.edit("web/web.go", "all, err := items.All(r.Context())\n\t\treply(w, all, err)", "all, err := items.All(r.Context())\n\t\treply(w, al, err)")
	b.says("Build failed", "2 errors", "web/web.go:37:3", "declared and not used: all", "▸ 37", "undefined: al",
		`r.Get("/api/items", func(w http.ResponseWriter, r *http.Request) {`)
	if b.eval(`window.mine`) != 2.0 {
		t.Error("the page was reloaded for a build that failed")
	}
	b.do(chromedp.KeyEvent("\u001b"))
	b.saysNo("undefined: al")
	b.says("build failed · 2 errors")
}

// stepRecovery: the page comes back by itself, be it the open page or the page of
// the error that a new tab got.
func stepRecovery(t *testing.T, in *instance, b *tab) {
	other := newTab(t, b.browser)
	other.do(chromedp.Navigate(in.url))
	other.until(`document.title.includes('pastedev') && document.body.innerText.includes('undefined: al')`)
	in.edit("web/web.go", "reply(w, al, err)", "reply(w, all, err)")
	other.until(`document.querySelector('h1')?.textContent === 'shop, version 2'`)
	b.show()
	b.until(`document.querySelector('h1')?.textContent === 'shop, version 2' && window.mine === undefined`)
	b.saysNo("build failed")
}

// stepPanel: a click on the pill lists the page's own exchanges, those of fetch and
// XHR included.
func stepPanel(t *testing.T, _ *instance, b *tab) {
	b.says("200")
	b.eval(`fetch('/api/items/77').then(r => r.text()); const x = new XMLHttpRequest(); x.open('GET', '/api/items/2'); x.send(); 0`)
	b.click("button", "p")
	for _, row := range []string{"GET / ", "GET /static/shop.css ", "GET /api/items ", "GET /api/items/2 ", "GET /api/items/77 "} {
		b.says(row)
	}
	row := b.row("/api/items/2")
	if fields := b.words(row); !strings.HasSuffix(fields[len(fields)-2], "s") || fields[len(fields)-1] != "38 B" {
		t.Errorf("the row of the XHR says %q, want method, path, what happened inside, status, time and size", fields)
	}
}

// stepInspector: a click on a row shows the exchange, and from there opens the inspector
// page at it, whose list is live.
func stepInspector(t *testing.T, in *instance, b *tab) {
	inst, err := control.Find(in.dir)
	if err != nil {
		t.Fatal(err)
	}
	if link := "inspector page at " + inst.URLs[0]; !strings.Contains(in.log.String(), link) {
		t.Errorf("pastedev has not printed %q", link)
	}
	first := newTab(t, b.browser) // the printed link, once a run, is what lets the browser in
	first.do(chromedp.Navigate(inst.URLs[0]))
	first.until(`document.body.innerText.includes('/api/items/77')`)
	if addr := first.eval(`location.href`); strings.Contains(addr.(string), "token") {
		t.Errorf("the token stays in the address bar: %s", addr)
	}
	b.show()
	opened := chromedp.WaitNewTarget(b.ctx, func(i *target.Info) bool { return strings.Contains(i.URL, "#/exchanges/") })
	b.clickNode(b.row("/api/items/2"))
	b.says("Logs")
	b.says("Inspector")
	b.click("a", "k")
	var inspector *tab
	select {
	case id := <-opened:
		inspector = newTab(t, b.browser, chromedp.WithTargetID(id))
	case <-b.ctx.Done():
		t.Fatal("the link of an exchange opened no inspector page")
	}
	inspector.do(chromedp.EmulateViewport(1400, 2000)) // all rows, and the detail beside them
	inspector.until(`document.body.innerText.includes('/api/items/2')`)
	inspector.eval(`location.hash += '/response'`)
	inspector.until(`document.body.innerText.includes('teapot')`)
	inspector.until(`document.body.innerText.includes('/api/items/77')`) // the list beside it
	inspector.until(`!document.body.innerText.includes('/live-later')`)
	if _, _, err := get(t.Context(), in.url+"live-later", nil); err != nil {
		t.Fatal(err)
	}
	inspector.until(`document.body.innerText.includes('/live-later')`)
}

// startChromium starts a browser that ends with the test.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("browser test")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no chromium in PATH")
		}
		t.Skip("no chromium in PATH; install chromium to run this test")
	}
	profile, err := os.MkdirTemp("", "pastedev-chromium-") // not t.TempDir: a late child may still write
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { stop(); stopAlloc(); os.RemoveAll(profile) })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// tab is a page in the browser.
type tab struct {
	t       *testing.T
	browser context.Context
	ctx     context.Context
}

func newTab(t *testing.T, browser context.Context, opts ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, opts...)
	ctx, cancelTime := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { cancelTime(); cancel() })
	b := &tab{t: t, browser: browser, ctx: ctx}
	b.do()
	return b
}

// show brings the tab to the front: a page that nobody sees is not reloaded.
func (b *tab) show() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, page.BringToFront, cdp.Empty{}); err != nil {
		b.t.Fatalf("show the tab: %v", err)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *tab) eval(js string) any {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](js))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", js, err)
	}
	return value
}

// poll asks ok again and again until it holds: no event exists for what a page draws.
func (b *tab) poll(ok func() bool, fail func()) {
	b.t.Helper()
	for !ok() {
		select {
		case <-time.After(25 * time.Millisecond):
		case <-b.ctx.Done():
			fail()
			return
		}
	}
}

// until waits for a JavaScript expression to become true.
func (b *tab) until(js string) {
	b.t.Helper()
	var err error
	b.poll(func() (ok bool) {
		ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+js+`)`))
		return ok
	}, func() { b.t.Fatalf("never true: %s (%v)", js, err) })
}

// press types keys by their names, one after the other.
func (b *tab) press(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.do(chromedp.KeyEvent(pressable[name]))
	}
}

// pressable are the keys that tests press.
var pressable = map[string]string{"ArrowDown": kb.ArrowDown, "Enter": kb.Enter, "Tab": kb.Tab}

// says waits until the panel shows each of the texts.
func (b *tab) says(texts ...string) {
	b.t.Helper()
	for _, s := range texts {
		b.poll(func() bool { return strings.Contains(b.panelText(), s) },
			func() { b.t.Fatalf("the panel never says %q; %s", s, b.seen()) })
	}
}

func (b *tab) saysNo(s string) {
	b.t.Helper()
	b.poll(func() bool { return !strings.Contains(b.panelText(), s) },
		func() { b.t.Fatalf("the panel always says %q; %s", s, b.seen()) })
}

// seen tells what a failed wait was looking at, whose time is over.
func (b *tab) seen() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), time.Minute)
	defer cancel()
	now := *b
	now.ctx = ctx
	state, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.visibilityState + ", focus " + document.hasFocus() + ", " + document.readyState + " " + location.href`))
	return fmt.Sprintf("it says %q; page %s", now.panelText(), state)
}

func (b *tab) panelText() string {
	return strings.Join(b.words(b.find(func(*cdp.Node) bool { return true })), " ")
}

// find returns the first visible node of the panel that ok holds for, nil when there
// is none. The panel's root is closed to scripts, so the nodes come from the browser.
func (b *tab) find(ok func(*cdp.Node) bool) *cdp.Node {
	all, pierce := int64(-1), true
	doc, err := chromedp.Call(b.ctx, dom.GetDocument, dom.GetDocumentParams{Depth: &all, Pierce: &pierce})
	if err != nil {
		return nil // between two pages
	}
	host := search(doc.Root, func(n *cdp.Node) bool { return n.LocalName == "pastedev-panel" })
	if host == nil {
		return nil
	}
	return search(host, ok)
}

// search walks the visible nodes from n down, in document order.
func search(n *cdp.Node, ok func(*cdp.Node) bool) *cdp.Node {
	if hidden(n) {
		return nil
	}
	if ok(n) {
		return n
	}
	for _, c := range children(n) {
		if found := search(c, ok); found != nil {
			return found
		}
	}
	return nil
}

func children(n *cdp.Node) []*cdp.Node {
	return append(append([]*cdp.Node(nil), n.ShadowRoots...), n.Children...)
}

func attribute(n *cdp.Node, name string) string {
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		if n.Attributes[i] == name {
			return n.Attributes[i+1]
		}
	}
	return ""
}

func hidden(n *cdp.Node) bool {
	for i := 0; i < len(n.Attributes); i += 2 {
		if n.Attributes[i] == "hidden" {
			return true
		}
	}
	return false
}

// words returns the texts within n, one for each text node.
func (b *tab) words(n *cdp.Node) (out []string) {
	if n == nil || hidden(n) {
		return nil
	}
	if n.NodeName == "#text" {
		return []string{strings.TrimSpace(n.NodeValue)}
	}
	for _, c := range children(n) {
		out = append(out, b.words(c)...)
	}
	return out
}

// row returns the link of the panel's list whose path is as given, when everything
// is known of it.
func (b *tab) row(path string) (row *cdp.Node) {
	b.t.Helper()
	b.poll(func() bool {
		row = b.find(func(n *cdp.Node) bool {
			words := b.words(n)
			return n.LocalName == "a" && attribute(n, "href") != "" && len(words) >= 5 && words[1] == path
		})
		return row != nil
	}, func() { b.t.Fatalf("the panel lists no %s", path) })
	return row
}

// click presses the mouse on the first visible element of a name and a class.
func (b *tab) click(name, class string) {
	b.t.Helper()
	var n *cdp.Node
	b.poll(func() bool {
		n = b.find(func(n *cdp.Node) bool { return n.LocalName == name && attribute(n, "class") == class })
		return n != nil
	}, func() { b.t.Fatalf("the panel shows no %s.%s", name, class) })
	b.clickNode(n)
}

func (b *tab) clickNode(n *cdp.Node) {
	b.t.Helper()
	box, err := chromedp.Call(b.ctx, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: n.BackendNodeID})
	if err != nil {
		b.t.Fatalf("where is %s: %v", n.LocalName, err)
	}
	q := box.Model.Border // x and y of each corner, clockwise
	b.do(chromedp.MouseClickXY((q[0]+q[4])/2, (q[1]+q[5])/2))
}
