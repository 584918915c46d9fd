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
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFrameRoundTrip(t *testing.T) {
	messages := []Message{
		{Type: TypeHello, PID: 4711},
		{Type: TypeListen, ID: 1, Network: "tcp", Address: ":8080"},
		{Type: TypeAnswer, ID: 999999999999999999, Verdict: VerdictPrivate, Private: "127.0.0.1:0", Public: "[fe80::1%eth0]:80"},
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
