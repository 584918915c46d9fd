package query

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

var now = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)

func cart() *inspect.Exchange {
	return &inspect.Exchange{
		Summary: inspect.Summary{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Kind: inspect.KindHTTP, Method: "POST",
			URL: "http://Shop.localhost:8080/cart/add?item=7&q=a+b", Host: "Shop.localhost:8080", Path: "/cart/add",
			Proto: "HTTP/1.1", Status: 502, Start: now.Add(-3 * time.Minute), Duration: inspect.Millis(250 * time.Millisecond),
			RequestSize: 40, ResponseSize: 2 << 20, ContentType: "application/problem+json; charset=utf-8",
			Client: "127.0.0.1:40000", Build: 12, Page: "00f067aa0ba902b7", ReplayOf: "aa", Parent: "00f067aa0ba902b8", Mount: "/api", Subs: 1, Error: "connection refused",
			Sums:    inspect.Sums{Logs: 2, SQL: 12, SQLTime: inspect.Millis(60 * time.Millisecond), Calls: 1, Errors: 1, Programs: 1, Nodes: 40},
			Verdict: "+38 ms in loadCart, 12 more SELECTs"},
		Request: inspect.Message{Header: inspect.Header{"Accept": {"text/html", "*/*"}, "X-Trace": {"Abc"}},
			Body: inspect.Body{Size: 40, Data: []byte("item=7&card=4111 1111")}},
		Response: inspect.Message{Header: inspect.Header{"Location": {"/Login"}}, Body: inspect.Body{Data: []byte(`{"title":"Bad Gateway"}`)}},
		Logs: []inspect.Output{{Text: "paying \x1b[31mwith\x1b[0m a card", Stream: inspect.Stdout},
			{Text: "declined", Stream: inspect.Logged, Level: "ERROR+2", Attrs: []inspect.Note{{Key: "bank", Value: "Acme Trust"}}}},
		Spans: []inspect.Span{{Kind: inspect.SpanSQL, SQL: &inspect.SQL{Op: inspect.SQLBegin}},
			{Kind: inspect.SpanSQL, SQL: &inspect.SQL{Op: inspect.SQLExec, Statement: "UPDATE Orders SET paid = ?"}},
			{Kind: inspect.SpanCall, Call: &inspect.Call{Method: "POST", URL: "http://bank.test/pay"}}},
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		query string
		want  bool
		reads bool // headers or bodies are needed
	}{
		{"", true, false},
		{"status:5xx", true, false},
		{"status:502", true, false},
		{"status:404,502", true, false},
		{"status:400-499", false, false},
		{"status>=500 status<600", true, false},
		{"status:>=500", true, false},
		{"status!=502", false, false},
		{"STATUS:5XX", true, false},
		{"code:502", true, false},
		{"method:post", true, false},
		{"method:GET,POST", true, false},
		{"method!=GET", true, false},
		{"method:P*", true, false},
		{"path:/cart*", true, false},
		{"path:/cart", true, false},
		{"path:*/cart", false, false},
		{"path:/c?rt/*", true, false},
		{"path=/cart", false, false},
		{"path=/cart/add", true, false},
		{"path!=/cart/add", false, false},
		{`path~^/cart/\w+$`, true, false},
		{"url:item=7", true, false},
		{"url:ITEM=7", true, false},
		{"host:shop.localhost", true, false},
		{"host:shop.localhost:8080", true, false},
		{"type:json", true, false},
		{"type:js", false, false},
		{"type:problem", true, false},
		{"dur>200ms", true, false},
		{"dur>200", true, false},
		{"dur>0.2s", true, false},
		{"dur<0.25s", false, false},
		{"dur=250ms", true, false},
		{"duration>=250ms", true, false},
		{"size>1mb", true, false},
		{"size=2MiB", true, false},
		{"size>2mb", false, false},
		{"reqsize:40", true, false},
		{"build:12", true, false},
		{"build>12", false, false},
		{"since:5m", true, false},
		{"since:2m", false, false},
		{"since:14:56", true, false},
		{"before:14:56", false, false},
		{"since:2026-03-04", true, false},
		{"before:2026-03-04T14:58:00Z", true, false},
		{"id:4BF9", true, false},
		{"id:5", false, false},
		{"page:00f0", true, false},
		{"client:127.0.0.1", true, false},
		{"proto:http/1", true, false},
		{"kind:http", true, false},
		{"kind:websocket,tunnel", false, false},
		{"error", true, false},
		{"-error", false, false},
		{"error:refused", true, false},
		{"is:error has:error is:replay replay", true, false},
		{"is:slow", false, false},
		{"is:static", false, false},
		{"-static", true, false},
		{"inflight", false, false},
		{"has:body has:reqbody has:page has:build", true, false},
		{"has:trace has:sql has:calls has:logs", true, false},
		{"has:tree has:verdict is:slower slower", true, false},
		{"-slower", false, false},
		{"is:sub parent:00F0 mount:/api mount:/a*", true, false},
		{"sub", false, false}, // a word to look for
		{"parent:4bf9", false, false},
		{"mount:/", false, false}, // not all of them
		{"mount:/ap", false, false},
		{"mount!=/api OR mount~^/x", false, false},
		{"has:children has:process", true, false},
		{`verdict:loadcart verdict:"more selects" verdict!=x`, true, false},
		{"verdict:checkout", false, false},
		{`verdict~^\+\d+.ms`, true, false},
		{"sql>10", true, false},
		{"sql>12", false, false},
		{"sqltime>50ms", true, false},
		{"sqltime>60", false, false},
		{"calls>2", false, false},
		{"calls:1 logs:2 errors>0", true, false},
		{`out:"with a card"`, true, true},
		{"out:acme", true, true},
		{"out:bank", false, true}, // the key of an attribute is no text
		{"out~^declined$", true, true},
		{"out!=declined", false, true},
		{"out!=accepted", true, true},
		{"out:card logs>9", false, false},
		{"level:error", true, true},
		{"level=ERROR", false, true},
		{"level:warn", false, true},
		{"statement:orders", true, true},
		{`statement:"update*paid*"`, false, true}, // quoted: no pattern
		{"statement:update*", true, true},
		{"statement:bank", false, true},
		{"cart", true, false},
		{"CART/ADD", true, false},
		{"-nothing", true, false},
		{`"error"`, false, false},
		{"http://shop.localhost:8080/", true, false},
		{"/cart/add?item=7", true, false},
		{"status:404 OR cart", true, false},
		{"status:404 OR method:GET OR nothing", false, false},
		{"status:404 cart OR error", true, false},
		{"status:404 (cart OR error)", false, false},
		{"NOT (status:404 OR method:GET)", true, false},
		{"NOT NOT cart AND -(-(cart))", true, false},
		{"cart or", false, false}, // small letters: a word
		{"header.x-trace:abc", true, true},
		{"header.x-trace=Abc", true, true},
		{"header.x-trace!=Abc", false, true},
		{"header.x-none!=Abc", true, true},
		{"header.x-trace:*", true, true},
		{"header.x-none:*", false, true},
		{"req.header.accept:html", true, true},
		{"res.header.accept:html", false, true},
		{"resp.header.location:login", true, true},
		{`body~"card=\d{4} \d+"`, true, true},
		{`body:"bad gateway"`, true, true},
		{`req.body:"bad gateway"`, false, true},
		{`res.body~(?i)bad`, false, true},
		{`body:*`, true, true},
		{"body:x status:404", false, false}, // settled by the summary
		{"body:x OR status:502", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			if strings.HasPrefix(tt.query, "res.body~(?i)") { // an unquoted parenthesis groups
				if _, err := Parse(tt.query, now); err == nil {
					t.Error("parsed")
				}
				return
			}
			q, err := Parse(tt.query, now)
			if err != nil {
				t.Fatal(err)
			}
			ex, loads := cart(), 0
			got := q.Match(&ex.Summary, func() *inspect.Exchange { loads++; return ex })
			if got != tt.want || (loads > 0) != tt.reads || loads > 1 {
				t.Errorf("%s: match %v, loads %d; want %v, %v", q, got, loads, tt.want, tt.reads)
			}
			again, err := Parse(q.String(), now)
			if err != nil || again.String() != q.String() {
				t.Errorf("%q reads back as %q, %v", q, again, err)
			}
			if again.Match(&ex.Summary, func() *inspect.Exchange { return ex }) != got {
				t.Errorf("%q does not mean the same as its source", q)
			}
			q.Match(&ex.Summary, func() *inspect.Exchange { return nil })
		})
	}
}

