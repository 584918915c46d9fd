package traceback

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/inspect"
)

var pageFile = flag.String("page", "", "write the sample error page to this file")

// samplePage is a page with everything on it.
func samplePage() PageData {
	src := func(first int, lines ...string) []inspect.SourceLine {
		var out []inspect.SourceLine
		for i, l := range lines {
			out = append(out, inspect.SourceLine{Number: first + i, Text: l})
		}
		return out
	}
	loc := func(fn, file string, line int) inspect.Location {
		return inspect.Location{Function: fn, File: file, Path: file, Line: line}
	}
	user := inspect.Variable{Name: "u", Type: "*shop.User", Value: "nil"}
	items := inspect.Variable{Name: "items", Type: "map[string]int", Value: "map[string]int len 3", Len: 3, Children: []inspect.Variable{
		{Name: `"tea"`, Type: "int", Value: "2"}, {Name: `"milk"`, Type: "int", Value: "1"}, {Name: `"sugar"`, Type: "int", Value: "12"}}}
	cart := inspect.Variable{Name: "c", Type: "*shop.Cart", Value: "*shop.Cart {…}", Children: []inspect.Variable{
		{Name: "ID", Type: "string", Value: `"c-7731"`, Len: 6}, items, {Name: "Owner", Type: "*shop.User", Value: "nil"},
		{Name: "Tags", Type: "[]string", Value: "[]string len 240 cap 256", Len: 240, More: true, Children: []inspect.Variable{{Name: "0", Type: "string", Value: `"new"`}}}}}
	t := inspect.Trace{
		Count: 3, Kind: inspect.TracePanic, Language: "go", Time: time.Date(2026, 11, 23, 12, 30, 1, 0, time.UTC), Build: 12,
		Type: "runtime.Error", Message: "runtime error: invalid memory address or nil pointer dereference", Goroutine: 34,
		Causes: []inspect.Cause{{Type: "*fmt.wrapError", Message: "load user 17: sql: no rows in result set"}, {Type: "*errors.errorString", Message: "sql: no rows in result set"}},
		Pause:  inspect.Millis(84 * time.Millisecond),
		Frames: []inspect.Frame{
			{Location: loc("example.com/shop/cart.(*Cart).Greeting", "/home/ann/shop/cart/cart.go", 41), Args: []inspect.Variable{cart},
				Locals: []inspect.Variable{user, {Name: "total", Type: "float64", Value: "38.5"}, {Name: "first", Type: "bool", Value: "true"}, {Name: "buf", Type: "[]byte", Unreadable: "optimized away"}},
				Source: src(35, "// Greeting is the line above the cart.", "func (c *Cart) Greeting() string {", "\ttotal, first := c.Total(), c.ID != \"\"", "\tu := c.Owner", "\tif first && total > 20 {", "\t\t// A free delivery deserves a name.", "\t\treturn \"Hello \" + u.Name + \", delivery is free\"", "\t}", "\treturn fmt.Sprintf(\"%d items\", len(c.Items))", "}")},
			{Location: loc("example.com/shop.(*Server).showCart", "/home/ann/shop/server.go", 88), Source: src(86, "\tc, err := s.load(r)", "\tif err == nil {", "\t\tio.WriteString(w, c.Greeting())", "\t}"), Notes: []inspect.Note{{Key: "cart", Value: "c-7731"}}, Locals: []inspect.Variable{cart}},
			{Location: loc("github.com/go-chi/chi/v5.(*Mux).routeHTTP", "/home/ann/go/pkg/mod/github.com/go-chi/chi/v5@v5.5.0/mux.go", 491)},
			{Location: loc("net/http.HandlerFunc.ServeHTTP", "/usr/local/go/src/net/http/server.go", 2286), Source: src(2285, "func (f HandlerFunc) ServeHTTP(w ResponseWriter, r *Request) {", "\tf(w, r)", "}")},
			{Location: loc("example.com/shop.logging.func1", "/home/ann/shop/log.go", 19), Source: src(18, "\t\tstart := time.Now()", "\t\tnext.ServeHTTP(w, r)")},
			{Location: loc("net/http.serverHandler.ServeHTTP", "/usr/local/go/src/net/http/server.go", 3311)},
			{Location: loc("net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", 2067)},
		},
		CreatedBy: &inspect.Frame{Location: loc("net/http.(*Server).Serve", "/usr/local/go/src/net/http/server.go", 3464)},
		Changed:   []inspect.ChangedLines{{File: "cart/cart.go", Lines: src(41, "\t\treturn \"Hello \" + u.Name + \", delivery is free\"")}},
	}
	Finish(&t, testRoots, "u is nil")
	sql := func(seq int64, st string, ms int) inspect.Span {
		return inspect.Span{Seq: seq, Kind: inspect.SpanSQL, Duration: inspect.Millis(ms) * inspect.Millis(time.Millisecond), SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: st, Args: []string{"17"}}, Caller: &inspect.Location{File: "store.go", Line: 31}}
	}
	failed := sql(3, "SELECT name FROM users WHERE id = ?", 1)
	failed.Error = "sql: no rows in result set"
	return PageData{
		Report: Report{
			Trace: t,
			Request: &Request{Method: "GET", URL: "http://localhost:8080/cart/c-7731?ref=mail", Proto: "HTTP/1.1", Remote: "127.0.0.1:50112",
				Header: []inspect.Note{{Key: "Accept", Value: "text/html"}, {Key: "Cookie", Value: "••••••"}, {Key: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64)"}}},
			Prints: []inspect.Output{{Stream: inspect.Stdout, Text: "loading cart c-7731"}, {Stream: inspect.Stderr, Level: "WARN", Text: "user 17 has no row"}},
			Spans:  []inspect.Span{sql(1, "SELECT * FROM carts WHERE id = ?", 2), sql(2, "SELECT * FROM carts WHERE id = ?", 2), failed},
		},
		Editor:    func(path string, line, col int) string { return fmt.Sprintf("vscode://file%s:%d:%d", path, line, col) },
		Replay:    Link{"http://localhost:9000/replay", "Replay"},
		Inspector: Link{"http://localhost:9000/", "Open in the inspector"},
		Nonce:     "abc",
	}
}

func TestPageShows(t *testing.T) {
	page := HTML(samplePage())
	if *pageFile != "" {
		if err := os.WriteFile(*pageFile, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := visible(t, page)
	for _, want := range []string{
		"nil pointer dereference: u is nil", "E-", "seen 3 times", "build 12", "goroutine 34",
		"cart.(*Cart).Greeting", `return "Hello " + u.Name`, "*shop.User", "optimized away", "239 more",
		"2 frames of", "load user 17", "loading cart c-7731", "SELECT name FROM users", "×2", "Replay",
		"Changed since it last worked", "stood still for 84.0 ms",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if !bytes.Contains(page, []byte(`href="vscode://file/home/ann/shop/cart/cart.go:41:0"`)) {
		t.Error("no editor link")
	}
	if bytes.Contains(page, []byte("<script")) {
		t.Error("a script without a ScriptURL")
	}
}

// visible is the text of a page, and proof that it parses.
func visible(t *testing.T, page []byte) string {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "script" {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// TestPageEscapes puts markup into every string that a program or a client chooses.
func TestPageEscapes(t *testing.T) {
	for _, evil := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</pre></style><b>`, "\x1b]8;;http://evil\x07x", "--><svg onload=x>"} {
		loc := inspect.Location{Function: evil, File: evil, Path: "/" + evil, Line: 1}
		v := inspect.Variable{Name: evil, Type: evil, Value: evil, Children: []inspect.Variable{{Name: evil, Value: evil, Unreadable: evil}}}
		f := inspect.Frame{Location: loc, Package: evil, Origin: inspect.FrameApp, Source: []inspect.SourceLine{{Number: 1, Text: evil}}, Args: []inspect.Variable{v}, Locals: []inspect.Variable{v}, Notes: []inspect.Note{{Key: evil, Value: evil}}}
		other := f
		other.Origin = inspect.FrameDependency
		d := PageData{
			Report: Report{
				Trace: inspect.Trace{Code: evil, Headline: evil, Type: evil, Message: evil + evil, Hints: []string{evil}, Language: "go", NoLocals: evil, Raw: evil,
					Causes: []inspect.Cause{{Type: evil, Message: evil, Causes: []inspect.Cause{{Message: evil}}}}, Frames: []inspect.Frame{f, other}, CreatedBy: &f,
					Changed: []inspect.ChangedLines{{File: evil, Lines: f.Source}}},
				Request:  &Request{Method: evil, URL: evil, Proto: evil, Remote: evil, Header: f.Notes, Form: f.Notes},
				Prints:   []inspect.Output{{Stream: inspect.Stream(evil), Level: evil, Text: evil}},
				Spans:    []inspect.Span{{Error: evil, SQL: &inspect.SQL{Statement: evil, Args: []string{evil}}, Caller: &loc}},
				Sections: []Section{{Title: evil, Rows: f.Notes}}, Notices: []string{evil},
			},
			Editor: func(path string, _, _ int) string { return "javascript:" + path },
			Replay: Link{"javascript:alert(1)", evil}, Inspector: Link{evil, evil},
		}
		page := HTML(d)
		doc, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "link":
				if attr := n.Attr; len(attr) != 2 || attr[0].Val != "icon" || attr[1].Val != "data:," { // ours, which keeps browsers from asking for one
					t.Errorf("%q became a link", evil)
				}
			case "script", "img", "svg", "iframe", "object":
				t.Errorf("%q became the element %s", evil, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%q became the attribute %s=%q", evil, a.Key, a.Val)
				}
			}
		}
		if bytes.ContainsRune(page, 0x1b) {
			t.Errorf("an escape character of %q is in the page", evil)
		}
	}
}

// TestPagePolicy: the headers forbid everything that is not on the page, and the page
// asks for nothing from elsewhere.
func TestPagePolicy(t *testing.T) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Set-Cookie", "a=b")
	d := samplePage()
	d.Nonce = ""
	d.EvalURL, d.ScriptURL = "http://127.0.0.1:9000/api/v1/eval", "http://127.0.0.1:9000/page.js"
	Page(rec, d)
	csp := rec.Header().Get("Content-Security-Policy")
	nonce := regexp.MustCompile(`style-src 'nonce-([^']+)'`).FindStringSubmatch(csp)
	if nonce == nil || len(nonce[1]) < 20 {
		t.Fatalf("no nonce in %q", csp)
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "connect-src 'self' http://127.0.0.1:9000"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%q is missing in %q", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("unsafe in %q", csp)
	}
	if rec.Code != http.StatusInternalServerError || rec.Header().Get("Set-Cookie") != "" || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("status %d, header %v", rec.Code, rec.Header())
	}
	body := rec.Body.String()
	if !strings.Contains(body, `<style nonce="`+nonce[1]+`">`) || !strings.Contains(body, `class="eval"`) {
		t.Error("the style has another nonce, or there is no eval form")
	}
	if strings.Contains(pageStyle, "url(") || strings.Contains(pageStyle, "@import") || strings.Contains(body, " style=") {
		t.Error("the page loads something, or has inline styles that its policy forbids")
	}
	for _, u := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if p, err := url.Parse(u[1]); err != nil || p.Scheme == "" {
			t.Errorf("an address that is not whole: %q", u[1])
		}
	}
}

func TestForms(t *testing.T) {
	d := samplePage()
	text := Text(d.Trace, TextOptions{})
	if !strings.Contains(text, "    2 frames of chi/v5, net/http\n") || strings.Contains(text, "routeHTTP") {
		t.Errorf("frames that are not the app's are not folded:\n%s", text)
	}
	if all := Text(d.Trace, TextOptions{AllFrames: true, Source: true}); !strings.Contains(all, "routeHTTP") || !strings.Contains(all, ">    41  ") {
		t.Errorf("all frames with source:\n%s", all)
	}
	md := Markdown(&d.Report)
	for _, want := range []string{"# nil pointer dereference: u is nil\n", "- location: `cart/cart.go:41`", "- request: `GET http://localhost:8080/cart/c-7731?ref=mail`", "```go\n", "- `u *shop.User = nil`", "## Printed", "## Changed", "  - `Owner *shop.User = nil`"} {
		if !strings.Contains(md, want) {
			t.Errorf("Markdown lacks %q:\n%s", want, md)
		}
	}
}

// TestPageBounded: a value that is wider and deeper than anyone reads makes no endless page.
func TestPageBounded(t *testing.T) {
	wide := inspect.Variable{Name: "v", Value: strings.Repeat("x", 10_000)}
	for range 6 {
		v := inspect.Variable{Name: "v", Value: "{…}"}
		for range 30 {
			v.Children = append(v.Children, wide)
		}
		wide = v
	}
	d := samplePage()
	for range 100 {
		d.Trace.Frames = append(d.Trace.Frames, inspect.Frame{Location: inspect.Location{Function: "main.f", File: "a.go", Line: 1}, Origin: inspect.FrameApp, Locals: []inspect.Variable{wide}})
	}
	if n := len(HTML(d)); n > 8<<20 {
		t.Errorf("the page has %d bytes", n)
	}
	if n := len(Markdown(&d.Report)); n > maxMarkdown+100 {
		t.Errorf("the Markdown form has %d bytes", n)
	}
}

// FuzzForms gives every form the same hostile text.
func FuzzForms(f *testing.F) {
	f.Add("x\x1b[31m`````y", "<b>", "/a.go")
	f.Add("# *a*\n```\n", "\u202e", "C:\\a.js")
	f.Fuzz(func(t *testing.T, msg, fn, file string) {
		tr := inspect.Trace{Language: "go", Message: msg, Type: fn, Raw: msg, Frames: []inspect.Frame{{Location: inspect.Location{Function: fn, File: file, Path: file, Line: 2}, Column: 2,
			Source: []inspect.SourceLine{{Number: 2, Text: msg}}, Locals: []inspect.Variable{{Name: fn, Value: msg}}}}}
		Finish(&tr, testRoots, fn)
		r := Report{Trace: tr, Prints: []inspect.Output{{Text: msg}}, Request: &Request{Method: fn, URL: msg}}
		for _, out := range []string{Text(tr, TextOptions{AllFrames: true, Source: true, Raw: true}), Markdown(&r)} {
			if plain(out) != out {
				t.Errorf("control characters in %q", out)
			}
		}
		page := HTML(PageData{Report: r, Nonce: "n"})
		if plain(string(page)) != string(page) {
			t.Error("control characters in the page")
		}
	})
}
