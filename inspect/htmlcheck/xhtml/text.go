package xhtml

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// words gathers the text of a node. As long as it is as it stands in the source, nothing is
// copied.
type words struct {
	start int
	plain bool // the text is text[start:]
	buf   []byte
}

func (w *words) begin(at int) { w.start, w.plain, w.buf = at, true, w.buf[:0] }

// copyUp makes what was read so far a copy, because what follows is not as in the source.
func (w *words) copyUp(text string, to int) {
	if w.plain {
		w.buf = append(w.buf, text[w.start:to]...)
		w.plain = false
	}
}

func (w *words) add(s string) {
	if !w.plain {
		w.buf = append(w.buf, s...)
	}
}

func (w *words) string(text string, to int) string {
	if w.plain {
		return text[w.start:to]
	}
	return string(w.buf)
}

// characters reads CharData, Reference and CDSect ([43]) up to other markup, as one node.
func (r *reader) characters() {
	if len(r.open) == 0 {
		r.outside()
		return
	}
	start := r.i
	w := &r.words
	w.begin(start)
	for r.i < len(r.text) && !r.dead {
		n := strings.IndexAny(r.text[r.i:], "<&]")
		if n < 0 {
			n = len(r.text) - r.i
		}
		w.add(r.text[r.i : r.i+n])
		if r.i += n; r.i == len(r.text) {
			break
		}
		switch rest := r.text[r.i:]; {
		case rest[0] == ']':
			if strings.HasPrefix(rest, "]]>") {
				r.fatal("parse-tree/xml-cdata-end", "2.4", "`]]>` must be written `]]&gt;` in text", 3)
				continue
			}
			w.add("]")
			r.i++
		case rest[0] == '&':
			w.copyUp(r.text, r.i)
			s, _ := r.reference()
			w.add(s)
		case strings.HasPrefix(rest, "<![CDATA["):
			w.copyUp(r.text, r.i)
			r.cdata()
		default:
			r.addText(start)
			return
		}
	}
	r.addText(start)
}

func (r *reader) addText(start int) {
	if data := r.words.string(r.text, r.i); data != "" {
		r.at.Append(&parse.Node{Kind: parse.TextNode, Data: data, Span: r.span(start, r.i)})
	}
}

// outside reads what is outside the root element, where only white space may be.
func (r *reader) outside() {
	if r.space() {
		return
	}
	n := strings.IndexByte(r.text[r.i:], '<')
	if n < 0 {
		n = len(r.text) - r.i
	}
	message := "text must be inside the root element"
	if r.rooty {
		message = "the root element has ended; after it there can be comments only"
	}
	r.fatal("parse-tree/xml-content", "2.1", message, min(n, maxMark))
}

func (r *reader) cdata() {
	body := r.text[r.i+9:]
	n := strings.Index(body, "]]>")
	if n < 0 {
		r.fatalAtEnd("parse-tree/eof-xml-cdata", "2.7", "the CDATA section does not end: it needs `]]>`")
		return
	}
	r.words.add(body[:n])
	r.i += 9 + n + 3
}

// reference reads Reference ([67]) and returns what it stands for; ok is false when that is
// not known, or markup.
func (r *reader) reference() (value string, ok bool) {
	start := r.i
	r.i++
	if strings.HasPrefix(r.text[r.i:], "#") {
		return r.characterReference(start)
	}
	name := r.name()
	if name == "" {
		r.i = start
		r.fatal("parse-tree/xml-ampersand", "2.4", "a literal `&` must be written `&amp;`", 1)
		return "", false
	}
	if !strings.HasPrefix(r.text[r.i:], ";") {
		n := r.i - start
		r.i = start
		r.fatal("parse-tree/xml-ampersand", "4.1", "the reference "+quote("&"+name)+" needs a `;` at its end; a literal `&` is `&amp;`", n)
		return "", false
	}
	r.i++
	return r.entity(name, start)
}

// entity returns the text of an entity whose reference begins at start.
func (r *reader) entity(name string, start int) (string, bool) {
	switch name {
	case "amp":
		return "&", true
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	if value, declared := r.entities[name]; declared {
		return r.expand(value, 0), true
	}
	f := finding.Finding{Rule: "parse-token/xml-undeclared-entity", Section: "XML 1.0 4.1"}
	value := html.UnescapeString("&" + name + ";")
	if c, n := utf8.DecodeRuneInString(value); n == len(value) {
		number := "&#" + itoa(int(c)) + ";"
		f.Message = "XML does not know the entity " + quote("&"+name+";") + ": write the character itself, or " + quote(number)
	} else {
		value = ""
		f.Message = "the entity " + quote("&"+name+";") + " is not declared; a literal `&` is `&amp;`"
	}
	r.report(f, start, r.i)
	return value, value != ""
}

// maxEntityDepth is how deep entities may name others.
const maxEntityDepth = 16

// expand replaces the references in the value of an entity. Markup in it is left out: see the
// package comment.
func (r *reader) expand(value string, depth int) string {
	if depth > maxEntityDepth || strings.Contains(value, "<") {
		return ""
	}
	var b strings.Builder
	for value != "" {
		n := strings.IndexByte(value, '&')
		if n < 0 {
			n = len(value)
		}
		if r.expanded += n + 1; r.expanded > maxEntities { // a reference counts, too
			return ""
		}
		b.WriteString(value[:n])
		value = value[n:]
		name, rest, ok := strings.Cut(strings.TrimPrefix(value, "&"), ";")
		if value == "" || !ok {
			break
		}
		value = rest
		if inner, declared := r.entities[name]; declared {
			b.WriteString(r.expand(inner, depth+1))
		} else {
			b.WriteString(html.UnescapeString("&" + name + ";"))
		}
	}
	return b.String()
}

// characterReference reads CharRef ([66]); it stands behind the ampersand.
func (r *reader) characterReference(start int) (string, bool) {
	r.i++
	base, digits := 10, "0123456789"
	if strings.HasPrefix(r.text[r.i:], "x") {
		r.i++
		base, digits = 16, "0123456789abcdefABCDEF"
	}
	rest := r.text[r.i:]
	n := len(rest) - len(strings.TrimLeft(rest, digits))
	if n == 0 || n == len(rest) || rest[n] != ';' {
		length := r.i - start + n
		r.i = start
		r.fatal("parse-tree/xml-character-reference", "4.1", "a character reference is `&#` with a decimal number or `&#x` with a hexadecimal one, and `;`", length)
		return "", false
	}
	number, err := strconv.ParseUint(rest[:n], base, 32)
	r.i += n + 1
	c := rune(0xFFFFF0)
	if err == nil && number <= utf8.MaxRune {
		c = rune(number)
	}
	if !isChar(c) {
		length := r.i - start
		r.i = start
		r.fatal("parse-tree/xml-character-reference", "4.1", quote(r.text[start:start+length])+" means no character that XML allows", length)
		return "", false
	}
	return string(c), true
}

// isChar reports whether c is a Char ([2]).
func isChar(c rune) bool {
	return c >= 0x20 && c <= 0xD7FF || c == '\t' || c == '\n' || c == '\r' || c >= 0xE000 && c <= 0xFFFD ||
		c >= 0x10000 && c <= utf8.MaxRune
}
