package agent

import (
	"bytes"
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
		{Type: TypeAnswer, ID: math.MaxInt64, PID: math.MinInt64, Verdict: VerdictPrivate, Private: "127.0.0.1:0", Public: "[fe80::1%eth0]:80"},
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
		got, ok := Parse(body)
		if d := cmp.Diff(want, got); !ok || d != "" {
			t.Errorf("Parse(%q): %t (-want +got)\n%s", body, ok, d)
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

// Every field of a Message has a place on the wire.
func TestEveryFieldIsSent(t *testing.T) {
	var m Message
	v := reflect.ValueOf(&m).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(v.Type().Field(i).Name)
		case reflect.Int64:
			f.SetInt(int64(i+1) << (i % 50))
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{v.Type().Field(i).Name, "", "x"}))
		default:
			t.Fatalf("%s is a %s", v.Type().Field(i).Name, f.Kind())
		}
	}
	frame, _ := AppendFrame(nil, &m)
	got, ok := Parse(frame[HeaderSize:])
	if d := cmp.Diff(m, got); d != "" || !ok {
		t.Errorf("Parse: %t (-want +got)\n%s", ok, d)
	}
}

func TestParse(t *testing.T) {
	const hello = "\x03\x40\x05hello" // version, tag, length, text
	tests := []struct {
		name, body string
		want       Message
		ok         bool
	}{
		{"shortest", hello, Message{Type: "hello"}, true},
		{"numbers", hello + "\x00\x03\x01\x80\x01", Message{Type: "hello", ID: -2, PID: 64}, true},
		{"largest", hello + "\x00" + strings.Repeat("\xff", 9) + "\x01", Message{Type: "hello", ID: math.MinInt64}, true},
		{"lists", hello + "\x81\x02\x01a\x00\x80\x00", Message{Type: "hello", Args: []string{"a", ""}}, true},
		{"unknown fields", hello + "\x3f\x07\x7f\x01a\xbf\x01\x01a", Message{Type: "hello"}, true},
		{"not UTF-8", hello + "\x46\x05a\xff\xfe\xc3(", Message{Type: "hello", Text: "a\ufffd\ufffd\ufffd("}, true},
		{"empty", "", Message{}, false},
		{"version alone", "\x03", Message{}, false},
		{"earlier version", `{"v":1,"type":"hello"}`, Message{}, false},
		{"later version", "\x04" + hello[1:], Message{}, false},
		{"no type", "\x03\x00\x02", Message{}, false},
		{"data", hello + "\xc0\x02\xff\x00", Message{Type: "hello", Data: "\xff\x00"}, true},
		{"data cut off", hello + "\xc0\x02\xff", Message{}, false},
		{"tag without value", hello + "\x00", Message{}, false},
		{"number cut off", hello + "\x00\x80", Message{}, false},
		{"number too long", hello + "\x00" + strings.Repeat("\x80", 10) + "\x01", Message{}, false},
		{"text cut off", "\x03\x40\x06hello", Message{}, false},
		{"text of enormous length", "\x03\x40" + strings.Repeat("\xff", 9) + "\x01hello", Message{}, false},
		{"list cut off", hello + "\x81\x02\x01a", Message{}, false},
		{"list of enormous length", hello + "\x81" + strings.Repeat("\xff", 9) + "\x01", Message{}, false},
		{"list's text cut off", hello + "\x81\x02\x01a\x02b", Message{}, false},
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

func TestNumbersAsText(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 10, math.MaxInt64, math.MinInt64} {
		if got := string(appendInt(nil, n)); got != strconv.FormatInt(n, 10) {
			t.Errorf("appendInt(%d) = %s", n, got)
		}
	}
	for _, n := range []int64{0, -1, 999999999999999999, -999999999999999999} {
		if got, ok := parseInt(strconv.FormatInt(n, 10)); got != n || !ok {
			t.Errorf("parseInt(%d) = %d, %t", n, got, ok)
		}
	}
	for _, bad := range []string{"", "-", "1x", "+1", "1234567890123456789"} {
		if n, ok := parseInt(bad); ok {
			t.Errorf("parseInt(%q) = %d", bad, n)
		}
	}
}

// What Parse takes, AppendFrame can write, in no more bytes, and it means the same.
func FuzzParse(f *testing.F) {
	for _, m := range []Message{
		{Type: TypeListen, ID: 1, Network: "tcp", Address: ":8080"},
		{Type: TypeAnswer, Errno: -98, Text: "\xff"},
		{Type: TypeSpan, Args: []string{"a", "\u00e9"}, Frames: []string{""}, Rows: -1, Time: 1795438380237699},
	} {
		frame, _ := AppendFrame(nil, &m)
		f.Add(frame[HeaderSize:])
	}
	f.Add([]byte("\x03\x40\x01x\x81\x00\x3f\x07"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, ok := Parse(body)
		if !ok {
			return
		}
		frame, ok := AppendFrame(nil, &m)
		if !ok {
			return // only grew too long
		}
		if utf8.Valid(body) && len(frame)-HeaderSize > len(body) {
			t.Errorf("%q grew to %q", body, frame)
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

func TestCache(t *testing.T) {
	var c cache[int]
	find := func(hash uint64, want int) bool {
		for way := range cacheWays {
			if p := c.slot(hash, way).Load(); p != nil && *p == want {
				return true
			}
		}
		return false
	}
	for i := range 3 * cacheWays { // all of one hash, the last slot's
		c.add(cacheSlots-1, &i)
		if !find(cacheSlots-1, i) {
			t.Errorf("%d is not kept", i)
		}
		if i == cacheWays-1 && !find(cacheSlots-1, 0) {
			t.Error("the first had to go while there was room")
		}
	}
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

// Without the path of the library, names tell what is whose.
func TestOriginTrimmed(t *testing.T) {
	before, root := host, library.Load()
	none := ""
	library.Store(&none)
	t.Cleanup(func() { host = before; library.Store(root) })
	host.buildInfo = func() string {
		return "0w\xaf\fpath\tshop/cmd\nmod\tshop\t(devel)\t\nbuild\t-trimpath=true\n"
	}
	for _, tt := range []struct {
		function, file string
		want           origin
	}{
		{"net/http.(*conn).serve", "net/http/server.go", ofLibrary},
		{"fmt.Println", "fmt/print.go", ofLibrary},
		{"main.main", "shop/cmd/main.go", ofProgram},
		{"shop.Open", "shop/shop.go", ofProgram},
		{"shop/cart.Add[go.shape.int]", "shop/cart/add.go", ofProgram},
		{"shopping.List", "shopping/list.go", ofLibrary},
		{"github.com/a/b.F.func1", "github.com/a/b@v1.2.3/b.go", ofModule},
	} {
		if got := originOf(tt.function, tt.file); got != tt.want {
			t.Errorf("%s in %s is %d, want %d", tt.function, tt.file, got, tt.want)
		}
	}
	for _, info := range []string{"", "path\tx\n", "\nmod\tcut"} {
		if got := mainModule(info); got != "" {
			t.Errorf("main module of %q is %q", info, got)
		}
	}
}

// The program's own line is told however deep the library below it is.
func TestInnermost(t *testing.T) {
	module, own := &place{packed: "m", code: ofModule}, &place{packed: "p"}
	for _, tt := range []struct {
		before, after int // frames of a module around the program's own
		own           bool
		want          string
	}{
		{0, 0, false, ""}, {3, 1, true, "mmmpm"}, {7, 9, true, "mmmmmmmp"}, {8, 9, true, "mmmmmmmp"},
		{30, 3, true, "mmmmmmmp"}, {30, 0, false, "mmmmmmmm"},
	} {
		var all []*place
		for range tt.before {
			all = append(all, module)
		}
		if tt.own {
			all = append(all, own)
		}
		for range tt.after {
			all = append(all, module)
		}
		if got := strings.Join(innermost(all), ""); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
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
	allowed := []string{"runtime", "strconv", "sync", "sync/atomic", "syscall", "time", "unicode/utf8", "unsafe"}
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
