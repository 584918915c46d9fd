package parse

// doctype is the DOCTYPE state (13.2.5.53) to the bogus DOCTYPE state (13.2.5.68), after
// the word DOCTYPE.
func (t *Tokenizer) doctype(start int) {
	d := &DoctypeInfo{}
	t.doctypeName(d, start)
	t.tok = Token{Name: d.Name, Doctype: d}
	t.emit(Doctype, start)
}

// doctypeEOF reports the end of the input in a DOCTYPE.
func (t *Tokenizer) doctypeEOF(d *DoctypeInfo, start int) {
	d.ForceQuirks = true
	t.errEOF(EOFInDoctype, start)
}

// doctypeName is the DOCTYPE, before DOCTYPE name, DOCTYPE name and after DOCTYPE name
// states (13.2.5.53 to 56).
func (t *Tokenizer) doctypeName(d *DoctypeInfo, start int) {
	if c := t.cur(); c >= 0 && !isSpace(c) && c != '>' {
		t.errHere(MissingWhitespaceBeforeDoctypeName)
	}
	t.skipSpace()
	switch t.cur() {
	case -1:
		t.doctypeEOF(d, start)
		return
	case '>':
		d.ForceQuirks = true
		t.errHere(MissingDoctypeName)
		t.pos++
		return
	}
	from := t.pos
	for c := t.cur(); c >= 0 && !isSpace(c) && c != '>'; c = t.cur() {
		t.pos++
	}
	d.Name, d.HasName = t.lower(from, t.pos), true
	t.skipSpace()
	switch {
	case t.cur() == -1:
		t.doctypeEOF(d, start)
	case t.cur() == '>':
		t.pos++
	case t.hasPrefixFold("public"):
		t.pos += len("public")
		t.doctypePublic(d, start)
	case t.hasPrefixFold("system"):
		t.pos += len("system")
		t.doctypeSystem(d, start)
	default:
		d.ForceQuirks = true
		t.errHere(InvalidCharacterSequenceAfterDoctypeName)
		t.bogusDoctype()
	}
}

// doctypePublic is the after DOCTYPE public keyword state to the between DOCTYPE public
// and system identifiers state (13.2.5.57 to 62).
func (t *Tokenizer) doctypePublic(d *DoctypeInfo, start int) {
	if c := t.cur(); c == '"' || c == '\'' {
		t.errHere(MissingWhitespaceAfterDoctypePublicKeyword)
	}
	t.skipSpace()
	switch c := t.cur(); c {
	case '"', '\'':
		var ok bool
		d.HasPublic = true
		d.Public, ok = t.identifier(d, byte(c), AbruptDoctypePublicIdentifier, start)
		if !ok {
			return
		}
	case -1:
		t.doctypeEOF(d, start)
		return
	case '>':
		d.ForceQuirks = true
		t.errHere(MissingDoctypePublicIdentifier)
		t.pos++
		return
	default:
		d.ForceQuirks = true
		t.errHere(MissingQuoteBeforeDoctypePublicIdentifier)
		t.bogusDoctype()
		return
	}
	if c := t.cur(); c == '"' || c == '\'' {
		t.errHere(MissingWhitespaceBetweenDoctypePublicAndSystemIdentifier)
	}
	t.skipSpace()
	t.systemIdentifier(d, start, true)
}

// doctypeSystem is the after DOCTYPE system keyword state and the before DOCTYPE system
// identifier state (13.2.5.63 and 64).
func (t *Tokenizer) doctypeSystem(d *DoctypeInfo, start int) {
	if c := t.cur(); c == '"' || c == '\'' {
		t.errHere(MissingWhitespaceAfterDoctypeSystemKeyword)
	}
	t.skipSpace()
	t.systemIdentifier(d, start, false)
}

// systemIdentifier reads the system identifier, which may be missing after a public one,
// and the rest (13.2.5.64 to 67).
func (t *Tokenizer) systemIdentifier(d *DoctypeInfo, start int, optional bool) {
	switch c := t.cur(); {
	case c == '"' || c == '\'':
		var ok bool
		d.HasSystem = true
		d.System, ok = t.identifier(d, byte(c), AbruptDoctypeSystemIdentifier, start)
		if ok {
			t.afterSystemIdentifier(d, start)
		}
	case c == -1:
		t.doctypeEOF(d, start)
	case c == '>':
		if !optional {
			d.ForceQuirks = true
			t.errHere(MissingDoctypeSystemIdentifier)
		}
		t.pos++
	default:
		d.ForceQuirks = true
		t.errHere(MissingQuoteBeforeDoctypeSystemIdentifier)
		t.bogusDoctype()
	}
}

// afterSystemIdentifier is the after DOCTYPE system identifier state (13.2.5.67).
func (t *Tokenizer) afterSystemIdentifier(d *DoctypeInfo, start int) {
	t.skipSpace()
	switch t.cur() {
	case -1:
		t.doctypeEOF(d, start)
	case '>':
		t.pos++
	default:
		t.errHere(UnexpectedCharacterAfterDoctypeSystemIdentifier)
		t.bogusDoctype()
	}
}

// identifier is the four (quoted) identifier states (13.2.5.59, 60, 65 and 66). It returns
// false when the DOCTYPE ended in it.
func (t *Tokenizer) identifier(d *DoctypeInfo, quote byte, abrupt Code, start int) (string, bool) {
	t.pos++
	from := t.pos
	for t.pos < len(t.src) && t.src[t.pos] != quote && t.src[t.pos] != '>' {
		t.pos++
	}
	id := t.clean(from, t.pos)
	switch t.cur() {
	case -1:
		t.doctypeEOF(d, start)
		return id, false
	case '>':
		d.ForceQuirks = true
		t.errHere(abrupt)
		t.pos++
		return id, false
	}
	t.pos++
	return id, true
}

// bogusDoctype is the bogus DOCTYPE state (13.2.5.68), where the end is no error.
func (t *Tokenizer) bogusDoctype() {
	for ; t.pos < len(t.src); t.pos++ {
		switch t.src[t.pos] {
		case '>':
			t.pos++
			return
		case 0:
			t.errHere(UnexpectedNullCharacter)
		}
	}
}
