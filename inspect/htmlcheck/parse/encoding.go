package parse

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// EncodingSource says how an encoding was found.
type EncodingSource string

// The sources, in the order in which they are asked.
const (
	FromBOM    EncodingSource = "bom"
	FromHeader EncodingSource = "header"
	FromMeta   EncodingSource = "meta"
	// FromBytes is UTF-8 in spite of a meta element that says another encoding: all bytes
	// are UTF-8. Browsers believe the meta element; a check that did so too would report
	// the letters that come out instead of the one thing that is wrong.
	FromBytes EncodingSource = "bytes"
	FromGuess EncodingSource = "guess"
)

const (
	utf8Name        = "utf-8"
	windows1252Name = "windows-1252"
	// prescanBytes is how far a meta element is looked for (13.2.3.2).
	prescanBytes = 1024
)

// sniff is the encoding sniffing algorithm (13.2.3.2).
func (in *Input) sniff(doc []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(doc, []byte("\xEF\xBB\xBF")):
		in.Source = FromBOM
		return utf8Name
	case bytes.HasPrefix(doc, []byte("\xFE\xFF")):
		in.Source = FromBOM
		return "utf-16be"
	case bytes.HasPrefix(doc, []byte("\xFF\xFE")):
		in.Source = FromBOM
		return "utf-16le"
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		if name, ok := encodingName(params["charset"]); ok {
			in.Source = FromHeader
			return name
		}
		in.errs.add(Error{Code: UnknownEncoding, Related: -1, Name: params["charset"]})
	}
	if name := prescan(doc[:min(len(doc), prescanBytes)]); name != "" {
		if name != utf8Name && isUTF8(doc) {
			in.Source = FromBytes
			return utf8Name
		}
		in.Source = FromMeta
		return name
	}
	// A browser would guess by its user's language. A document must be UTF-8 (4.2.5.4), so
	// other bytes are reported.
	in.Source = FromGuess
	return utf8Name
}

// isUTF8 reports whether a document is in UTF-8 and not just in ASCII.
func isUTF8(doc []byte) bool {
	return bytes.IndexFunc(doc, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 && utf8.Valid(doc)
}

// encodingName returns the standard's name for a label.
func encodingName(label string) (string, bool) {
	enc, err := htmlindex.Get(strings.Trim(label, " \t\n\f\r"))
	if err != nil {
		return "", false
	}
	name, err := htmlindex.Name(enc)
	return name, err == nil
}

// metaEncoding is encodingName for a label in the document itself, which cannot be UTF-16.
func metaEncoding(label string) string {
	name, ok := encodingName(label)
	switch {
	case !ok:
		return ""
	case name == "utf-16le" || name == "utf-16be" || name == "utf-16":
		return utf8Name
	case name == "x-user-defined":
		return windows1252Name
	}
	return name
}

func bomLength(doc []byte, name string) int {
	switch {
	case name == utf8Name && bytes.HasPrefix(doc, []byte("\xEF\xBB\xBF")):
		return 3
	case name == "utf-16be" && bytes.HasPrefix(doc, []byte("\xFE\xFF")), name == "utf-16le" && bytes.HasPrefix(doc, []byte("\xFF\xFE")):
		return 2
	}
	return 0
}

// prescan is "prescan a byte stream to determine its encoding" (13.2.3.2).
func prescan(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("<\x00?\x00x\x00")):
		return "utf-16le"
	case bytes.HasPrefix(b, []byte("\x00<\x00?\x00x")):
		return "utf-16be"
	}
	p := prescanner{b: b}
	for p.i < len(b) {
		i := bytes.IndexByte(b[p.i:], '<')
		if i < 0 {
			break
		}
		p.i += i
		if name := p.markup(); name != "" {
			return name
		}
	}
	return xmlEncoding(b)
}

// prescanner walks through markup without building anything.
type prescanner struct {
	b []byte
	i int
}

// markup steps over what begins with the "<" at p.i and returns the encoding it names.
func (p *prescanner) markup() string {
	rest := p.b[p.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		end := bytes.Index(rest[2:], []byte("-->"))
		if end < 0 {
			p.i = len(p.b)
			return ""
		}
		p.i += 2 + end + 3
	case len(rest) > 5 && strings.EqualFold(string(rest[:5]), "<meta") && (isSpace(int(rest[5])) || rest[5] == '\r' || rest[5] == '/'):
		p.i += 5
		return p.meta()
	case len(rest) > 1 && isAlpha(int(rest[1])), len(rest) > 2 && rest[1] == '/' && isAlpha(int(rest[2])):
		for p.i < len(p.b) && !prescanSpace(p.b[p.i]) && p.b[p.i] != '>' {
			p.i++
		}
		for name := "x"; name != ""; {
			name, _ = p.attr()
		}
	case len(rest) > 1 && strings.IndexByte("!/?", rest[1]) >= 0:
		end := bytes.IndexByte(rest, '>')
		if end < 0 {
			end = len(rest) - 1
		}
		p.i += end + 1
	default:
		p.i++
	}
	return ""
}

