package panel_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

// failures are the pages served in place of an answer, from fixed data.
func failures() map[string]panel.Failure {
	id := inspect.ID("4bf92f3577b34da6a3ce929d0e0e4736")
	printed := []inspect.Output{
		{Stream: inspect.Stderr, Text: "\x1b[31mpanic\x1b[0m: open config.json: no such file or directory"},
		{Stream: inspect.Stderr, Text: ""},
		{Stream: inspect.Stderr, Text: "goroutine 1 [running]:"},
		{Stream: inspect.Stderr, Text: "main.main()"},
		{Stream: inspect.Stderr, Text: "\t/src/shop/main.go:17 +0x1d\x1b]0;title\x07 <script>alert(1)</script>"},
	}
	return map[string]panel.Failure{
		"build-failed": {ID: id, Reason: panel.BuildFailed, Status: 500, State: inspect.StateFailed, Target: "./shop", Build: failedBuild(7)},
		"build-output": {ID: id, Reason: panel.BuildFailed, Status: 500, State: inspect.StateFailed, Target: "./shop",
			Build: &inspect.Build{Number: 7, Result: inspect.BuildFailed, Output: "go: example.com/x@v1.2.3: reading go.mod: <no such version>"}},
		"held": {ID: id, Reason: panel.Held, Status: 503, State: inspect.StateBuilding, Target: "./shop", Detail: "63 of 188 packages after 30 s",
			Build: &inspect.Build{Number: 1, Done: 63, Total: 188}},
		"crashed":     {ID: id, Reason: panel.Crashed, Status: 502, State: inspect.StateBackoff, Target: "./shop", Detail: "exit status 2", Output: printed},
		"stopped":     {ID: id, Reason: panel.Stopped, Status: 502, State: inspect.StateStopped, Target: "./shop"},
		"unreachable": {ID: id, Reason: panel.Unreachable, Status: 502, State: inspect.StateRunning, Target: "http://127.0.0.1:3000", Detail: "dial tcp 127.0.0.1:3000: connect: connection refused"},
	}
}

// TestStories draws every state of the panel and every failure page, light and dark,
// wide and narrow, into the folder named by PASTEDEV_STORIES, to be looked at.
func TestStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the panel and the pages into DIR")
	}
	look := []struct {
		name, scheme  string
		width, height int64
	}{{"light-wide", "light", 1280, 800}, {"dark-wide", "dark", 1280, 800}, {"light-phone", "light", 400, 800}, {"dark-phone", "dark", 400, 800}}
	for _, l := range look {
		b := newTab(t)
		b.do(chromedp.EmulateViewport(l.width, l.height))
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		shot := func(name string) {
			t.Helper()
			b.eval(`new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r, 300))))`)
			png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+l.name+".png"), png, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name, f := range failures() {
			a := newApp(t, nil)
			a.status.State, a.status.Build, a.fail = f.State, f.Build, &f
			b.open(a.URL + "/")
			shot("page-" + name)
		}
		in := traceApp(t, "")
		b.open(in.URL + "/")
		shot("trace")
		full, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(90))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "trace-full-"+l.name+".png"), full, 0o600); err != nil {
			t.Fatal(err)
		}
		in = insideApp(t, printsPage, "")
		b.open(in.URL + "/")
		b.text("16 SQL", true)
		shot("inside-closed")
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		b.text("/api/orders", true)
		shot("inside-list")
		b.key("Enter")
		b.text("o.Customer is nil", true)
		shot("inside-errors")
		for _, tab := range []string{"calls", "sql", "logs"} {
			b.key("ArrowLeft")
			shot("inside-" + tab)
		}
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		p := profileApp(t, cartTree(""), "+38 ms in loadCart, 12 more SELECTs")
		b.profile(p)
		b.text("By own time", true)
		shot("inside-profile")
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		a := storyApp(t)
		b.open(a.URL + "/")
		b.text("requests", true)
		shot("panel-closed")
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		b.text("POST /api/cart", true)
		shot("panel-open")
		b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
		a.set(inspect.StateBuilding, &inspect.Build{Number: 2, Done: 12, Total: 188})
		b.text("12/188", true)
		shot("panel-building")
		a.set(inspect.StateFailed, failedBuild(2))
		b.text("cart.go:42:10", true)
		shot("panel-overlay")
		b.do(chromedp.KeyEvent("\u001b"))
		shot("panel-failed")
	}
}

func storyApp(t *testing.T) *app {
	a := newApp(t, map[string]string{
		"/": `<!doctype html><html lang=en><head><title>Shop</title><meta name=viewport content="width=device-width"><link rel=icon href=data:,><link rel=stylesheet href=/static/app.css></head>
<body><h1>Garden tools</h1><p>Everything for beds and borders, delivered in two days.</p><img src=/static/spade.svg alt=""><script>
fetch('/api/cart', {method: 'POST'}); fetch('/api/products?page=1'); fetch('/api/recommendations/with/a/rather/long/path/that/needs/space'); fetch('/api/missing')</script></body></html>`,
		"/static/app.css": "body{font:16px/1.6 Georgia,serif;max-width:640px;margin:60px auto;padding:0 20px}@media(prefers-color-scheme:dark){body{background:#181a1f;color:#ddd}}",
		"/api/cart":       `{"items":3}`, "/api/products": "[]", "/api/recommendations/with/a/rather/long/path/that/needs/space": "[1]",
		"/static/spade.svg": `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><rect width="120" height="60" fill="#7a9a5a"/></svg>`,
	})
	return a
}
