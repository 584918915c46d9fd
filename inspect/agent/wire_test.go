package agent

import (
	"bytes"
	"encoding/json"
	goparser "go/parser"
	"go/token"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFrameRoundTrip(t *testing.T) {
	messages := []Message{
		{Type: TypeHello, PID: 4711},
		{Type: TypeListen, ID: 1, Network: "tcp", Address: ":8080"},
		{Type: TypeAnswer, ID: 999999999999999999, Verdict: VerdictPrivate, Private: "127.0.0.1:0", Public: "[fe80::1%eth0]:80"},
		{Type: TypeOutput, Exchange: "0123", Goroutine: 18, Time: 1795438380237699, Stream: "stdout", Text: "a\n", Level: "WARN", Attrs: []string{"k", "", "", "v\n"}},
		{Type: TypeSpan, Kind: "sql", Op: "query", Seq: 3, Text: "select", Args: []string{`"it's"`, "nil"}, Rows: -1, Tx: 2, Duration: 7, Error: "no", Frames: []string{"1\t2\tf\tg"}},
		{Type: TypeSpan, Kind: "call", Method: "GET", Status: 200},
		{Type: TypePanic, ID: 4, Thread: 5, ValueType: "string", Causes: []string{"1\ta\tb"}, Created: "x", Wait: 1, Count: 2},
		{Type: TypeDone, Logs: 1, SQL: 2, SQLTime: 3, Calls: 4, CallTime: 5, Panic: 6},
		{Type: TypeAnswer, Verdict: VerdictFail, Errno: -98, Text: "\"quoted\\\" \x00\t\n é 🙂  <&>"},
	}
	for _, want := range messages {
		frame, ok := AppendFrame([]byte("before"), &want)
		if !ok || !bytes.HasPrefix(frame, []byte("before")) {
			t.Fatalf("no frame for %+v: %q", want, frame)
		}
		frame = frame[len("before"):]
		size, ok := FrameSize([HeaderSize]byte(frame))
		if !ok || size != len(frame)-HeaderSize {
			t.Errorf("FrameSize is %d, %t; the frame has %d bytes", size, ok, len(frame))
		}
		body := frame[HeaderSize:]
		if !json.Valid(body) {
			t.Errorf("not JSON: %s", body)
		}
		got, ok := Parse(body)
		if d := cmp.Diff(want, got); !ok || d != "" {
			t.Errorf("Parse(%s): %t (-want +got)\n%s", body, ok, d)
		}
	}
}

func TestFrameLimits(t *testing.T) {
	m := Message{Type: TypeListen, Address: strings.Repeat("x", MaxFrame)}
	if b, ok := AppendFrame([]byte("before"), &m); ok || string(b) != "before" {
		t.Errorf("AppendFrame of a message that is too long: %d bytes, %t", len(b), ok)
	}
	for _, tt := range []struct {
		header [HeaderSize]byte
		size   int
		ok     bool
	}{
		{[4]byte{0, 0, 0, 0}, 0, false},
		{[4]byte{0, 0, 0, 1}, 1, true},
		{[4]byte{0, 1, 0, 0}, MaxFrame, true},
		{[4]byte{0, 1, 0, 1}, 0, false},
		{[4]byte{255, 255, 255, 255}, 0, false},
	} {
		if size, ok := FrameSize(tt.header); size != tt.size || ok != tt.ok {
			t.Errorf("FrameSize(%v) = %d, %t; want %d, %t", tt.header, size, ok, tt.size, tt.ok)
		}
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, body string
		want       Message
		ok         bool
	}{
		{"spaces", " {\t\"v\" : 1 ,\n\"type\" : \"hello\"\r} ", Message{Type: "hello"}, true},
		{"unknown fields", `{"v":1,"new":"x","type":"hello","more":-12}`, Message{Type: "hello"}, true},
		{"escapes", `{"v":1,"type":"\u0041\/\b\f\n\r\t\"\\\u00e9"}`, Message{Type: "A/\b\f\n\r\t\"\\é"}, true},
		{"no version", `{"type":"hello"}`, Message{}, false},
		{"later version", `{"v":2,"type":"hello"}`, Message{}, false},
		{"no type", `{"v":1}`, Message{}, false},
		{"empty object", `{}`, Message{}, false},
		{"empty", ``, Message{}, false},
		{"cut off", `{"v":1,"type":"hel`, Message{}, false},
		{"more behind", `{"v":1,"type":"hello"}}`, Message{}, false},
		{"comma at the end", `{"v":1,"type":"hello",}`, Message{}, false},
		{"no comma", `{"v":1 "type":"hello"}`, Message{}, false},
		{"lists", `{"v":1,"type":"x","attrs":[],"args" : [ "a" , "" ],"other":["b"]}`, Message{Type: "x", Args: []string{"a", ""}}, true},
		{"list of numbers", `{"v":1,"type":"x","args":[1]}`, Message{}, false},
		{"list cut off", `{"v":1,"type":"x","args":["a"`, Message{}, false},
		{"comma at a list's end", `{"v":1,"type":"x","args":["a",]}`, Message{}, false},
		{"nested", `{"v":1,"type":"hello","x":{}}`, Message{}, false},
		{"number as text", `{"v":1,"type":12}`, Message{}, false},
		{"text as number", `{"v":1,"type":"hello","id":"1"}`, Message{}, false},
		{"fraction", `{"v":1,"type":"hello","id":1.5}`, Message{}, false},
		{"leading zero", `{"v":1,"type":"hello","id":01}`, Message{}, false},
		{"too many digits", `{"v":1,"type":"hello","id":1234567890123456789}`, Message{}, false},
		{"surrogate", `{"v":1,"type":"\ud83d\ude42"}`, Message{}, false},
		{"bad escape", `{"v":1,"type":"\x"}`, Message{}, false},
		{"short escape", `{"v":1,"type":"\u00`, Message{}, false},
		{"control byte", "{\"v\":1,\"type\":\"a\x01\"}", Message{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Parse([]byte(tt.body))
			if d := cmp.Diff(tt.want, got); d != "" || ok != tt.ok {
				t.Errorf("Parse: %t, want %t (-want +got)\n%s", ok, tt.ok, d)
			}
		})
	}
}

func TestAppendString(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			b := []byte("abcdefgh ~!#[]^ABCDE")
			b[at] = byte(c)
			var got string
			if err := json.Unmarshal(appendString(nil, string(b)), &got); err != nil {
				t.Fatalf("%q: %v", b, err)
			}
			if want := strings.ToValidUTF8(string(b), "\ufffd"); got != want {
				t.Errorf("%q became %q", want, got)
			}
		}
	}
	if !plainBytes("abc ~!#^") {
		t.Error("plain bytes are not taken together")
	}
}