// meta reads the attributes of a meta element.
func (p *prescanner) meta() string {
	var seen []string
	var charset string
	gotPragma, needPragma, found := false, false, false
next:
	for {
		name, value := p.attr()
		if name == "" {
			break
		}
		for _, s := range seen {
			if s == name {
				continue next
			}
		}
		seen = append(seen, name)
		switch name {
		case "http-equiv":
			gotPragma = gotPragma || value == "content-type"
		case "content":
			if c := charsetOfContent(value); c != "" && !found {
				charset, found, needPragma = c, true, true
			}
		case "charset":
			charset, found, needPragma = value, true, false
		}
	}
	if !found || needPragma && !gotPragma {
		return ""
	}
	return metaEncoding(charset)
}

// attr is "get an attribute" (13.2.3.2), in lower case.
func (p *prescanner) attr() (name, value string) {
	for p.i < len(p.b) && (prescanSpace(p.b[p.i]) || p.b[p.i] == '/') {
		p.i++
	}
	if p.i == len(p.b) || p.b[p.i] == '>' {
		return "", ""
	}
	start := p.i
	for p.i < len(p.b) && !prescanSpace(p.b[p.i]) && (p.b[p.i] != '=' || p.i == start) && p.b[p.i] != '/' && p.b[p.i] != '>' {
		p.i++
	}
	name = lowerASCII(string(p.b[start:p.i]))
	p.space()
	if p.i == len(p.b) || p.b[p.i] != '=' {
		return name, ""
	}
	p.i++
	p.space()
	if p.i == len(p.b) {
		return name, ""
	}
	if q := p.b[p.i]; q == '"' || q == '\'' {
		p.i++
		end := bytes.IndexByte(p.b[p.i:], q)
		if end < 0 {
			p.i = len(p.b)
			return "", ""
		}
		value = string(p.b[p.i : p.i+end])
		p.i += end + 1
		return name, lowerASCII(value)
	}
	start = p.i
	for p.i < len(p.b) && !prescanSpace(p.b[p.i]) && p.b[p.i] != '>' {
		p.i++
	}
	return name, lowerASCII(string(p.b[start:p.i]))
}

func (p *prescanner) space() {
	for p.i < len(p.b) && prescanSpace(p.b[p.i]) {
		p.i++
	}
}

func prescanSpace(c byte) bool { return isSpace(int(c)) || c == '\r' }

// charsetOfContent is "extract a character encoding from a meta element" (2.6.5, formerly
// 2.4.5): the label that a content attribute names, "" for none.
func charsetOfContent(s string) string {
	for {
		i := strings.Index(lowerASCII(s), "charset")
		if i < 0 {
			return ""
		}
		s = strings.TrimLeft(s[i+len("charset"):], " \t\n\f\r")
		if strings.HasPrefix(s, "=") {
			break
		}
	}
	s = strings.TrimLeft(s[1:], " \t\n\f\r")
	if s == "" {
		return ""
	}
	if q := s[0]; q == '"' || q == '\'' {
		if end := strings.IndexByte(s[1:], q); end >= 0 {
			return s[1 : 1+end]
		}
		return ""
	}
	if end := strings.IndexAny(s, " \t\n\f\r;"); end >= 0 {
		return s[:end]
	}
	return s
}

// xmlEncoding is "get an XML encoding" (13.2.3.2).
func xmlEncoding(b []byte) string {
	if !bytes.HasPrefix(b, []byte("<?xml")) {
		return ""
	}
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return ""
	}
	_, rest, ok := strings.Cut(string(b[:end]), "encoding")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, controlsAndSpace)
	rest, ok = strings.CutPrefix(rest, "=")
	rest = strings.TrimLeft(rest, controlsAndSpace)
	if !ok || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	label, _, ok := strings.Cut(rest[1:], rest[:1])
	if !ok {
		return ""
	}
	return metaEncoding(label)
}

// controlsAndSpace is the bytes 0x00 to 0x20.
const controlsAndSpace = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "
