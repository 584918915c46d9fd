package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
)

// epoch is the clock of the tests.
var epoch = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// fake is a Source over a history in memory.
type fake struct {
	mu       sync.Mutex
	st       inspect.Status
	rows     []inspect.Summary // by Seq
	builds   []inspect.Build   // newest first
	outs     []inspect.Output
	subs     []chan inspect.Event
	replays  []inspect.ID
	restarts int
	mounts   []string // that were started again one by one
	clears   int
	reveals  []bool
	lists    []inspect.ListRequest
	fail     error

	traces []inspect.Trace // newest first
	evals  []string

	fakeProfiler
}

func (f *fake) Status(context.Context) (inspect.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	st := f.st
	st.History.Exchanges = len(f.rows)
	return st, f.fail
}

// match understands status:Nxx, method:X and plain words: enough to drive the UI.
func match(q string, s inspect.Summary) (bool, error) {
	for _, w := range strings.Fields(q) {
		if field, _, ok := strings.Cut(w, ":"); ok && field != "status" && field != "method" && field != "id" {
			return false, &query.Error{Pos: strings.Index(q, w), Len: len(field), Message: fmt.Sprintf("unknown field %q", field), Suggestion: "status"}
		}
	}
	for _, w := range strings.Fields(q) {
		field, v, ok := strings.Cut(w, ":")
		switch {
		case !ok:
			if !strings.Contains(s.Path, w) {
				return false, nil
			}
		case field == "id":
			if string(s.ID) != v {
				return false, nil
			}
		case field == "status":
			if len(v) != 3 || fmt.Sprint(s.Status)[:1] != v[:1] {
				return false, nil
			}
		case field == "method":
			if s.Method != v {
				return false, nil
			}
		}
	}
	return true, nil
}

func (f *fake) Exchanges(_ context.Context, r inspect.ListRequest) (inspect.List, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists = append(f.lists, r)
	if f.fail != nil {
		return inspect.List{}, f.fail
	}
	if _, err := match(r.Query, inspect.Summary{}); err != nil {
		return inspect.List{}, err
	}
	l := inspect.List{Total: len(f.rows), Match: len(f.rows)}
	all := f.rows
	if r.Query == "" && r.Roots {
		all = slices.DeleteFunc(slices.Clone(all), func(s inspect.Summary) bool { return s.Parent != "" && !slices.Contains(r.Open, s.Parent) })
		l.Match = len(slices.DeleteFunc(slices.Clone(f.rows), func(s inspect.Summary) bool { return s.Parent != "" }))
	}
	if r.Query != "" {
		all = nil
		for _, s := range f.rows {
			if ok, _ := match(r.Query, s); ok {
				all = append(all, s)
			}
		}
		l.Match = len(all)
	}
	cmp := func(s inspect.Summary, seq int64) int { return int(s.Seq - seq) }
	if r.After > 0 {
		i, _ := slices.BinarySearchFunc(all, r.After+1, cmp)
		all = all[i:]
	}
	if r.Before > 0 {
		i, _ := slices.BinarySearchFunc(all, r.Before, cmp)
		all = all[:i]
	}
	if n := max(r.Limit, 1); len(all) > n {
		l.More = true
		if r.Oldest {
			all = all[:n]
		} else {
			all = all[len(all)-n:]
		}
	}
	l.Items = slices.Clone(all)
	slices.Reverse(l.Items)
	return l, nil
}

func (f *fake) Exchange(_ context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reveals = append(f.reveals, reveal)
	for _, s := range f.rows {
		if s.ID == id {
			ex := fakeExchange(s, reveal)
			ex.HTML = fakeHTML(s)
			f.relate(ex)
			return ex, nil
		}
	}
	return nil, inspect.ErrNotFound
}

func (f *fake) Builds(_ context.Context, limit int) ([]inspect.Build, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.builds[:min(limit, len(f.builds))]), f.fail
}

func (f *fake) Outputs(_ context.Context, after int64, limit int) ([]inspect.Output, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []inspect.Output
	for _, o := range f.outs {
		if o.Seq > after && len(out) < limit {
			out = append(out, o)
		}
	}
	return out, f.fail
}

