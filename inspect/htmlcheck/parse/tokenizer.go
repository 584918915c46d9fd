package parse

import "strings"

// State is where a Tokenizer stands, by the names of section 13.2.5. Only the states in
// which it rests between tokens have numbers here: what happens inside a tag, a comment or
// a DOCTYPE is one function a state, or a group of states.
type State uint8

// The states a tree builder may set.
const (
	Data State = iota
	RCDATA
	RAWTEXT
	ScriptData
	PLAINTEXT
	CDATASection
	// The rest belongs to script data, see tokenizer_script.go.
	scriptEscaped
	scriptEscapedDash
	scriptEscapedDashDash
	scriptDoubleEscaped
	scriptDoubleEscapedDash
	scriptDoubleEscapedDashDash
)

// A Tokenizer turns text into tokens (section 13.2.5). The text is valid UTF-8 with LF line
// ends, as [Decode] makes it; spans and offsets count its bytes.
type Tokenizer struct {
	// CDATA says that the adjusted current node is not in the HTML namespace, so that
	// "<![CDATA[" begins a section. Set it before Next.
	CDATA bool
	// ProcessingInstructions makes tokens of them (standard of June 2026); else they are
	// bogus comments with an error.
	ProcessingInstructions bool

	src      string
	pos      int
	state    State
	lastTag  string // name of the last start tag, for "appropriate end tag"
	textFrom int    // where the pending text begins, or -1
	textTo   int
	textBuf  []byte // its content, when that is not src[textFrom:textTo]
	decoded  bool   // textBuf is in use
	nul      bool   // the pending text has U+0000

	tok      Token // the token being made
	ready    bool  // tok is complete
	attrs    []Attr
	attrSeen map[string]struct{} // names, once there are many
	valueBuf []byte
	errs     errorList
}

// NewTokenizer returns a tokenizer in the data state.
func NewTokenizer(text string) *Tokenizer {
	return &Tokenizer{src: text, textFrom: -1}
}

// SetState changes the state and names the last start tag, as the tree builder does after
// a start tag and tests do at the beginning.
func (t *Tokenizer) SetState(s State, lastStartTag string) {
	t.state = s
	if lastStartTag != "" {
		t.lastTag = lastStartTag
	}
}

// Errors returns the errors so far.
func (t *Tokenizer) Errors() []Error { return t.errs.list }

// Next sets tok to the next token. After the one of kind EOF it gives that again.
func (t *Tokenizer) Next(tok *Token) {
	for !t.ready {
		t.step()
	}
	if t.textFrom >= 0 {
		t.takeText(tok)
		return
	}
	*tok = t.tok
	if tok.Kind != EOF {
		t.ready = false
	}
}

func (t *Tokenizer) step() {
	switch t.state {
	case Data:
		t.data()
	case RCDATA:
		t.rcdata()
	case RAWTEXT:
		t.rawtext()
	case ScriptData:
		t.scriptData()
	case PLAINTEXT:
		t.plaintext()
	case CDATASection:
		t.cdataSection()
	default:
		t.scriptDataEscaped()
	}
}

// takeText gives the pending text as a token.
func (t *Tokenizer) takeText(tok *Token) {
	*tok = Token{Kind: Text, Span: Span{t.textFrom, t.textTo}, HasNUL: t.nul, Raw: !t.decoded}
	if t.decoded {
		tok.Data = string(t.textBuf)
		t.textBuf = t.textBuf[:0]
	} else {
		tok.Data = t.src[t.textFrom:t.textTo]
	}
	t.textFrom, t.decoded, t.nul = -1, false, false
}

// addRaw appends src[from:to] to the pending text.
func (t *Tokenizer) addRaw(from, to int) {
	switch {
	case from == to:
	case t.textFrom < 0:
		t.textFrom, t.textTo = from, to
	case !t.decoded && t.textTo == from:
		t.textTo = to
	default:
		t.addText(t.src[from:to], from, to)
	}
}

// addText appends text to the pending text; it stands for src[from:to].
func (t *Tokenizer) addText(text string, from, to int) {
	if t.textFrom < 0 {
		t.textFrom, t.textTo = from, from
	}
	if !t.decoded {
		t.textBuf = append(t.textBuf[:0], t.src[t.textFrom:t.textTo]...)
		t.decoded = true
	}
	t.textBuf = append(t.textBuf, text...)
	t.textTo = to
}

// emit completes the token that began at start and ends at t.pos.
func (t *Tokenizer) emit(kind Kind, start int) {
	t.tok.Kind = kind
	t.tok.Span = Span{start, t.pos}
	t.ready = true
}

func (t *Tokenizer) emitEOF() {
	t.tok = Token{}
	t.emit(EOF, t.pos)
}

// cur returns the byte at t.pos, or -1 at the end.
func (t *Tokenizer) cur() int {
	if t.pos < len(t.src) {
		return int(t.src[t.pos])
	}
	return -1
}

// errHere reports an error at the current character.
func (t *Tokenizer) errHere(c Code) {
	t.errAt(c, t.pos, Span{t.pos, t.after(t.pos)}, "")
}

// errEOF reports that the input ended in something that began at start.
func (t *Tokenizer) errEOF(c Code, start int) {
	end := len(t.src)
	t.errs.add(Error{Code: c, Span: Span{end, end}, At: end, Related: start})
}

func (t *Tokenizer) errAt(c Code, at int, s Span, name string) {
	t.errs.add(Error{Code: c, Span: s, At: at, Related: -1, Name: name})
}

// after returns the offset after the character at pos.
func (t *Tokenizer) after(pos int) int {
	if pos >= len(t.src) {
		return pos
	}
	for pos++; pos < len(t.src) && t.src[pos]&0xC0 == 0x80; pos++ {
	}
	return pos
}

// hasPrefixFold reports whether the input goes on with the lower-case word.
func (t *Tokenizer) hasPrefixFold(word string) bool {
	return len(t.src)-t.pos >= len(word) && strings.EqualFold(t.src[t.pos:t.pos+len(word)], word)
}

// clean replaces U+0000, which each state that keeps text reports first.
func (t *Tokenizer) clean(from, to int) string {
	s := t.src[from:to]
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	for i := from; i < to; i++ {
		if t.src[i] == 0 {
			t.errAt(UnexpectedNullCharacter, i, Span{i, i + 1}, "")
		}
	}
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}

// lower is clean with ASCII letters in lower case.
func (t *Tokenizer) lower(from, to int) string {
	for i := from; i < to; i++ {
		if c := t.src[i]; c == 0 || c >= 'A' && c <= 'Z' {
			return lowerASCII(t.clean(from, to))
		}
	}
	return t.src[from:to]
}

func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if c := b[i]; c >= 'A' && c <= 'Z' {
					b[i] = c + 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
