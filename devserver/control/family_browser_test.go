package control

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
)

// served fills a store with what pastedev serve records: mounts, a page with parts, of which
// one is a CGI program, a program that failed, and an answer with an error page. mark is put
// into every text.
func served(i *instance, mark string) (page, script, broken, lost, errorPage *inspect.Exchange) {
	make := func(method, path, mount string, status int) *inspect.Exchange {
		ex := exchange(method, path+mark, status)
		ex.Mount, ex.ContentType = mount+mark, "text/html"
		return ex
	}
	program := func(ex *inspect.Exchange, exit int, signal, failure string) {
		ex.Spans = []inspect.Span{{Seq: 1, Kind: inspect.SpanProcess, Start: ex.Start.Add(time.Millisecond), Duration: ex.Duration * 7 / 10, Error: failure,
			Process: &inspect.Process{Program: "/srv/shop/cgi-bin/report.pl" + mark, Dir: "/srv/shop/cgi-bin" + mark, PID: 4711, Exit: exit, Signal: signal, Input: 120, Output: 4260,
				Env: []inspect.Note{{Key: "REQUEST_METHOD", Value: "GET" + mark}, {Key: "GATEWAY_INTERFACE", Value: "CGI/1.1"}}}}}
		ex.Sums.Programs = 1
	}
	part := func(of *inspect.Exchange, via inspect.Via, ex *inspect.Exchange) *inspect.Exchange {
		ex.Parent, ex.Via = of.ID, via
		return ex
	}
	page = i.store.start(make("GET", "/cart", "/", 200))
	head := i.store.start(part(page, inspect.ViaInclude, make("GET", "/parts/head", "/", 200)))
	between := i.store.add(make("POST", "/api/orders", "/api", 201))
	_ = between
	script = part(head, inspect.ViaInclude, make("GET", "/cgi-bin/basket.pl", "/cgi-bin", 200))
	program(script, 0, "", "")
	i.store.add(script)
	i.store.finish(head)
	foot := part(page, inspect.ViaInclude, make("GET", "/parts/foot", "/", 500))
	foot.Error = "render: no such template" + mark
	i.store.add(foot)
	page.Spans = []inspect.Span{{Seq: 1, Kind: inspect.SpanSQL, Start: page.Start, Duration: inspect.Millis(2 * time.Millisecond), SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "SELECT * FROM carts" + mark}},
		{Seq: 2, Kind: inspect.SpanCall, Start: page.Start.Add(3 * time.Millisecond), Duration: inspect.Millis(4 * time.Millisecond), Call: &inspect.Call{Method: "GET", URL: "http://prices.test/7" + mark, Status: 200}}}
	page.Sums = inspect.Sums{SQL: 1, Calls: 1}
	i.store.finish(page)
	broken = make("GET", "/cgi-bin/report.pl?month=11", "/cgi-bin", 502)
	program(broken, -1, "killed", "no header before the end of its output"+mark)
	i.store.add(broken)
	lost = i.store.start(make("GET", "/no/such/page", "/", 404))
	errorPage = i.store.add(part(lost, inspect.ViaError, make("GET", "/errors/404.html", "/", 200)))
	i.store.finish(lost)
	return page, script, broken, lost, errorPage
}

// paths is the list that is seen, by the paths of its rows; deeper ones have a sign more.
const paths = `[...document.querySelectorAll(".canvas .row:not([hidden])")].sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
	.map((r) => ([1, 2, 3, 4].find((d) => r.classList.contains("d" + d)) ? ">".repeat([1, 2, 3, 4].find((d) => r.classList.contains("d" + d))) : "") + r.querySelector(".path").textContent).join(" ")`