func TestDecoder(t *testing.T) {
	q, err := Parse("body:plain -body:coded", now)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	q = q.WithDecoder(func(h inspect.Header, b inspect.Body) []byte {
		calls++
		if h.Get("Content-Encoding") != "x" {
			return nil
		}
		return []byte("plain text")
	})
	ex := &inspect.Exchange{Response: inspect.Message{Header: inspect.Header{"Content-Encoding": {"x"}}, Body: inspect.Body{Data: []byte("coded")}}}
	if !q.Match(&ex.Summary, func() *inspect.Exchange { return ex }) || calls != 1 {
		t.Errorf("no match, or decoded %d times", calls)
	}
}

func TestStatic(t *testing.T) {
	tests := []struct {
		s    inspect.Summary
		want bool
	}{
		{inspect.Summary{Kind: "http", Method: "GET", Path: "/x", ContentType: "text/css; charset=utf-8"}, true},
		{inspect.Summary{Kind: "http", Method: "GET", Path: "/logo.png", Status: 304}, true},
		{inspect.Summary{Kind: "http", Method: "GET", Path: "/logo.png", Status: 404, ContentType: "text/html"}, true},
		{inspect.Summary{Kind: "http", Method: "GET", Path: "/app.js", Status: 200, ContentType: "text/html"}, false},
		{inspect.Summary{Kind: "http", Method: "POST", Path: "/logo.png"}, false},
		{inspect.Summary{Kind: "http", Method: "GET", Path: "/", ContentType: "font/woff2;;"}, true},
	}
	for _, tt := range tests {
		if got := isStatic(&tt.s); got != tt.want {
			t.Errorf("%+v: %v", tt.s, got)
		}
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		query string
		want  Error
	}{
		{"staus:404", Error{0, 5, `unknown field "staus"`, "status"}},
		{"a -mehtod:GET", Error{3, 6, `unknown field "mehtod"`, "method"}},
		{"localhost:8080", Error{0, 14, `unknown field "localhost"`, `"localhost:8080"`}},
		{"header:x", Error{0, 6, "header needs the name of a header field", "header.x"}},
		{"req.header.:x", Error{0, 11, "req.header. needs the name of a header field", "req.header.x"}},
		{"status:wat", Error{7, 3, `status is a number such as 404, a class such as 5xx or a range such as 400-499, not "wat"`, ""}},
		{"status>4xx", Error{7, 3, `status is a number, not "4xx"`, ""}},
		{"dur>soon", Error{4, 4, `dur takes a duration such as 200ms or 1.5s, not "soon"`, ""}},
		{"dur>", Error{4, 0, `dur takes a duration such as 200ms or 1.5s, not ""`, ""}},
		{"dur~1", Error{4, 1, "dur is a number and has no text to match", ""}},
		{"size>1tb", Error{5, 3, `size takes a size such as 512, 20kb or 1mb, not "1tb"`, ""}},
		{"path:", Error{5, 0, "path: needs a value", ""}},
		{"path>x", Error{5, 1, "path is text and cannot be compared with >", ""}},
		{"path~[", Error{5, 1, "regular expression: missing closing ]: `[`", ""}},
		{`body="x"`, Error{5, 3, "body is searched with : or ~, not with =", ""}},
		{"is:eror", Error{3, 4, "is:eror is unknown, not one of error, inflight, replay, slow, slower, static, sub", "error"}},
		{"has:nothing", Error{4, 7, "has:nothing is unknown, not one of body, build, calls, children, error, html, logs, page, process, reqbody, sql, trace, tree, verdict", ""}},
		{"kind:websockets", Error{5, 10, `unknown kind "websockets", not one of http, websocket, upgrade, tunnel`, "websocket"}},
		{"since>5m", Error{6, 2, "since is written with a colon", ""}},
		{"since:yesterday", Error{6, 9, `since takes an age such as 5m, 2h or 3d, a time such as 14:30, or a date such as 2006-01-02T15:04, not "yesterday"`, ""}},
		{"id:xyz", Error{3, 3, `id is hexadecimal digits, not "xyz"`, ""}},
		{"(a", Error{0, 1, "a ( without its )", ""}},
		{"(", Error{0, 1, "a ( without its )", ""}},
		{"a)", Error{1, 1, "a ) without its (", ""}},
		{")", Error{0, 1, "a ) without its (", ""}},
		{"()", Error{0, 2, "nothing between the parentheses", ""}},
		{`a "b`, Error{2, 2, `a " without its end`, ""}},
		{`""`, Error{0, 2, "an empty word", ""}},
		{"a OR", Error{2, 2, "nothing follows OR", ""}},
		{"a AND", Error{2, 3, "nothing follows AND", ""}},
		{"OR a", Error{0, 2, "nothing stands before OR", `"OR"`}},
		{"a OR OR b", Error{5, 2, "nothing stands before OR", `"OR"`}},
		{"NOT", Error{0, 3, "nothing to negate", ""}},
		{"a - b", Error{2, 1, "nothing to negate", ""}},
		{strings.Repeat("(", 100), Error{65, 1, "more than 64 levels of parentheses and NOT", ""}},
		{strings.Repeat("a", 5000), Error{4096, 904, "query is longer than 4096 characters", ""}},
		{"a \xff", Error{2, 0, "query is not UTF-8", ""}},
	}
	for _, tt := range tests {
		_, err := Parse(tt.query, now)
		got, ok := err.(*Error)
		if !ok {
			t.Errorf("%q: %v", tt.query, err)
			continue
		}
		if d := cmp.Diff(tt.want, *got); d != "" {
			t.Errorf("%q: -want +got\n%s", tt.query, d)
		}
	}
}

