package inject

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

var testTag = Tag{Src: "/_pastedev/panel.js?id=1&cap=2"}

// response returns a 200 of text/html with these header fields.
func response(body string, header ...string) *http.Response {
	res := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	if n, err := strconv.ParseInt(res.Header.Get("Content-Length"), 10, 64); err == nil {
		res.ContentLength = n
	}
	return res
}

func request(header ...string) *http.Request {
	req := httptest.NewRequest("GET", "http://localhost:8080/page", nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	return string(b)
}

// marked replaces the tag in an injected page, whose nonce is random, by "@".
func marked(page string) string {
	i := strings.Index(page, `<script src="/_pastedev/`)
	if i < 0 {
		return page
	}
	j := strings.Index(page[i:], "</script>")
	return page[:i] + "@" + page[i+j+len("</script>"):]
}

func TestPlace(t *testing.T) {
	long := strings.Repeat("x", window)
	tests := []struct{ name, page, want string }{
		{"plain", "<!doctype html><html><head><title>x</title>", "<!doctype html><html><head>@<title>x</title>"},
		{"upper case", "<!DOCTYPE HTML><HTML><HEAD><TITLE>", "<!DOCTYPE HTML><HTML><HEAD>@<TITLE>"},
		{"head attributes", `<!doctype html><html lang=en><head data-x="a>b" data-y='<head>' z>x`, `<!doctype html><html lang=en><head data-x="a>b" data-y='<head>' z>@x`},
		{"odd attribute", `<html><head ="a>b`, `<html><head ="a>@b`},
		{"slash in value", `<html><head a=b/>x`, `<html><head a=b/>@x`},
		{"quote in bare value", `<html><head a=b"c>x`, `<html><head a=b"c>@x`},
		{"byte order mark", "\xEF\xBB\xBF<!doctype html><head>", "\xEF\xBB\xBF<!doctype html><head>@"},
		{"comment before doctype", "<!-- <head> --><!doctype html>\n<head>", "<!-- <head> --><!doctype html>\n<head>@"},
		{"comments abrupt", "<!--><!---><!-- x --!><html><head>", "<!--><!---><!-- x --!><html><head>@"},
		{"comment after html", "<html><!-- <head> --><head>", "<html><!-- <head> --><head>@"},
		{"bogus comments", "<?xml version='1.0'?><!x></#><html></p><head>", "<?xml version='1.0'?><!x></#><html></p><head>@"},
		{"header is not head", "<!doctype html><header>", "<!doctype html>@<header>"},
		{"implied by title", "<!doctype html>\n<title>x</title>", "<!doctype html>\n@<title>x</title>"},
		{"implied by script", `<html><script>"</body><head>"</script>`, `<html>@<script>"</body><head>"</script>`},
		{"implied by body", "<html>\n<body class=x>", "<html>\n@<body class=x>"},
		{"body alone", "<body>x", "@<body>x"},
		{"implied by text", "<!doctype html> hello", "<!doctype html> @hello"},
		{"implied by end tag", "<html></head><body>", "<html>@</head><body>"},
		{"second html tag", "<html><html lang=en><head>", "<html><html lang=en><head>@"},
		{"body end in script", `<html><head><script>var s="</body>"</script></head><body></body>`, `<html><head>@<script>var s="</body>"</script></head><body></body>`},
		{"fragment", "<div>a</div>", "<div>a</div>"},
		{"fragment after comment", "<!-- x --><li>a", "<!-- x --><li>a"},
		{"text", "hello", "hello"},
		{"short", "hi", "hi"},
		{"utf-16", "<\x00!\x00d\x00o\x00", "<\x00!\x00d\x00o\x00"},
		{"utf-16 big endian", "\x00<\x00h\x00e\x00a\x00d\x00>", "\x00<\x00h\x00e\x00a\x00d\x00>"},
		{"utf-16 mark", "\xFF\xFE<\x00h\x00", "\xFF\xFE<\x00h\x00"},
		{"long comment", "<!doctype html><!--" + long[:window-40] + "--><head>", "<!doctype html><!--" + long[:window-40] + "--><head>@"},
		{"beyond the window", "<!doctype html><!--" + long + "--><head>", "<!doctype html><!--" + long + "--><head>"},
		{"unfinished tag", "<html><head x", "<html><head x"},
		{"doctype only", "<!doctype html>", "<!doctype html>"},
	}
	for _, tt := range tests {
		for _, length := range []bool{true, false} {
			for _, chunked := range []bool{true, false} {
				res := response(tt.page)
				if length {
					res = response(tt.page, "Content-Length", strconv.Itoa(len(tt.page)))
				}
				if chunked {
					res.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(tt.page)))
				}
				ok := new(Injector).Apply(request(), res, testTag)
				got := readAll(t, res.Body)
				if diff := cmp.Diff(tt.want, marked(got)); diff != "" {
					t.Errorf("%s (length %v, chunked %v):\n%s", tt.name, length, chunked, diff)
				}
				if length {
					if ok != strings.Contains(tt.want, "@") {
						t.Errorf("%s: Apply = %v", tt.name, ok)
					}
					if n := res.Header.Get("Content-Length"); n != strconv.Itoa(len(got)) || res.ContentLength != int64(len(got)) {
						t.Errorf("%s: Content-Length %s (%d), body has %d", tt.name, n, res.ContentLength, len(got))
					}
				}
			}
		}
	}
}

