package parse

import "strings"

// tagOpen is the tag open state (13.2.5.6); t.pos is at the "<".
func (t *Tokenizer) tagOpen() {
	start := t.pos
	t.pos++
	switch c := t.cur(); {
	case isAlpha(c):
		t.tag(StartTag, start)
	case c == '/':
		t.pos++
		t.endTagOpen(start)
	case c == '!':
		t.pos++
		t.markupDeclarationOpen(start)
	case c == '?' && t.ProcessingInstructions:
		t.processingInstruction(start)
	case c == '?':
		t.errHere(UnexpectedQuestionMarkInsteadOfTagName)
		t.bogusComment(start)
	case c == -1:
		t.errEOF(EOFBeforeTagName, start)
		t.addRaw(start, t.pos)
	default:
		t.errHere(InvalidFirstCharacterOfTagName)
		t.addRaw(start, t.pos)
	}
}

// endTagOpen is the end tag open state (13.2.5.7).
func (t *Tokenizer) endTagOpen(start int) {
	switch c := t.cur(); {
	case isAlpha(c):
		t.tag(EndTag, start)
	case c == '>':
		t.errAt(MissingEndTagName, t.pos, Span{start, t.pos + 1}, "")
		t.pos++
	case c == -1:
		t.errEOF(EOFBeforeTagName, start)
		t.addRaw(start, t.pos)
	default:
		t.errHere(InvalidFirstCharacterOfTagName)
		t.bogusComment(start)
	}
}

// tag is the tag name state (13.2.5.8) and the rest of the tag.
func (t *Tokenizer) tag(kind Kind, start int) {
	src, i := t.src, t.pos
	for i < len(src) && !endsName(src[i]) {
		i++
	}
	t.beginTag()
	t.tok.Name = t.lower(t.pos, i)
	t.tok.Tag = tagOf(t.tok.Name)
	t.pos = i
	t.attributes(kind, start)
}

func (t *Tokenizer) beginTag() {
	t.tok = Token{}
	t.attrs = t.attrs[:0]
	t.attrSeen = nil
}

// attributes is the before attribute name state (13.2.5.32) and the self-closing start tag
// state (13.2.5.40), until the tag ends.
func (t *Tokenizer) attributes(kind Kind, start int) {
	for {
		t.skipSpace()
		switch t.cur() {
		case '>':
			t.pos++
			t.emitTag(kind, start)
			return
		case -1:
			t.errEOF(EOFInTag, start)
			t.emitEOF()
			return
		case '/':
			t.pos++
			if c := t.cur(); c == '>' {
				t.tok.SelfClosing = true
			} else if c >= 0 {
				t.errAt(UnexpectedSolidusInTag, t.pos, Span{t.pos - 1, t.pos}, t.tok.Name)
			}
		default:
			t.attribute()
		}
	}
}

// emitTag completes a tag whose ">" was read.
func (t *Tokenizer) emitTag(kind Kind, start int) {
	t.tok.Attrs = t.attrs
	whole, at := Span{start, t.pos}, t.pos-1
	if kind == StartTag {
		t.lastTag = t.tok.Name
	} else {
		if len(t.attrs) > 0 {
			t.errAt(EndTagWithAttributes, at, whole, t.tok.Name)
		}
		if t.tok.SelfClosing {
			t.errAt(EndTagWithTrailingSolidus, at, Span{at - 1, at + 1}, t.tok.Name)
		}
	}
	t.emit(kind, start)
}

func (t *Tokenizer) skipSpace() {
	for t.pos < len(t.src) && isSpace(int(t.src[t.pos])) {
		t.pos++
	}
}

// attribute is the attribute name state (13.2.5.33) to the after attribute value (quoted)
// state (13.2.5.39).
func (t *Tokenizer) attribute() {
	a := Attr{NameSpan: t.attributeName()}
	a.Name = t.lower(a.NameSpan.Start, a.NameSpan.End)
	duplicate := t.isDuplicate(a.Name)
	if duplicate {
		t.errAt(DuplicateAttribute, t.pos, a.NameSpan, a.Name)
	}
	t.skipSpace()
	a.ValueSpan = Span{a.NameSpan.End, a.NameSpan.End}
	if t.cur() == '=' {
		t.pos++
		t.skipSpace()
		switch c := t.cur(); c {
		case '"', '\'':
			t.pos++
			a.Value, a.ValueSpan = t.quotedValue(byte(c))
		case '>':
			t.errAt(MissingAttributeValue, t.pos, Span{a.NameSpan.Start, t.pos}, a.Name)
			a.ValueSpan = Span{t.pos, t.pos}
		default:
			a.Value, a.ValueSpan = t.unquotedValue()
		}
	}
	if !duplicate {
		t.attrs = append(t.attrs, a)
	}
}

