package body

import (
	"bytes"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxPretty bounds the text of a View: a screen shows some kilobytes, a browser
	// bears some megabytes.
	maxPretty = 4 << 20
	// maxBinary is how much of a binary body is dumped.
	maxBinary = 16 << 10
	// maxNested is how deep multipart bodies are shown in one another.
	maxNested = 3
)

// The kinds of View.
const (
	KindEmpty     = "empty"
	KindJSON      = "json"
	KindJSONLines = "jsonl"
	KindForm      = "form"
	KindMultipart = "multipart"
	KindHTML      = "html"
	KindXML       = "xml"
	KindText      = "text"
	KindImage     = "image"
	KindBinary    = "binary"
)

// View is a body made readable. Text is UTF-8 and safe to print on a terminal.
type View struct {
	Kind  string
	Text  string
	Note  string // one line about the body: a size, a position of an error, a wrong type; or ""
	Spans []Span // parts of Text to be coloured, ascending and apart; only for JSON
}

// Span is a part of a View's text.
type Span struct {
	Start, End int // bytes
	Class      Class
}

// Class says what a span is.
type Class string

// The classes of spans.
const (
	ClassKey     Class = "key"
	ClassString  Class = "string"
	ClassNumber  Class = "number"
	ClassLiteral Class = "literal" // true, false, null
	ClassPunct   Class = "punct"
)

// Pretty formats data, which is without content coding, by contentType and by what it
// looks like: JSON, images and binary data are recognised under any type. width is the
// room for dumps in columns; 0 means 80.
func Pretty(contentType string, data []byte, width int) View {
	return pretty(contentType, data, width, 0)
}

func pretty(contentType string, data []byte, width, depth int) View {
	if len(data) == 0 {
		return View{Kind: KindEmpty}
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		mediaType, params = strings.TrimSpace(mediaType), nil
	}
	if v, ok := image(data); ok {
		return v
	}
	if mediaType == "multipart/form-data" || strings.HasPrefix(mediaType, "multipart/") {
		if v, ok := multipartView(params["boundary"], data, width, depth); ok {
			return v
		}
	}
	text, charset, ok := toText(data, params["charset"])
	if !ok {
		return hexDump(data, width)
	}
	v := prettyText(mediaType, text)
	if charset != "" {
		v.Note = join(v.Note, "decoded from "+charset)
	}
	if len(v.Text) > maxPretty {
		v.Text, v.Note = strings.ToValidUTF8(v.Text[:maxPretty], ""), join(v.Note, fmt.Sprintf("only the first %d bytes are shown", maxPretty))
		v.Spans = cutSpans(v.Spans, len(v.Text))
	}
	return v
}

// prettyText formats a text body.
func prettyText(mediaType, text string) View {
	isJSON := mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
	isLines := strings.Contains(mediaType, "ndjson") || strings.Contains(mediaType, "jsonl") || strings.Contains(mediaType, "json-seq")
	switch {
	case isLines:
		if v, ok := jsonLines(text); ok {
			return v
		}
	case isJSON:
		return jsonView(text)
	case looksJSON(text) && !strings.Contains(mediaType, "javascript"):
		if v := jsonView(text); v.Kind == KindJSON {
			if mediaType != "" {
				v.Note = join("JSON served as "+Terminal(mediaType, false), v.Note)
			}
			return v
		}
		if v, ok := jsonLines(text); ok {
			return v
		}
	}
	switch {
	case mediaType == "application/x-www-form-urlencoded":
		return form(text)
	case mediaType == "text/html" || mediaType == "application/xhtml+xml" || mediaType == "" && looksHTML(text):
		return View{Kind: KindHTML, Text: Terminal(text, false)}
	case strings.HasSuffix(mediaType, "/xml") || strings.HasSuffix(mediaType, "+xml"):
		return View{Kind: KindXML, Text: Terminal(text, false)}
	}
	return View{Kind: KindText, Text: Terminal(text, false)}
}

func looksHTML(text string) bool {
	start := strings.ToLower(strings.TrimLeft(text[:min(len(text), 512)], " \t\r\n"))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

func join(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "; " + b
}

// form shows one pair a line, decoded, in the order of the body.
func form(text string) View {
	var b strings.Builder
	bad := 0
	decode := func(s string) string {
		d, err := url.QueryUnescape(s)
		if err != nil {
			bad++
			return s
		}
		return d
	}
	for pair := range strings.SplitSeq(strings.TrimSpace(text), "&") {
		if pair == "" {
			continue
		}
		k, val, _ := strings.Cut(pair, "=")
		val = strings.ReplaceAll(Terminal(decode(val), false), "\n", "\n    ")
		fmt.Fprintf(&b, "%s = %s\n", strings.ReplaceAll(Terminal(decode(k), false), "\n", " "), val)
	}
	v := View{Kind: KindForm, Text: b.String()}
	if bad > 0 {
		v.Note = fmt.Sprintf("%d parts with bad %% escapes are shown as sent", bad)
	}
	return v
}

// toText returns data as UTF-8. charset is the one that it was decoded from when that
// is not UTF-8. ok is false for what is not text.
func toText(data []byte, declared string) (text, charset string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], false), "UTF-16LE", true
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], true), "UTF-16BE", true
	}
	switch declared = strings.ToLower(declared); declared {
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii", "ascii", "iso-8859-15", "cp1252":
		if !utf8.Valid(data) {
			return fromLatin(data), declared, true
		}
	case "utf-16le", "utf-16":
		return fromUTF16(data, false), declared, true
	case "utf-16be":
		return fromUTF16(data, true), declared, true
	}
	return string(data), "", isText(data)
}

// isText reports whether data reads as UTF-8 text. The last bytes may be the beginning
// of a character: a recorded body may be cut anywhere.
func isText(data []byte) bool {
	head := data[:min(len(data), 64<<10)]
	control, wrong := 0, 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		switch {
		case r == 0:
			return false
		case r == utf8.RuneError && n == 1:
			if utf8.FullRune(head[i:]) {
				wrong++
			}
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != 0x1b:
			control++
		}
		i += n
	}
	return control*50 <= len(head) && wrong*20 <= len(head)
}

func fromUTF16(data []byte, big bool) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		a, b := uint16(data[2*i]), uint16(data[2*i+1])
		if units[i] = b<<8 | a; big {
			units[i] = a<<8 | b
		}
	}
	return string(utf16.Decode(units))
}

// windows1252 holds 0x80 to 0x9f, where the web's "latin1" differs from Unicode
// (WHATWG Encoding, single-byte decoders); 0 where it does not. Read only.
var windows1252 = [32]rune{0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178}

func fromLatin(data []byte) string {
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, c := range data {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 && windows1252[c-0x80] != 0 {
			r = windows1252[c-0x80]
		}
		b.WriteRune(r)
	}
	return b.String()
}