func TestPlaceXHTML(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"plain", `<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"><head><title/>`, `<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"><head>@<title/>`},
		{"gt in instruction", `<?x a > b?><html><head>`, `<?x a > b?><html><head>@`},
		{"empty head", `<html><head/><body/></html>`, `<html><head/><body/></html>`},
		{"upper case", `<html><HEAD></HEAD></html>`, `<html><HEAD></HEAD></html>`},
		{"no head", `<html><body/></html>`, `<html><body/></html>`},
		{"internal subset", `<!DOCTYPE html [<!ENTITY a "b">]><html><head>`, `<!DOCTYPE html [<!ENTITY a "b">]><html><head>`},
		{"prefix", `<h:html xmlns:h="x"><h:head></h:head></h:html>`, `<h:html xmlns:h="x"><h:head></h:head></h:html>`},
	}
	for _, tt := range tests {
		res := response(tt.page, "Content-Type", "application/xhtml+xml")
		ok := new(Injector).Apply(request("Sec-Fetch-Dest", "document"), res, testTag)
		if diff := cmp.Diff(tt.want, marked(readAll(t, res.Body))); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
		if ok != strings.Contains(tt.want, "@") {
			t.Errorf("%s: Apply = %v", tt.name, ok)
		}
	}
}

func TestFragmentOfNavigation(t *testing.T) {
	res := response("<div>a</div>")
	if !new(Injector).Apply(request("Sec-Fetch-Dest", "document"), res, testTag) {
		t.Fatal("a page that a browser navigates to was not injected")
	}
	if got := marked(readAll(t, res.Body)); got != "@<div>a</div>" {
		t.Errorf("got %q", got)
	}
}

const page = "<!doctype html><html><head><title>x</title></head><body>x</body></html>"

