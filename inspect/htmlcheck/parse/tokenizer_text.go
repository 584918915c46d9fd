package parse

import "strings"

// data is the data state (13.2.5.1).
func (t *Tokenizer) data() {
	src, i := t.src, t.pos
	for i < len(src) && src[i] != '<' && src[i] != '&' && src[i] != 0 {
		i++
	}
	t.addRaw(t.pos, i)
	t.pos = i
	switch t.cur() {
	case '<':
		t.tagOpen()
	case '&':
		t.textCharRef()
	case 0:
		t.errHere(UnexpectedNullCharacter)
		t.addRaw(i, i+1)
		t.nul = true
		t.pos++
	default:
		t.emitEOF()
	}
}

// textCharRef reads a character reference in text.
func (t *Tokenizer) textCharRef() {
	start := t.pos
	text, n, ok := t.charRef(false)
	t.pos += n
	if ok {
		t.addText(text, start, t.pos)
		return
	}
	t.addRaw(start, t.pos)
}

// replaceNUL reads a U+0000 that becomes U+FFFD.
func (t *Tokenizer) replaceNUL() {
	t.errHere(UnexpectedNullCharacter)
	t.addText("\uFFFD", t.pos, t.pos+1)
	t.pos++
}

// rcdata is the RCDATA state (13.2.5.2) and the states of its end tag (13.2.5.9 to 11).
func (t *Tokenizer) rcdata() {
	src, i := t.src, t.pos
	for i < len(src) && src[i] != '<' && src[i] != '&' && src[i] != 0 {
		i++
	}
	t.addRaw(t.pos, i)
	t.pos = i
	switch t.cur() {
	case '<':
		if !t.appropriateEndTag() {
			t.addRaw(i, i+1)
			t.pos++
		}
	case '&':
		t.textCharRef()
	case 0:
		t.replaceNUL()
	default:
		t.emitEOF()
	}
}

// rawtext is the RAWTEXT state (13.2.5.3) and the states of its end tag (13.2.5.12 to 14).
func (t *Tokenizer) rawtext() {
	src, i := t.src, t.pos
	for i < len(src) && src[i] != '<' && src[i] != 0 {
		i++
	}
	t.addRaw(t.pos, i)
	t.pos = i
	switch t.cur() {
	case '<':
		if !t.appropriateEndTag() {
			t.addRaw(i, i+1)
			t.pos++
		}
	case 0:
		t.replaceNUL()
	default:
		t.emitEOF()
	}
}

// plaintext is the PLAINTEXT state (13.2.5.5).
func (t *Tokenizer) plaintext() {
	end := len(t.src)
	if i := strings.IndexByte(t.src[t.pos:], 0); i >= 0 {
		end = t.pos + i
	}
	t.addRaw(t.pos, end)
	t.pos = end
	if end < len(t.src) {
		t.replaceNUL()
		return
	}
	t.emitEOF()
}

// cdataSection is the CDATA section state with its bracket and end states (13.2.5.69 to
// 71). U+0000 stays: the tree builder handles it.
func (t *Tokenizer) cdataSection() {
	end := strings.Index(t.src[t.pos:], "]]>")
	from, to := t.pos, t.pos+end
	if end < 0 {
		to = len(t.src)
	}
	t.addRaw(from, to)
	if strings.IndexByte(t.src[from:to], 0) >= 0 {
		t.nul = true
	}
	t.pos = to
	if end < 0 {
		t.errEOF(EOFInCdata, from)
		t.emitEOF()
		return
	}
	t.pos += len("]]>")
	t.state = Data
}

// appropriateEndTag reads "</", the name of the last start tag and what ends a name: the
// less-than sign, end tag open and end tag name states of RCDATA, RAWTEXT and script data.
// It consumes nothing and returns false when something else stands there.
func (t *Tokenizer) appropriateEndTag() bool {
	name, n := t.lastTag, len(t.lastTag)
	end := t.pos + 2 + n
	if n == 0 || end >= len(t.src) || t.src[t.pos+1] != '/' {
		return false
	}
	c := t.src[end]
	if !isSpace(int(c)) && c != '/' && c != '>' || !strings.EqualFold(t.src[t.pos+2:end], name) || t.lower(t.pos+2, end) != name {
		return false
	}
	start := t.pos
	t.beginTag()
	t.tok.Name, t.tok.Tag = name, tagOf(name)
	t.pos = end
	t.state = Data
	t.attributes(EndTag, start)
	return true
}
