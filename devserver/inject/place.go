package inject

import (
	"bytes"
	"strings"
)

// window is how much of the decoded page is searched for the place of the tag.
// Only the doctype, comments and the <html> tag may stand before it, so 64 KiB
// leaves room for a whole licence text.
const window = 64 << 10

// verdict is what a placer says of the bytes it has seen.
type verdict int

const (
	more   verdict = iota // the place may still come
	found                 // the place is here
	giveUp                // there is none; copy the rest
)

// A placer finds the first place inside <head>. It follows the "initial", "before
// html" and "before head" insertion modes of the WHATWG parser: right behind a
// <head> tag, or in front of whatever makes the parser imply one.
// https://html.spec.whatwg.org/multipage/parsing.html#the-before-head-insertion-mode
//
// In XML nothing is implied: there the place is behind a <head> tag only.
type placer struct {
	xml     bool
	certain bool // the request was for a page, so whatever comes is one
	page    bool // a doctype, <html>, <head> or <body> has been seen
	began   bool // the byte order mark has been dealt with
	held    []byte
	seen    int
}

// feed takes the next bytes of the page and returns those that may go out now.
// With found the place is behind out and in front of what rest returns. The result
// is valid until the next call.
func (p *placer) feed(b []byte) (out []byte, v verdict) {
	p.held = append(p.held, b...)
	n := 0
	for v == more {
		var size int
		size, v = p.token(p.held[n:])
		if size == 0 && v == more {
			break // incomplete
		}
		n += size
	}
	if v == found && !p.page && !p.certain {
		v = giveUp // a fragment
	}
	if p.seen+n > window || v == more && p.seen+len(p.held) > window {
		v = giveUp
	}
	p.seen += n
	out, p.held = p.held[:n:n], p.held[n:]
	return out, v
}

// rest returns the bytes that are held back and forgets them.
func (p *placer) rest() []byte {
	b := p.held
	p.held = nil
	return b
}

// token returns the size of the token at the start of b that the place is behind,
// or the verdict that it is in front of it.
func (p *placer) token(b []byte) (size int, v verdict) {
	if !p.began {
		return p.begin(b)
	}
	if len(b) == 0 {
		return 0, more
	}
	if i := len(b) - len(bytes.TrimLeft(b, "\t\n\f\r ")); i > 0 {
		return i, more
	}
	if b[0] != '<' {
		return 0, p.implied()
	}
	if len(b) < 2 {
		return 0, more
	}
	switch c := b[1]; {
	case c == '!':
		return p.declaration(b)
	case c == '?' && p.xml:
		return until(b, "?>")
	case c == '?':
		return until(b, ">")
	case c == '/':
		return p.endTag(b)
	case letter(c):
		return p.startTag(b)
	}
	return 0, p.implied()
}

// begin skips a UTF-8 byte order mark and gives up on UTF-16 and UTF-32, with their
// marks or without: markup begins with an ASCII byte that has a zero beside it there.
func (p *placer) begin(b []byte) (int, verdict) {
	if len(b) < 4 {
		return 0, more // no page is that short
	}
	if b[0] == 0xFE && b[1] == 0xFF || b[0] == 0xFF && b[1] == 0xFE || b[0] == 0 || b[1] == 0 {
		return 0, giveUp
	}
	p.began = true
	if bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) {
		return 3, more
	}
	return p.token(b)
}

// implied is the verdict where the HTML parser would make a head by itself.
func (p *placer) implied() verdict {
	if p.xml {
		return giveUp
	}
	return found
}

// declaration measures a comment, a doctype or a bogus comment.
func (p *placer) declaration(b []byte) (int, verdict) {
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return comment(b)
	case len(b) < len("<!--") && bytes.HasPrefix([]byte("<!--"), b):
		return 0, more
	}
	const doctype = "<!doctype"
	isDoctype := len(b) >= len(doctype) && bytes.EqualFold(b[:len(doctype)], []byte(doctype))
	size, v := until(b, ">")
	if p.xml && bytes.IndexByte(b[:size], '[') >= 0 {
		return 0, giveUp // an internal subset: its end is not the next '>'
	}
	if size > 0 && isDoctype {
		p.page = true
	}
	return size, v
}

