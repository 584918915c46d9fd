package redundant

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const (
	secCharmod = "Charmod-Norm 3"
	secBidi    = "UAX 9"
)

// texts judges the characters of a page.
type texts struct {
	page *finding.Page
	emit finding.Sink

	private, mark bool // told already
	parent, block *parse.Node
	bidi          []opener
}

// opener is a character that opens a direction, in a text node of the block in hand.
type opener struct {
	char rune
	at   parse.Span
	node *parse.Node
}

// maxOpeners bounds the open directions of a block; Unicode's algorithm stops at 125.
const maxOpeners = 125

// maxQuote bounds how much of a text is shown as it should be, in bytes.
const maxQuote = 60

func (t *texts) say(rule finding.Rule, section string, at parse.Span, n *parse.Node, message string) {
	t.emit(finding.Finding{
		Rule: rule, Severity: inspect.SeverityWarning, Span: at,
		Message: message, Section: section, Node: n,
	})
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// attributes judges the values of an element's attributes.
func (t *texts) attributes(n *parse.Node) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if ascii(a.Value) {
			continue
		}
		if !norm.NFC.IsNormalString(a.Value) {
			t.say("text/not-normalized", secCharmod, a.ValueSpan, n, fmt.Sprintf(
				"the value of %s is not in Unicode Normalization Form C: it should be %s", a.Name, normal(a.Value)))
		}
		t.single(a.Value, a.ValueSpan, n)
	}
}

// text judges a text node. Scripts and style sheets are code, with escapes of their own.
func (t *texts) text(n *parse.Node) {
	if ascii(n.Data) || n.Parent.Is(parse.TagScript) || n.Parent.Is(parse.TagStyle) {
		return
	}
	switch first, _ := utf8.DecodeRuneInString(n.Data); {
	case unicode.Is(unicode.M, first) && !norm.NFC.PropertiesString(n.Data).BoundaryBefore():
		t.say("text/starts-with-mark", secCharmod, t.find(n, first, 0), n,
			fmt.Sprintf("a text must not begin with %U, which combines with the character before it: there is none in the element", first))
	case !norm.NFC.IsNormalString(n.Data):
		t.say("text/not-normalized", secCharmod, n.Span, n,
			"the text is not in Unicode Normalization Form C, so that searching and comparing may fail: it should be "+normal(n.Data))
	}
	if t.single(n.Data, n.Span, n) {
		t.direction(n)
	}
}

// normal quotes the first part of s that normalization changes, as it should be.
func normal(s string) string {
	i := min(norm.NFC.QuickSpanString(s), len(s))
	i = strings.LastIndexAny(s[:i], " \t\n\r") + 1
	rest := s[i:]
	if end := strings.IndexAny(rest[min(1, len(rest)):], "\t\n\r"); end >= 0 {
		rest = rest[:end+1]
	}
	if len(rest) > maxQuote {
		rest = strings.ToValidUTF8(rest[:maxQuote], "")
	}
	return fmt.Sprintf("%q", norm.NFC.String(rest))
}

// single reports characters that are told once a page. It says whether s has any that
// change the direction of the text.
func (t *texts) single(s string, at parse.Span, n *parse.Node) (directed bool) {
	for _, r := range s {
		switch {
		case r < '\u202A':
		case r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			directed = true
		case r == '\uFEFF' && !t.mark:
			t.mark = true
			t.say("text/byte-order-mark", "Unicode 23.8", at, n,
				"U+FEFF, a byte order mark, stands in the middle of the page, where it is an invisible character: it comes from files that were joined. Leave it out")
		case r >= '\uE000' && !t.private && unicode.Is(unicode.Co, r):
			t.private = true
			t.say("text/private-use", "Charmod C073", at, n, fmt.Sprintf(
				"%U is a private use character: it means nothing without its font, and screen readers may read nonsense. Use CSS content or an SVG with a text alternative", r))
		}
	}
	return directed
}

// direction follows the characters that change the direction of the text. What one opens
// must be closed in the same block.
func (t *texts) direction(n *parse.Node) {
	if n.Parent != t.parent {
		t.parent = n.Parent
		if b := blockOf(n.Parent); b != t.block {
			t.closeBlock()
			t.block = b
		}
	}
	for i, r := range n.Data {
		switch r {
		case '\u202A', '\u202B', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068':
			if len(t.bidi) < maxOpeners {
				t.bidi = append(t.bidi, opener{r, t.find(n, r, i), n})
			}
		case '\u202C', '\u2069':
			t.close(r == '\u2069')
		}
	}
}

// close drops the last opener of the kind, and what was opened in it.
func (t *texts) close(isolate bool) {
	for i := len(t.bidi) - 1; i >= 0; i-- {
		if (t.bidi[i].char >= '\u2066') == isolate {
			t.bidi = t.bidi[:i]
			return
		}
	}
}

func (t *texts) closeBlock() {
	for _, o := range t.bidi {
		t.say("text/bidi-open", secBidi, o.at, o.node, fmt.Sprintf(
			"%U changes the direction of all text after it in the paragraph, and nothing ends it: end it with %s, or use the dir attribute",
			o.char, ending(o.char)))
	}
	t.bidi = t.bidi[:0]
}

func ending(r rune) string {
	if r >= '\u2066' {
		return "U+2069"
	}
	return "U+202C"
}

// maxUp bounds how far up a block is looked for.
const maxUp = 64

// blockOf returns the nearest element around that is a paragraph of its own.
func blockOf(n *parse.Node) *parse.Node {
	for range maxUp {
		if n.Parent == nil || n.Space == parse.HTML && !isInline(n.Name) {
			return n
		}
		n = n.Parent
	}
	return n
}

func isInline(name string) bool {
	switch name {
	case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
		"mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var":
		return true
	}
	return false
}

// find returns where the character at off of the node's text stands in the document, or
// the whole text where that is not known: behind character references, or in a document
// that was decoded.
func (t *texts) find(n *parse.Node, r rune, off int) parse.Span {
	in := t.page.Doc.Input
	text := in.Text
	if in.Offset(len(text)) != len(text) || n.Span.End > len(text) || n.Span.Len() != len(n.Data) {
		return n.Span
	}
	at := n.Span.Start + off
	if got, size := utf8.DecodeRuneInString(text[at:]); got == r {
		return parse.Span{Start: at, End: at + size}
	}
	return n.Span
}
