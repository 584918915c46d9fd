package tui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func ms(f float64) inspect.Millis {
	return inspect.Millis(time.Duration(f * float64(time.Millisecond)))
}

// fakeSums says what happened inside the exchange number n.
func fakeSums(n int64) inspect.Sums {
	switch n % 9 {
	case 3:
		return inspect.Sums{Logs: 2, SQL: 5, SQLTime: ms(8.3), Calls: 2, CallTime: ms(141), Nodes: len(fakeTree(3).Nodes)}
	case 4:
		return inspect.Sums{SQL: 14, SQLTime: ms(71.2), Nodes: len(fakeTree(4).Nodes)}
	case 6:
		return inspect.Sums{Logs: 5, SQL: 1, SQLTime: ms(1.1), Errors: 1, Nodes: len(fakeTree(6).Nodes)}
	}
	return inspect.Sums{}
}

// fakeInside fills in what happened inside.
func fakeInside(ex *inspect.Exchange) {
	at := func(f float64) time.Time { return ex.Start.Add(ms(f).Duration()) }
	from := func(file string, line int, fn string) *inspect.Location {
		return &inspect.Location{Function: "example.com/shop/" + fn, File: file, Path: "/src/shop/" + file, Line: line}
	}
	sql := func(start, took float64, op inspect.SQLOp, text string, rows, tx int64, args ...string) {
		c := from("store/orders.go", 61, "store.(*Orders).Place")
		if strings.Contains(text, "reviews") {
			c = from("handlers/product.go", 33, "handlers.Product")
		}
		ex.Spans = append(ex.Spans, inspect.Span{
			Seq: int64(len(ex.Spans) + 1), Kind: inspect.SpanSQL, Start: at(start), Duration: ms(took), Goroutine: 34, Caller: c,
			SQL: &inspect.SQL{Op: op, Statement: text, Args: args, Rows: rows, Tx: tx},
		})
	}
	log := func(start float64, g int64, s inspect.Stream, level, text string, attrs ...inspect.Note) {
		ex.Logs = append(ex.Logs, inspect.Output{
			Seq: int64(len(ex.Logs) + 1), Time: at(start), Stream: s, Text: text, Exchange: ex.ID, Goroutine: g, Level: level, Attrs: attrs,
		})
	}
	call := func(start, took float64, method, url string, status int, err string) {
		ex.Spans = append(ex.Spans, inspect.Span{
			Seq: int64(len(ex.Spans) + 1), Kind: inspect.SpanCall, Start: at(start), Duration: ms(took), Goroutine: 34, Error: err,
			Caller: from("bank/client.go", 88, "bank.(*Client).Authorize"), Call: &inspect.Call{Method: method, URL: url, Status: status},
		})
	}
	switch ex.Seq % 9 {
	case 3:
		log(2.4, 34, inspect.Stdout, "", "\x1b[32mINFO\x1b[0m  cart updated\tsku=\x1b[36mA-1\x1b[0m quantity=2")
		log(140, 34, inspect.Logged, "INFO", "order placed", inspect.Note{Key: "order", Value: "4711"}, inspect.Note{Key: "total", Value: "59.80"})
		sql(3, 0.2, inspect.SQLBegin, "", -1, 7)
		sql(3.4, 1.2, inspect.SQLQuery, "SELECT id, price, stock\n\tFROM products\n\tWHERE sku = ? FOR UPDATE", 1, 7, `"A-1"`)
		sql(5.1, 0.9, inspect.SQLExec, "UPDATE products SET stock = stock - ? WHERE id = ?", 1, 7, "2", "118")
		sql(6.2, 2.1, inspect.SQLExec, "INSERT INTO orders (user_id, product_id, quantity, total) VALUES (?, ?, ?, ?)", 1, 7, "42", "118", "2", "5980")
		sql(8.6, 3.9, inspect.SQLCommit, "", -1, 7)
		call(14, 121, "POST", "https://bank.example/v1/authorize?amount=5980&currency=EUR", 201, "")
		call(136, 20, "GET", "http://stock.internal:9000/levels/118", 0, "dial tcp 10.0.0.9:9000: connect: connection refused")
	case 4:
		sql(0.4, 62.1, inspect.SQLQuery, "SELECT * FROM products WHERE category = ? ORDER BY name LIMIT ?", 13, 0, `"kettles"`, "13")
		for i := range 13 {
			sql(63+float64(i)*0.8, 0.7, inspect.SQLQuery, "SELECT stars, text FROM reviews WHERE product_id = ?", int64(i%4), 0, strconv.Itoa(100+i))
		}
	case 6:
		log(0.3, 34, inspect.Stdout, "", "checkout: cart of ")
		ex.Logs[0].Partial = true
		log(0.4, 34, inspect.Stdout, "", "user 42")
		log(0.9, 34, inspect.Stderr, "WARN", "2026/11/23 10:00:00 WARN no payment method attempt=1")
		log(1.2, 51, inspect.Logged, "DEBUG", "stock reserved", inspect.Note{Key: "sku", Value: "A-1"})
		log(1.4, 51, inspect.Logged, "ERROR", "reservation lost; the order goes back to the queue and will be tried again in a minute by the next free worker", inspect.Note{Key: "sku", Value: "A-1"})
		log(1.6, 34, inspect.Stdout, "", "total: 59.80")
		sql(0.5, 1.1, inspect.SQLQuery, "SELECT id, name, email FROM users WHERE id = ?", 0, 0, "42")
		ex.Traces = []int64{fakeTraceID(ex.Seq)}
	}
}

