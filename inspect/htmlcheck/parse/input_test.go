package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncoding(t *testing.T) {
	tests := []struct {
		name, doc, contentType string
		encoding               string
		source                 EncodingSource
		text                   string
	}{
		{"utf-8 guessed", "<p>é", "", "utf-8", FromGuess, "<p>é"},
		{"not utf-8, unnamed", "<p>\xe9\x80", "text/html", "utf-8", FromGuess, "<p>\uFFFD"},
		{"windows-1252", "<p>\xe9\x80", "text/html;charset=latin1", "windows-1252", FromHeader, "<p>é€"},
		{"header", "<p>\xe9", "text/html; charset=ISO-8859-1", "windows-1252", FromHeader, "<p>é"},
		{"header beats meta", "<meta charset=utf-8>\xa4", "text/html; charset=\"iso-8859-15\"", "iso-8859-15", FromHeader, "<meta charset=utf-8>€"},
		{"bom beats header", "\xef\xbb\xbfé", "text/html; charset=koi8-r", "utf-8", FromBOM, "é"},
		{"utf-16le bom", "\xff\xfe<\x00p\x00>\x00\xe9\x00", "", "utf-16le", FromBOM, "<p>é"},
		{"utf-16be header", "\x00<\x00p\xd8\x3d\xde\x00", "text/html;charset=utf-16be", "utf-16be", FromHeader, "<p😀"},
		{"meta charset", "<!-- <meta charset=koi8-r> --><meta a='>' charset = Shift_JIS >\x83\x65", "", "shift_jis", FromMeta, "<!-- <meta charset=koi8-r> --><meta a='>' charset = Shift_JIS >テ"},
		{"meta content", "<title charset=koi8-r></title><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=gb2312'>\xc4\xe3", "", "gbk", FromMeta, "<title charset=koi8-r></title><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=gb2312'>你"},
		{"meta content alone", "<meta content='text/html; charset=koi8-r'>", "", "utf-8", FromGuess, "<meta content='text/html; charset=koi8-r'>"},
		{"meta against the bytes", "<meta charset=koi8-r>é", "", "utf-8", FromBytes, "<meta charset=koi8-r>é"},
		{"meta and ascii", "<meta charset=koi8-r>e", "", "koi8-r", FromMeta, "<meta charset=koi8-r>e"},
		{"meta utf-16 is utf-8", "<meta charset=utf-16>é", "", "utf-8", FromMeta, "<meta charset=utf-16>é"},
		{"xml declaration", "<?xml version='1.0' encoding='koi8-r'?>\xc1", "", "koi8-r", FromMeta, "<?xml version='1.0' encoding='koi8-r'?>а"},
		{"euc-jp", "\xa4\xa2b", "text/html;charset=euc-jp", "euc-jp", FromHeader, "あb"},
		{"iso-2022-jp", "a\x1b$B$\"\x1b(Bb", "text/html;charset=iso-2022-jp", "iso-2022-jp", FromHeader, "aあb"},
		{"big5", "\xa7A<", "text/html;charset=big5", "big5", FromHeader, "你<"},
		{"line ends", "a\r\nb\rc\n\r\n\rd\r", "", "utf-8", FromGuess, "a\nb\nc\n\n\nd\n"},
		{"line ends in utf-16", "\xff\xfea\x00\r\x00\n\x00b\x00", "", "utf-16le", FromBOM, "a\nb"},
		{"ill-formed utf-8", "a\xf0\x90\x80b\xc3\xe2\x82c\xed\xa0\x80", "text/html;charset=utf-8", "utf-8", FromHeader, "a\uFFFDb\uFFFD\uFFFDc\uFFFD\uFFFD\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := Decode([]byte(tt.doc), tt.contentType)
			want := []string{tt.encoding, string(tt.source), tt.text}
			if d := cmp.Diff(want, []string{in.Encoding, string(in.Source), in.Text}); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestLateMeta reads a document again whose meta element stands after the first 1024 bytes.
func TestLateMeta(t *testing.T) {
	doc := "<!DOCTYPE html><title>" + strings.Repeat("x", 1100) + "</title><meta charset=koi8-r><p>\xc1"
	d := Parse([]byte(doc), Options{})
	if d.Input.Encoding != "koi8-r" || d.Input.Source != FromMeta || !strings.HasSuffix(d.Input.Text, "а") {
		t.Errorf("%s from %s", d.Input.Encoding, d.Input.Source)
	}
}

// A late meta element does not count against bytes that are UTF-8.
func TestLateMetaAgainstBytes(t *testing.T) {
	doc := "<!DOCTYPE html><title>" + strings.Repeat("x", 1100) + "</title><meta charset=koi8-r><p>é"
	d := Parse([]byte(doc), Options{})
	if d.Input.Encoding != "utf-8" || !strings.HasSuffix(d.Input.Text, "é") {
		t.Errorf("%s from %s", d.Input.Encoding, d.Input.Source)
	}
}

// TestPlaces finds the "<x>" of documents in other encodings and with other line ends at
// its own bytes.
func TestPlaces(t *testing.T) {
	utf16 := func(s string) string {
		var b strings.Builder
		b.WriteString("\xff\xfe")
		for _, c := range s {
			b.WriteByte(byte(c))
			b.WriteByte(byte(c >> 8))
		}
		return b.String()
	}
	tests := []struct {
		name, doc, contentType string
		tag                    string
		line, column           int
	}{
		{"plain", "<p>\n  <x>", "", "<x>", 2, 3},
		{"characters beyond the BMP count two", "é😀<x>", "", "<x>", 1, 4},
		{"cr lf", "a\r\nb\r\n\r\n <x>\r\n", "", "<x>", 4, 2},
		{"cr", "a\rb\r <x>", "", "<x>", 3, 2},
		{"bom", "\xef\xbb\xbf<x>", "", "<x>", 1, 1},
		{"bom and cr lf", "\xef\xbb\xbfé\r\n<x>", "", "<x>", 2, 1},
		{"windows-1252", "\xe9\x80\r\n\xe9<x>", "text/html;charset=windows-1252", "<x>", 2, 2},
		{"shift_jis", "\x83\x65\x83\x65\n\x83\x65<x>", "text/html;charset=shift_jis", "<x>", 2, 2},
		{"utf-16", utf16("aé\r\nb<x>c"), "", utf16("<x>")[2:], 2, 2},
		{"ill-formed", "\xff\xf0\x90<x>", "text/html;charset=utf-8", "<x>", 1, 3},
		{"a long line", strings.Repeat("é", 10_000) + "<x>", "", "<x>", 1, 10_001},
		{"far down", strings.Repeat("abc\r\n", 10_000) + "<x>", "", "<x>", 10_001, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Parse([]byte(tt.doc), Options{ContentType: tt.contentType})
			for n := d.Root; n != nil; n = n.Following(d.Root, false) {
				if n.Name != "x" {
					continue
				}
				line, column := d.Position(n.Span.Start)
				want := fmt.Sprintf("%q %d:%d", tt.tag, tt.line, tt.column)
				if got := fmt.Sprintf("%q %d:%d", tt.doc[n.Span.Start:n.Span.End], line, column); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				return
			}
			t.Error("no x")
		})
	}
}

// TestInputErrors has the errors that are found before the tokenizer.
func TestInputErrors(t *testing.T) {
	tests := []struct {
		doc, contentType string
		want             []string
	}{
		{"a\xf0\x90b\xff", "text/html;charset=utf-8", []string{`malformed-byte-sequence "\xf0\x90" 1:2`, `malformed-byte-sequence "\xff" 1:4`}},
		{"\uFFFD", "text/html;charset=utf-8", nil},
		{"\r\n\x83", "text/html;charset=shift_jis", []string{`malformed-byte-sequence "\x83" 2:1`}},
		{"a", "text/html;charset=klingon", []string{`unknown-encoding "" 1:1`}},
		{"a\xe9b", "", []string{`malformed-byte-sequence "\xe9" 1:2`}},
		{"a\r\n\x00\x7f", "text/html;charset=utf-8", []string{`unexpected-null-character "\x00" 2:1`, `control-character-in-input-stream "\x7f" 2:2`}},
	}
	for _, tt := range tests {
		var got []string
		for _, e := range Parse([]byte(tt.doc), Options{ContentType: tt.contentType}).Errors {
			if e.Code != MissingDoctype {
				got = append(got, fmt.Sprintf("%s %q %d:%d", e.Code, tt.doc[e.Span.Start:e.Span.End], e.Line, e.Column))
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q\n%s", tt.doc, d)
		}
	}
}

// TestConcurrent parses and asks for positions from several goroutines, for the race
// detector.
func TestConcurrent(t *testing.T) {
	doc := []byte("<!DOCTYPE html>\r\n<svg viewbox=x><lineargradient/></svg>&hellip;&#x80;<p>")
	shared := Parse(doc, Options{})
	want := dump(shared)
	done := make(chan string)
	for range 4 {
		go func() {
			shared.Position(20)
			done <- dump(Parse(doc, Options{}))
		}()
	}
	for range 4 {
		if got := <-done; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("ä", 100) + "<b>" + strings.Repeat("ö", 100)
	tests := []struct {
		name, text string
		offset     int
		want       string
		at         int
	}{
		{"whole line", "a\nbcd\ne", 3, "bcd", 1},
		{"first line", "abc", 0, "abc", 0},
		{"at the end", "a\nbc", 4, "bc", 2},
		{"line end", "ab\nc", 2, "ab", 2},
		{"long line", long, 200, "…" + strings.Repeat("ä", 5) + "<b>" + strings.Repeat("ö", 14) + "…", 13},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, at := Decode([]byte(tt.text), "").Excerpt(tt.offset, 40)
			if got != tt.want || at != tt.at {
				t.Errorf("Excerpt(%d) = %q at %d, want %q at %d", tt.offset, got, at, tt.want, tt.at)
			}
		})
	}
}
