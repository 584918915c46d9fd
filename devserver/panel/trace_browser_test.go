package panel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
)

// traceApp fails at once with a page for f's trace.
func traceApp(t *testing.T, mark string) *app {
	f := panicked(mark)
	a := newApp(t, map[string]string{"/": "<!doctype html><title>back</title><link rel=icon href=data:,><p>x"})
	a.status.State, a.status.Build, a.fail = f.State, f.Build, &f
	return a
}

// calm fails the test when the console holds more than the answer of 500 itself.
func (b *tab) calm() {
	b.t.Helper()
	for _, l := range b.console() {
		if !strings.Contains(l, "Failed to load resource: the server responded with a status of 50") {
			b.t.Errorf("console: %s", l)
		}
	}
}

// TestBrowserTrace reads the value of a local variable from the page of a failure, which
// reloads when the next program answers.
func TestBrowserTrace(t *testing.T) {
	a := traceApp(t, "")
	b := newTab(t)
	b.open(a.URL + "/")
	b.until(`document.querySelector('.hero .vars').innerText.match(/lines\s+2/)`)
	b.until(`document.querySelector('h1').innerText.includes('o.Customer is nil')`)
	b.until(`[...document.querySelectorAll('button.act')].map(b => b.textContent).join() === 'Try again,Copy as Markdown'`)
	if got := b.eval(`[...document.querySelectorAll('.hero .vars summary .vn')].map(e => e.textContent).slice(0, 2).join()`); got != "o,Lines" {
		t.Errorf("the tree of the argument begins %v", got)
	}
	b.eval(`document.querySelector('.hero .vars summary').focus()`)
	b.key("Enter")
	b.until(`!document.querySelector('.hero .vars details').open`)                   // small values are open from the start
	a.set(inspect.StateRunning, &inspect.Build{Number: 12, Result: inspect.BuildOK}) // a restart of the same build
	a.mu.Lock()
	a.fail = nil
	a.mu.Unlock()
	b.until(`document.title === 'back' || document.title.startsWith('E-')`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 13, Result: inspect.BuildOK})
	b.until(`document.title === 'back'`)
	b.calm()
}

// TestBrowserTraceHostile: nothing that an app or a client says becomes markup.
func TestBrowserTraceHostile(t *testing.T) {
	a := traceApp(t, evil)
	b := newTab(t)
	b.open(a.URL + "/")
	b.until(`document.querySelector('.hero .vars').innerText.includes('<script>window.pwned=1</script>')`)
	if b.eval(`window.pwned === undefined && document.images.length === 0 && document.scripts.length === 1`) != true {
		t.Error("a value of the program became markup")
	}
	b.calm()
}

// insideApp is a page that has printed, asked, called and failed, as far as known.
func insideApp(t *testing.T, page, mark string) *app {
	f := panicked(mark)
	a := newApp(t, map[string]string{"/": page, "/api/orders": "[]"})
	a.within = func(id inspect.ID) (*inspect.Exchange, []inspect.Trace) {
		ex := &inspect.Exchange{Summary: a.known[id], Logs: f.Prints, Spans: f.Spans}
		if ex.Path != "/" {
			ex.Logs, ex.Spans = nil, nil
			return ex, nil
		}
		for i := range 14 {
			ex.Spans = append(ex.Spans, inspect.Span{Seq: int64(3 + i), Kind: inspect.SpanSQL, Duration: inspect.Millis(400 * time.Microsecond),
				Caller: &inspect.Location{File: "order.go" + mark, Path: "/src/shop/order.go", Line: 44}, SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "SELECT name, price\n\tFROM lines WHERE id = ?" + mark, Rows: 1}})
		}
		ex.Spans = append(ex.Spans, inspect.Span{Seq: 20, Kind: inspect.SpanSQL, Duration: inspect.Millis(81 * time.Millisecond),
			Caller: &inspect.Location{File: "stock.go" + mark, Path: "/src/shop/stock.go", Line: 9}, SQL: &inspect.SQL{Op: inspect.SQLExec, Statement: "UPDATE stock SET held = held + 1" + mark, Rows: 217}})
		ex.Logs = append(ex.Logs, inspect.Output{Stream: inspect.Stderr, Text: "\x1b[33mwarning:\x1b[0m price list is old" + mark})
		return ex, []inspect.Trace{*f.Trace}
	}
	a.sums = func(path string) inspect.Sums {
		if path != "/" {
			return inspect.Sums{}
		}
		return inspect.Sums{Logs: 3, SQL: 16, Calls: 1, Errors: 1}
	}
	return a
}

