package xhtml

import (
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// reader goes through a text once, from the front to the back.
type reader struct {
	in   *parse.Input
	text string // ends in front of what cannot be read, see cut
	i    int    // what is read up to
	// cut is the finding about the byte behind text, nil when all of the document is there.
	cut *finding.Finding

	doc   *parse.Document
	at    *parse.Node // where nodes are appended
	open  []element
	found []finding.Finding
	dead  bool // a fatal error is reported
	rooty bool // the root element has begun
	typed bool // there was a DOCTYPE

	words      words
	namespaces namespaces
	entities   map[string]string
	expanded   int // bytes that entities have added
}

// element is an open element.
type element struct {
	node     *parse.Node
	name     string // as written, with its prefix
	bindings int    // how many namespaces were declared in front of it
}

// start makes the empty tree.
func (r *reader) start(size int) {
	root := &parse.Node{Kind: parse.DocumentNode, Span: parse.Span{Start: 0, End: size}}
	r.doc = &parse.Document{Root: root, Input: r.in}
	r.at = root
	r.namespaces.init()
}

// read reads document ([1]): prolog, element, what follows.
func (r *reader) read() {
	if r.declaration(); r.dead {
		r.finish()
		return
	}
	for r.i < len(r.text) && !r.dead {
		rest := r.text[r.i:]
		switch {
		case rest[0] != '<':
			r.characters()
		case strings.HasPrefix(rest, "<!--"):
			r.comment()
		case strings.HasPrefix(rest, "<![CDATA[") && len(r.open) > 0:
			r.characters()
		case strings.HasPrefix(rest, "<!DOCTYPE") && !r.rooty && !r.typed:
			r.doctype()
		case strings.HasPrefix(rest, "<!"):
			r.badDeclaration(rest)
		case strings.HasPrefix(rest, "<?"):
			r.instruction()
		case strings.HasPrefix(rest, "</"):
			r.endTag()
		default:
			r.startTag()
		}
	}
	r.finish()
}

func (r *reader) badDeclaration(rest string) {
	switch {
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		r.fatal("parse-tree/xml-doctype", "2.8", "the DOCTYPE must stand once, in front of the first element", len("<!DOCTYPE"))
	case len(rest) >= 9 && strings.EqualFold(rest[:9], "<!DOCTYPE"):
		r.fatal("parse-tree/xml-doctype", "2.8", "XML wants `<!DOCTYPE` in capital letters", len("<!DOCTYPE"))
	case strings.HasPrefix(rest, "<![CDATA["):
		r.fatal("parse-tree/xml-content", "2.8", "outside the root element there can be comments only, no text", len("<![CDATA["))
	default:
		r.fatal("parse-tree/xml-markup", "3.1", "after `<!` XML knows `--`, `[CDATA[` and, in front of the root element, `DOCTYPE`; a literal `<` is `&lt;`", 2)
	}
}

// finish closes what is open, and says so when nothing else was said.
func (r *reader) finish() {
	if !r.dead {
		switch n := len(r.open); {
		case r.cut != nil:
			r.fatalCut()
		case n > 0:
			e := r.open[n-1]
			line, _ := r.doc.Position(e.node.Span.Start)
			r.fatal("parse-tree/xml-unclosed-element", "3", "the document ends, but "+quote(e.name)+" from line "+itoa(line)+" is open: it needs "+quote("</"+e.name+">"), 0)
		case !r.rooty:
			r.fatal("parse-tree/xml-no-root", "2.1", "the document has no element: it needs `<html xmlns=\""+htmlSpace+"\">`", 0)
		}
	}
	for _, e := range r.open {
		e.node.EndTag = r.span(r.i, r.i)
	}
	r.doc.Truncated = r.dead
}

// fatal reports the error after which XML reading ends. It is about the next n bytes.
func (r *reader) fatal(rule finding.Rule, section, message string, n int) {
	if r.dead {
		return
	}
	if r.cut != nil && r.i+n >= len(r.text) {
		r.fatalCut()
		return
	}
	r.dead = true
	end := min(len(r.text), r.i+n)
	for end < len(r.text) && !utf8.RuneStart(r.text[end]) {
		end++
	}
	r.report(finding.Finding{Rule: rule, Section: "XML 1.0 " + section, Message: message}, r.i, end)
}

// fatalCut reports the byte at which the readable text ends.
func (r *reader) fatalCut() {
	r.dead = true
	at := len(r.text)
	end := at + 1
	if end <= len(r.in.Text) {
		_, n := utf8.DecodeRuneInString(r.in.Text[at:])
		end = at + n
		r.report(*r.cut, at, end)
		return
	}
	start := r.in.Offset(at)
	r.reportAt(*r.cut, parse.Span{Start: start, End: start + 1})
}

// characterAt is the next character in backquotes, for messages.
func (r *reader) characterAt() string {
	if r.i >= len(r.text) {
		return "the end of the document"
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.i:])
	if c == '\n' {
		return "a line end"
	}
	return quote(string(c))
}

