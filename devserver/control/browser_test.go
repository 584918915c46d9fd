package control

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pastedev/pastedev/inspect"
)

// browserLimit is for one whole test; the machine may be busy with others.
const browserLimit = 6 * time.Minute

// step is an action of a test; its value does not matter.
type step = chromedp.Action[chromedp.Void]

// browser is a tab in a Chromium of its own, with a new profile.
type browser struct {
	ctx  context.Context
	mu   sync.Mutex
	logs []string // errors of the console, of scripts and of the policy
}

func newBrowser(t *testing.T, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	path := findChromium(t)
	profile, err := os.MkdirTemp("", "pastedev-chromium-") // not t.TempDir: a late child may still write
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 800), chromedp.WSURLReadTimeout(browserLimit/2),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	opts = append(opts, flags...)
	ctx, cancel := context.WithTimeout(t.Context(), browserLimit)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	b := &browser{ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		t.Fatalf("start chromium: %v", err)
	}
	messages := chromedp.Console(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { b.listen(messages) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return b
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium in PATH, and CI=true demands the browser tests")
	}
	t.Skip("no chromium in PATH: the browser tests need one")
	return ""
}

func (b *browser) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		switch m.Type {
		case chromedp.ConsoleWarning, chromedp.ConsoleError, chromedp.ConsoleException:
			b.mu.Lock()
			b.logs = append(b.logs, m.String()+" "+m.URL)
			b.mu.Unlock()
		}
	}
}

// problems returns what the console complained of, but for answers that the test
// wants: those whose text holds one of the given words.
func (b *browser) problems(wanted ...string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []string
next:
	for _, l := range b.logs {
		for _, w := range wanted {
			if strings.Contains(l, w) {
				continue next
			}
		}
		left = append(left, l)
	}
	return strings.Join(left, "\n")
}

func (b *browser) run(t *testing.T, steps ...step) {
	t.Helper()
	for i, a := range steps {
		if err := chromedp.Do(b.ctx, a); err != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
			t.Fatalf("step %d of %d: %v\npage: %.2000s\nconsole: %s", i+1, len(steps), err, text, b.problems())
		}
	}
}

// js evaluates an expression.
func js[T any](t *testing.T, b *browser, expr string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expr))
	if err != nil {
		t.Fatalf("evaluate %s: %v", expr, err)
	}
	return v
}

// do runs a statement.
func do(statement string) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](statement+"; true")(ctx, tab)
		return err
	})
}

// until waits inside the page for an expression to be true. (Poll makes a function
// of text in the page, which the page's policy forbids.)
func until(expr string) step {
	wait := fmt.Sprintf(`new Promise((done) => {
		const end = Date.now() + %d;
		const look = () => {
			let v = false;
			try { v = !!(%s); } catch { /* not there yet */ }
			if (v || Date.now() > end) done(v); else setTimeout(look, 20);
		};
		look();
	})`, (browserLimit / 2).Milliseconds(), expr)
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		ok, err := chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise)(ctx, tab)
		for n := 0; err != nil && strings.Contains(err.Error(), "navigated") && n < 3; n++ { // the page was loaded anew meanwhile
			ok, err = chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise)(ctx, tab)
		}
		if err == nil && !ok {
			err = fmt.Errorf("never became true: %s", expr)
		}
		return err
	})
}

// rowWith is true once a row in sight holds the text.
func rowWith(text string) step {
	return until(fmt.Sprintf(`[...document.querySelectorAll('.rows .row:not([hidden])')].some(r => r.textContent.includes(%q))`, text))
}

