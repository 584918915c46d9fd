package prints

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	xhtml "golang.org/x/net/html"

	"github.com/pastedev/pastedev/inspect"
)

// say prints a line exactly.
func say(r *http.Request, text string) { fmt.Fprint(Writer(r.Context(), nil), text) }

func get(t *testing.T, h http.Handler, method string, header ...string) (*http.Response, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	req, err := http.NewRequest(method, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestPlacement(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"ours", `<html><body><h1>x</h1><pre id="pastedev-prints"></pre>`, `<html><body><h1>x</h1><pre id="pastedev-prints">LINES</pre>`},
		{"Paste's", "<body><pre class=a id=paste-debug-prints>old</pre>", "<body><pre class=a id=paste-debug-prints>LINESold</pre>"},
		{"not in a comment", `<body><!-- <pre id="pastedev-prints"> --><p>x`, `<body>BOX<!-- <pre id="pastedev-prints"> --><p>x`},
		{"not in a script", `<body><script>"<pre id=pastedev-prints>"</script>`, `<body>BOX<script>"<pre id=pastedev-prints>"</script>`},
		{"after body", "<!doctype html><title>t</title><body class='a>b'><p>x</p></body>", "<!doctype html><title>t</title><body class='a>b'>BOX<p>x</p></body>"},
		{"no body", "<!doctype html><p>x", "<!doctype html><p>xBOX"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &Capture{}
			_, got := get(t, c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				say(r, "a <b>\x1b[31mred\x1b[0m & \"x\"\nlast without end")
				io.WriteString(w, tt.page)
			})), "GET")
			lines := "\na &lt;b&gt;red &amp; &#34;x&#34;\nlast without end\n"
			want := strings.ReplaceAll(strings.ReplaceAll(tt.want, "BOX", `<pre id="pastedev-prints" style="`+style+`">`+lines+"</pre>"), "LINES", lines)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestUntouched compares, byte for byte and header for header, with the program without us.
func TestUntouched(t *testing.T) {
	big := strings.Repeat("<p>some text</p>\n", 40_000)
	page := func(text string, print bool, more func(http.ResponseWriter)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
			if print {
				say(r, "printed\n")
			}
			if more != nil {
				more(w)
			}
			io.WriteString(w, text)
		}
	}
	head := func(k, v string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.Header().Set(k, v) }
	}
	tests := []struct {
		name, method string
		header       []string
		h            http.HandlerFunc
	}{
		{"nothing printed", "GET", nil, page("<body>x", false, nil)},
		{"nothing printed, long", "GET", nil, page("<body>"+big, false, nil)},
		{"nothing printed, length", "GET", nil, page("<body>x", false, head("Content-Length", "7"))},
		{"nothing printed, ETag and status", "GET", nil, page("<body>x", false, func(w http.ResponseWriter) { w.Header().Set("Etag", `"a"`); w.WriteHeader(404) })},
		{"JSON", "GET", nil, page(`{"a":1}`, true, head("Content-Type", "application/json"))},
		{"text that looks like a page", "GET", nil, page("<body>x", true, head("Content-Type", "text/plain"))},
		{"sniffed text", "GET", nil, page("just text", true, nil)},
		{"compressed", "GET", nil, page("<body>x", true, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "zz")
		})},
		{"HEAD", "HEAD", nil, page("<body>x", true, head("Content-Type", "text/html"))},
		{"204", "GET", nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "x")
			say(r, "x\n")
			w.WriteHeader(204)
		}},
		{"206", "GET", nil, page("<body>x", true, func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/html"); w.WriteHeader(206) })},
		{"empty", "GET", nil, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Date", "x"); say(r, "x\n") }},
		{"status only", "GET", nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "x")
			say(r, "x\n")
			w.WriteHeader(500)
		}},
		{"request says off", "GET", []string{"X-Pastedev", "off"}, page("<body>x", true, nil)},
		{"answer says off", "GET", nil, page("<body>x", true, head("X-Pastedev", "off"))},
		{"taken", "GET", nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "x")
			say(r, "x\n")
			Take(r.Context())
			io.WriteString(w, "<body>x")
		}},
		{"long with a promised length", "GET", nil, page("<body>"+big, true, head("Content-Length", fmt.Sprint(len(big)+6)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, wantBody := get(t, tt.h, tt.method, tt.header...)
			got, gotBody := get(t, (&Capture{}).Handler(tt.h), tt.method, tt.header...)
			if d := cmp.Diff(want.Header, got.Header); d != "" || want.StatusCode != got.StatusCode || want.ContentLength != got.ContentLength {
				t.Errorf("status %d %d, length %d %d, header (-without +with):\n%s", want.StatusCode, got.StatusCode, want.ContentLength, got.ContentLength, d)
			}
			if wantBody != gotBody {
				t.Errorf("the body differs: %.200q", gotBody)
			}
		})
	}
}

