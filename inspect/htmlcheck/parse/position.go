package parse

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// shift says that from offset at of the text on, an offset of the document is that of the
// text plus delta.
type shift struct{ at, delta int }

// shifts maps offsets of the text to those of the document.
type shifts []shift

func (s *shifts) add(at, delta int) {
	if n := len(*s); n > 0 && (*s)[n-1].at == at {
		(*s)[n-1].delta = delta
		return
	}
	*s = append(*s, shift{at, delta})
}

// identity reports whether text and document have the same offsets.
func (s shifts) identity() bool { return len(s) == 1 && s[0].delta == 0 }

// document returns the offset in the document of one in the text.
func (s shifts) document(off int) int {
	i := sort.Search(len(s), func(i int) bool { return s[i].at > off })
	return off + s[i-1].delta
}

// text returns the offset in the text of one in the document. An offset within a character,
// or between CR and LF, gives the end of what is there.
func (s shifts) text(off int) int {
	i := sort.Search(len(s), func(i int) bool { return s[i].at+s[i].delta > off })
	if i == 0 {
		return 0
	}
	t := off - s[i-1].delta
	if i < len(s) && t > s[i].at {
		t = s[i].at
	}
	return t
}

// posStep is the distance of the known positions of a posIndex: the most that is read to
// find a line and column, also in a page of one line.
const posStep = 1024

// posIndex knows line and column of each posStep'th byte of a text.
type posIndex struct {
	once  sync.Once
	marks []mark
}

// mark is the position of an offset; start is where its line begins.
type mark struct{ offset, line, column, start int }

func (p *posIndex) build(text string) {
	m := mark{line: 1, column: 1}
	for {
		p.marks = append(p.marks, m)
		next := m.offset + posStep
		for next < len(text) && !utf8.RuneStart(text[next]) {
			next++
		}
		if next >= len(text) {
			return
		}
		m = m.advance(text, next)
	}
}

// advance returns the position of offset to, which is not before m.
func (m mark) advance(text string, to int) mark {
	for i := m.offset; i < to; i++ {
		switch c := text[i]; {
		case c == '\n':
			m.line++
			m.column = 1
			m.start = i + 1
		case c >= 0xF0:
			m.column += 2
		case c&0xC0 != 0x80:
			m.column++
		}
	}
	m.offset = to
	return m
}

// Offset returns where in the document the byte off of Text stands.
func (in *Input) Offset(off int) int { return in.shifts.document(off) }

// Position returns the line and the column, both from 1, of a byte of the document. Columns
// count UTF-16 code units.
func (in *Input) Position(offset int) (line, column int) {
	return in.textPosition(in.shifts.text(offset))
}

// BytePosition returns the line and the column, both from 1, of a byte of the document.
// Columns count bytes of Text.
func (in *Input) BytePosition(offset int) (line, column int) {
	m := in.mark(in.shifts.text(offset))
	return m.line, m.offset - m.start + 1
}

// Excerpt returns what stands around a byte of the document in its line: at most limit
// bytes of Text, with … where the line goes on. The byte is at index at.
func (in *Input) Excerpt(offset, limit int) (text string, at int) {
	m := in.mark(in.shifts.text(offset))
	from := m.start
	if m.offset-from > limit*3/4 {
		from = m.offset - limit/4
	}
	to := min(from+limit, len(in.Text))
	if i := strings.IndexByte(in.Text[from:to], '\n'); i >= 0 {
		to = from + i
	}
	for from > m.start && !utf8.RuneStart(in.Text[from]) {
		from--
	}
	for to < len(in.Text) && !utf8.RuneStart(in.Text[to]) {
		to++
	}
	text, at = in.Text[from:to], m.offset-from
	if from > m.start {
		text, at = "…"+text, at+len("…")
	}
	if to < len(in.Text) && in.Text[to] != '\n' {
		text += "…"
	}
	return text, min(at, len(text))
}

func (in *Input) textPosition(off int) (line, column int) {
	m := in.mark(off)
	return m.line, m.column
}

// mark returns the position of an offset of the text.
func (in *Input) mark(off int) mark {
	in.index.once.Do(func() { in.index.build(in.Text) })
	off = max(0, min(off, len(in.Text)))
	i := sort.Search(len(in.index.marks), func(i int) bool { return in.index.marks[i].offset > off })
	return in.index.marks[i-1].advance(in.Text, off)
}

// place completes errors whose offsets are of the text: it adds line and column and
// makes the offsets those of the document.
func (in *Input) place(errs []Error) {
	for i := range errs {
		e := &errs[i]
		e.Line, e.Column = in.textPosition(e.Span.Start)
		if in.shifts.identity() {
			continue
		}
		e.Span = in.span(e.Span)
		e.At = in.Offset(e.At)
		if e.Related >= 0 {
			e.Related = in.Offset(e.Related)
		}
	}
}

func (in *Input) span(s Span) Span {
	return Span{in.Offset(s.Start), in.Offset(s.End)}
}