func TestBrowserTokenIsTradedAndVanishes(t *testing.T) {
	i := startInstance(t)
	i.store.add(exchange("GET", "/first", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/first"))
	if got := js[string](t, b, `location.href`); strings.Contains(got, "token") {
		t.Errorf("address after the exchange: %s", got)
	}
	if got := js[string](t, b, `document.cookie`); got != "" {
		t.Errorf("scripts can read the cookie: %s", got)
	}
	if got := js[int](t, b, `history.length`); got > 2 { // about:blank and the page
		t.Errorf("history has %d entries: one may hold the token", got)
	}
	b.run(t, chromedp.Reload(), rowWith("/first")) // the cookie alone
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserGate(t *testing.T) {
	i := startInstance(t)
	i.store.add(exchange("GET", "/first", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.URL()), chromedp.WaitVisible(chromedp.CSS("#gate")))
	if got := js[string](t, b, `document.body.innerText`); !strings.Contains(got, "link that pastedev printed") || strings.Contains(got, "/first") {
		t.Errorf("the gate shows: %s", got)
	}
	b.run(t, chromedp.SendKeys(chromedp.CSS("#token"), "0123abcd\r"), until(`document.querySelector('#gate-error').textContent !== ""`))
	b.run(t, chromedp.SetValue(chromedp.CSS("#token"), i.OpenURL()), chromedp.SendKeys(chromedp.CSS("#token"), "\r"), rowWith("/first"))

	// the printed link, opened in the tab that shows the gate
	other := startInstance(t)
	other.store.add(exchange("GET", "/other", 200))
	b.run(t, chromedp.Navigate(other.URL()), chromedp.WaitVisible(chromedp.CSS("#gate")), chromedp.Navigate(other.OpenURL()), rowWith("/other"))
	if p := b.problems("401"); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserLiveListFilterDetail(t *testing.T) {
	i := startInstance(t)
	i.store.add(exchange("GET", "/before", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/before"))

	slow := i.store.start(exchange("POST", "/cart?id=7", 201))
	b.run(t, rowWith("/cart?id=7"), until(`!!document.querySelector('.row.flight')`))
	i.store.finish(slow)
	b.run(t, rowWith("201"), until(`!document.querySelector('.row.flight')`))
	i.store.add(exchange("GET", "/broken", 503))
	b.run(t, rowWith("/broken"))

	// a wrong filter says where, and its suggestion repairs it
	b.run(t, chromedp.SendKeys(chromedp.CSS("#filter"), "staus:5xx"), until(`!document.querySelector('#filter-error').hidden`),
		until(`document.querySelector('.caret').textContent.split("\n")[1].startsWith("^")`))
	b.run(t, chromedp.Click(chromedp.CSS("#filter-error button")), until(`document.querySelector('#filter').value === "status:5xx"`), until(`document.querySelector('#counts').textContent === "1 of 3"`))
	b.run(t, chromedp.Click(chromedp.CSS("#filter-clear")), until(`document.querySelector('#filter').value === ""`), chromedp.SendKeys(chromedp.CSS("#filter"), "status:5xx\r"),
		until(`[...document.querySelectorAll('.rows .row:not([hidden])')].length === 1`), rowWith("/broken"),
		until(`document.querySelector('#filter-error').hidden`))
	i.store.add(exchange("GET", "/fine", 200))
	i.store.add(exchange("GET", "/broken-too", 500))
	b.run(t, rowWith("/broken-too"))
	if n := js[int](t, b, `[...document.querySelectorAll('.rows .row:not([hidden])')].length`); n != 2 {
		t.Errorf("%d rows match status:5xx, want 2", n)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#filter-clear")), rowWith("/cart?id=7"))

	// a click opens the detail; secrets are masked until asked for
	b.run(t, do(`[...document.querySelectorAll('.rows .row')].find(r => r.textContent.includes("/cart")).click()`),
		chromedp.WaitVisible(chromedp.CSS("#tabpanel")), chromedp.Click(chromedp.CSS("#tab-request")), until(`document.querySelector('#tabpanel').textContent.includes("Authorization")`))
	if got := js[string](t, b, `document.querySelector('#detail').textContent`); strings.Contains(got, secret) || !strings.Contains(got, "two") {
		t.Errorf("request tab shows %s", got)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#reveal")), until(fmt.Sprintf(`document.querySelector('#detail').textContent.includes(%q)`, secret)))
	b.run(t, chromedp.Click(chromedp.CSS("#tab-response")), until(`document.querySelector('.body .code')?.textContent.includes("Grüße")`),
		until(`document.querySelectorAll('.code .h-k').length > 1`))
	b.run(t, chromedp.Click(chromedp.CSS("#tab-timing")), until(`document.querySelectorAll('.phases tr').length === 6`))
	if got := js[string](t, b, `location.hash`); !strings.HasPrefix(got, "#/exchanges/"+string(slow.ID)) {
		t.Errorf("address of the open exchange: %s", got)
	}
	if p := b.problems("400 (Bad Request)"); p != "" { // the wrong filter
		t.Errorf("console:\n%s", p)
	}
}

// The state stays readable beside a long detail, and the end of the instance is told.
func TestBrowserStateAndEnd(t *testing.T) {
	i := startInstance(t)
	i.svc.opt.Status = func() inspect.Status {
		return inspect.Status{Target: ".", Dir: "/src/shop", State: inspect.StateFailed, Detail: strings.Repeat("undefined: something ", 40)}
	}
	i.store.add(exchange("GET", "/first", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/first"))
	inside := `(() => { const box = document.querySelector("#state").getBoundingClientRect();
		return [...document.querySelectorAll("#state > *")].every((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.left >= box.left && r.right <= box.right + 1; }); })()`
	b.run(t, until(inside), until(`document.querySelector("#state .target").textContent === "shop"`))
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	b.run(t, until(`document.body.classList.contains("away") && document.querySelector("#state").textContent.includes("pastedev has ended")`), rowWith("/first"),
		until(`getComputedStyle(document.querySelector("#restart")).visibility === "hidden"`))
}

func TestBrowserKeysAndReplay(t *testing.T) {
	i := startInstance(t)
	for n := range 5 {
		i.store.add(exchange("GET", fmt.Sprintf("/page/%d", n), 200))
	}
	post := i.store.add(exchange("POST", "/buy", 201))
	b := newBrowser(t)
	key := func(k string) step { return chromedp.KeyEvent(k) }
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(post.ID)), chromedp.WaitVisible(chromedp.CSS("#tabpanel")), // a deep link with the token
		until(`document.querySelector('.facts').textContent.includes("/buy")`))
	b.run(t, key("k"), until(`document.querySelector('.facts').textContent.includes("/page/4")`),
		key("r"), until(`document.querySelector('.facts').textContent.includes("Replay of")`))
	if got := i.called(); len(got) != 1 || !strings.HasSuffix(got[0], "Bearer "+secret) {
		t.Errorf("calls %q, want one replay with the real header", got)
	}
	b.run(t, key("\x1b"), until(`document.querySelector('#detail').hidden`), key("k"), key("\r"), until(`document.querySelector('.facts')?.textContent.includes("/buy") && document.activeElement.id === "detail"`),
		key("r"), chromedp.WaitVisible(chromedp.CSS("dialog.ask"))) // an unsafe method is asked for
	if got := i.called(); len(got) != 1 {
		t.Errorf("replayed before the question was answered: %q", got)
	}
	b.run(t, chromedp.Click(chromedp.CSS("dialog.ask .primary")), until(`document.querySelector('.facts').textContent.includes("Replay of")`))
	b.run(t, key("?"), chromedp.WaitVisible(chromedp.CSS("#help")), key("\x1b"), until(`!document.querySelector('#help')`))
	b.run(t, key("y"), chromedp.WaitVisible(chromedp.CSS("dialog.menu")), key("\x1b"), until(`!document.querySelector('dialog.menu')`))
	b.run(t, key("/"), until(`document.activeElement.id === "filter"`))
	b.run(t, chromedp.Click(chromedp.CSS("#clear")), chromedp.WaitVisible(chromedp.CSS("dialog.ask")), chromedp.Click(chromedp.CSS("dialog.ask .primary")), chromedp.WaitVisible(chromedp.CSS("#empty")))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserFollowPausesAndCounts(t *testing.T) {
	i := startInstance(t)
	for n := range 200 {
		i.store.add(exchange("GET", fmt.Sprintf("/old/%d", n), 200))
	}
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/old/199"))
	// Whoever scrolls while the list goes to its end scrolls again.
	b.run(t, until(`document.querySelector('#follow').getAttribute("aria-pressed") === "false" && document.querySelector('#rows').scrollTop === 400 ||
		void(document.querySelector('#rows').scrollTop = 400)`))
	for n := range 12 {
		i.store.add(exchange("GET", fmt.Sprintf("/new/%d", n), 200))
	}
	b.run(t, until(`document.querySelector('#unseen').textContent.startsWith("12 new")`))
	if got := js[int](t, b, `document.querySelector('#rows').scrollTop`); got != 400 {
		t.Errorf("the list moved to %d while it was being read", got)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#unseen")), rowWith("/new/11"), until(`document.querySelector('#unseen').hidden`))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserTenThousandRows(t *testing.T) {
	i := startInstance(t)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), chromedp.WaitVisible(chromedp.CSS("#empty")))
	const n = 10_000
	for k := range n {
		i.store.add(exchange("GET", fmt.Sprintf("/n/%d", k), 200))
	}
	b.run(t, rowWith(fmt.Sprintf("/n/%d", n-1)), until(`document.querySelector('#counts').textContent === "10,000 requests"`))
	if got := js[int](t, b, `document.querySelectorAll('.rows .row').length`); got > 100 {
		t.Errorf("%d row elements exist for a screenful", got)
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// Whatever was recorded is text: no markup of it is parsed, no script of it runs.
func TestBrowserHostileRecords(t *testing.T) {
	i := startInstance(t)
	const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`
	ex := exchange("GET", "/"+evil, 200)
	ex.URL, ex.Error, ex.ContentType = "javascript:window.pwned=1//"+evil, evil, evil
	ex.Request.Header["X-"+evil] = []string{evil}
	ex.Response.Header["Content-Type"] = []string{"text/html"}
	ex.Response.Body = inspect.Body{Size: int64(len(evil)), Data: []byte(evil)}
	i.store.add(ex)
	i.store.print(inspect.Stdout, evil)
	i.store.builds = []inspect.Build{{Number: 1, Result: inspect.BuildFailed, Output: evil, Cause: []string{evil},
		Diagnostics: []inspect.Diagnostic{{Severity: evil, Message: evil, File: evil, Line: 1, Column: 1, Context: []inspect.SourceLine{{Number: 1, Text: evil}}}}}}
	picture := exchange("GET", "/dot.gif", 200)
	picture.Response.Header["Content-Type"] = []string{"image/gif"}
	picture.Response.Body = inspect.Body{Size: 42, Data: []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;")}
	i.store.add(picture)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(ex.ID)+"/response"), until(`document.querySelector('.code')?.textContent.includes("onerror")`))
	for _, tab := range []string{"overview", "request", "timing"} {
		b.run(t, chromedp.Click(chromedp.CSS("#tab-"+tab)), until(`document.querySelector('#tab-`+tab+`').getAttribute("aria-selected") === "true"`))
	}
	b.run(t, do(`location.hash = "#/builds"`), until(`document.querySelector('.frame .here')`), do(`location.hash = "#/output"`), until(`document.querySelector('.out')`))
	b.run(t, do(`location.hash = "#/exchanges/`+string(picture.ID)+`/response"`), until(`document.querySelector('.picture')?.naturalWidth === 1`))
	if js[bool](t, b, `"pwned" in window`) {
		t.Error("a recorded script ran")
	}
	if n := js[int](t, b, `document.querySelectorAll("img:not(.picture), main script, iframe, object, embed").length`); n != 0 {
		t.Errorf("%d elements came from records", n)
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserBuildsAndOutput(t *testing.T) {
	i := startInstance(t)
	i.store.builds = []inspect.Build{failedBuild(), {Number: 1, Result: inspect.BuildOK, Start: time.Now(), Duration: inspect.Millis(time.Second)}}
	i.store.print(inspect.Stdout, "listening on \x1b[32m:8080\x1b[0m <b>&amp;")
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), until(`document.querySelector('#build-errors').textContent === "1"`))
	b.run(t, do(`location.hash = "#/builds"`), until(`document.querySelector('.frame .here')?.textContent.includes("undefinedThing")`),
		until(`document.querySelector('.frame .caret').textContent.includes("^")`))
	i.store.send(inspect.BuildChanged{Build: inspect.Build{Number: 3, Result: inspect.BuildOK, Start: time.Now()}})
	b.run(t, until(`document.querySelector('#build-errors').hidden`))
	b.run(t, do(`location.hash = "#/output"`), until(`document.querySelector('.out .f2')?.textContent === ":8080"`),
		until(`document.querySelector('.out').textContent.includes("<b>&amp;")`))
	i.store.print(inspect.Stderr, "panic: oh no")
	b.run(t, until(`document.querySelector('.out.stderr')?.textContent.includes("oh no")`))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func failedBuild() inspect.Build {
	return inspect.Build{Number: 2, Result: inspect.BuildFailed, Start: time.Now(), Duration: inspect.Millis(320 * time.Millisecond), Cause: []string{"main.go"},
		Diagnostics: []inspect.Diagnostic{{Severity: inspect.SeverityError, Code: "compile", Message: "undefined: undefinedThing", File: "main.go", Line: 12, Column: 2,
			Context: []inspect.SourceLine{{Number: 11, Text: "func main() {"}, {Number: 12, Text: "\tundefinedThing()"}, {Number: 13, Text: "}"}}}}}
}