// comment measures a comment by the tokenizer's rules: "<!-->" and "<!--->" are
// whole, and "--!>" ends one as "-->" does.
func comment(b []byte) (int, verdict) {
	for _, short := range [...]string{"<!-->", "<!--->"} {
		if bytes.HasPrefix(b, []byte(short)) {
			return len(short), more
		}
	}
	body := b[len("<!--"):]
	a, z := bytes.Index(body, []byte("-->")), bytes.Index(body, []byte("--!>"))
	switch {
	case a >= 0 && (z < 0 || a < z):
		return len("<!--") + a + len("-->"), more
	case z >= 0:
		return len("<!--") + z + len("--!>"), more
	}
	return 0, more
}

// endTag skips the end tags that the parser ignores before the head, and stops in
// front of those that imply it.
func (p *placer) endTag(b []byte) (int, verdict) {
	if len(b) < 3 {
		return 0, more
	}
	if b[2] == '>' {
		return 3, more // "</>" is nothing
	}
	if !letter(b[2]) {
		return until(b, ">") // a bogus comment
	}
	size := tagEnd(b, 2)
	if size < 0 {
		return 0, more
	}
	switch tagName(b[2:]) {
	case "head", "body", "html", "br":
		return 0, p.implied()
	}
	return size, more
}

// startTag skips <html>, finds the place behind <head>, and else in front.
func (p *placer) startTag(b []byte) (int, verdict) {
	size := tagEnd(b, 1)
	if size < 0 {
		return 0, more
	}
	name := tagName(b[1:])
	if p.xml { // names are case-sensitive, and an empty element has no inside
		name = string(b[1 : 1+nameEnd(b[1:])])
		if b[size-2] == '/' {
			return 0, giveUp
		}
	}
	switch name {
	case "html":
		p.page = true
		return size, more
	case "head":
		p.page = true
		return size, found
	case "body", "frameset":
		p.page = true
	}
	return 0, p.implied()
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r'
}

// nameEnd returns the length of the tag name at the start of b, or -1 when it may go
// on.
func nameEnd(b []byte) int {
	return bytes.IndexFunc(b, func(r rune) bool { return r == '/' || r == '>' || r < 0x80 && space(byte(r)) })
}

// tagName returns the lower-case name at the start of b, which holds a whole tag.
// Only ASCII names are compared with it, so what becomes of others is no matter.
func tagName(b []byte) string { return strings.ToLower(string(b[:nameEnd(b)])) }

// until measures b up to and with the first end.
func until(b []byte, end string) (int, verdict) {
	i := bytes.Index(b, []byte(end))
	if i < 0 {
		return 0, more
	}
	return i + len(end), more
}

// tagEnd returns the length of the tag at the start of b, whose name begins at i, or
// -1 when it is incomplete. It walks the attribute states of the tokenizer, so a '>'
// counts only where it ends the tag. https://html.spec.whatwg.org/multipage/parsing.html#tokenization
func tagEnd(b []byte, i int) int {
	n := nameEnd(b[i:])
	if n < 0 {
		return -1
	}
	s := beforeName
	for i += n; i < len(b); i++ {
		c := b[i]
		if c == '>' && s != doubleQuoted && s != singleQuoted {
			return i + 1
		}
		s = s.next(c)
	}
	return -1
}

// attrState is a state of the tokenizer inside a tag.
type attrState int

const (
	beforeName attrState = iota
	inName
	afterName
	beforeValue
	doubleQuoted
	singleQuoted
	unquoted
)

// next returns the state after c, which does not end the tag.
func (s attrState) next(c byte) attrState {
	switch s {
	case doubleQuoted, singleQuoted:
		if c == '"' && s == doubleQuoted || c == '\'' && s == singleQuoted {
			return beforeName
		}
		return s
	case unquoted:
		if space(c) {
			return beforeName
		}
		return s
	case beforeValue:
		switch {
		case c == '"':
			return doubleQuoted
		case c == '\'':
			return singleQuoted
		case space(c):
			return s
		}
		return unquoted
	}
	switch {
	case c == '/':
		return beforeName
	case space(c) && s == inName:
		return afterName
	case space(c):
		return s
	case c == '=' && s != beforeName:
		return beforeValue
	}
	return inName
}