func TestLengthAndValidators(t *testing.T) {
	resp, body := get(t, (&Capture{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "7")
		w.Header().Set("Etag", `"a"`)
		say(r, "x\n")
		io.WriteString(w, "<body>x")
	})), "GET")
	if resp.ContentLength != int64(len(body)) || resp.Header.Get("Etag") != "" || !strings.Contains(body, "pastedev-prints") {
		t.Errorf("%d %v %s", resp.ContentLength, resp.Header, body)
	}
}

// TestStreaming: what is flushed reaches the client before the handler goes on.
func TestStreaming(t *testing.T) {
	proceed := make(chan struct{})
	srv := httptest.NewServer((&Capture{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		say(r, "early\n")
		io.WriteString(w, "<body>first")
		w.(http.Flusher).Flush()
		<-proceed
		say(r, "late\n")
		io.WriteString(w, "second")
	})))
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		close(proceed)
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, len("<body>first"))
	_, err = io.ReadFull(resp.Body, first)
	close(proceed)
	if err != nil || string(first) != "<body>first" {
		t.Fatalf("%v %q", err, first)
	}
	rest, err := io.ReadAll(resp.Body)
	if err != nil || !strings.HasPrefix(string(rest), "second<pre ") || !strings.Contains(string(rest), "\nearly\nlate\n</pre>") {
		t.Errorf("%v %q", err, rest)
	}
}

// TestNeverMixed: many requests at once, each with goroutines of its own.
func TestNeverMixed(t *testing.T) {
	const requests, lines = 50, 100
	c := &Capture{}
	logger := slog.New(Slog(slog.NewTextHandler(io.Discard, nil)))
	var together sync.WaitGroup
	together.Add(requests)
	h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me := r.URL.Query().Get("me")
		together.Done()
		together.Wait() // all are in flight
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				out := Writer(r.Context(), nil)
				for range lines / 4 {
					fmt.Fprintf(out, "request %s.", me)
					fmt.Fprintln(out)
				}
				logger.InfoContext(r.Context(), "request "+me+".")
			})
		}
		wg.Wait()
		for _, l := range Lines(r.Context()) {
			if l.Text != "request "+me+"." || len(l.Shared) > 0 || l.Exchange == "" {
				t.Errorf("request %s has the line %+v", me, l)
				return
			}
		}
		if n := len(Lines(r.Context())); n != lines+4 {
			t.Errorf("request %s has %d lines", me, n)
		}
	}))
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", fmt.Sprintf("/?me=%d", i), nil))
		})
	}
	wg.Wait()
}

// TestShared: certain when alone, marked when not.
func TestShared(t *testing.T) {
	c := &Capture{}
	var tee bytes.Buffer
	logger := log.New(c.Shared(&tee), "", 0)
	var alone, first, second []inspect.Output
	inner := c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logger.Print("both")
		second = Lines(r.Context())
	}))
	outer := c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logger.Print("alone")
		alone = Lines(r.Context())
		inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		first = Lines(r.Context())
	}))
	logger.Print("nobody")
	outer.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if len(alone) != 1 || alone[0].Exchange == "" || alone[0].Shared != nil {
		t.Errorf("alone: %+v", alone)
	}
	if len(first) != 2 || len(second) != 1 || first[1].Exchange != "" || len(first[1].Shared) != 2 || !cmp.Equal(first[1].Shared, second[0].Shared) {
		t.Errorf("both: %+v and %+v", first, second)
	}
	if tee.String() != "nobody\nalone\nboth\n" {
		t.Errorf("tee got %q", tee.String())
	}
}

type evilValue struct{}

func (evilValue) LogValue() slog.Value { panic("no") }