// attributeName is the attribute name state (13.2.5.33).
func (t *Tokenizer) attributeName() Span {
	start := t.pos
	if t.cur() == '=' {
		t.errHere(UnexpectedEqualsSignBeforeAttributeName)
		t.pos++
	}
	for ; t.pos < len(t.src); t.pos++ {
		switch c := t.src[t.pos]; c {
		case ' ', '\n', '\t', '\f', '/', '>', '=':
			return Span{start, t.pos}
		case '"', '\'', '<':
			t.errHere(UnexpectedCharacterInAttributeName)
		}
	}
	return Span{start, t.pos}
}

// manyAttrs is the number of attributes from which on names are looked up in a map, so
// that a tag of a million attributes takes linear time.
const manyAttrs = 24

// isDuplicate reports whether the tag has an attribute of this name.
func (t *Tokenizer) isDuplicate(name string) bool {
	if len(t.attrs) < manyAttrs {
		for i := range t.attrs {
			if t.attrs[i].Name == name {
				return true
			}
		}
		return false
	}
	if t.attrSeen == nil {
		t.attrSeen = make(map[string]struct{}, 2*manyAttrs)
		for i := range t.attrs {
			t.attrSeen[t.attrs[i].Name] = struct{}{}
		}
	}
	_, seen := t.attrSeen[name]
	t.attrSeen[name] = struct{}{}
	return seen
}

// quotedValue is the attribute value (double-quoted) and (single-quoted) states (13.2.5.36
// and 37) and the after attribute value (quoted) state (13.2.5.39).
func (t *Tokenizer) quotedValue(quote byte) (string, Span) {
	start, raw := t.pos, t.pos
	buf := t.valueBuf[:0]
	for t.pos < len(t.src) {
		c := t.src[t.pos]
		if c == quote {
			break
		}
		if c == '&' || c == 0 {
			buf, raw = t.valuePart(buf, raw)
			continue
		}
		t.pos++
	}
	value, span := t.value(buf, start, raw)
	if t.pos == len(t.src) {
		return value, span
	}
	t.pos++
	if c := t.cur(); c >= 0 && !endsName(byte(c)) {
		t.errHere(MissingWhitespaceBetweenAttributes)
	}
	return value, span
}

// unquotedValue is the attribute value (unquoted) state (13.2.5.38).
func (t *Tokenizer) unquotedValue() (string, Span) {
	start, raw := t.pos, t.pos
	buf := t.valueBuf[:0]
	for t.pos < len(t.src) {
		c := t.src[t.pos]
		if isSpace(int(c)) || c == '>' {
			break
		}
		switch {
		case c == '&' || c == 0:
			buf, raw = t.valuePart(buf, raw)
			continue
		case strings.IndexByte("\"'<=`", c) >= 0:
			t.errHere(UnexpectedCharacterInUnquotedAttributeValue)
		}
		t.pos++
	}
	return t.value(buf, start, raw)
}

// valuePart appends what is pending since raw and the reference or U+0000 at t.pos.
func (t *Tokenizer) valuePart(buf []byte, raw int) ([]byte, int) {
	if t.cur() == 0 {
		t.errHere(UnexpectedNullCharacter)
		buf = append(append(buf, t.src[raw:t.pos]...), "\uFFFD"...)
		t.pos++
		return buf, t.pos
	}
	text, n, ok := t.charRef(true)
	if !ok {
		t.pos += n
		return buf, raw
	}
	buf = append(append(buf, t.src[raw:t.pos]...), text...)
	t.pos += n
	return buf, t.pos
}

// value completes an attribute value that ends at t.pos.
func (t *Tokenizer) value(buf []byte, start, raw int) (string, Span) {
	span := Span{start, t.pos}
	if raw == start {
		return t.src[start:t.pos], span
	}
	t.valueBuf = append(buf, t.src[raw:t.pos]...)
	return string(t.valueBuf), span
}