const printsPage = `<!doctype html><html lang=en><head><title>Shop</title><link rel=icon href=data:,></head><body><h1>Order 217</h1><pre id=paste-debug-prints></pre><script>fetch('/api/orders')</script></body></html>`

// TestBrowserInside: the pill tells the sums, a request opens on its tabs, the keyboard
// reaches all of it, and what changes is drawn again.
func TestBrowserInside(t *testing.T) {
	a := insideApp(t, printsPage, "")
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("1 error · 16 SQL", true)
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.text("1 error · 16 SQL · 3 logs · 1 call", true)
	b.text("/api/orders", true)
	b.key("Enter")
	b.text("nil pointer dereference: o.Customer is nil", true) // what failed comes first
	b.text("▸ 31", true)
	b.text("/api/orders", false)
	b.key("ArrowLeft")
	b.text("GET http://prices.test/217", true)
	b.key("ArrowLeft")
	b.text("×14", true)
	b.text("N+1", true)
	b.text("slow", true)
	b.text("SELECT name, price FROM lines WHERE id = ?", true)
	b.text("217 rows", true)
	b.key("ArrowLeft")
	b.text("warning: price list is old", true)
	b.text("loading order 217", true)
	a.mu.Lock()
	before := a.within
	a.within = func(id inspect.ID) (*inspect.Exchange, []inspect.Trace) {
		ex, traces := before(id)
		ex.Logs = append(ex.Logs, inspect.Output{Text: "said later"})
		return ex, traces
	}
	page := a.page
	a.mu.Unlock()
	a.events <- inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: page, Page: page}}}
	b.text("said later", true)
	b.until(`document.querySelector('pre').textContent.includes('said later')`)
	b.key("Escape")
	b.text("/api/orders", true)
	b.key("Escape")
	b.text("/api/orders", false)
	b.calm()
}

// TestBrowserInsideHostile: nothing that an app says becomes markup in the panel, nor in
// the place for prints; and a page under Trusted Types gets all of it.
func TestBrowserInsideHostile(t *testing.T) {
	a := insideApp(t, printsPage, evil)
	a.header.Set("Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'")
	b := newTab(t)
	b.open(a.URL + "/")
	b.until(`document.querySelector('pre').textContent.startsWith('loading order 217</script></style><script>window.pwned=1')`)
	b.do(chromedp.KeyEvent("p", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.text("↑↓ move", true)
	b.key("Enter")
	b.text("o.Customer is nil</script></style><script>window.pwned=1", true)
	for range 3 {
		b.key("ArrowLeft")
	}
	b.text("order found</script>", true)
	if b.eval(`window.pwned === undefined && document.images.length === 0 && document.querySelector('pre').children.length === 0`) != true {
		t.Error("a value of the program became markup")
	}
	b.calm()
}

// TestBrowserPrintsNothing: the place for prints stays as the page has it when there
// are none.
func TestBrowserPrintsNothing(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<!doctype html><title>x</title><link rel=icon href=data:,><pre id=pastedev-prints>kept</pre>`})
	b := newTab(t)
	b.open(a.URL + "/")
	b.text("200 · 12.3 ms", true)
	if got := b.eval(`document.querySelector('pre').outerHTML`); got != `<pre id="pastedev-prints">kept</pre>` {
		t.Errorf("the page has %v", got)
	}
}
