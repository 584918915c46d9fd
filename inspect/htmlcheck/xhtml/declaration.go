package xhtml

import (
	"regexp"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// xmlDeclaration is XMLDecl ([23]) with any value for the version.
var xmlDeclaration = regexp.MustCompile(`^<\?xml\s+version\s*=\s*(?:"([^"<]*)"|'([^'<]*)')` +
	`(?:\s+encoding\s*=\s*(?:"[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*'))?` +
	`(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>`)

// declaration reads the XML declaration, when there is one.
func (r *reader) declaration() {
	if !strings.HasPrefix(r.text, "<?xml") || len(r.text) > 5 && asciiNameChar(r.text[5], true) {
		return
	}
	head := r.text[:min(len(r.text), maxDeclaration)]
	m := xmlDeclaration.FindStringSubmatch(head)
	if m == nil {
		n := strings.Index(head, "?>")
		r.fatal("parse-tree/xml-declaration", "2.8", "the XML declaration must be like `<?xml version=\"1.0\" encoding=\"utf-8\"?>`", max(len("<?xml"), n+2))
		return
	}
	if version := m[1] + m[2]; version != "1.0" {
		r.fatal("parse-tree/xml-declaration", "2.8", "the version of XML must be 1.0, not "+quote(version), len(m[0]))
		return
	}
	r.i = len(m[0])
}

// maxDeclaration is how long an XML declaration can be that is read.
const maxDeclaration = 1024

// doctype reads doctypedecl ([28]).
func (r *reader) doctype() {
	start := r.i
	r.typed = true
	r.i += len("<!DOCTYPE")
	if !r.space() {
		r.fatal("parse-tree/xml-doctype", "2.8", "there must be white space after `<!DOCTYPE`", 1)
		return
	}
	d := &parse.DoctypeInfo{Name: r.name(), HasName: true}
	if d.Name == "" {
		r.fatal("parse-tree/xml-doctype", "2.8", "the DOCTYPE must name the root element: `<!DOCTYPE html>`", 1)
		return
	}
	r.space()
	r.externalID(d)
	r.space()
	if !r.dead && strings.HasPrefix(r.text[r.i:], "[") {
		r.i++
		r.internalSubset(start)
		r.space()
	}
	if r.dead {
		return
	}
	if !strings.HasPrefix(r.text[r.i:], ">") {
		r.fatal("parse-tree/xml-doctype", "2.8", "the DOCTYPE must end with `>` where "+r.characterAt()+" is", 1)
		return
	}
	r.i++
	r.at.Append(&parse.Node{Kind: parse.DoctypeNode, Name: d.Name, Doctype: d, Span: r.span(start, r.i)})
}

// externalID reads ExternalID ([75]), when there is one.
func (r *reader) externalID(d *parse.DoctypeInfo) {
	rest := r.text[r.i:]
	switch {
	case strings.HasPrefix(rest, "PUBLIC"):
		r.i += len("PUBLIC")
		d.HasPublic = true
		d.Public = r.identifier()
	case strings.HasPrefix(rest, "SYSTEM"):
		r.i += len("SYSTEM")
	default:
		return
	}
	d.HasSystem = true
	if !r.dead {
		d.System = r.identifier()
	}
}

// identifier reads white space and a text in quotes.
func (r *reader) identifier() string {
	spaced := r.space()
	if r.i < len(r.text) && (r.text[r.i] == '"' || r.text[r.i] == '\'') && spaced {
		if value, _, ok := strings.Cut(r.text[r.i+1:], r.text[r.i:r.i+1]); ok {
			r.i += len(value) + 2
			return value
		}
	}
	r.fatal("parse-tree/xml-doctype", "4.2.2", "an identifier in quotes must follow here, after white space; `PUBLIC` is followed by two, `SYSTEM` by one", 1)
	return ""
}

// internalSubset reads intSubset ([28b]) and its closing bracket. Only declarations of
// entities with a value count; the others are read over.
func (r *reader) internalSubset(start int) {
	for !r.dead {
		r.space()
		rest := r.text[r.i:]
		switch {
		case rest == "":
			r.i = start
			r.fatalAtEnd("parse-tree/eof-xml-doctype", "2.8", "the DOCTYPE does not end: its declarations need `]>`")
		case rest[0] == ']':
			r.i++
			return
		case strings.HasPrefix(rest, "<!--"):
			n := strings.Index(rest[4:], "-->")
			if n < 0 {
				r.fatalAtEnd("parse-tree/eof-xml-comment", "2.5", "the comment does not end: it needs `-->`")
				return
			}
			r.i += 4 + n + 3
		case strings.HasPrefix(rest, "<?"):
			n := strings.Index(rest, "?>")
			if n < 0 {
				r.fatalAtEnd("parse-tree/eof-xml-instruction", "2.6", "the processing instruction does not end: it needs `?>`")
				return
			}
			r.i += n + 2
		case strings.HasPrefix(rest, "<!"):
			r.markupDeclaration()
		case rest[0] == '%' && strings.Contains(rest, ";"):
			r.i += strings.IndexByte(rest, ';') + 1
		default:
			r.fatal("parse-tree/xml-doctype", "2.8", "a declaration, `]` or white space must be where "+r.characterAt()+" is", 1)
		}
	}
}

var entityDeclaration = regexp.MustCompile(`^<!ENTITY\s+([^\s%"'<>]+)\s+("[^"]*"|'[^']*')\s*>`)

// maxSubsetEntities bounds the entities that a document declares.
const maxSubsetEntities = 10000

// markupDeclaration reads markupdecl ([29]).
func (r *reader) markupDeclaration() {
	rest := r.text[r.i:]
	if m := entityDeclaration.FindStringSubmatch(rest); m != nil {
		if r.entities == nil {
			r.entities = map[string]string{}
		}
		if _, twice := r.entities[m[1]]; !twice && len(r.entities) < maxSubsetEntities {
			r.entities[m[1]] = m[2][1 : len(m[2])-1]
		}
		r.i += len(m[0])
		return
	}
	for n := 0; n < len(rest); n++ {
		switch rest[n] {
		case '>':
			r.i += n + 1
			return
		case '"', '\'':
			end := strings.IndexByte(rest[n+1:], rest[n])
			if end < 0 {
				n = len(rest)
				continue
			}
			n += end + 1
		}
	}
	r.fatalAtEnd("parse-tree/eof-xml-doctype", "2.8", "the declaration does not end: it needs `>`")
}