// TestUntouched is the list of what is never injected: body and header stay.
func TestUntouched(t *testing.T) {
	status := func(code int) func(*http.Response) { return func(r *http.Response) { r.StatusCode = code } }
	tests := []struct {
		name string
		req  []string
		res  []string
		edit func(*http.Response)
	}{
		{name: "fetch", req: []string{"Sec-Fetch-Dest", "empty"}},
		{name: "image", req: []string{"Sec-Fetch-Dest", "image"}},
		{name: "htmx", req: []string{"HX-Request", "true"}},
		{name: "turbo frame", req: []string{"Turbo-Frame", "f"}},
		{name: "xhr", req: []string{"X-Requested-With", "XMLHttpRequest"}},
		{name: "unpoly", req: []string{"X-Up-Target", "main"}},
		{name: "datastar", req: []string{"Datastar-Request", "true"}},
		{name: "range request", req: []string{"Range", "bytes=0-9"}},
		{name: "off by request", req: []string{"X-Pastedev", "off"}},
		{name: "off by response", res: []string{"X-Pastedev", "off"}},
		{name: "json", res: []string{"Content-Type", "application/json"}},
		{name: "no type", res: []string{"Content-Type", ""}},
		{name: "svg", res: []string{"Content-Type", "image/svg+xml"}},
		{name: "utf-16", res: []string{"Content-Type", "text/html; charset=UTF-16LE"}},
		{name: "attachment", res: []string{"Content-Disposition", `Attachment; filename="a.html"`}},
		{name: "no-transform", res: []string{"Cache-Control", "max-age=5, No-Transform"}},
		{name: "two codings", res: []string{"Content-Encoding", "gzip, br"}},
		{name: "unknown coding", res: []string{"Content-Encoding", "compress"}},
		{name: "sandbox", res: []string{"Content-Security-Policy", "sandbox allow-scripts"}},
		{name: "partial", edit: status(206)},
		{name: "redirect", edit: status(302)},
		{name: "no content", edit: status(204)},
		{name: "not modified", edit: status(304)},
		{name: "corrupt gzip", res: []string{"Content-Encoding", "gzip"}},
		{name: "corrupt br", res: []string{"Content-Encoding", "br"}},
		{name: "corrupt zstd", res: []string{"Content-Encoding", "zstd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := response(page, append([]string{"ETag", `"x"`, "Digest", "d"}, tt.res...)...)
			if tt.edit != nil {
				tt.edit(res)
			}
			want := res.Header.Clone()
			if new(Injector).Apply(request(tt.req...), res, testTag) {
				t.Error("injected")
			}
			if got := readAll(t, res.Body); got != page {
				t.Errorf("body changed: %q", got)
			}
			if diff := cmp.Diff(want, res.Header); diff != "" {
				t.Errorf("header changed:\n%s", diff)
			}
		})
	}
	head := request()
	head.Method = "HEAD"
	if res := response(page); new(Injector).Apply(head, res, testTag) {
		t.Error("HEAD injected")
	}
}

func TestHeader(t *testing.T) {
	res := response(page, "ETag", `"x"`, "Digest", "d", "Repr-Digest", "d", "Content-MD5", "d", "Content-Digest", "d",
		"Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT", "Vary", "Accept-Encoding")
	if !new(Injector).Apply(request(), res, testTag) {
		t.Fatal("not injected")
	}
	want := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Etag": {`W/"x"`},
		"Last-Modified": {"Mon, 02 Jan 2006 15:04:05 GMT"}, "Vary": {"Accept-Encoding"}}
	if diff := cmp.Diff(want, res.Header); diff != "" {
		t.Error(diff)
	}
	res.Body.Close()
}

// TestRevalidation drives a target that compares entity tags as bytes.
func TestRevalidation(t *testing.T) {
	var in Injector
	target := func(tag string, out *http.Request) *http.Response {
		if out.Header.Get("If-None-Match") == tag {
			return &http.Response{StatusCode: 304, Header: http.Header{"Etag": {tag}, "Content-Security-Policy": {"script-src 'none'"}}, Body: http.NoBody}
		}
		return response(page, "ETag", tag)
	}
	for _, tag := range []string{`"x"`, `W/"y"`, `"with W/ in it"`} {
		first := target(tag, request())
		if !in.Apply(request(), first, testTag) {
			t.Fatal("not injected")
		}
		got := first.Header.Get("ETag")
		if !strings.HasPrefix(got, `W/"`) {
			t.Errorf("%s became %s, want a weak tag", tag, got)
		}
		again := request("If-None-Match", got)
		in.Request(again)
		second := target(tag, again)
		if second.StatusCode != 304 {
			t.Errorf("%s: the target saw %s and answered %d", tag, again.Header.Get("If-None-Match"), second.StatusCode)
		}
		if in.Apply(again, second, testTag) {
			t.Error("304 injected")
		}
		if second.Header.Get("ETag") != got {
			t.Errorf("304 says %s, the page said %s", second.Header.Get("ETag"), got)
		}
	}
	for _, list := range []string{`W/"other", "strong"`, `*`, `W/"broken`, ``} {
		req := request("If-None-Match", list)
		in.Request(req)
		if got := req.Header.Get("If-None-Match"); got != list {
			t.Errorf("foreign list %s became %s", list, got)
		}
	}
	req := request("If-None-Match", `"a", W/"x" , W/"z"`)
	in.Request(req)
	if got, want := req.Header.Get("If-None-Match"), `"a", "x" , W/"z"`; got != want {
		t.Errorf("list became %s, want %s", got, want)
	}
}

