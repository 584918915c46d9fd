package xhtml

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// The limits.
const (
	maxDepth    = 2048    // open elements: the same as package parse keeps
	maxFindings = 1000    // findings of the reader: more helps nobody
	maxEntities = 1 << 16 // bytes and references that entities may add to a document: protection against bombs
)

// Parse reads a document. contentType is the HTTP header, for its charset. It never fails:
// each input has a tree. It is safe for concurrent use.
func Parse(doc []byte, contentType string) (*finding.Page, []finding.Finding) {
	label, known := encodingLabel(doc, contentType)
	size := len(doc)
	r := &reader{}
	if label == "utf-8" {
		if n := invalidUTF8(doc); n >= 0 {
			doc = doc[:n]
			r.cut = &finding.Finding{Rule: "encoding/malformed-byte-sequence", Section: "XML 1.0 4.3.3",
				Message: "these bytes are not UTF-8: save the document as UTF-8, or name its encoding in the XML declaration"}
		}
	}
	r.in = parse.Decode(doc, "application/xhtml+xml; charset="+label)
	r.text = r.in.Text
	if n := illegalChar(r.text); n >= 0 {
		r.text = r.text[:n]
		r.cut = &finding.Finding{Rule: "parse-token/xml-illegal-character", Section: "XML 1.0 2.2",
			Message: "XML does not allow this character, not even as a reference: take it out"}
	}
	r.start(size)
	if !known {
		r.report(finding.Finding{Rule: "encoding/unknown-encoding", Section: "XML 1.0 4.3.3",
			Message: "the encoding " + quote(label) + " is not known: use UTF-8"}, 0, 0)
	}
	r.read()
	return &finding.Page{Doc: r.doc, XHTML: true}, r.found
}

var declaredEncoding = regexp.MustCompile(`^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']`)

// encodingLabel finds the encoding (XML 1.0 appendix F, RFC 7303 3): byte order mark, header,
// XML declaration; UTF-8 without them. known is false for a label that nothing stands for.
func encodingLabel(doc []byte, contentType string) (label string, known bool) {
	switch {
	case bytes.HasPrefix(doc, []byte("\xEF\xBB\xBF")):
		return "utf-8", true
	case bytes.HasPrefix(doc, []byte("\xFE\xFF")), bytes.HasPrefix(doc, []byte("\x00<\x00?")):
		return "utf-16be", true
	case bytes.HasPrefix(doc, []byte("\xFF\xFE")), bytes.HasPrefix(doc, []byte("<\x00?\x00")):
		return "utf-16le", true
	}
	label = "utf-8"
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		label = params["charset"]
	} else if m := declaredEncoding.FindSubmatch(doc[:min(len(doc), 1024)]); m != nil {
		label = string(m[1])
	}
	enc, err := htmlindex.Get(label)
	if err != nil {
		return label, false
	}
	if name, err := htmlindex.Name(enc); err == nil {
		// A document in UTF-16 whose declaration could be read as ASCII is not in UTF-16.
		if strings.HasPrefix(name, "utf-16") {
			name = "utf-8"
		}
		return name, true
	}
	return label, true
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(doc []byte) int {
	if utf8.Valid(doc) {
		return -1
	}
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRune(doc[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// illegalChar returns the offset of the first character that is no Char of XML ([2]), or -1.
func illegalChar(text string) int {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
		if c == 0xEF && (strings.HasPrefix(text[i:], "\uFFFE") || strings.HasPrefix(text[i:], "\uFFFF")) {
			return i
		}
	}
	return -1
}

// report adds a finding about the bytes from start to end of the text: an error when it does
// not say otherwise.
func (r *reader) report(f finding.Finding, start, end int) { r.reportAt(f, r.span(start, end)) }

// reportAt is report with a place in the document.
func (r *reader) reportAt(f finding.Finding, span parse.Span) {
	if len(r.found) >= maxFindings {
		return
	}
	if f.Severity == "" {
		f.Severity = inspect.SeverityError
	}
	f.Span = span
	r.found = append(r.found, f)
}

// span makes places in the text places in the document.
func (r *reader) span(start, end int) parse.Span {
	return parse.Span{Start: r.in.Offset(start), End: r.in.Offset(end)}
}

func quote(s string) string { return "`" + s + "`" }
