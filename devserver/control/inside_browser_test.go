package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/sqlview"
)

// failing is a trace with mark added to every text of it.
func failing(mark string) inspect.Trace {
	at := func(fn, file string, line int) inspect.Location {
		return inspect.Location{Function: fn + mark, File: file + mark, Path: "/src/shop/" + file + mark, Line: line}
	}
	value := func(name, kind, text string, kids ...inspect.Variable) inspect.Variable {
		return inspect.Variable{Name: name + mark, Type: kind + mark, Value: text + mark, Children: kids}
	}
	src := func(first int, lines ...string) (out []inspect.SourceLine) {
		for i, l := range lines {
			out = append(out, inspect.SourceLine{Number: first + i, Text: l + mark})
		}
		return out
	}
	return inspect.Trace{
		Code: "E-k7m2x", Kind: inspect.TracePanic, Language: "go", Time: time.Now(), Build: 12, Headline: "nil pointer dereference: o.Customer is nil" + mark,
		Type: "runtime.errorString" + mark, Message: "invalid memory address or nil pointer dereference" + mark, Hints: []string{"o.Customer was never set." + mark},
		Causes: []inspect.Cause{{Type: "*fs.PathError" + mark, Message: "open prices.json" + mark}},
		Frames: []inspect.Frame{
			{Location: at("shop.(*Order).Greeting", "order.go", 31), Package: "shop", Origin: inspect.FrameApp,
				Source: src(29, "func (o *Order) Greeting() string {", "\tlines := len(o.Lines)", "\treturn fmt.Sprintf(\"Dear %s, %d\", o.Customer.Name, lines)", "}"),
				Args:   []inspect.Variable{value("o", "*shop.Order", "*shop.Order {ID: 217}", value("ID", "int", "217"), value("Customer", "*shop.Customer", "nil"))},
				Locals: []inspect.Variable{value("lines", "int", "2")}},
			{Location: at("main.order", "main.go", 64), Package: "main", Origin: inspect.FrameApp, Source: src(63, "\to := s.orders[id]", "\tfmt.Fprintln(w, o.Greeting())")},
			{Location: at("net/http.HandlerFunc.ServeHTTP", "net/http/server.go", 2322), Package: "net/http", Origin: inspect.FrameStandard},
		},
		Changed: []inspect.ChangedLines{{File: "order.go" + mark, Lines: src(31, "\treturn fmt.Sprintf(\"Dear %s\")")}},
	}
}

// insideOf fills ex with what a request does.
func insideOf(ex *inspect.Exchange, trace int64, mark string) *inspect.Exchange {
	at := &inspect.Location{File: "order.go" + mark, Path: "/src/shop/order.go", Line: 44}
	sql := func(op inspect.SQLOp, text string, d time.Duration, tx int64) {
		ex.Spans = append(ex.Spans, inspect.Span{Seq: int64(len(ex.Spans) + 1), Kind: inspect.SpanSQL, Start: ex.Start, Duration: inspect.Millis(d), Caller: at,
			SQL: &inspect.SQL{Op: op, Statement: text, Args: []string{"217" + mark}, Rows: 1, Tx: tx}})
	}
	sql(inspect.SQLQuery, "SELECT * FROM orders WHERE id = ?"+mark, 2*time.Millisecond, 0)
	sql(inspect.SQLBegin, "", 100*time.Microsecond, 3)
	for range 14 {
		sql(inspect.SQLQuery, "SELECT name, price\n\tFROM lines WHERE id = ?"+mark, 400*time.Microsecond, 3)
	}
	sql(inspect.SQLExec, "UPDATE stock SET held = held + 1"+mark, 81*time.Millisecond, 3)
	sql(inspect.SQLCommit, "", 4*time.Millisecond, 3)
	ex.Spans = append(ex.Spans, inspect.Span{Seq: 40, Kind: inspect.SpanCall, Start: ex.Start, Duration: inspect.Millis(14 * time.Millisecond), Caller: at, Error: mark,
		Call: &inspect.Call{Method: "GET" + mark, URL: "http://prices.test/217" + mark, Status: 503}})
	ex.Logs = []inspect.Output{{Stream: inspect.Stdout, Time: ex.Start, Text: "loading \x1b[32morder\x1b[0m 217" + mark},
		{Stream: inspect.Logged, Time: ex.Start, Level: "WARN" + mark, Text: "price list is old" + mark, Attrs: []inspect.Note{{Key: "age" + mark, Value: "3d" + mark}}}}
	ex.Traces = []int64{trace}
	ex.Sums = inspect.Sums{Logs: 2, SQL: 16, SQLTime: inspect.Millis(88 * time.Millisecond), Calls: 1, Errors: 1}
	return ex
}