func TestCaret(t *testing.T) {
	text := "é\tstaus:404"
	_, err := Parse(text, now)
	want := "é staus:404\n  ^^^^^"
	if got := err.(*Error).Caret(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s := err.Error(); !strings.Contains(s, "did you mean status?") {
		t.Error(s)
	}
	(&Error{Pos: 99, Len: -1}).Caret("x") // does not panic
}

// What has no logs and no SQL is not read for them.
func TestNothingInside(t *testing.T) {
	for text, want := range map[string]bool{"out:x": false, "out!=x": true, "level:error": false, "statement:select": false, "has:trace OR has:sql OR has:logs OR has:calls OR has:tree": false} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		ex := cart()
		ex.Sums = inspect.Sums{}
		got := q.Match(&ex.Summary, func() *inspect.Exchange { t.Errorf("%s: read", text); return ex })
		if got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Every example in the help is a query.
func TestFields(t *testing.T) {
	for _, f := range Fields() {
		if f.Help == "" || !strings.HasPrefix(f.Example, f.Name) {
			t.Errorf("%+v", f)
		}
		if _, err := Parse(f.Example, now); err != nil {
			t.Errorf("%s: %v", f.Example, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"status:5xx OR -(path:/a* b)", `body~"\"\\d" -static`, "dur>1.5s size<2mb", "NOT NOT a", `x"y"z`, "-\"a b\"",
		"header.x-y:*", "since:14:30", "a AND (b OR c) d", `path:a\b`, "OR", "status:400-499,5xx", `out:"a b" level!=info sqltime>1.5s`, "-statement~(x) has:sql"} {
		f.Add(s)
	}
	ex := cart()
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text, now)
		if err != nil {
			e, ok := err.(*Error)
			if !ok || e.Pos < 0 || e.Len < 0 || e.Pos+e.Len > len(text) {
				t.Fatalf("%q: %#v", text, err)
			}
			e.Caret(text)
			return
		}
		load := func() *inspect.Exchange { return ex }
		got := q.Match(&ex.Summary, load)
		s := q.String()
		if len(s) > maxLength || strings.Count(s, "(")+strings.Count(s, "-") > maxDepth {
			return // the plain form may be longer than the original
		}
		again, err := Parse(s, now)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, s, err)
		}
		if again.String() != s || again.Match(&ex.Summary, load) != got {
			t.Fatalf("%q became %q and then %q", text, s, again)
		}
	})
}

// BenchmarkMatch100k matches one query against 100,000 summaries.
func BenchmarkMatch100k(b *testing.B) {
	sums := make([]*inspect.Summary, 100_000)
	for i := range sums {
		s := cart().Summary
		s.Status = 200 + i%400
		sums[i] = &s
	}
	for _, text := range []string{"status:5xx path:/cart* dur>200ms -static", "nothing OR method:GET", `url~"item=\d+$" since:5m`} {
		b.Run(text, func(b *testing.B) {
			q, err := Parse(text, now)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, s := range sums {
					q.Match(s, nil)
				}
			}
		})
	}
}