func TestTagMemoryIsBounded(t *testing.T) {
	var m tagMemory
	for i := range 10 * maxTags {
		m.add(strconv.Itoa(i))
	}
	if n := len(m.new) + len(m.old); n > 2*maxTags {
		t.Errorf("holds %d tags", n)
	}
	if !m.has(strconv.Itoa(10*maxTags-1)) || m.has("0") {
		t.Error("forgets the newest or keeps the oldest")
	}
}

func TestTagMarkup(t *testing.T) {
	got := string(Tag{Src: "/a?x=1&y=\"", Attrs: []Attr{{"data-x", "<>"}}}.markup("n", nil))
	want := `<script src="/a?x=1&amp;y=&#34;" async="" nonce="n" data-x="&lt;&gt;"></script>`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBrokenBody checks that an error of the target's body reaches the client behind
// all that came before it.
func TestBrokenBody(t *testing.T) {
	broken := errors.New("connection reset")
	for _, length := range []string{"", "5000"} {
		res := response("", "Content-Length", length)
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader("<!doctype html><he"), iotest.ErrReader(broken)))
		new(Injector).Apply(request(), res, testTag)
		got, err := io.ReadAll(res.Body)
		if !errors.Is(err, broken) || !bytes.Equal(got, []byte("<!doctype html><he")) {
			t.Errorf("length %q: got %q, %v", length, got, err)
		}
	}
}

// FuzzApply: the output without the tag is the input, for any input in any pieces.
func FuzzApply(f *testing.F) {
	for _, s := range []string{page, "<div>", "<!--", "<!-- --!><head a='>'>", "\xEF\xBB\xBF<html></br>", "<?x?><html><head/>"} {
		f.Add([]byte(s), uint8(3), false, true)
		f.Add([]byte(s), uint8(1), true, false)
	}
	f.Add([]byte("<A00\xf600>"), uint8(3), false, true) // a name that is not UTF-8
	f.Fuzz(func(t *testing.T, in []byte, size uint8, navigation, xml bool) {
		res := response("", "Content-Length", strconv.Itoa(len(in)))
		if xml {
			res = response("", "Content-Type", xhtml)
		}
		res.Body = io.NopCloser(&pieces{in, int(size)%7 + 1})
		req := request()
		if navigation {
			req.Header.Set("Sec-Fetch-Dest", "document")
		}
		tag := Tag{Src: "/_pastedev/\x01unique"}
		ok := new(Injector).Apply(req, res, tag)
		got, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.ContentLength >= 0 && int64(len(got)) != res.ContentLength {
			t.Fatalf("length %d, want %d", len(got), res.ContentLength)
		}
		if !ok {
			if !bytes.Equal(in, got) {
				t.Fatalf("not injected, yet %q became %q", in, got)
			}
			return
		}
		if i := bytes.Index(got, []byte(`<script src="/_pastedev/`+"\x01")); i >= 0 {
			j := i + bytes.Index(got[i:], []byte("</script>")) + len("</script>")
			got = append(got[:i:i], got[j:]...)
		}
		if !bytes.Equal(in, got) {
			t.Fatalf("%q became %q", in, got)
		}
	})
}

// pieces reads data in pieces of size.
type pieces struct {
	data []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.size, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}
