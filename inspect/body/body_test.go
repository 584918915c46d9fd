package body

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pastedev/pastedev/inspect"
)

// encode applies one content coding.
func encode(t testing.TB, coding string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "raw deflate":
		w, err = flate.NewWriter(&b, 6)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	}
	if err == nil {
		if _, err = w.Write(data); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func coded(coding string) inspect.Header { return inspect.Header{"Content-Encoding": {coding}} }

func TestDecode(t *testing.T) {
	var plain []byte // compresses, but not to a single block
	for i := range 20_000 {
		plain = fmt.Appendf(plain, "%d %x ", i, i*i*7919)
	}
	for _, coding := range []string{"gzip", "x-gzip", "deflate", "raw deflate", "br", "zstd"} {
		t.Run(coding, func(t *testing.T) {
			data := encode(t, coding, plain)
			h := coded(strings.TrimPrefix(strings.ToUpper(coding), "RAW "))
			d, err := Decode(h, inspect.Body{Size: int64(len(data)), Data: data})
			if err != nil || !bytes.Equal(d.Data, plain) || d.Partial || d.Note != "" || len(d.Codings) != 1 {
				t.Errorf("%v, %d bytes, %+v", err, len(d.Data), d.Note)
			}
			half := data[:len(data)*3/4]
			d, err = Decode(h, inspect.Body{Size: int64(len(data)), Data: half, Truncated: true})
			if err != nil || !d.Partial || len(d.Data) == 0 || !bytes.HasPrefix(plain, d.Data) || !strings.Contains(d.Note, "were recorded") {
				t.Errorf("cut: %v, %d bytes, %q", err, len(d.Data), d.Note)
			}
			d, err = Decode(h, inspect.Body{Size: int64(len(half)), Data: half})
			if err == nil || !d.Partial || !bytes.HasPrefix(plain, d.Data) || !strings.Contains(d.Note, "damaged") {
				t.Errorf("damaged: %v, %q", err, d.Note)
			}
			bomb := encode(t, coding, make([]byte, MaxDecoded+100))
			d, err = Decode(h, inspect.Body{Size: int64(len(bomb)), Data: bomb})
			if err != nil || len(d.Data) != MaxDecoded || !d.Partial || !strings.Contains(d.Note, "only the first") {
				t.Errorf("bomb: %v, %d bytes, %q", err, len(d.Data), d.Note)
			}
			if _, err := Decode(h, inspect.Body{Size: 9, Data: []byte("not coded")}); err == nil && coding != "br" {
				t.Error("garbage decoded")
			}
		})
	}
}

func TestDecodeHeaders(t *testing.T) {
	twice := encode(t, "br", encode(t, "gzip", []byte("text")))
	tests := []struct {
		name, coding string
		body         inspect.Body
		want         string
		err          string
	}{
		{"none", "", inspect.Body{Data: []byte("text")}, "text", ""},
		{"identity", "identity", inspect.Body{Data: []byte("text")}, "text", ""},
		{"two", "gzip , BR", inspect.Body{Data: twice}, "text", ""},
		{"unknown", "compress", inspect.Body{Data: []byte("text")}, "text", `decode body: unknown content coding "compress"`},
		{"many", "gzip,gzip,gzip,gzip,gzip", inspect.Body{Data: []byte("text")}, "text", "decode body: 5 content codings, more than 4"},
		{"empty", "gzip", inspect.Body{}, "", ""},
		{"decoded before", "gzip", inspect.Body{Data: []byte("text"), Decoded: true}, "text", ""},
	}
	for _, tt := range tests {
		d, err := Decode(coded(tt.coding), tt.body)
		if got := fmt.Sprint(err); string(d.Data) != tt.want || (err != nil || tt.err != "") && got != tt.err {
			t.Errorf("%s: %q, %v", tt.name, d.Data, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range []string{"gzip", "deflate", "br", "zstd"} {
		f.Add(c, encode(f, c, []byte("hello hello hello")))
	}
	f.Fuzz(func(t *testing.T, coding string, data []byte) {
		d, _ := Decode(coded(coding), inspect.Body{Size: int64(len(data)), Data: data})
		if len(d.Data) > MaxDecoded && len(d.Codings) > 0 {
			t.Error("too long")
		}
		Pretty("application/json", d.Data, 0)
	})
}

func TestPretty(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x05\x00\x00\x00\x07\x08\x02\x00\x00\x00"
	webp := "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x1f\x00\x00"
	multi := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\x1b[31my\r\n--B\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{\"k\":1}\r\n--B--\r\n"
	tests := []struct {
		name, contentType, in string
		kind, text, note      string
	}{
		{"empty", "text/html", "", KindEmpty, "", ""},
		{"json", "application/json", `{"b":1.50,"a":[true,null,"é\u0041"],"e":{},"b":2}`, KindJSON,
			"{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    null,\n    \"é\\u0041\"\n  ],\n  \"e\": {},\n  \"b\": 2\n}", ""},
		{"json scalar", "application/problem+json", " 5 ", KindJSON, "5", ""},
		{"json as text", "text/plain", "[1]", KindJSON, "[\n  1\n]", "JSON served as text/plain"},
		{"not json", "application/json", "{\n \"a\": x}", KindText, "{\n \"a\": x}", "not valid JSON at line 2, column 7: invalid character 'x' looking for beginning of value"},
		{"cut json", "application/json", `{"a":`, KindText, `{"a":`, "not valid JSON at line 1, column 6: unexpected end of JSON input"},
		{"json lines", "application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a", KindJSONLines, "{\"a\":1}\n{\"a\":2}\n{\"a\n", "3 values; the last line is cut"},
		{"json lines as text", "", "{\"a\":1}\n{\"a\":2}\n", KindJSONLines, "{\"a\":1}\n{\"a\":2}\n", "2 values"},
		{"form", "application/x-www-form-urlencoded", "a=1+2&b=%C3%A9&c&a=%zz", KindForm, "a = 1 2\nb = é\nc = \na = %zz\n", "1 parts with bad % escapes are shown as sent"},
		{"multipart", "multipart/form-data; boundary=B", multi, KindMultipart,
			"── a (7 bytes) ──\nContent-Disposition: form-data; name=\"a\"\n\nxy\n\n── j (7 bytes) ──\nContent-Disposition: form-data; name=\"j\"\nContent-Type: application/json\n\n{\n  \"k\": 1\n}\n\n", "2 parts"},
		{"html", "text/html; charset=utf-8", "<p>\x1b[2Jx</p>", KindHTML, "<p>x</p>", ""},
		{"html by look", "", " <!DOCTYPE HTML><p>", KindHTML, " <!DOCTYPE HTML><p>", ""},
		{"xml", "image/svg+xml", "<svg/>", KindXML, "<svg/>", ""},
		{"latin", "text/plain; charset=ISO-8859-1", "caf\xe9 \x80", KindText, "café €", "decoded from iso-8859-1"},
		{"utf-16", "text/plain", "\xff\xfea\x00b\x00", KindText, "ab", "decoded from UTF-16LE"},
		{"bom", "application/json", "\xef\xbb\xbf[]", KindJSON, "[]", ""},
		{"png", "text/plain", png, KindImage, "png image, 5 × 7", "29 bytes"},
		{"webp", "", webp, KindImage, "webp image, 16 × 32", "30 bytes"},
		{"binary", "", "ab\x00\xff", KindBinary, "00000000  61 62 00 ff" + strings.Repeat(" ", 39) + "|ab..|\n", "4 bytes"},
		{"bad type", "text/html;;=", "x", KindHTML, "x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Pretty(tt.contentType, []byte(tt.in), 0)
			spans := v.Spans
			v.Spans = nil
			if d := cmp.Diff(View{Kind: tt.kind, Text: tt.text, Note: tt.note}, v); d != "" {
				t.Error(d)
			}
			checkSpans(t, v.Text, spans)
		})
	}
}

func checkSpans(t *testing.T, text string, spans []Span) {
	t.Helper()
	last := 0
	for _, s := range spans {
		if s.Start < last || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("span %+v after %d in %d bytes", s, last, len(text))
		}
		last = s.End
	}
}

func TestSpans(t *testing.T) {
	v := Pretty("application/json", []byte(`{"k":["v",-1e3,true]}`), 0)
	var got []string
	for _, s := range v.Spans {
		got = append(got, string(s.Class)+" "+v.Text[s.Start:s.End])
	}
	want := []string{`punct {`, `key "k"`, `punct :`, `punct [`, `string "v"`, `punct ,`, `number -1e3`, `punct ,`, `literal true`, `punct ]`, `punct }`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPrettyIsBounded(t *testing.T) {
	tests := []struct{ name, contentType, in string }{
		{"deep", "application/json", strings.Repeat("[", 100_000)},
		{"wide", "text/plain", strings.Repeat("[", 2000) + strings.Repeat("0,", 1<<19) + "0" + strings.Repeat("]", 2000)},
		{"tokens", "application/json", "[" + strings.Repeat("0,", 1<<19) + "0]"},
		{"text", "text/plain", strings.Repeat("é", maxPretty)},
		{"lines", "application/x-ndjson", strings.Repeat("{\"a\":1}\n", maxPretty/7)},
		{"binary", "application/json", strings.Repeat("\x00", maxPretty)},
		{"parts", "multipart/mixed; boundary=B", strings.Repeat("--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\nx\r\n", 10_000)},
	}
	for _, tt := range tests {
		v := Pretty(tt.contentType, []byte(tt.in), 0)
		if len(v.Text) > maxPretty || len(v.Spans) > maxSpans {
			t.Errorf("%s: %d bytes, %d spans", tt.name, len(v.Text), len(v.Spans))
		}
		checkSpans(t, v.Text, v.Spans)
	}
}

func FuzzPretty(f *testing.F) {
	f.Add("application/json", []byte(`{"a":[1,"b"]}`))
	f.Add("multipart/form-data; boundary=B", []byte("--B\r\nContent-Type: text/html\r\n\r\nx\r\n--B--"))
	f.Add("application/x-www-form-urlencoded", []byte("a=%1b%5d0;x&b"))
	f.Add("", []byte("RIFF1234WEBPVP8L12345678901234567"))
	f.Add("text/plain; charset=utf-16", []byte("a\x00\x1b\x00"))
	f.Fuzz(func(t *testing.T, contentType string, data []byte) {
		v := Pretty(contentType, data, 40)
		if Terminal(v.Text, false) != v.Text || Terminal(v.Note, false) != v.Note {
			t.Errorf("not safe: %q %q", v.Text, v.Note)
		}
		checkSpans(t, v.Text, v.Spans)
	})
}