// startInside is an instance with a failed request and a helper that evaluates.
func startInside(t *testing.T, mark string) (*instance, *inspect.Exchange) {
	i := startInstance(t)
	i.svc.opt.Eval = func(_ context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
		if expr != "o.Lines" {
			return inspect.Variable{}, errors.New("could not find symbol value for " + expr)
		}
		return inspect.Variable{Name: "o.Lines", Type: "[]shop.Line" + mark, Value: "[]shop.Line len 1 cap 1" + mark, Len: 1,
			Children: []inspect.Variable{{Name: "[0]", Type: "string" + mark, Value: fmt.Sprintf("%q", "Spade of frame "+fmt.Sprint(frame)) + mark}}}, nil
	}
	i.svc.opt.Editor = func(path string, line, _ int) string { return fmt.Sprintf("vscode://file%s:%d", path, line) }
	ex := exchange("GET", "/orders/217", 500)
	tr := failing(mark)
	tr.Exchange = ex.ID
	insideOf(ex, i.store.fail(tr).ID, mark)
	i.store.add(exchange("GET", "/", 200))
	return i, i.store.add(ex)
}

// frame is the document of the trace's page within the inspector.
const frame = `document.querySelector('iframe.trace-page').contentDocument`

func TestBrowserInside(t *testing.T) {
	i, ex := startInside(t, "")
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("1 error · 16 SQL · 2 logs · 1 call"),
		do(`location.hash = "#/exchanges/`+string(ex.ID)+`"`), until(`document.querySelector('#tab-SQL .n').textContent === "16"`),
		chromedp.KeyEvent("6"), until(`document.querySelector('.note.warn').textContent.startsWith("N+1")`),
		until(`[...document.querySelectorAll('.item summary')].some(s => s.textContent.includes("×14SELECT name, price FROM lines WHERE id = ?N+1"))`),
		until(`[...document.querySelectorAll('.item summary')].some(s => s.textContent.includes("UPDATE stock") && s.textContent.includes("slow"))`),
		until(`[...document.querySelectorAll('.bracket')].map(e => e.textContent).join("") === "┌" + "│".repeat(15) + "└"`),
		chromedp.KeyEvent("5"), until(`document.querySelector('.logs .f2').textContent === "order" && document.querySelector('.logs').textContent.includes("WARN price list is old age=3d")`),
		chromedp.KeyEvent("7"), until(`document.querySelector('.spans .badge').textContent === "503"`),
		chromedp.KeyEvent("8"), until(frame+`.querySelector('.hero .vars').innerText.match(/lines\s+=?\s*2/)`))
	i.store.mu.Lock()
	more := *ex
	more.Logs = append(more.Logs, inspect.Output{Text: "said later"})
	more.Sums.Logs++
	i.store.list[len(i.store.list)-1] = &more
	i.store.mu.Unlock()
	b.run(t, chromedp.KeyEvent("5"))
	i.store.send(inspect.ExchangeUpdated{Exchange: &more})
	b.run(t, until(`document.querySelector('.logs').textContent.includes("said later")`))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