func (f *fake) Subscribe(ctx context.Context) (<-chan inspect.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return nil, f.fail
	}
	in, out := make(chan inspect.Event, 1024), make(chan inspect.Event)
	f.subs = append(f.subs, in)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case ev := <-in:
				select {
				case out <- ev:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// publish sends an event to all subscribers; a full one loses it.
func (f *fake) publish(ev inspect.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.subs {
		select {
		case c <- ev:
		default:
		}
	}
}

func (f *fake) Replay(_ context.Context, id inspect.ID) (inspect.ID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replays = append(f.replays, id)
	return fakeID(999), f.fail
}

func (f *fake) RestartMount(_ context.Context, mount string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mounts = append(f.mounts, mount)
	return f.fail
}

func (f *fake) Restart(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restarts++
	return f.fail
}

func (f *fake) Clear(context.Context) error {
	f.mu.Lock()
	f.rows = nil
	f.clears++
	f.mu.Unlock()
	f.publish(inspect.HistoryCleared{})
	return nil
}

// add appends the next exchange of a fixed pattern and publishes it.
func (f *fake) add(at time.Time) inspect.Summary {
	f.mu.Lock()
	s := fakeSummary(int64(len(f.rows)+1), at)
	f.rows = append(f.rows, s)
	f.mu.Unlock()
	f.publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: s}})
	return s
}

func fakeID(n int64) inspect.ID { return inspect.ID(fmt.Sprintf("%08x%024x", n*2654435761%(1<<32), n)) }

// fakeSummary makes the exchange number n of a shop.
func fakeSummary(n int64, at time.Time) inspect.Summary {
	s := inspect.Summary{
		ID: fakeID(n), Seq: n, Kind: inspect.KindHTTP, Method: "GET", Host: "localhost:8080", Path: "/",
		Proto: "HTTP/1.1", Status: 200, Start: at, Duration: inspect.Millis(time.Duration(700+n*337%9000) * time.Microsecond),
		ResponseSize: 500 + n*7919%90000, ContentType: "text/html; charset=utf-8", Client: "127.0.0.1:51234", Build: 12,
	}
	switch n % 9 {
	case 1:
		s.Path, s.ContentType = "/static/app.css", "text/css"
	case 2:
		s.Path, s.ContentType, s.Status, s.ResponseSize = "/static/logo.svg", "image/svg+xml", 304, 0
	case 3:
		s.Path, s.ContentType, s.Method = "/api/cart", "application/json", "POST"
		s.RequestSize, s.Status = 61, 201
		s.Duration = inspect.Millis(231 * time.Millisecond)
	case 4:
		s.Path, s.ContentType = fmt.Sprintf("/api/products/%d", n), "application/json"
		s.URL = "?expand=reviews,prices&lang=de"
	case 5:
		s.Path, s.Status, s.ContentType = "/favicon.ico", 404, "text/plain"
	case 6:
		s.Path, s.Status, s.Method = "/checkout", 500, "POST"
		s.Duration = inspect.Millis(1312 * time.Millisecond)
	case 7:
		s.Path, s.Kind, s.Status, s.ContentType = "/ws", inspect.KindWebSocket, 101, ""
		s.Duration = inspect.Millis(64 * time.Second)
	case 8:
		s.Path, s.ReplayOf, s.Method = "/api/cart/3", fakeID(3), "DELETE"
		s.Status, s.ContentType, s.ResponseSize = 0, "", 0
		s.Error = "the app closed the connection before it answered"
	}
	s.Sums = fakeSums(n)
	s.URL = "http://localhost:8080" + s.Path + s.URL
	return s
}

const fakeJSON = `{"id":3,"items":[{"sku":"A-1","name":"Blue kettle","price":24.5,"inStock":true},{"sku":"B-7","name":"Teapot \u2615","price":31,"inStock":false}],"coupon":null,"note":"ships in 2 days"}`

