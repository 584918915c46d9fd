package control

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
)

// checked is what the HTML check says of a page, with mark in every text.
func checked(mark string) *inspect.HTMLCheck {
	return &inspect.HTMLCheck{Errors: 3, Warnings: 60, New: 1, Bytes: 5120, Took: inspect.Millis(1400000), Partial: true, Diagnostics: []inspect.Diagnostic{
		{Severity: inspect.SeverityWarning, Code: "redundant/trailing-slash" + mark, Message: "`/>` does nothing" + mark, Line: 3, Column: 4, Count: 60, Section: "13.1.2"},
		{Severity: inspect.SeverityError, Code: "id-ref/duplicate-id" + mark, Message: "the id `ümlaut` is there already" + mark, Line: 12, Column: 9, Count: 2, Section: "3.2.6", New: true,
			Context: []inspect.SourceLine{{Number: 12, Text: `  <p id="ümlaut">` + mark}}, MarkStart: 9, MarkEnd: 16},
		{Severity: inspect.SeverityError, Code: "css/nu", Message: "no such property", Line: 14, Column: 1, Source: "nu"},
	}}
}

func TestBrowserHTML(t *testing.T) {
	const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`
	i := startInstance(t)
	ex := i.store.add(exchange("GET", "/cart", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(ex.ID)), until(`document.querySelector('#tab-HTML')`),
		chromedp.KeyEvent("0"), until(`document.querySelector('.in-HTML .none').textContent.includes("was not checked")`))
	found := *ex
	found.HTML = checked("")
	found.Sums.HTMLErrors, found.Sums.HTMLWarnings = 3, 60
	i.store.mu.Lock()
	i.store.list[len(i.store.list)-1] = &found
	i.store.mu.Unlock()
	i.store.send(inspect.HTMLChecked{Exchange: found.Summary, HTML: found.HTML})
	b.run(t, until(`document.querySelector('#tab-HTML .n').textContent === "3"`),
		until(`document.querySelector('.sum').textContent.includes("3 errors (1 new since the build before), 60 warnings")`),
		until(`document.querySelector('.note').textContent.includes("Only the first 5.1 kB were checked")`),
		until(`[...document.querySelectorAll('.finding .line code')].map(e => e.textContent).join() === "id-ref/duplicate-id,css/nu · nu,redundant/trailing-slash"`),
		until(`document.querySelector('.finding mark').textContent === "ümlaut"`),
		until(`document.querySelector('.finding p code').textContent === "ümlaut"`),
		until(`document.querySelector('.finding.warning').textContent.includes("×60")`))
	hostile := found
	hostile.HTML = checked(evil)
	i.store.mu.Lock()
	i.store.list[len(i.store.list)-1] = &hostile
	i.store.mu.Unlock()
	i.store.send(inspect.HTMLChecked{Exchange: hostile.Summary, HTML: hostile.HTML})
	b.run(t, until(`document.querySelector('.finding').textContent.includes("window.pwned=1")`))
	if js[bool](t, b, `"pwned" in window || document.images.length > 0`) {
		t.Error("a finding became markup")
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestHTMLStories draws the tab, to be looked at.
func TestHTMLStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the tab into DIR")
	}
	i := startInstance(t)
	ex := exchange("GET", "/cart", 200)
	ex.HTML, ex.Sums = checked(""), inspect.Sums{HTMLErrors: 3, HTMLWarnings: 60, SQL: 4}
	i.store.add(ex)
	b := newBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.run(t, chromedp.EmulateViewport(1280, 700), chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(ex.ID)+"/HTML"), until(`document.querySelector('.finding')`))
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "inspector-html-"+scheme+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