func TestSlog(t *testing.T) {
	var tee bytes.Buffer
	logger := slog.New(Slog(slog.NewTextHandler(&tee, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))).With("app", "shop").WithGroup("req").With("id", 7)
	var got []inspect.Output
	const parent = "0af7651916cd43dd8448eb211c80319c"
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Traceparent", "00-"+parent+"-b7ad6b7169203331-01")
	(&Capture{Done: func(_ *http.Request, l []inspect.Output) { got = l }}).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logger.WarnContext(r.Context(), "slow", "ms", 12, slog.Group("db", "rows", 3), "evil", evilValue{})
		logger.DebugContext(r.Context(), "not enabled")
		logger.Info("no context")
	})).ServeHTTP(httptest.NewRecorder(), req)
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	var attrs []string
	for _, a := range got[0].Attrs {
		attrs = append(attrs, a.Key+"="+a.Value)
	}
	if d := cmp.Diff([]string{"app=shop", "req.id=7", "req.ms=12", "req.db.rows=3"}, attrs[:4]); d != "" || len(attrs) != 5 {
		t.Errorf("%v (-want +got):\n%s", attrs, d)
	}
	if got[0].Level != "WARN" || got[0].Text != "slow" || got[0].Exchange != parent || got[0].Stream != inspect.Logged {
		t.Errorf("%+v", got[0])
	}
	if strings.Count(tee.String(), "\n") != 2 || !strings.Contains(tee.String(), "level=WARN msg=slow app=shop req.id=7 req.ms=12") {
		t.Errorf("tee got %s", &tee)
	}
}

// TestPanic: a panic passes, nothing was sent, and Done hears of it.
func TestPanic(t *testing.T) {
	var got []inspect.Output
	rec := httptest.NewRecorder()
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		(&Capture{Done: func(_ *http.Request, l []inspect.Output) { got = l }}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<body>half")
			say(r, "before the panic")
			panic("boom")
		})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	}()
	if rec.Body.Len() > 0 || len(got) != 1 || got[0].Text != "before the panic" {
		t.Errorf("body %q, lines %+v", rec.Body, got)
	}
}

func TestBounds(t *testing.T) {
	var lines []inspect.Output
	rec := httptest.NewRecorder()
	(&Capture{Done: func(_ *http.Request, l []inspect.Output) { lines = l }}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := Writer(r.Context(), nil)
		fmt.Fprintln(out, strings.Repeat("x", 2*maxLine+5))
		for i := range 5 * maxLines {
			fmt.Fprintln(out, i)
		}
		io.WriteString(w, "<body>")
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	if len(lines) != maxLines || !lines[0].Partial || len(lines[0].Text) != maxLine || lines[2].Partial || len(lines[2].Text) != 5 {
		t.Errorf("%d lines, the first ones %d %d", len(lines), len(lines[0].Text), len(lines[2].Text))
	}
	if want := fmt.Sprintf("(%d more lines)", 5*maxLines+3-maxLines); !strings.Contains(rec.Body.String(), want) {
		t.Errorf("the page does not say %s", want)
	}
	if Lines(context.Background()) != nil || Take(context.Background()) != nil {
		t.Error("lines outside of a request")
	}
}

// FuzzPlace: whatever page and line there are, the lines are text in exactly one element
// and the page is otherwise as it was.
func FuzzPlace(f *testing.F) {
	f.Add("<body><p>x", "line")
	f.Add("<pre id=pastedev-prints></pre>", "<script>alert(1)</script>")
	f.Add("<!-- <body> --><plaintext>", "\x1b]0;x\x07</pre>")
	f.Fuzz(func(t *testing.T, page, line string) {
		r := &record{}
		r.add(newOutput(inspect.Stdout, line, false))
		out := string(place([]byte(page), r.box()))
		at, _ := find([]byte(page))
		if !strings.HasPrefix(out, page[:at]) || !strings.HasSuffix(out, page[at:]) {
			t.Errorf("the page changed: %q", out)
		}
		added := out[at : len(out)-(len(page)-at)]
		z := xhtml.NewTokenizer(strings.NewReader(added))
		for {
			kind := z.Next()
			if kind == xhtml.ErrorToken {
				break
			}
			if name, _ := z.TagName(); kind != xhtml.TextToken && string(name) != "pre" {
				t.Errorf("%q made the element %s", line, name)
			}
		}
	})
}