func fakeExchange(s inspect.Summary, reveal bool) *inspect.Exchange {
	ex := &inspect.Exchange{Summary: s, ResponseFrom: inspect.FromTarget, Injected: strings.Contains(s.ContentType, "html")}
	ex.Added = []string{"Traceparent", "X-Forwarded-For"}
	t := s.Duration
	ex.Timing = inspect.Timing{Connect: t / 20, Send: t / 50, Wait: t * 7 / 10, Receive: t - t/20 - t/50 - t*7/10, Total: t}
	cookie := "session=•••••••• (masked)"
	if reveal {
		cookie = "session=c2VjcmV0LWNvb2tpZQ"
	}
	ex.Request = inspect.Message{Proto: s.Proto, Header: inspect.Header{
		"Accept": {"application/json, text/html;q=0.9"}, "Cookie": {cookie},
		"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"},
	}}
	if s.RequestSize > 0 {
		b := []byte(`{"sku":"A-1","quantity":2,"gift":true,"note":"\u00e4\u00f6\u00fc"}`)
		ex.Request.Header["Content-Type"] = []string{"application/json"}
		ex.Request.Body = inspect.Body{Size: int64(len(b)), Data: b}
	}
	fakeInside(ex)
	if s.Status == 0 {
		return ex
	}
	ex.Response = inspect.Message{Proto: s.Proto, Header: inspect.Header{
		"Content-Type": {s.ContentType}, "Set-Cookie": {"theme=dark; Path=/", "seen=1; Path=/; HttpOnly"}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"},
	}}
	data := []byte(fakeJSON)
	if strings.Contains(s.ContentType, "html") {
		data = []byte("<!doctype html>\n<html lang=\"en\"><head><title>Shop</title></head>\n<body><h1>Kettles &amp; pots</h1><p class=\"lead\">Two in stock.</p></body></html>")
	}
	ex.Response.Body = inspect.Body{Size: int64(len(data)), Data: data}
	return ex
}

// newFake makes a history of n exchanges, ten builds and some output.
func newFake(n int) *fake {
	f := &fake{}
	for i := range n {
		f.rows = append(f.rows, fakeSummary(int64(i+1), epoch.Add(-time.Duration(n-i)*1700*time.Millisecond)))
	}
	for i := 12; i >= 1; i-- {
		b := inspect.Build{
			Number: i, Start: epoch.Add(-time.Duration(13-i) * 3 * time.Minute), Duration: inspect.Millis(time.Duration(400+i*37) * time.Millisecond),
			Result: inspect.BuildOK, Cause: []string{"handlers/cart.go", "templates/cart.html"}, Instrumented: true, Done: 4, Total: 4,
		}
		switch i {
		case 11:
			b = failedBuild(11)
		case 7:
			b.Result, b.Cause = inspect.BuildCanceled, []string{"main.go"}
		case 1:
			b.Cause, b.Duration, b.Done, b.Total = nil, inspect.Millis(32*time.Second), 188, 188
		}
		f.builds = append(f.builds, b)
	}
	for i, o := range []struct {
		s    inspect.Stream
		text string
	}{
		{inspect.Pastedev, "build 12 is running"},
		{inspect.Stdout, "listening on :8080"},
		{inspect.Stdout, "\x1b[32mINFO\x1b[0m  cart updated\tsku=\x1b[36mA-1\x1b[0m quantity=2"},
		{inspect.Stderr, "\x1b[31mERROR\x1b[0m checkout: payment refused by the bank after three tries, giving the order back to the queue for later \x1b]0;owned\x07handling"},
		{inspect.Stdout, "GET / 200"},
		{inspect.Stderr, "2026/11/23 10:00:00 slow query: SELECT * FROM products WHERE name LIKE '%kettle%' (412ms)"},
	} {
		f.outs = append(f.outs, inspect.Output{Seq: int64(i + 1), Time: epoch, Stream: o.s, Text: o.text, Build: 12})
	}
	f.traces = fakeTraces(f.rows)
	b := f.builds[0]
	f.st = inspect.Status{
		Version: "0.1.0", PID: 4242, Dir: "/src/shop", Target: "./shop", State: inspect.StateRunning, Since: epoch.Add(-time.Minute),
		Recording: true, CallTree: true, TargetPID: 4300, Build: &b, Listeners: []string{"http://localhost:8080"},
		History: inspect.HistoryStats{Bytes: 2_130_000},
	}
	return f
}

func failedBuild(n int) inspect.Build {
	return inspect.Build{
		Number: n, Start: epoch.Add(-6 * time.Minute), Duration: inspect.Millis(310 * time.Millisecond), Result: inspect.BuildFailed,
		Cause: []string{"handlers/cart.go"}, Instrumented: true, Done: 3, Total: 4,
		Diagnostics: []inspect.Diagnostic{
			{Severity: inspect.SeverityError, Code: "compile", Message: "undefined: totl", File: "handlers/cart.go", Line: 42, Column: 9,
				Context: []inspect.SourceLine{
					{Number: 40, Text: "func (c *Cart) Total() Money {"}, {Number: 41, Text: "\ttotal := c.sum()"},
					{Number: 42, Text: "\treturn totl.Round()"}, {Number: 43, Text: "}"},
				}},
			{Severity: inspect.SeverityError, Code: "compile", Message: "declared and not used: total", File: "handlers/cart.go", Line: 41, Column: 2},
		},
	}
}

var errFake = errors.New("the disk is full")
