package traceback

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// TestCalm gives the scanner lines that look like crash text and are none.
func TestCalm(t *testing.T) {
	tests := []struct{ name, text string }{
		{"a log line that says panic", "2026/11/23 12:00:00 panic: the disk is nearly full\nGET / 200\nGET /a 200"},
		{"a line that begins with panic", "panic: is what we call it\nnext line\nand (another) one."},
		{"fatal error of a compiler", "fatal error: stdio.h: No such file or directory\ncompilation terminated."},
		{"a stack that was asked for", "debug: here we are\ngoroutine 1 [running]:\nruntime/debug.Stack()\n\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e\nmain.main()\n\t/home/ann/shop/main.go:5 +0x10\n"},
		{"SIGQUIT is asked for too", "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\ngoroutine 1 [running]:\nmain.main()\n\t/home/ann/shop/main.go:5 +0x10\n"},
		{"goroutine count", "goroutine 5 [running]: fine\ngoroutines: 5"},
		{"prose with at", "We met\n    at noon (12:30:15)\n    at the corner (5:30)"},
		{"console.trace", "Trace: here\n    at f (/home/ann/shop/app.js:1:2)\n    at node:internal/main/run_main_module:28:49"},
		{"node warning", "(node:77) ExperimentalWarning: The Fetch API is an experimental feature\n(Use `node --trace-warnings ...` to show where the warning was created)"},
		{"only the header of Python", "Traceback (most recent call last):\nis what Python prints first"},
		{"a quoted header", "look for 'Traceback (most recent call last):' in the log"},
		{"Python file mention", "  File \"x.py\", line 3, in f was edited\nok"},
		{"Python frames without an exception", "Traceback (most recent call last):\n  File \"x.py\", line 3, in f\n    g()\n\nnext log line"},
		{"Ruby location in a log", "app.rb:3:in `foo': warning: unused variable\nnext"},
		{"Java class in a log", "INFO com.shop.App: started at com.shop.App.main\n\tat your service (really)\n"},
		{"PHP warning", "PHP Warning:  Undefined variable $x in /home/ann/shop/index.php on line 3"},
		{"JSON with newlines", `{"level":"info","msg":"two\nlines at noon","stack":"no stack\n here"}`},
		{"error handler prose", "Error: something failed\n    at least we tried\n    at 12:30:40 UTC"},
		{"chi-like", " panic: no\n ordinary line\n"},
		{"gin warning", "[GIN-debug] [WARNING] Creating an Engine instance with the Logger and Recovery middleware already attached.\n"},
		{"a diff of a crash", "-panic: boom\n-goroutine 1 [running]:\n-main.main()\n-\t/home/ann/shop/main.go:5 +0x10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, found := range scanAll(tt.text) {
				t.Errorf("found %s", summary(found))
			}
		})
	}
}

const (
	goText = "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 7 [running]:\nmain.pick(...)\n\t/home/ann/shop/main.go:9\nmain.main()\n\t/home/ann/shop/main.go:20 +0x1d\nexit status 2"
	pyText = "Traceback (most recent call last):\n  File \"/home/ann/shop/app.py\", line 3, in <module>\n    f()\nKeyError: 'tea'"
)