func fakeTraceID(seq int64) int64 { return seq/9 + 2 }

var fakeSource = strings.Split(`func (s *Server) Checkout(w http.ResponseWriter, r *http.Request) {
	cart := s.carts.Of(r)
	u, _ := s.users.ByID(r.Context(), cart.UserID)
	total := cart.Total()
	if total.Above(u.Limit) {
		s.refuse(w, "over your limit")
		return
	}`, "\n")

// fakeTraces makes the failures of the checkouts among rows, newest first, and one of
// another kind.
func fakeTraces(rows []inspect.Summary) []inspect.Trace {
	var list []inspect.Trace
	for _, s := range rows {
		if s.Sums.Errors > 0 {
			list = append([]inspect.Trace{fakePanic(s, len(list)+1)}, list...)
		}
	}
	old := inspect.Trace{
		ID: 1, Code: "E-q81zt", Count: 1, Kind: inspect.TraceText, Language: "python", Time: epoch.Add(-20 * time.Minute), Build: 9,
		Headline: "KeyError: 'sku'", Type: "KeyError", Message: "'sku'", Raw: "Traceback (most recent call last):\n  File \"tools/import.py\", line 12, in <module>\n    row['sku']\nKeyError: 'sku'",
		Frames: []inspect.Frame{{Location: inspect.Location{Function: "<module>", File: "tools/import.py", Path: "/src/shop/tools/import.py", Line: 12}, Origin: inspect.FrameApp}},
	}
	return append(list, old)
}

