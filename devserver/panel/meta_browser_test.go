package panel_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

// metaPage is a page with a policy of its own.
func metaPage(policy, before string) map[string]string {
	return map[string]string{"/": `<!doctype html><html lang=en><head>` + before + `<meta http-equiv="Content-Security-Policy" content="` + policy + `"><title>x</title><link rel=icon href=data:,></head><p>x`}
}

// TestBrowserMetaScripts: under a policy in the page's own markup that lets in no script of
// ours, all that the panel needs has come with the first one.
func TestBrowserMetaScripts(t *testing.T) {
	a := insideApp(t, metaPage("script-src 'nonce-x'; require-trusted-types-for 'script'; style-src 'none'", "")["/"], "")
	a.tree = cartTree("")
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("1 error · 16 SQL", true)
	b.toggle()
	b.text("↑↓ move · Enter opens", true)
	b.key("Enter")
	b.text("nil pointer dereference: o.Customer is nil", true)
	b.key("ArrowRight")
	b.text("By own time", true)
	b.key("Escape")
	b.text("↑↓ move", true)
	a.set("building", failedBuild(2))
	b.text("web/cart.go:42:10", true)
	for _, l := range b.console() {
		t.Errorf("console: %s", l)
	}
}

// TestBrowserMetaConnections: where it forbids connections too, the panel opens with what the
// browser knows, says what is missing, and its rows lead to the inspector.
func TestBrowserMetaConnections(t *testing.T) {
	a := newApp(t, metaPage("default-src 'none'", ""))
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("live reload is off: a <meta> policy forbids it", true)
	b.toggle()
	b.text("… / ", true)
	if want := "http://127.0.0.1:1/#/exchanges/" + string(a.page); !slices.Contains(b.links(), want) {
		t.Errorf("rows lead to %q, want %q", b.links(), want)
	}
	if n := strings.Count(strings.Join(b.console(), "\n"), "Connecting to "); n > 2 {
		t.Errorf("it has tried %d times: %q", n, b.console())
	}
}

// TestBrowserMetaLate: a policy that comes when the script's tag is long on its way is named,
// and a click leads to the inspector.
func TestBrowserMetaLate(t *testing.T) {
	a := newApp(t, metaPage("script-src 'unsafe-inline'", "<!--"+strings.Repeat(" a long licence ", 2000)+"-->"))
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.toggle()
	b.text("cannot be opened: a <meta> policy of the page forbids it · click for the inspector ↗", true)
	b.eval(`window.open = (...a) => { window.opened = a.join(' ') }; 0`)
	b.key("Tab")
	b.key("Enter")
	b.until(`window.opened === "http://127.0.0.1:1/#/exchanges/` + string(a.page) + ` _blank noopener"`)
}

// TestWholeScript: the whole script is for pages that show their capability.
func TestWholeScript(t *testing.T) {
	h := panel.New(panel.Config{Secret: []byte("fixed"), Status: func() inspect.Status {
		return inspect.Status{State: inspect.StateRunning, Detail: "</script>", ControlURL: "http://127.0.0.1:1/#token=hunter22"}
	}})
	src := h.Src(inspect.NewID(), 1)
	for address, whole := range map[string]bool{src: false, src + panel.Meta: true, strings.Replace(src, "cap=", "cap=x", 1) + panel.Meta: false} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", address, nil))
		got := rec.Body.String()
		if rec.Code != 200 || strings.Contains(got, `"control":"http://127.0.0.1:1/"`) != whole || strings.Contains(got, "makeScrim") != whole {
			t.Errorf("%s: %d, whole %v", address, rec.Code, !whole)
		}
		if strings.Contains(got, "hunter22") || strings.Contains(got, "</script>") {
			t.Errorf("%s holds the token, or markup", address)
		}
	}
}

// links returns where the links of the panel lead.
func (b *tab) links() (list []string) {
	b.t.Helper()
	all, pierce := int64(-1), true
	doc, err := chromedp.Call(b.ctx, dom.GetDocument, dom.GetDocumentParams{Depth: &all, Pierce: &pierce})
	if err != nil {
		b.t.Fatal(err)
	}
	var find func(n *cdp.Node, inside bool)
	find = func(n *cdp.Node, inside bool) {
		inside = inside || n.LocalName == "pastedev-panel"
		if href, _ := attr(n, "href"); inside && n.LocalName == "a" && href != "" {
			list = append(list, href)
		}
		for _, c := range append(append([]*cdp.Node(nil), n.ShadowRoots...), n.Children...) {
			find(c, inside)
		}
	}
	find(doc.Root, false)
	return list
}