func TestBrowserErrors(t *testing.T) {
	i, ex := startInside(t, "")
	again := failing("")
	again.Count = 2
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/traces/E-k7m2x"), until(frame+`.querySelector('form.eval') && `+frame+`.readyState === "complete"`))
	if p := b.problems(); p != "" {
		t.Fatalf("console:\n%s", p)
	}
	evaluate := func(expr string) {
		t.Helper()
		b.run(t, do(`{ const f = `+frame+`.querySelector('form.eval'); f.closest('details').open = true; f.elements.expr.value = "`+expr+`"; f.requestSubmit() }`))
	}
	evaluate("o.Lines")
	b.run(t, until(frame+`.querySelector('form.eval output').innerText.includes('"Spade of frame 0"')`))
	evaluate("nobody")
	b.run(t, until(frame+`.querySelector('form.eval output .err').innerText.includes('could not find symbol value for nobody')`),
		until(frame+`.querySelector('a.place').href === 'vscode://file/src/shop/order.go:31'`),
		until(`document.querySelectorAll('.fault').length === 1 && document.querySelector('.fault').textContent.includes("order.go:31")`))
	i.store.fail(again)
	other := failing("")
	other.Code, other.Headline = "E-other", "index out of range [5] with length 3"
	o := i.store.fail(other)
	i.store.send(inspect.TraceRecorded{Trace: &o})
	b.run(t, until(`document.querySelectorAll('.fault').length >= 2 && document.querySelector('.fault').textContent.includes("index out of range")`),
		chromedp.Click(chromedp.CSS(".fault")), until(frame+`.querySelector('h1').innerText.includes("index out of range")`),
		do(`location.hash = "#/errors/1"`), until(`document.querySelector('.trace-bar a').getAttribute("href") === "#/exchanges/`+string(ex.ID)+`"`),
		chromedp.Click(chromedp.CSS(".replay-trace")), until(`location.hash.startsWith("#/exchanges/")`))
	if got := strings.Join(i.called(), "\n"); !strings.Contains(got, "replay "+string(ex.ID)) {
		t.Errorf("called %s", got)
	}
	if p := b.problems("status of 422"); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestBrowserInsideHostile: nothing that an app says becomes markup.
func TestBrowserInsideHostile(t *testing.T) {
	const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script></style>"'`
	i, ex := startInside(t, evil)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("16 SQL"), do(`location.hash = "#/exchanges/`+string(ex.ID)+`"`), until(`document.querySelector('#tab-SQL .n')`))
	for n, holds := range []string{".logs", ".items", ".spans"} {
		b.run(t, do(fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "%d", bubbles: true}))`, 5+n)), until(`document.querySelector('`+holds+`').textContent.includes("window.pwned=1")`))
	}
	b.run(t, do(`location.hash = "#/errors/E-k7m2x"`), until(frame+`.querySelector('form.eval') && `+frame+`.readyState === "complete"`),
		do(`const f = `+frame+`.querySelector('form.eval'); f.elements.expr.value = "o.Lines"; f.requestSubmit()`), until(frame+`.querySelector('form.eval output').textContent.includes("window.pwned=1")`))
	if js[bool](t, b, `"pwned" in window || "pwned" in document.querySelector('iframe').contentWindow || document.images.length + `+frame+`.images.length > 0 || `+frame+`.scripts.length !== 1`) {
		t.Error("a value of the program became markup")
	}
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}

// TestSQLMarks holds the page's marks against those of all others.
func TestSQLMarks(t *testing.T) {
	b, err := assets.ReadFile("assets/inside.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{fmt.Sprintf("const REPEATED_FROM = %d;", sqlview.RepeatedFrom), fmt.Sprintf("const SLOW_FROM = %d;", sqlview.SlowFrom.Duration().Milliseconds())} {
		if !strings.Contains(string(b), want) {
			t.Errorf("inside.js does not say %s", want)
		}
	}
}

// TestInsideStories draws the pages into the folder named by PASTEDEV_STORIES, to be
// looked at.
func TestInsideStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the inspector page into DIR")
	}
	i, ex := startInside(t, "")
	other := failing("")
	other.Code, other.Headline = "E-other", "index out of range [5] with length 3"
	i.store.fail(other)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("16 SQL"))
	for _, l := range []struct {
		name, scheme string
		width        int64
	}{{"light-wide", "light", 1280}, {"dark-wide", "dark", 1280}, {"light-phone", "light", 400}, {"dark-phone", "dark", 400}} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.run(t, chromedp.EmulateViewport(l.width, 800))
		for name, hash := range map[string]string{"list": "#/exchanges", "logs": "#/exchanges/ID/logs", "sql": "#/exchanges/ID/SQL", "calls": "#/exchanges/ID/calls", "failed": "#/exchanges/ID/errors", "faults": "#/errors", "fault": "#/errors/1"} {
			b.run(t, do(`location.hash = "`+strings.ReplaceAll(hash, "ID", string(ex.ID))+`"`), do(`0`), until(`new Promise(r => setTimeout(() => r(1), 700))`), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
				png, err := chromedp.CaptureScreenshot()(ctx, tab)
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "inspector-"+name+"-"+l.name+".png"), png, 0o600)
			}))
		}
	}
}
