package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHTMLBrowser looks at the demo's pages as a newcomer does: the invalid one tells its
// errors in the pill, opens on them, and shows an element at a key; the others say nothing.
func TestHTMLBrowser(t *testing.T) {
	browser := startChromium(t)
	dir, addr := t.TempDir(), freeAddr(t)
	in := start(t, dir, "http://"+addr+"/", "demo", "--ui=log", "--addr", addr, "shop")
	in.await("/", "Garden shop")
	b := newTab(t, browser)
	b.do(chromedp.Navigate(in.url + "invalid"))
	b.says("11 HTML errors")
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.says("GET", "/invalid")
	b.press("Enter") // the page itself is the first
	b.says("outline/heading-level-skipped", "id-ref/duplicate-id", "a11y/")
	b.press("Tab", "Tab", "Enter")
	b.says("<h3>")
	b.do(chromedp.Navigate(in.url + "products"))
	b.says("200")
	b.saysNo("HTML error")

	// A save mends the page: the browser loads it again by itself, and the new one has no
	// more findings than it should.
	b.do(chromedp.Navigate(in.url + "invalid"))
	b.says("11 HTML errors")
	page := filepath.Join(dir, "shop", "pages", "invalid.html")
	if err := os.WriteFile(page, []byte("<!DOCTYPE html>\n<html lang=\"en\"><head><title>Mended</title></head><body><main><h1>Mended</h1></i></main></body></html>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelector("h1")?.textContent == "Mended"`)
	b.says("1 HTML error")
	b.saysNo("11 HTML errors")
}
