package panel_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// evil is put into every field that an app or a client can fill.
const evil = `</script></style><script>window.pwned=1</script><img src=x onerror=pwned=1>"'` + "`{{.}}"

// panicked is a failure of a program, with values: mark is added to every text of it.
func panicked(mark string) panel.Failure {
	at := func(fn, file string, line int) inspect.Location {
		return inspect.Location{Function: fn + mark, File: file + mark, Path: "/src/shop/" + file + mark, Line: line}
	}
	field := func(name, kind, value string, kids ...inspect.Variable) inspect.Variable {
		return inspect.Variable{Name: name + mark, Type: kind + mark, Value: value + mark, Children: kids}
	}
	order := field("o", "*shop.Order", "*shop.Order {ID: 217}",
		field("ID", "int", "217"), field("Customer", "*shop.Customer", "nil"), field("Lines", "[]shop.Line", "[]shop.Line len 2 cap 2",
			field("[0]", "shop.Line", "shop.Line {Title: \"Spade\"}", field("Title", "string", `"Spade"`), field("Count", "int", "3")),
			field("[1]", "shop.Line", "shop.Line {Title: \"Watering can\"}", field("Title", "string", `"Watering can"`))))
	t := &inspect.Trace{
		ID: 7, Code: "E-k7m2x", Count: 3, Kind: inspect.TracePanic, Language: "go", Time: time.Date(2026, 11, 23, 13, 4, 5, 0, time.UTC), Build: 12,
		Headline: "nil pointer dereference: o.Customer is nil" + mark, Type: "runtime.errorString" + mark,
		Message: "invalid memory address or nil pointer dereference" + mark, Goroutine: 41, Pause: inspect.Millis(84 * time.Millisecond),
		Causes: []inspect.Cause{{Type: "*fs.PathError" + mark, Message: "open prices.json: no such file" + mark}},
		Hints:  []string{"o.Customer was never set: it is nil in an order that was read without its customer." + mark},
		Frames: []inspect.Frame{
			{Location: at("example.com/shop.(*Order).Greeting", "order.go", 31), Package: "example.com/shop", Origin: inspect.FrameApp, Column: 35,
				Source: source(28, "// Greeting is the first line of the letter."+mark, "func (o *Order) Greeting() string {", "\tlines := len(o.Lines)",
					"\treturn fmt.Sprintf(\"Dear %s, %d\", o.Customer.Name, lines)", "}", ""),
				Args: []inspect.Variable{order}, Locals: []inspect.Variable{field("lines", "int", "2")}},
			{Location: at("main.(*server).order", "main.go", 64), Package: "main", Origin: inspect.FrameApp,
				Source: source(62, "\tid, _ := strconv.Atoi(r.PathValue(\"id\"))", "\to := s.orders[id]", "\tfmt.Fprintln(w, o.Greeting())", "}"),
				Locals: []inspect.Variable{field("id", "int", "217")}, Notes: []inspect.Note{{Key: "tenant" + mark, Value: "garden" + mark}}},
			{Location: at("net/http.HandlerFunc.ServeHTTP", "net/http/server.go", 2322), Package: "net/http", Origin: inspect.FrameStandard},
			{Location: at("net/http.(*ServeMux).ServeHTTP", "net/http/server.go", 2861), Package: "net/http", Origin: inspect.FrameStandard},
		},
		Changed: []inspect.ChangedLines{{File: "order.go" + mark, Lines: source(31, "\treturn fmt.Sprintf(\"Dear %s, %d\", o.Customer.Name, lines)"+mark)}},
		Raw:     mark,
	}
	return panel.Failure{
		ID: "4bf92f3577b34da6a3ce929d0e0e4736", Reason: panel.Panicked, Status: 500, State: inspect.StateRunning, Target: "./shop" + mark,
		Build: &inspect.Build{Number: 12, Result: inspect.BuildOK}, Trace: t,
		Request: &traceback.Request{Method: "GET" + mark, URL: "http://localhost:8080/orders/217?" + mark, Proto: "HTTP/1.1", Remote: "127.0.0.1:51234",
			Header: []inspect.Note{{Key: "Accept" + mark, Value: "text/html" + mark}, {Key: "Cookie", Value: "••••••"}}, Form: []inspect.Note{{Key: "note" + mark, Value: mark}}},
		Prints: []inspect.Output{{Stream: inspect.Stdout, Text: "loading order 217" + mark}, {Stream: inspect.Logged, Level: "INFO" + mark, Text: "order found" + mark,
			Attrs: []inspect.Note{{Key: "id" + mark, Value: "217" + mark}}}},
		Spans: []inspect.Span{{Seq: 1, Kind: inspect.SpanSQL, Duration: inspect.Millis(2 * time.Millisecond), Caller: &inspect.Location{File: "order.go" + mark, Line: 12}, Error: mark,
			SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "SELECT * FROM orders WHERE id = ?" + mark, Args: []string{"217" + mark}, Rows: 1}},
			{Seq: 2, Kind: inspect.SpanCall, Duration: inspect.Millis(14 * time.Millisecond), Call: &inspect.Call{Method: "GET" + mark, URL: "http://prices.test/217" + mark, Status: 200}}},
	}
}

// TestTraceForms: a failure of the program is told in the form that the client asks for.
func TestTraceForms(t *testing.T) {
	tests := []struct {
		name, accept, dest string
		kind               string
		want               []string
	}{
		{"a browser", "text/html,application/xhtml+xml,*/*;q=0.8", "document", "text/html; charset=utf-8",
			[]string{"<!doctype html>", "o.Customer is nil", `src="/_pastedev/trace.js?`, "217", "loading order 217", "SELECT * FROM orders", "http://127.0.0.1:9/#/traces/7", "vscode://file/src/shop/order.go:31:35"}},
		{"a script of a page", "*/*", "empty", "application/problem+json", []string{`"title": "nil pointer dereference: o.Customer is nil"`, `"code": "E-k7m2x"`, `"status": 500`}},
		{"an agent", "text/markdown", "", "text/markdown; charset=utf-8", []string{"# nil pointer dereference", "order.go:31", "SELECT"}},
		{"curl", "*/*", "", "text/plain; charset=utf-8", []string{"E-k7m2x", "order.go:31"}},
	}
	h := panel.New(panel.Config{Status: func() inspect.Status { return inspect.Status{ControlURL: "http://127.0.0.1:9/#token=secret"} }, Secret: []byte("fixed")})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/orders/217", nil)
			r.Header.Set("Accept", tt.accept)
			r.Header.Set("Sec-Fetch-Dest", tt.dest)
			w := httptest.NewRecorder()
			h.ServeFailure(w, r, panicked(""))
			res, body := w.Result(), w.Body.String()
			if res.StatusCode != 500 || res.Header.Get("Content-Type") != tt.kind || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("status %d, header %v", res.StatusCode, res.Header)
			}
			for _, s := range tt.want {
				if !strings.Contains(body, s) {
					t.Errorf("lacks %q:\n%s", s, body)
				}
			}
			if strings.Contains(body, "secret") {
				t.Errorf("tells the control token:\n%s", body)
			}
		})
	}
}
