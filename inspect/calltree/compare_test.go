package calltree

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// clock gives exchanges their order.
var clock atomic.Int64

// exchange returns a request to build with this tree, or for this long, that ran
// statements.
func exchange(tb testing.TB, build int, path, tree string, statements ...string) *inspect.Exchange {
	tb.Helper()
	ex := &inspect.Exchange{ResponseFrom: inspect.FromTarget}
	ex.Start = time.Unix(clock.Add(100), 0) // after all that were made before
	ex.ID, ex.Kind, ex.Method, ex.Path, ex.Status, ex.Build = inspect.NewID(), inspect.KindHTTP, "GET", path, 200, build
	if d, err := time.ParseDuration(tree); err == nil {
		ex.Timing.Wait = inspect.Millis(d)
	} else {
		ex.CallTree = parse(tb, tree)
	}
	for _, s := range statements {
		ex.Spans = append(ex.Spans, inspect.Span{Kind: inspect.SpanSQL, Duration: inspect.Millis(2e6), SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: s}})
	}
	return ex
}

const quick = `
handler h 20ms
  func m/shop.cart 18ms
    func m/shop.loadCart 10ms
      sql query_SELECT_1 8ms
    func m/shop.render 6ms
`

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		name, before, after string
		beforeSQL, afterSQL []string
		want                string
	}{
		{"the same", quick, quick, nil, nil, ""},
		{"noise below 5 ms", "handler h 2ms", "handler h 6ms", nil, nil, ""},
		{"noise below a fifth", "handler h 100ms", "handler h 119ms", nil, nil, ""},
		{"more statements alone are no news", quick, quick, nil, []string{"SELECT 1"}, ""},
		{"n+1", quick, `
handler h 58ms
  func m/shop.cart 56ms
    func m/shop.loadCart 48ms
      sql query_SELECT_1 46ms x13
    func m/shop.render 6ms
`, []string{"SELECT 1"}, append(slices.Repeat([]string{"select name\n from items where id=17"}, 12), "SELECT 1"), "+38 ms in loadCart (SQL), 12 more SELECTs"},
		{"own time", quick, `
handler h 27.25ms
  func m/shop.cart 25ms
    func m/shop.loadCart 10ms
    func m/shop.render 13ms
`, []string{"DELETE FROM a", "SELECT 1"}, []string{"SELECT 2"}, "+7.0 ms in render, 1 fewer DELETE"},
		{"a wait", quick, `
handler h 70ms
  func m/shop.cart 68ms
    func m/shop.loadCart 10ms
    func m/shop.render 56ms
      wait sync.Mutex.Lock 50ms
`, nil, nil, "+50 ms in render (wait sync.Mutex.Lock)"},
		{"a function between", quick, `
handler h 60ms
  func m/shop.cart 58ms
    func m/shop.cached 51ms
      func m/shop.loadCart 50ms
    func m/shop.render 6ms
`, nil, nil, "+40 ms in loadCart"},
		{"another name", quick, `
handler h 60ms
  func m/shop.cart 58ms
    func m/shop.loadCart2 50ms
    func m/shop.render 6ms
`, nil, nil, "+40 ms in loadCart2"},
		{"a goroutine that is waited for", quick, `
handler h 120ms
  func m/shop.cart 118ms
    goroutine m/shop.cart.func1 110ms
      func m/shop.cart.func1 110ms
        func m/shop.fetch 109ms
          http GET_http://x/ 108ms
    wait sync.WaitGroup.Wait 109ms
`, nil, nil, "+100 ms in fetch (outgoing request)"},
		{"spread over many", quick, `
handler h 2.5s
  func m/shop.cart 2.4s
    func m/shop.loadCart 1200ms
    func m/shop.render 1199ms
`, nil, nil, "+2.4 s in cart"},
		{"nothing known of functions", "20ms", "58ms", nil, nil, "+38 ms"},
		{"the handler itself", "handler h 2ms", "handler other 20s", nil, nil, "+20 s in the handler"},
		{"recursion", "handler h 2ms\n  func m.walk 1ms", "handler h 42ms\n  func m.walk 41ms\n    func m.walk 40ms\n      func m.walk 39ms", nil, nil, "+40 ms in walk"},
		{"faster", "handler h 42ms\n  func m.walk 41ms", "handler h 2ms\n  func m.walk 1ms", nil, []string{"BEGIN IMMEDIATE"}, "-40 ms in walk, 1 more BEGIN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare(Of(exchange(t, 1, "/", tt.before, tt.beforeSQL...)), Of(exchange(t, 2, "/", tt.after, tt.afterSQL...)))
			if c.Verdict != tt.want {
				t.Errorf("got %q, want %q", c.Verdict, tt.want)
			}
			if c.Tree != nil {
				if err := Validate(c.Tree); err != nil || len(c.Delta) != len(c.Tree.Nodes) {
					t.Errorf("tree: %v, %d nodes, %d differences", err, len(c.Tree.Nodes), len(c.Delta))
				}
			}
		})
	}
}