// space skips white space and reports whether there was any.
func (r *reader) space() bool {
	start := r.i
	for r.i < len(r.text) && isSpace(r.text[r.i]) {
		r.i++
	}
	return r.i > start
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// comment reads Comment ([15]).
func (r *reader) comment() {
	body := r.text[r.i+4:]
	n := strings.Index(body, "--")
	switch {
	case n < 0:
		r.fatalAtEnd("parse-tree/eof-xml-comment", "2.5", "the comment does not end: it needs `-->`")
		return
	case n+2 >= len(body):
		r.fatalAtEnd("parse-tree/eof-xml-comment", "2.5", "the comment does not end: it needs `-->`")
		return
	case body[n+2] != '>':
		r.i += 4 + n
		r.fatal("parse-tree/xml-comment", "2.5", "a comment must not have `--` in it", 2)
		return
	}
	end := r.i + 4 + n + 3
	r.at.Append(&parse.Node{Kind: parse.CommentNode, Data: body[:n], Span: r.span(r.i, end)})
	r.i = end
}

// fatalAtEnd is fatal for something that has a beginning here and no end. Its rule begins
// with eof-, by which a document that was read in part only is told apart.
func (r *reader) fatalAtEnd(rule finding.Rule, section, message string) {
	if r.cut != nil {
		r.fatalCut()
		return
	}
	r.fatal(rule, section, message, min(maxMark, len(r.text)-r.i))
}

// maxMark is how much is marked of something that never ends.
const maxMark = 40

// instruction reads PI ([16]).
func (r *reader) instruction() {
	start := r.i
	r.i += 2
	target := r.name()
	if target == "" {
		r.fatal("parse-tree/xml-instruction", "2.6", "a name must follow `<?`", 0)
		return
	}
	if strings.Contains(target, ":") {
		r.i = start + 2
		r.fatal("parse-tree/xml-instruction", "2.6", "the name of a processing instruction must not have a colon", len(target))
		return
	}
	if strings.EqualFold(target, "xml") {
		r.i = start
		r.fatal("parse-tree/xml-declaration", "2.8", "the XML declaration `<?xml …?>` must be the very first thing in the document", len("<?xml"))
		return
	}
	n := strings.Index(r.text[r.i:], "?>")
	if n < 0 {
		r.i = start
		r.fatalAtEnd("parse-tree/eof-xml-instruction", "2.6", "the processing instruction does not end: it needs `?>`")
		return
	}
	data := r.text[r.i : r.i+n]
	if data != "" && !isSpace(data[0]) {
		r.fatal("parse-tree/xml-instruction", "2.6", "the name of a processing instruction is followed by white space or `?>`, not by "+r.characterAt(), 1)
		return
	}
	r.i += n + 2
	if target == "xml-stylesheet" {
		r.stylesheet(data, start)
	}
	r.at.Append(&parse.Node{
		Kind: parse.ProcessingInstructionNode, Name: target, Data: strings.TrimLeft(data, " \t\r\n"), Span: r.span(start, r.i),
	})
}
