package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// at is a day on which nothing happened.
var at = time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)

func exampleTrace() inspect.Trace {
	frame := func(fn, file string, line int, origin inspect.FrameOrigin, pkg string) inspect.Frame {
		return inspect.Frame{Location: inspect.Location{Function: fn, File: file, Line: line}, Origin: origin, Package: pkg}
	}
	t := inspect.Trace{ID: 7, Code: "E-k7m2x", Count: 12, Kind: inspect.TracePanic, Language: "go", Time: at, Build: 3,
		Exchange: "4bf92f3577b34da6a3ce929d0e0e4736", Headline: "nil pointer dereference: u is nil",
		Type: "runtime.errorString", Message: "invalid memory address", Hints: []string{"Something is nil."}, Goroutine: 8,
		Causes: []inspect.Cause{{Type: "*fs.PathError", Message: "open x", Causes: []inspect.Cause{{Type: "syscall.Errno", Message: "no such file"}}}},
		Frames: []inspect.Frame{
			frame("runtime.panicmem", "panic.go", 9, inspect.FrameStandard, "runtime"),
			frame("example.com/shop.cart", "cart.go", 12, inspect.FrameApp, "example.com/shop"),
			frame("github.com/go-chi/chi/v5.(*Mux).ServeHTTP", "mux.go", 90, inspect.FrameDependency, "github.com/go-chi/chi/v5"),
			frame("net/http.HandlerFunc.ServeHTTP", "server.go", 2000, inspect.FrameStandard, "net/http"),
			frame("main.main", "cmd/main.go", 5, inspect.FrameApp, "main"),
		},
		Changed: []inspect.ChangedLines{{File: "cart.go", Lines: []inspect.SourceLine{{Number: 12, Text: "\tu.Name = x"}}}},
	}
	f := &t.Frames[1]
	for n := 4; n < 20; n++ {
		f.Source = append(f.Source, inspect.SourceLine{Number: n, Text: "\tline"})
	}
	f.Source[8].Text = "\tu.Name = x\x1b[31m"
	f.Args = []inspect.Variable{{Name: "r", Type: "*http.Request", Value: `&http.Request{Method: "GET"}`, Children: []inspect.Variable{{Name: "Method", Type: "string", Value: `"GET"`}}}}
	f.Locals = []inspect.Variable{
		{Name: "u", Type: "*shop.User", Value: "nil"},
		{Name: "basket", Type: "map[string]int", Value: "map[string]int len 9", Len: 9, Children: []inspect.Variable{{Name: `["tea"]`, Type: "int", Value: "2"}}},
		{Name: "gone", Type: "int", Unreadable: "optimized away"},
		{Name: "own", Type: "shop.Own", Value: `shop.Own{A: "` + strings.Repeat("x", 100) + `"}`, Children: []inspect.Variable{{Name: "A", Type: "string", Value: `"xx"`, More: true}}},
	}
	t.Frames[4].Source = []inspect.SourceLine{{Number: 5, Text: "\tlog.Fatal(serve())"}}
	return t
}

func exampleExchange() *inspect.Exchange {
	sql := func(seq int64, op inspect.SQLOp, text string, line int, tx int64, args ...string) inspect.Span {
		return inspect.Span{Seq: seq, Kind: inspect.SpanSQL, Duration: inspect.Millis(time.Millisecond),
			Caller: &inspect.Location{File: "db.go", Line: line}, SQL: &inspect.SQL{Op: op, Statement: text, Rows: 1, Tx: tx, Args: args}}
	}
	ex := &inspect.Exchange{
		Summary: inspect.Summary{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Kind: inspect.KindHTTP, Method: "GET", URL: "http://localhost/cart", Status: 500,
			Start: at.Add(-time.Second), Duration: inspect.Millis(time.Second),
			Sums: inspect.Sums{Logs: 3, SQL: 9, SQLTime: inspect.Millis(9 * time.Millisecond), Calls: 1, CallTime: inspect.Millis(time.Millisecond), Errors: 1}},
		Logs: []inspect.Output{
			{Time: at.Add(-time.Millisecond), Stream: inspect.Stdout, Text: "before\nsecond line"},
			{Time: at, Stream: inspect.Logged, Level: "WARN", Text: "low", Attrs: []inspect.Note{{Key: "left", Value: "2"}}},
			{Time: at.Add(time.Millisecond), Stream: inspect.Stderr, Text: "aftermath"},
		},
		Spans: []inspect.Span{
			sql(1, inspect.SQLBegin, "", 9, 1), sql(2, inspect.SQLQuery, "SELECT 1\n  FROM book", 10, 1), sql(3, inspect.SQLCommit, "", 11, 1),
			sql(4, inspect.SQLQuery, "SELECT title", 20, 0, "1"), sql(5, inspect.SQLQuery, "SELECT title", 20, 0, "2"),
			sql(6, inspect.SQLQuery, "SELECT title", 20, 0, "3"), sql(7, inspect.SQLQuery, "SELECT title", 20, 0, "4"),
			sql(8, inspect.SQLExec, "DELETE", 30, 0),
			{Seq: 9, Kind: inspect.SpanCall, Duration: inspect.Millis(time.Millisecond), Error: "refused", Call: &inspect.Call{Method: "GET", URL: "http://x.test/"}},
		},
	}
	ex.Spans[7].Error, ex.Spans[7].Duration = "locked", inspect.Millis(60*time.Millisecond)
	return ex
}