func TestCompare(t *testing.T) {
	before := exchange(t, 6, "/cart", quick, "SELECT * FROM carts WHERE id = 17", "SELECT 1")
	after := exchange(t, 7, "/cart", `
handler GET_/cart 40ms
  func m/shop.cart 38ms
    func m/shop.loadCart 12ms x2
      sql query_SELECT_1 10ms
    func m/shop.price 20ms x40 @price.go:3
`, "SELECT * FROM carts\n WHERE id = 18", "UPDATE a SET b = 'it''s'", "UPDATE a SET b = 'x'")
	got := Compare(Of(before), Of(after))
	const ms = time.Millisecond
	price := inspect.CallFunction{Kind: inspect.CallFunc, Name: "m/shop.price", At: &inspect.Location{Function: "m/shop.price", File: "price.go", Line: 3}}
	want := inspect.Comparison{
		Before:  inspect.Compared{Exchange: before.ID, Route: "GET /cart", Build: 6, Count: 1, Wall: inspect.Millis(20 * ms)},
		After:   inspect.Compared{Exchange: after.ID, Route: "GET /cart", Build: 7, Count: 1, Wall: inspect.Millis(40 * ms)},
		Verdict: "+20 ms in price, 2 more UPDATEs, 1 fewer SELECT",
		Functions: []inspect.FunctionChange{
			{Function: price, Calls: [2]float64{0, 40}, Self: [2]float64{0, 20e6}, Total: [2]float64{0, 20e6}, Delta: 20 * ms},
			{Function: inspect.CallFunction{Kind: inspect.CallFunc, Name: "m/shop.render"}, Calls: [2]float64{1, 0}, Self: [2]float64{6e6, 0}, Total: [2]float64{6e6, 0}, Delta: -6 * ms},
			{Function: inspect.CallFunction{Kind: inspect.CallFunc, Name: "m/shop.cart"}, Calls: [2]float64{1, 1}, Self: [2]float64{2e6, 6e6}, Total: [2]float64{18e6, 38e6}, Delta: 4 * ms},
			{Function: inspect.CallFunction{Kind: inspect.CallSQL, Name: "query SELECT ?"}, Calls: [2]float64{1, 1}, Self: [2]float64{8e6, 10e6}, Total: [2]float64{8e6, 10e6}, Delta: 2 * ms},
			{Function: inspect.CallFunction{Kind: inspect.CallFunc, Name: "m/shop.loadCart"}, Calls: [2]float64{1, 2}, Self: [2]float64{2e6, 2e6}, Total: [2]float64{10e6, 12e6}},
		},
		SQL: []inspect.StatementChange{
			{Statement: "UPDATE a SET b = ?", Count: [2]float64{0, 2}, Time: [2]float64{0, 4e6}},
			{Statement: "SELECT ?", Count: [2]float64{1, 0}, Time: [2]float64{2e6, 0}},
		},
		Tree: &inspect.CallTree{
			Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "GET /cart"}, {Kind: inspect.CallFunc, Name: "m/shop.cart"},
				{Kind: inspect.CallFunc, Name: "m/shop.loadCart"}, {Kind: inspect.CallSQL, Name: "query SELECT ?"}, price, {Kind: inspect.CallFunc, Name: "m/shop.render"}},
			Nodes: []inspect.CallNode{{Parent: -1, Calls: 1, Total: 40 * ms}, {Parent: 0, Function: 1, Calls: 1, Total: 38 * ms}, {Parent: 1, Function: 2, Calls: 2, Total: 12 * ms},
				{Parent: 2, Function: 3, Calls: 1, Total: 10 * ms}, {Parent: 1, Function: 4, Calls: 40, Total: 20 * ms}, {Parent: 1, Function: 5}},
		},
		Delta: []time.Duration{0, 4 * ms, 0, 2 * ms, 20 * ms, -6 * ms},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMerge(t *testing.T) {
	a := parse(t, "handler h 10ms\n  func a 6ms x4\n    http GET_http://h:1/item/17?x=1 1ms\n  func b 2ms")
	b := parse(t, "handler g 20ms\n  func c 2ms\n  func a 10ms x2\n    http GET_http://h:1/item/18 3ms\n      wait net 1ms")
	want := parse(t, "handler h 15ms\n  func a 8ms x3\n    http GET_http://h:1/item/{} 2ms\n      wait net 500us\n  func b 1ms\n  func c 1ms")
	var text, wanted strings.Builder
	if err := Text(&text, Merge([]*inspect.CallTree{nil, a, {}, b}), 0); err != nil {
		t.Fatal(err)
	}
	Text(&wanted, want, 0)
	if diff := cmp.Diff(wanted.String(), text.String()); diff != "" {
		t.Error(diff)
	}
	if got := Merge([]*inspect.CallTree{nil}); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestMeanSpreadKeepsQuiet(t *testing.T) {
	var before []*inspect.Exchange
	for _, wall := range []string{"20ms", "70ms", "30ms", "60ms"} {
		before = append(before, exchange(t, 1, "/", wall))
	}
	s := Of(before...)
	if s.Wall != 45*time.Millisecond || s.Spread < 23*time.Millisecond || s.Spread > 24*time.Millisecond || s.Count != 4 || s.Exchange != "" {
		t.Errorf("mean %+v", s)
	}
	if c := Compare(s, Of(exchange(t, 2, "/", "85ms"))); c.Verdict != "" {
		t.Errorf("within the spread: %q", c.Verdict)
	}
	if c := Compare(s, Of(exchange(t, 2, "/", "95ms"))); c.Verdict != "+50 ms" {
		t.Errorf("beyond the spread: %q", c.Verdict)
	}
	if Slower(Side{}, Of(exchange(t, 2, "/", "95ms"))) || Slower(Of(), Of()) {
		t.Error("slower than nothing")
	}
}

func TestRoute(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "": "/", "/cart": "/cart", "/cart/17": "/cart/{}", "/cart/17/items/3/": "/cart/{}/items/{}/", "//x//": "//x//",
		"/u/550e8400-e29b-41d4-a716-446655440000": "/u/{}", "/u/550E8400E29B41D4A716446655440000": "/u/{}",
		"/commit/4bf92f3": "/commit/{}", "/day/2026-11-23": "/day/{}", "/assets/app.3f9a2c81.js": "/assets/app.{}.js",
		"/v1/list": "/v1/list", "/http2": "/http2", "/facade": "/facade", "/introduction-to-http2-and-http3-for-2026": "/introduction-to-http2-and-http3-for-2026",
		"/o/01ARZ3NDEKTSV4RRFFQ69G5FAV": "/o/{}", "/n/V1StGXR8_Z5jdHi6B-myT": "/n/{}", "/s/dGhpcyBpcyBhIHRlc3Q0": "/s/{}",
		"/%zz": "/%zz", "/getUserByName": "/getUserByName", "/é/17": "/é/{}", "/a\x1b[2J/b\n": "/a\uFFFD[2J/b",
	} {
		if got := Route("GET", path); got != "GET "+want {
			t.Errorf("Route(%q) = %q, want %q", path, got, "GET "+want)
		}
	}
	if got := Route("GET", "/"+strings.Repeat("é", 500)); len(got) > maxRoute+len("…") || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func FuzzRoute(f *testing.F) {
	for _, s := range []string{"/cart/17", "//", "/a.1.b", "é", "\x00\xff/1", "/550e8400-e29b-41d4-a716-446655440000"} {
		f.Add("GET", s, s)
	}
	f.Fuzz(func(t *testing.T, method, path, statement string) {
		route := Route(method, path)
		if len(route) > maxRoute+len("…") || strings.ContainsAny(route, "\n\r\x1b\x00") {
			t.Errorf("%q", route)
		}
		if n := normal(statement); len(n) > 3*maxStatement || strings.Count(n, "'") > 0 {
			t.Errorf("%q", n)
		}
		Short(path)
		Label(inspect.CallFunction{Kind: inspect.CallSQL, Name: statement})
	})
}

func TestNormal(t *testing.T) {
	for s, want := range map[string]string{
		"SELECT  *\n FROM a1 WHERE id = 17 AND b=-2.5e3": "SELECT * FROM a1 WHERE id = ? AND b=-?",
		"INSERT INTO t VALUES ('it''s', $1, :2, @p3)":    "INSERT INTO t VALUES (?, $1, :2, @p3)",
		`SELECT "1st" FROM x LIMIT 10`:                   `SELECT "1st" FROM x LIMIT ?`,
		"SELECT 'open":                                   "SELECT ?", "": "", "0x1F": "?",
	} {
		if got := normal(s); got != want {
			t.Errorf("normal(%q) = %q, want %q", s, got, want)
		}
	}
}

// FuzzCompare: two trees of any kind compare, and their differences add up.
func FuzzCompare(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(seed, seed+seed%2, uint16(seed*40), uint16(100))
	}
	f.Fuzz(func(t *testing.T, a, b uint64, na, nb uint16) {
		before, after := random(a, 1+int(na)%500, true), random(b, 1+int(nb)%500, true)
		c := Compare(Side{Count: 1, Tree: before, Wall: before.Nodes[0].Total}, Side{Count: 1, Tree: after, Wall: after.Nodes[0].Total})
		if err := Validate(c.Tree); err != nil {
			t.Fatal(err)
		}
		var sum, want time.Duration
		for _, d := range c.Delta {
			sum += d
		}
		for _, d := range Self(after) {
			want += d
		}
		for _, d := range Self(before) {
			want -= d
		}
		if sum != want {
			t.Errorf("differences add up to %d, not %d", sum, want)
		}
		if strings.ContainsAny(c.Verdict, "\n\x1b") || len(c.Verdict) > 600 {
			t.Errorf("verdict %q", c.Verdict)
		}
		if m := Merge([]*inspect.CallTree{before, after}); Validate(m) != nil {
			t.Error(Validate(m))
		}
	})
}