func TestBrowserFamily(t *testing.T) {
	i := startInstance(t)
	page, script, _, lost, errorPage := served(i, "")
	b := newBrowser(t)
	folded := "/cart /api/orders /cgi-bin/report.pl?month=11 /no/such/page"
	seen := func(want string) step { return until(paths + ` === "` + want + `"`) }
	fold := func(path string) step {
		return until(`(() => { const f = [...document.querySelectorAll(".canvas .row:not([hidden])")].find((r) => r.querySelector(".path").textContent === "` + path + `")?.querySelector(".fold:not([hidden])"); f?.click(); return !!f })()`)
	}
	b.run(t, chromedp.Navigate(i.OpenURL()), seen(folded), until(`document.querySelector(".list.mounts")`),
		fold("/no/such/page"), seen(folded+" >/errors/404.html"),
		fold("/no/such/page"), seen(folded),
		fold("/cart"), fold("/parts/head"),
		seen("/cart >/parts/head >>/cgi-bin/basket.pl >/parts/foot /api/orders /cgi-bin/report.pl?month=11 /no/such/page"))
	// A child row is opened; it leads to what it is a part of, and back to its program.
	b.run(t, do(`document.querySelector('[data-id="`+string(script.ID)+`"]').click()`), until(`document.querySelector("#part-of").textContent === "GET /parts/head"`),
		until(`document.querySelector("#tab-program")`), do(`document.querySelector("#tab-program").click()`),
		until(`document.querySelector(".program").textContent.includes("exit 0")`), until(`!document.querySelector(".env").open && document.querySelector(".env").textContent.includes("GATEWAY_INTERFACE")`),
		do(`document.querySelector("#tab-overview").click()`), do(`document.querySelector("#part-of").click()`), until(`document.querySelector("#subs a").textContent === "GET /cgi-bin/basket.pl"`))
	// What is folded away and opened by its link comes into sight.
	b.run(t, do(`location.hash = "#/exchanges/`+string(errorPage.ID)+`"`), until(`document.querySelector("#part-of")?.textContent === "GET /no/such/page"`),
		until(`document.querySelector(".row.selected .path").textContent === "/errors/404.html"`))
	// z on a sub-request folds it away, and stays at what it is a part of.
	b.run(t, do(`document.getElementById("rows").focus()`), chromedp.KeyEvent("z"), until(`document.querySelector('.row.selected')?.dataset.id === "`+string(lost.ID)+`"`),
		chromedp.KeyEvent("Z"), until(paths+`.endsWith("/no/such/page >/errors/404.html")`), chromedp.KeyEvent("Z"), seen(folded))
	// The timeline has what is of the exchange, in order.
	b.run(t, do(`location.hash = "#/exchanges/`+string(page.ID)+`/timing"`),
		until(`[...document.querySelectorAll(".timeline th")].map((e) => e.textContent).join(" ") === "SQL request request call" || [...document.querySelectorAll(".timeline th")].map((e) => e.textContent).join(" ") === "SQL call request request"`))
	// A filter finds sub-requests; live ones come below what they are a part of.
	b.run(t, do(`location.hash = "#/exchanges"`), do(`const f = document.getElementById("filter"); f.value = "is:sub"; f.dispatchEvent(new Event("input"))`),
		seen(">/parts/head >>/cgi-bin/basket.pl >/parts/foot >/errors/404.html"))
	live := i.store.start(exchange("GET", "/live", 200))
	b.run(t, do(`document.getElementById("filter-clear").click()`), seen(folded+" /live"))
	part := exchange("GET", "/live/part", 200)
	part.Parent, part.Via = live.ID, inspect.ViaForward
	i.store.add(part)
	i.store.finish(live)
	b.run(t, until(`[...document.querySelectorAll(".fold")].some((f) => !f.hidden && f.closest(".row").textContent.includes("/live"))`), seen(folded+" /live"),
		fold("/live"), seen(folded+" /live >/live/part"))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestBrowserPrograms: of several programs one is started again, and the page names those
// that do not run.
func TestBrowserPrograms(t *testing.T) {
	i := startInstance(t)
	status := i.svc.opt.Status
	i.svc.opt.Status = func() inspect.Status {
		s := status()
		s.Programs = []inspect.Program{{Mount: "/app", Target: "./shop", State: inspect.StateRunning}, {Mount: "/gin", Target: "./gin", State: inspect.StateFailed}}
		return s
	}
	b := newBrowser(t)
	item := func(text string) step {
		return until(`(() => { const e = [...document.querySelectorAll("#choose button")].find((e) => e.textContent.startsWith("` + text + `")); e?.click(); return !!e })()`)
	}
	open := do(`document.getElementById("restart").click()`)
	b.run(t, chromedp.Navigate(i.OpenURL()), until(`document.getElementById("state").textContent.includes("/gin failed") && !document.getElementById("state").textContent.includes("/app")`),
		open, item("/gin"), until(`document.querySelector(".toast").textContent === "Restarting /gin"`),
		open, item("All programs"), until(`[...document.querySelectorAll(".toast")].some((e) => e.textContent === "Restarting")`),
		open, until(`document.querySelector("#choose")`), do(`document.querySelector("#choose").close()`), until(`!document.querySelector("#choose")`))
	if got := strings.Join(i.called(), ", "); got != "restart /gin, restart" {
		t.Errorf("called %q", got)
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestBrowserFamilyHostile: nothing that a program says becomes markup.
func TestBrowserFamilyHostile(t *testing.T) {
	const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script></style>"'`
	i := startInstance(t)
	page, script, broken, _, _ := served(i, evil)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), until(`document.querySelector(".fold:not([hidden])")`), do(`document.querySelector(".fold:not([hidden])").click()`))
	for _, at := range []struct{ hash, holds string }{
		{string(page.ID), "#subs"}, {string(page.ID) + "/timing", ".timeline"}, {string(script.ID) + "/program", ".program"}, {string(broken.ID) + "/program", ".program"}, {string(script.ID) + "/overview", ".facts"},
	} {
		b.run(t, do(`location.hash = "#/exchanges/`+at.hash+`"`), until(`document.querySelector('`+at.holds+`')?.textContent.includes("window.pwned=1")`))
	}
	if js[bool](t, b, `"pwned" in window || document.images.length > 0`) {
		t.Error("a value of a program became markup")
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestFamilyStories draws the pages into the folder named by PASTEDEV_STORIES, to be
// looked at.
func TestFamilyStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the inspector page into DIR")
	}
	i := startInstance(t)
	page, script, broken, _, _ := served(i, "")
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), until(`document.querySelector(".fold:not([hidden])")`), do(`document.querySelector(".fold:not([hidden])").click()`))
	for _, l := range []struct {
		name, scheme string
		width        int64
	}{{"light-wide", "light", 1280}, {"dark-wide", "dark", 1280}, {"light-phone", "light", 400}, {"dark-phone", "dark", 400}} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.run(t, chromedp.EmulateViewport(l.width, 800))
		for name, hash := range map[string]string{"list": "", "page": "/" + string(page.ID), "timing": "/" + string(page.ID) + "/timing", "part": "/" + string(script.ID) + "/overview",
			"program": "/" + string(script.ID) + "/program", "killed": "/" + string(broken.ID) + "/program"} {
			b.run(t, do(`location.hash = "#/exchanges`+hash+`"`), until(`new Promise(r => setTimeout(() => r(1), 900))`), do(`document.querySelectorAll(".env").forEach((e) => { e.open = true })`), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
				png, err := chromedp.CaptureScreenshot()(ctx, tab)
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, strings.Join([]string{"family", name, l.name}, "-")+".png"), png, 0o600)
			}))
		}
	}
}