func TestPrintTrace(t *testing.T) {
	tr, ex := exampleTrace(), exampleExchange()
	var b bytes.Buffer
	if err := printTrace(&b, &tr, ex, false); err != nil {
		t.Fatal(err)
	}
	want := `E-k7m2x  panic · seen 12 times · Jan 2 15:04 · build 3

  nil pointer dereference: u is nil
  runtime.errorString: invalid memory address
  from *fs.PathError: open x
    from syscall.Errno: no such file
  why  Something is nil.

  cart.go:12  in shop.cart
     7      line
     8      line
     9      line
    10      line
    11      line
  ▶ 12      u.Name = x
    13      line
    14      line
    15      line
    16      line
    17      line

  r      *http.Request = &http.Request{Method: "GET"}
  u      *shop.User = nil
  basket map[string]int = len 9
    ["tea"] int = 2
  gone   int = (optimized away)
  own    shop.Own = shop.Own{A: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    A string = "xx"…

stack of goroutine 8
        ⋯ 1 frame of runtime
▶ #1    cart.go:12     shop.cart
        ⋯ 2 frames of github.com/go-chi/chi/v5, net/http
  #4    cmd/main.go:5  main.main
        log.Fatal(serve())

changed since the last build without this error
  cart.go
     12      u.Name = x

request
  4bf92f35  GET http://localhost/cart  500 Internal Server Error in 1.00 s, 0 B

logs
    +999 ms  before
             second line
    +1.00 s  WARN  low left=2
  1 line after it

sql: 9 calls in 9.0 ms
┌              BEGIN
│       1.0 ms  SELECT 1 FROM book
│               db.go:10  1 row
└              COMMIT
    ×4  4.0 ms  N+1 SELECT title
                db.go:20 ×4  4 rows  [1] [2] [3] …
       60.0 ms  slow DELETE
                db.go:30  1 row
                failed: locked
  1 call more counted, not kept

calls: 1 in 1.0 ms
  ---   1.0 ms  GET  http://x.test/  failed: refused

every frame, more values: pastedev errors show E-k7m2x --all
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	b.Reset()
	if err := printTrace(&b, &tr, ex, true); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"#0    panic.go:9", "Method string", "  4      line", "aftermath", "#2    mux.go:90"} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("--all has no %q:\n%s", s, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("an escape sequence got through")
	}
}

func TestPrintErrors(t *testing.T) {
	first, bare := exampleTrace(), inspect.Trace{ID: 3, Code: "E-bbbbb", Count: 1, Time: at.Add(-48 * time.Hour), Headline: "500 from GET /x\x1b[2J\nand more"}
	older := first
	older.ID, older.Count = 2, 11
	list := newestOfEach([]inspect.Trace{first, bare, older})
	var b bytes.Buffer
	if err := printErrors(&b, list, at); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"E-k7m2x  ×12  15:04:05      nil pointer dereference: u is nil  cart.go:12  4bf92f35\n" +
		"E-bbbbb       Dec 31 15:04  500 from GET /x and more\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestPrintTableSums(t *testing.T) {
	items := []inspect.Summary{{ID: "0123456789abcdef", Start: at, Method: "GET", Status: 200, URL: "http://localhost/a/rather/long/path?with=a&query=too",
		Sums: inspect.Sums{Logs: 1, SQL: 12, Calls: 2, Errors: 1, HTMLErrors: 3}}}
	for width, want := range map[int]string{
		0:   "01234567  15:04:05  200  GET  0 ms  0 B  http://localhost/a/rather/long/path?with=a&query=too  1 error · 3 html · 12 sql · 2 calls · 1 log\n",
		110: "01234567  15:04:05  200  GET  0 ms  0 B  /a/rather/long/path?wit…  1 error · 3 html · 12 sql · 2 calls · 1 log\n",
	} {
		var b bytes.Buffer
		if err := printTable(&b, items, width); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, b.String()); d != "" {
			t.Errorf("width %d\n%s", width, d)
		}
	}
}

func TestColourAndWidth(t *testing.T) {
	p := &paper{width: 20, terminal: true, colour: true}
	p.line(p.paint(alarm, "more than twenty columns wide"))
	p.tree(inspect.Variable{Name: "m", Type: "map[string]int", Value: "map[string]int len 1", Children: []inspect.Variable{{Name: `["a"]`, Type: "int", Value: "1"}}}, "", wholeTree)
	want := "\x1b[1;31mmore than twenty co…\x1b[m\n" +
		"\x1b[1mm\x1b[m \x1b[2mmap[string]int\x1b[m = …\n" +
		"  \x1b[1m[\"a\"]\x1b[m \x1b[2mint\x1b[m = 1\n"
	if d := cmp.Diff(want, p.b.String()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
