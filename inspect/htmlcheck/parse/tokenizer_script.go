package parse

import "strings"

// scriptData is the script data state (13.2.5.4), its less-than sign and end tag states
// (13.2.5.15 to 17) and the escape start states (13.2.5.18 and 19).
func (t *Tokenizer) scriptData() {
	src, i := t.src, t.pos
	for i < len(src) && src[i] != '<' && src[i] != 0 {
		i++
	}
	t.addRaw(t.pos, i)
	t.pos = i
	switch t.cur() {
	case '<':
		switch {
		case strings.HasPrefix(src[i:], "<!--"):
			t.state = scriptEscapedDashDash
			t.addRaw(i, i+4)
			t.pos += 4
		case !t.appropriateEndTag():
			t.addRaw(i, i+1)
			t.pos++
		}
	case 0:
		t.replaceNUL()
	default:
		t.emitEOF()
	}
}

// scriptDataEscaped is the script data escaped states and the double escaped ones
// (13.2.5.20 to 31): one character, or what follows a "<", a call.
func (t *Tokenizer) scriptDataEscaped() {
	double := t.state >= scriptDoubleEscaped
	none, dash, dashDash := scriptEscaped, scriptEscapedDash, scriptEscapedDashDash
	if double {
		none, dash, dashDash = scriptDoubleEscaped, scriptDoubleEscapedDash, scriptDoubleEscapedDashDash
	}
	i := t.pos
	switch c := t.cur(); c {
	case -1:
		t.errEOF(EOFInScriptHTMLCommentLikeText, i)
		t.emitEOF()
	case '-':
		if t.state == none {
			t.state = dash
		} else {
			t.state = dashDash
		}
		t.addRaw(i, i+1)
		t.pos++
	case '>':
		if t.state == dashDash {
			t.state = ScriptData
		} else {
			t.state = none
		}
		t.addRaw(i, i+1)
		t.pos++
	case '<':
		t.state = none
		if double {
			t.doubleEscapedLess()
		} else {
			t.escapedLess()
		}
	case 0:
		t.state = none
		t.replaceNUL()
	default:
		t.state = none
		for i < len(t.src) && strings.IndexByte("-<\x00", t.src[i]) < 0 {
			i++
		}
		t.addRaw(t.pos, i)
		t.pos = i
	}
}

// escapedLess is the script data escaped less-than sign state, its end tag states and the
// double escape start state (13.2.5.23 to 26).
func (t *Tokenizer) escapedLess() {
	if t.appropriateEndTag() {
		return
	}
	i := t.pos + 1
	end := t.word(i)
	if end > i && end < len(t.src) && endsName(t.src[end]) {
		if strings.EqualFold(t.src[i:end], "script") {
			t.state = scriptDoubleEscaped
		}
		end++
	}
	t.addRaw(t.pos, end)
	t.pos = end
}

// doubleEscapedLess is the script data double escaped less-than sign state and the double
// escape end state (13.2.5.30 and 31).
func (t *Tokenizer) doubleEscapedLess() {
	i := t.pos + 1
	end := i
	if i < len(t.src) && t.src[i] == '/' {
		end = t.word(i + 1)
		if end < len(t.src) && endsName(t.src[end]) {
			if strings.EqualFold(t.src[i+1:end], "script") {
				t.state = scriptEscaped
			}
			end++
		}
	}
	t.addRaw(t.pos, end)
	t.pos = end
}

// word returns the end of the letters from i on.
func (t *Tokenizer) word(i int) int {
	for i < len(t.src) && isAlpha(int(t.src[i])) {
		i++
	}
	return i
}

// endsName reports whether c ends a tag name.
func endsName(c byte) bool { return isSpace(int(c)) || c == '/' || c == '>' }