// TestInterleaved mixes two streams line by line, and two goroutines on one stream.
func TestInterleaved(t *testing.T) {
	s := Scanner{Roots: testRoots}
	var got []string
	take := func(found []inspect.Trace) {
		for _, tr := range found {
			got = append(got, tr.Language+" "+string(tr.Exchange)+" "+tr.Headline)
		}
	}
	a, b := strings.Split(goText, "\n"), strings.Split(pyText, "\n")
	for i := range max(len(a), len(b)) {
		if i < len(a) {
			take(s.Line(inspect.Output{Stream: inspect.Stderr, Exchange: "one", Goroutine: 7, Text: a[i]}))
		}
		if i < len(b) {
			take(s.Line(inspect.Output{Stream: inspect.Stderr, Exchange: "two", Goroutine: 8, Text: b[i]}))
			take(s.Line(inspect.Output{Stream: inspect.Stdout, Text: "GET / 200"}))
		}
	}
	take(s.End())
	want := []string{"go one index 5 out of range: the length is 3", "python two no key 'tea' in the dict"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFlush(t *testing.T) {
	s := Scanner{}
	start := time.Unix(100, 0)
	for _, l := range strings.Split(pyText, "\n") {
		if found := s.Line(inspect.Output{Text: l, Time: start, Exchange: "x", Build: 3}); found != nil {
			t.Fatalf("found before the end: %v", found)
		}
	}
	if !s.Open() {
		t.Error("Open is false while a traceback is collected")
	}
	if found := s.Flush(start.Add(-1)); found != nil {
		t.Errorf("flushed what was added to since: %v", found)
	}
	found := s.Flush(start)
	if len(found) != 1 || found[0].Exchange != "x" || found[0].Build != 3 || !found[0].Time.Equal(start) {
		t.Errorf("Flush: %+v", found)
	}
	if s.Open() {
		t.Error("Open is true after Flush")
	}
}

// TestPartial puts a line together that came in parts, as a long JSON line does.
func TestPartial(t *testing.T) {
	line := `{"level":"error","message":"[PANIC RECOVER] boom goroutine 5 [running]:\nmain.f()\n\t/home/ann/shop/main.go:9 +0x1\npanic({0x1?, 0x2?})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\nmain.g()\n\t/home/ann/shop/main.go:12 +0x1\n"}`
	s := Scanner{Roots: testRoots}
	half := len(line) / 2
	found := s.Line(inspect.Output{Text: line[:half], Partial: true})
	found = append(found, s.Line(inspect.Output{Text: line[half:]})...)
	if len(found) != 1 || found[0].Message != "boom" || found[0].Frames[0].Function != "main.g" {
		t.Errorf("found %+v", found)
	}
}

// TestBounded prints without an end into many streams.
func TestBounded(t *testing.T) {
	s := Scanner{}
	for i := range 5 * maxStreams {
		s.Line(inspect.Output{Goroutine: int64(i), Text: "panic: boom"})
		s.Line(inspect.Output{Goroutine: int64(i), Text: "goroutine 1 [running]:"})
	}
	if n := len(s.streams); n > maxStreams {
		t.Errorf("%d streams are followed", n)
	}
	for range 20_000 {
		s.Line(inspect.Output{Goroutine: 1, Text: "main.recurse(0x1, 0x2, 0x3)"})
		s.Line(inspect.Output{Goroutine: 1, Text: "\t/home/ann/shop/main.go:12 +0x1"})
	}
	for _, st := range s.streams {
		if st.block != nil && st.block.size > maxBlock+maxLine {
			t.Errorf("a block holds %d bytes", st.block.size)
		}
	}
	long := strings.Repeat("x", 3*maxJSON)
	s.Line(inspect.Output{Goroutine: 2, Text: long, Partial: true})
	for _, st := range s.streams {
		if len(st.partial) > maxJSON {
			t.Errorf("%d bytes of a partial line are kept", len(st.partial))
		}
	}
}

func TestFromBody(t *testing.T) {
	tests := []struct{ name, contentType, body, want string }{
		{"text", "text/plain", "Internal error\n" + pyText, "python no key 'tea' in the dict"},
		{"no type", "", goText, "go index 5 out of range: the length is 3"},
		{"Express", "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><body>\n<pre>TypeError: Cannot read properties of undefined (reading &#39;name&#39;)<br> &nbsp; &nbsp;at /home/ann/shop/app.js:5:20<br> &nbsp; &nbsp;at Layer.handle [as handle_request] (/home/ann/shop/node_modules/express/lib/router/layer.js:95:5)</pre>\n</body></html>", "node undefined has no property name"},
		{"Werkzeug", "text/html", "<!doctype html><title>KeyError</title><div>x</div>\n<!--\n\nTraceback (most recent call last):\n  File \"/home/ann/shop/app.py\", line 3, in f\n    g()\nKeyError: 'tea'\n\n-->\n", "python no key 'tea' in the dict"},
		{"Django", "text/plain; charset=utf-8", "KeyError at /\n'tea'\n\nRequest Method: GET\n\nTraceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/django/core/handlers/exception.py\", line 55, in inner\n    response = get_response(request)\n  File \"/home/ann/shop/views.py\", line 3, in index\n    f()\n    ^^^\n\nException Type: KeyError at /cart/7\nException Value: 'tea'\nRaised during: shop.views.index\n", "python no key 'tea' in the dict"},
		{"problem+json", "application/problem+json", `{"title":"oops","detail":{"stack":"Error: boom\n    at f (/home/ann/shop/a.js:1:2)\n"}}`, "node Error: boom"},
		{"an image", "image/png", pyText, ""},
		{"an ordinary page", "text/html", "<h1>Internal Server Error</h1>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, ok := FromBody(tt.contentType, []byte(tt.body), testRoots)
			got := ""
			if ok {
				got = tr.Language + " " + tr.Headline
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzScanner(f *testing.F) {
	f.Add(goText)
	f.Add(pyText)
	f.Add(" panic: x\n -> main.f\n ->   /a.go:1\n")
	f.Add("[Recovery] 2026 panic recovered:\nboom\n/a.go:1 (0x1)\n\tf: x\n")
	f.Add("Error: a\n    at f (/a.js:1:2) {\n  [cause]: Error: b\n      at g (/b.js:1:2)\n}")
	f.Add("a.B: x\n\tat a.B.c(B.java:1)\nCaused by: d.E: f\n\t... 1 more")
	f.Add("a.rb:1:in `f': m (E)\n\tfrom b.rb:2:in `g'")
	f.Add("PHP Fatal error:  Uncaught E: m in /a.php:1\nStack trace:\n#0 /b.php(2): f()\n#1 {main}\n  thrown in /a.php on line 1")
	f.Add("panic: a [recovered]\n\tpanic: b\n[signal SIGSEGV: x addr=0x10 pc=0x1]\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [running]:\nmain.f({0x1, 0x2})\n\t/a.go:1 +0x1\n...additional frames elided...\ncreated by main.g in goroutine 2\n\t/b.go:2 +0x1")
	f.Fuzz(func(t *testing.T, text string) {
		found := scanAll(text)
		for _, tr := range append(found, Find(text, Roots{})...) {
			if len(tr.Frames) == 0 || tr.Code == "" || tr.Headline == "" {
				t.Errorf("a trace without frames, code or headline: %+v", tr)
			}
			if plain(tr.Raw) != tr.Raw || plain(tr.Headline) != tr.Headline {
				t.Errorf("control characters are left in %q", tr.Raw)
			}
			if tr.Code != Fingerprint(&tr) {
				t.Errorf("the fingerprint of %q changes", text)
			}
		}
		for _, kind := range []string{"text/html", "application/json", "text/plain"} {
			FromBody(kind, []byte(text), testRoots)
		}
	})
}

// TestSameFault: one bug has one code, whoever printed it, whichever Go built it.
func TestSameFault(t *testing.T) {
	codes := map[string]string{}
	for _, name := range []string{"web_http", "web_gin", "web_chi", "web_echo"} {
		text, err := os.ReadFile("testdata/go/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		found := scanAll(string(text))
		if len(found) != 1 {
			t.Fatalf("%s: found %d", name, len(found))
		}
		codes[found[0].Code] += name + " "
	}
	if len(codes) != 1 {
		t.Errorf("one bug has the codes %v", codes)
	}
}
