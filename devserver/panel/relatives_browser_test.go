package panel_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
)

// servedApp is a page of pastedev serve that a CGI program has written, with parts. mark is
// put into every text.
func servedApp(t *testing.T, mark string) *app {
	a := newApp(t, map[string]string{"/": printsPage, "/api/orders": "[]"})
	a.within = func(id inspect.ID) (*inspect.Exchange, []inspect.Trace) {
		ex := &inspect.Exchange{Summary: a.known[id]}
		if ex.Path != "/" {
			return ex, nil
		}
		ex.Subs = 3
		ex.Children = []inspect.Summary{
			{ID: "0000000000000000000000000000000a", Method: "GET", Path: "/parts/head" + mark, Status: 200, Duration: inspect.Millis(3 * time.Millisecond), Via: inspect.ViaInclude},
			{ID: "0000000000000000000000000000000b", Method: "GET", Path: "/parts/foot" + mark, Status: 500, Via: inspect.ViaInclude, Error: "render: no such template" + mark}}
		ex.Spans = []inspect.Span{{Seq: 1, Kind: inspect.SpanProcess, Duration: inspect.Millis(12 * time.Millisecond), Error: "no header before the end of its output" + mark, Process: &inspect.Process{
			Program: "/srv/cgi-bin/order.pl" + mark, PID: 4711, Exit: 3, Input: 12, Output: 4260, Env: []inspect.Note{{Key: "PATH_INFO" + mark, Value: "/217" + mark}}}}}
		return ex, nil
	}
	return a
}

// openServed opens the page's own exchange in the panel.
func (b *tab) openServed(a *app) {
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.text("/api/orders", true)
	b.key("Enter")
}

// TestBrowserServed: sub-requests and programs have tabs where there are some.
func TestBrowserServed(t *testing.T) {
	a := servedApp(t, "")
	b := newTab(t)
	b.openServed(a)
	for _, text := range []string{"Sub-requests  3", "Program  1", "GET /parts/head", "3.0 ms · included", "render: no such template", "1 more sub-request"} {
		b.text(text, true)
	}
	b.key("ArrowRight")
	for _, text := range []string{"exit 3", "12.0 ms · 12 B in, 4.3 kB out · pid 4711", "no header before the end of its output", "Environment, 1 variable"} {
		b.text(text, true)
	}
}

func TestBrowserServedHostile(t *testing.T) {
	a := servedApp(t, evil)
	b := newTab(t)
	b.openServed(a)
	b.text("window.pwned=1", true)
	b.key("ArrowRight")
	b.text("PATH_INFO", true)
	if b.eval(`window.pwned === undefined && document.images.length === 0`) != true {
		t.Error("a value of a program became markup")
	}
	b.calm()
}

// TestServedStories draws the panel into the folder named by PASTEDEV_STORIES.
func TestServedStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the panel into DIR")
	}
	for _, l := range []struct {
		name, scheme string
		width        int64
	}{{"light-wide", "light", 1280}, {"dark-wide", "dark", 1280}, {"dark-phone", "dark", 400}} {
		a := servedApp(t, "")
		b := newTab(t)
		b.do(chromedp.EmulateViewport(l.width, 800))
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.openServed(a)
		for _, name := range []string{"subs", "program", "full"} {
			if name == "full" { // something in each tab
				few, in := a.within, insideApp(t, printsPage, "")
				a.mu.Lock()
				in.known = a.known
				a.within = func(id inspect.ID) (*inspect.Exchange, []inspect.Trace) {
					ex, _ := few(id)
					much, traces := in.within(id)
					much.Subs, much.Children, much.Spans = ex.Subs, ex.Children, append(much.Spans, ex.Spans...)
					much.Sums, much.HTML = inspect.Sums{Logs: 217, SQL: 128, Calls: 1, Errors: 1, HTMLErrors: 12}, &inspect.HTMLCheck{}
					return much, traces
				}
				id := a.page
				a.mu.Unlock()
				a.events <- inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: id, Page: id}}}
				b.text("SQL  128", true)
			}
			b.eval(`new Promise(r => setTimeout(r, 400))`)
			png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "served-"+name+"-"+l.name+".png"), png, 0o600); err != nil {
				t.Fatal(err)
			}
			b.key("ArrowRight")
		}
	}
}
