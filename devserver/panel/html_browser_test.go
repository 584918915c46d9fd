package panel_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
)

// invalidPage has a fault far below the fold, beside another of its kind above.
var invalidPage = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>Shop</title><link rel=icon href=data:,></head>\n<body><h1>Order 217</h1>\n" +
	"<section><h2>Lines</h2></i></section>\n" + strings.Repeat("<p>line</p>\n", 120) +
	"<section><h2>Total</h2><div class=sum><span>217</div></section>\n" + strings.Repeat("<p>line</p>\n", 60) + "</body></html>\n"

// htmlApp serves page with what the check finds in it.
func htmlApp(t *testing.T, page string) *app {
	a := newApp(t, map[string]string{"/": page, "/piece": "<li>x</i>"})
	check := htmlcheck.Report([]byte(page), htmlcheck.Options{ErrorsOnly: true})
	a.sums = func(path string) inspect.Sums { return inspect.Sums{HTMLErrors: check.Errors} }
	a.within = func(id inspect.ID) (*inspect.Exchange, []inspect.Trace) {
		return &inspect.Exchange{Summary: a.known[id], HTML: &check}, nil
	}
	return a
}

// TestBrowserHTML: the badge tells the number, the tab the findings, and a place is a
// button that shows the element.
func TestBrowserHTML(t *testing.T) {
	a := htmlApp(t, invalidPage)
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("3 HTML errors", true)
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.text("↑↓ move", true)
	b.key("Enter")
	b.text("has no start tag here", true)
	b.text("is not closed", true)
	b.text("125:39", true)
	b.text("parse-tree/unclosed-element", true)
	showUnclosed(b)
	b.text("<span>", true) // the mark's label
	b.until(`(r => r.top > 0 && r.bottom < innerHeight)(document.querySelector('.sum').getBoundingClientRect())`)
	if b.eval(`document.body.children.length`) != float64(183) {
		t.Error("the page's own tree was changed")
	}
	b.calm()
}

// TestBrowserHeardLate: what was found while the page did not listen shows when it does.
func TestBrowserHeardLate(t *testing.T) {
	a := newApp(t, map[string]string{"/": shop, "/app.css": ""})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.text("12.3 ms", true) // it has been looked up
	b.until(`document.readyState === 'complete'`)
	b.eval(`dispatchEvent(new Event('pagehide')); 0`)
	a.mu.Lock()
	s := a.known[a.page]
	s.Sums.HTMLErrors = 3
	a.known[a.page] = s
	a.mu.Unlock()
	b.eval(`dispatchEvent(new Event('pageshow')); 0`)
	b.text("3 HTML errors", true)
}

// showUnclosed tabs to the place of the finding about the span, and presses it.
func showUnclosed(b *tab) {
	b.t.Helper()
	b.key("Tab") // from the tab to its pane
	b.key("Tab") // to the first place
	b.key("Tab")
	b.key("Enter")
}

// TestBrowserHTMLValid: a page without errors says nothing in the pill, and its bytes are
// the app's but for the one tag.
func TestBrowserHTMLValid(t *testing.T) {
	page := "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>Shop</title><link rel=icon href=data:,></head>\n<body><main><h1>Order 217</h1></main></body></html>\n"
	a := htmlApp(t, page)
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200", true)
	b.text("HTML error", false)
	res, err := http.Get(a.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	served := string(raw)
	from := strings.Index(served, "<script src=\"/_pastedev/")
	to := from + strings.Index(served[max(from, 0):], "</script>") + len("</script>")
	if from < 0 || served[:from]+served[to:] != page {
		t.Errorf("served %q, want the page and one tag", served)
	}
	b.calm()
}

// TestHTMLStories draws the tab, to be looked at.
func TestHTMLStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the tab into DIR")
	}
	for _, scheme := range []string{"light", "dark"} {
		a := htmlApp(t, invalidPage)
		b := newTab(t)
		b.do(chromedp.EmulateViewport(1000, 700))
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.open(a.URL + "/")
		b.text("3 HTML errors", true)
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		b.text("↑↓ move", true)
		b.key("Enter")
		b.text("parse-tree/unclosed-element", true)
		showUnclosed(b)
		b.eval(`new Promise(r => setTimeout(r, 900))`)
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "html-"+scheme+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