func fakePanic(s inspect.Summary, count int) inspect.Trace {
	loc := func(fn, file string, line int) inspect.Location {
		return inspect.Location{Function: fn, File: file, Path: "/src/shop/" + file, Line: line}
	}
	var source []inspect.SourceLine
	for i, l := range fakeSource {
		source = append(source, inspect.SourceLine{Number: 61 + i, Text: l})
	}
	str := func(name, v string) inspect.Variable {
		return inspect.Variable{Name: name, Type: "string", Value: strconv.Quote(v), Len: int64(len(v))}
	}
	items := inspect.Variable{Name: "Items", Type: "[]shop.Item", Value: "[]shop.Item len 2 cap 4", Len: 2}
	for i := range 2 {
		items.Children = append(items.Children, inspect.Variable{Name: fmt.Sprintf("[%d]", i), Type: "shop.Item", Value: `{SKU: "A-1", Quantity: 2}`,
			Children: []inspect.Variable{str("SKU", "A-1"), {Name: "Quantity", Type: "int", Value: "2"}}})
	}
	cart := inspect.Variable{Name: "cart", Type: "*shop.Cart", Value: "*{UserID: 42, Items: []shop.Item len 2 cap 4, Note: \"gift\"}",
		Children: []inspect.Variable{{Name: "UserID", Type: "int64", Value: "42"}, items, str("Note", "gift")}}
	return inspect.Trace{
		ID: fakeTraceID(s.Seq), Code: "E-k7m2x", Count: count, Kind: inspect.TracePanic, Language: "go", Time: s.Start.Add(2 * time.Millisecond), Exchange: s.ID,
		Build: 12, Headline: "nil pointer dereference: u is nil", Type: "runtime.errorString", Message: "runtime error: invalid memory address or nil pointer dereference",
		Hints:     []string{"u is nil: the error of ByID on line 63 is dropped, and u is nil when there is one."},
		Goroutine: 34, Recovered: true, Pause: ms(212),
		Causes: []inspect.Cause{{Type: "*store.NotFound", Message: "no user 42", Causes: []inspect.Cause{{Type: "*errors.errorString", Message: "sql: no rows in result set"}}}},
		Frames: []inspect.Frame{
			{Location: inspect.Location{Function: "runtime.panicmem", File: "/go/src/runtime/panic.go", Path: "/go/src/runtime/panic.go", Line: 262}, Origin: inspect.FrameStandard, Package: "runtime"},
			{Location: loc("example.com/shop/handlers.(*Server).Checkout", "handlers/checkout.go", 65), Column: 19, Origin: inspect.FrameApp, Source: source,
				Args: []inspect.Variable{{Name: "s", Type: "*handlers.Server", Value: "*{carts: *{…}, users: *{…}}", More: true, Children: []inspect.Variable{{Name: "users", Type: "*store.Users", Value: "*{…}", More: true}}},
					{Name: "w", Type: "http.ResponseWriter", Value: "*http.response", More: true}, {Name: "r", Type: "*http.Request", Unreadable: "optimized away"}},
				Locals: []inspect.Variable{cart, {Name: "u", Type: "*store.User", Value: "nil"}, {Name: "total", Type: "shop.Money", Value: "5980"}},
				Notes:  []inspect.Note{{Key: "step", Value: "checkout, before payment"}}},
			{Location: loc("example.com/shop/handlers.(*Server).logged.func1", "handlers/server.go", 118), Origin: inspect.FrameApp, Source: source[:3]},
			{Location: loc("github.com/go-chi/chi/v5.(*Mux).ServeHTTP", "/mod/github.com/go-chi/chi/v5@v5.2.0/mux.go", 90), Origin: inspect.FrameDependency, Package: "github.com/go-chi/chi/v5"},
			{Location: loc("net/http.serverHandler.ServeHTTP", "/go/src/net/http/server.go", 3340), Origin: inspect.FrameStandard, Package: "net/http"},
			{Location: loc("net/http.(*conn).serve", "/go/src/net/http/server.go", 2109), Origin: inspect.FrameStandard, Package: "net/http"},
		},
		CreatedBy: &inspect.Frame{Location: loc("net/http.(*Server).Serve", "/go/src/net/http/server.go", 3493), Origin: inspect.FrameStandard},
		Changed:   []inspect.ChangedLines{{File: "handlers/checkout.go", Lines: []inspect.SourceLine{{Number: 63, Text: "\tu, _ := s.users.ByID(r.Context(), cart.UserID)"}}}},
	}
}

func (f *fake) Traces(_ context.Context, limit int) ([]inspect.Trace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []inspect.Trace
	for _, t := range f.traces[:min(limit, len(f.traces))] { // outlines, as the store gives them
		if i := failing(&t); i >= 0 {
			fr := t.Frames[i]
			fr.Source, fr.Args, fr.Locals = nil, nil, nil
			t.Frames = []inspect.Frame{fr}
		}
		list = append(list, t)
	}
	return list, f.fail
}

func (f *fake) Trace(_ context.Context, ref string, _ bool) (*inspect.Trace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.traces {
		if strconv.FormatInt(t.ID, 10) == ref || t.Code == ref {
			return &t, f.fail
		}
	}
	return nil, inspect.ErrNotFound
}

func (f *fake) TraceText(_ context.Context, ref string, _ bool) (string, error) {
	return "text of " + ref, f.fail
}

func (f *fake) TraceMarkdown(_ context.Context, ref string) (string, error) {
	return "# error " + ref, f.fail
}

func (f *fake) Eval(_ context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.evals = append(f.evals, fmt.Sprintf("%d %d %s", trace, frame, expr))
	if expr == "u.Name" {
		return inspect.Variable{}, fmt.Errorf("column 1: u is nil")
	}
	return inspect.Variable{Name: expr, Type: "[]shop.Item", Value: "[]shop.Item len 2 cap 4", Len: 2, Children: []inspect.Variable{
		{Name: "[0]", Type: "shop.Item", Value: `{SKU: "A-1", Quantity: 2}`}, {Name: "[1]", Type: "shop.Item", Value: `{SKU: "B-7", Quantity: 1}`}}}, nil
}