func TestAppendInt(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 10, math.MaxInt64, math.MinInt64} {
		if got := string(appendInt(nil, n)); got != strconv.FormatInt(n, 10) {
			t.Errorf("appendInt(%d) = %s", n, got)
		}
	}
}

// What Parse takes is JSON, and means the same to encoding/json.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"listen","id":1,"network":"tcp","address":":8080"}`))
	f.Add([]byte(`{"v":1,"type":"\u00e9\n","errno":-98,"x":"y"}`))
	f.Add([]byte(`{"v":1,"type":"\ud800"}`))
	f.Add([]byte("{\"v\":1,\"type\":\"\xff\"}"))
	f.Add([]byte(`{"v":1,"type":"span","args":["a","\u00e9"],"frames":[],"rows":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, ok := Parse(body)
		if !ok {
			return
		}
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatalf("Parse took what is not JSON: %v", err)
		}
		if !utf8.Valid(body) {
			return // encoding/json replaces what is not UTF-8
		}
		if text, _ := fields["type"].(string); text != m.Type {
			t.Errorf("type is %q, encoding/json reads %q", m.Type, text)
		}
		frame, ok := AppendFrame(nil, &m)
		if !ok {
			return // only grew too long
		}
		again, ok := Parse(frame[HeaderSize:])
		if !ok {
			t.Fatalf("Parse refuses what AppendFrame wrote: %q", frame)
		}
		if !reflect.DeepEqual(again, m) {
			t.Errorf("%+v became %+v", m, again)
		}
	})
}

// What does not fit a frame loses its least part first.
func TestAppendFitting(t *testing.T) {
	frames := make([]string, maxStack)
	for i := range frames {
		frames[i] = Frame{Function: strings.Repeat("f", maxName), File: strings.Repeat("/", maxName), Line: 1, PC: 2}.pack()
	}
	nasty := strings.Repeat("\x01", MaxFrame)
	for name, m := range map[string]Message{
		"stack": {Type: TypePanic, Text: strings.Repeat("\x01", maxMessage), Frames: frames},
		"lists": {Type: TypeSpan, Text: "kept", Args: []string{nasty}},
		"text":  {Type: TypeOutput, Text: nasty},
	} {
		out := appendFitting([]byte("before"), &m)
		got, ok := Parse(out[len("before")+HeaderSize:])
		if !ok || got.Type != m.Type || got.Text == "" || name == "stack" && len(got.Frames) < 50 {
			t.Errorf("%s: %t, %d frames, %d bytes of text", name, ok, len(got.Frames), len(got.Text))
		}
	}
	// The longest output that output makes needs nothing of the kind.
	attrs := make([]string, 2*maxAttrs)
	for i := range attrs {
		attrs[i] = strings.Repeat("é", maxKey/2)
	}
	if _, ok := AppendFrame(nil, &Message{Type: TypeOutput, Text: nasty[:maxText], Attrs: attrs}); !ok {
		t.Error("maxText is too large")
	}
}

func TestPackedParts(t *testing.T) {
	f := Frame{Function: "example.com/a.(*T).F", File: "/a\tb.go", Line: 12, PC: 1 << 46}
	if got, ok := ParseFrame(f.pack()); !ok || got != f {
		t.Errorf("frame %+v became %+v", f, got)
	}
	c := Cause{Depth: 2, Type: "*fs.PathError", Message: "open\tx\n"}
	if got, ok := ParseCause(c.pack()); !ok || got != c {
		t.Errorf("cause %+v became %+v", c, got)
	}
	for _, bad := range []string{"", "1", "1\t2", "1\t2\t3", "x\t2\tf\tg", "1\tx\tf\tg"} {
		if f, ok := ParseFrame(bad); ok {
			t.Errorf("ParseFrame(%q) = %+v", bad, f)
		}
	}
	for _, bad := range []string{"", "1", "1\t", "x\ta\tb"} {
		if c, ok := ParseCause(bad); ok && bad != "1\t" {
			t.Errorf("ParseCause(%q) = %+v", bad, c)
		}
	}
}

func TestGo(t *testing.T) {
	text, number := "it's \"x\"\n", 7
	type own string
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, "nil"}, {text, `"it's \"x\"\n"`}, {[]byte(nil), "[]byte(nil)"}, {[]byte("a\xff"), `[]byte("a\xff")`},
		{true, "true"}, {int8(-5), "-5"}, {uint64(math.MaxUint64), "18446744073709551615"}, {float32(0.1), "0.1"}, {1e21, "1e+21"},
		{2i, "(0+2i)"}, {uintptr(255), "0xff"}, {&number, "7"}, {(*int)(nil), "nil"}, {&text, `"it's \"x\"\n"`},
		{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "time.Time(2026-01-02T03:04:05.000000006Z)"}, {time.Second, "1s"},
		{strings.Repeat("é", maxArg), `"` + strings.Repeat("é", maxArg/2) + `…"`},
		{own("secret"), ""}, {panicker{}, ""}, // their types, where the runtime tells them
	} {
		if got := Go(tt.value); got != tt.want {
			t.Errorf("Go(%#v) = %s, want %s", tt.value, got, tt.want)
		}
	}
}

type panicker struct{}

func (panicker) Error() string { panic("in Error") }

func TestErrorText(t *testing.T) {
	if got := ErrorText(panicker{}); got != "(its text panics)" {
		t.Errorf("an error that panics: %q", got)
	}
	if got := ErrorText(nil); got != "" {
		t.Errorf("no error: %q", got)
	}
}

func TestOrigin(t *testing.T) {
	root := libraryRoot()
	for _, tt := range []struct {
		function, file, pkg string
		want                origin
	}{
		{"net/http.(*conn).serve", root + "net/http/server.go", "net/http", ofLibrary},
		{"main.main", "/home/ann/shop/main.go", "main", ofProgram},
		{"shop/cart.Add[...]", "/home/ann/shop/cart/add.go", "shop/cart", ofProgram},
		{"github.com/a/b.F.func1", "/go/pkg/mod/github.com/a/b@v1.2.3/b.go", "github.com/a/b", ofModule},
		{"github.com/a/b.F", "/home/ann/shop/vendor/github.com/a/b/b.go", "github.com/a/b", ofModule},
		{"gopkg.in/yaml%2ev3.fail", "/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/yamlh.go", "gopkg.in/yaml.v3", ofModule},
	} {
		if got := originOf(tt.function, tt.file); got != tt.want {
			t.Errorf("%s in %s is %d, want %d", tt.function, tt.file, got, tt.want)
		}
		if got := packageOf(tt.function); got != tt.pkg {
			t.Errorf("package of %s is %s", tt.function, got)
		}
	}
}

// The file set lands in every program: it stays small, and below package os so
// that it is initialised first.
func TestSourceImportsLittle(t *testing.T) {
	files, err := Source()
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"runtime", "strconv", "sync", "sync/atomic", "syscall", "time", "unsafe"}
	for name, text := range files {
		file, err := goparser.ParseFile(token.NewFileSet(), name, text, goparser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if path, _ := strconv.Unquote(i.Path.Value); !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s, allowed are %v", name, path, allowed)
			}
		}
	}
	if len(files) < 5 || files["agent.go"] == nil {
		t.Errorf("the file set holds %d files", len(files))
	}
}
