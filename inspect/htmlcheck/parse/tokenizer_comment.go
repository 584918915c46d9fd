package parse

import "strings"

// markupDeclarationOpen is the markup declaration open state (13.2.5.42), after "<!".
func (t *Tokenizer) markupDeclarationOpen(start int) {
	switch {
	case strings.HasPrefix(t.src[t.pos:], "--"):
		t.pos += 2
		t.comment(start)
	case t.hasPrefixFold("doctype"):
		t.pos += len("doctype")
		t.doctype(start)
	case strings.HasPrefix(t.src[t.pos:], "[CDATA["):
		t.pos += len("[CDATA[")
		if t.CDATA {
			t.state = CDATASection
			return
		}
		at := t.pos - 1
		t.errAt(CdataInHTMLContent, at, Span{start, t.pos}, "")
		t.pos -= len("[CDATA[")
		t.bogusComment(start)
	default:
		t.errAt(IncorrectlyOpenedComment, t.pos, Span{start, t.pos}, "")
		t.bogusComment(start)
	}
}

// bogusComment is the bogus comment state (13.2.5.41). The comment begins at t.pos.
func (t *Tokenizer) bogusComment(start int) {
	from := t.pos
	i := strings.IndexByte(t.src[from:], '>')
	if i < 0 {
		t.pos = len(t.src)
		t.emitComment(start, from, t.pos)
		return
	}
	t.pos = from + i + 1
	t.emitComment(start, from, from+i)
}

func (t *Tokenizer) emitComment(start, from, to int) {
	t.tok = Token{Data: t.clean(from, to)}
	t.emit(Comment, start)
}

// comment is the comment start state (13.2.5.43) to the comment end bang state (13.2.5.52).
// What is kept is a range of the source in each case.
func (t *Tokenizer) comment(start int) {
	src, from := t.src, t.pos
	if n := abruptClose(src[from:]); n > 0 {
		t.pos += n
		t.errAt(AbruptClosingOfEmptyComment, t.pos-1, Span{start, t.pos}, "")
		t.emitComment(start, from, from)
		return
	}
	for i := from; ; {
		next := strings.IndexAny(src[i:], "-<")
		if next < 0 {
			t.commentEOF(start, from, len(src))
			return
		}
		i += next
		if src[i] == '<' {
			i++
			t.nestedComment(i)
			continue
		}
		// src[i] is the first dash of a run.
		dashes := i
		for i < len(src) && src[i] == '-' {
			i++
		}
		// Right after "<!--" the dashes of an empty comment may be its own.
		n := i - dashes
		switch {
		case i == len(src):
			t.commentEOF(start, from, i-min(n, 2))
			return
		case n >= 2 && src[i] == '>':
			t.pos = i + 1
			t.emitComment(start, from, i-2)
			return
		case n >= 2 && src[i] == '!':
			if i+1 == len(src) {
				t.commentEOF(start, from, i-2)
				return
			}
			if src[i+1] == '>' {
				t.pos = i + 2
				t.errAt(IncorrectlyClosedComment, i+1, Span{i - 2, i + 2}, "")
				t.emitComment(start, from, i-2)
				return
			}
			i++
		}
	}
}

// abruptClose returns the length of ">" or "->" at the beginning of a comment.
func abruptClose(s string) int {
	switch {
	case strings.HasPrefix(s, ">"):
		return 1
	case strings.HasPrefix(s, "->"):
		return 2
	}
	return 0
}

// nestedComment is the comment less-than sign states (13.2.5.46 to 49): "<!--" in a comment
// is an error unless ">" or the end follows.
func (t *Tokenizer) nestedComment(i int) {
	if !strings.HasPrefix(t.src[i:], "!--") {
		return
	}
	at := i + 3
	if at < len(t.src) && t.src[at] != '>' {
		t.errAt(NestedComment, at, Span{i - 1, at}, "")
	}
}

func (t *Tokenizer) commentEOF(start, from, to int) {
	t.pos = len(t.src)
	t.errEOF(EOFInComment, start)
	t.emitComment(start, from, max(from, to))
}

// processingInstruction is the processing instruction states of June 2026, at the "?".
func (t *Tokenizer) processingInstruction(start int) {
	question := t.pos
	t.pos++
	from := t.pos
	if c := t.cur(); c == -1 {
		t.errEOF(EOFInProcessingInstruction, start)
		t.emitEOF()
		return
	} else if !isAlpha(c) && c != '_' {
		t.errHere(InvalidFirstCharacterOfProcessingInstructionTarget)
		t.pos = question
		t.bogusComment(start)
		return
	}
	for t.pos < len(t.src) && (isAlnum(t.cur()) || t.cur() == '-' || t.cur() == '_') {
		t.pos++
	}
	target := t.src[from:t.pos]
	var bad Code
	switch c := t.cur(); {
	case c >= 0 && !isSpace(c) && c != '?' && c != '>':
		bad = InvalidProcessingInstructionTarget
	case c >= 0 && (strings.EqualFold(target, "xml") || strings.EqualFold(target, "xml-stylesheet")):
		bad = DisallowedProcessingInstructionTarget
	}
	if bad != "" {
		t.errAt(bad, t.pos, Span{from, t.after(t.pos)}, target)
		t.pos = question
		t.bogusComment(start)
		return
	}
	t.skipSpace()
	t.processingInstructionData(start, target)
}

// processingInstructionData is the data state and the questionable state: up to ">", of
// which a question mark right before belongs to the end.
func (t *Tokenizer) processingInstructionData(start int, target string) {
	from := t.pos
	i := strings.IndexByte(t.src[from:], '>')
	if i < 0 {
		t.pos = len(t.src)
		t.errEOF(EOFInProcessingInstruction, start)
		t.emitEOF()
		return
	}
	end := from + i
	t.pos = end + 1
	if end > from && t.src[end-1] == '?' {
		end--
	}
	t.tok = Token{Name: target, Data: t.clean(from, end)}
	t.emit(ProcessingInstruction, start)
}
