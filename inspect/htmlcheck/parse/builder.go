package parse

import "strings"

// mode is an insertion mode (13.2.4.1). "In table text" needs none: the tokenizer gives the
// text of a run as one token.
type mode uint8

const (
	initial mode = iota
	beforeHTML
	beforeHead
	inHead
	inHeadNoscript
	afterHead
	inBody
	textMode
	inTable
	inCaption
	inColumnGroup
	inTableBody
	inRow
	inCell
	inTemplate
	afterBody
	inFrameset
	afterFrameset
	afterAfterBody
	afterAfterFrameset
)

// builder is the tree construction stage (13.2.6).
type builder struct {
	in   *Input
	opts Options
	z    *Tokenizer
	tok  Token
	doc  *Document

	stack         []*Node      // open elements (13.2.4.2)
	open          [numTags]int // how many HTML elements of each tag are in it
	active        []*Node      // active formatting elements (13.2.4.3); nil is a marker
	mode          mode
	original      mode // where text mode goes back to
	templateModes []mode
	head, form    *Node
	context       *Node // of a fragment, or nil

	framesetOK   bool
	foster       bool // foster parenting is enabled
	ignoreLF     bool
	acknowledged bool // the self-closing flag of the token
	stopped      bool // a limit was reached

	maxDepth   int
	clonesLeft int
	merged     map[*Node][]byte // texts that were put together from pieces
	slabs      [][]Node
	attrSlab   []Attr
}

// Formatting elements are made again wherever they reach, so that a short document can ask
// for a long tree: k elements, opened once, appear in each of m paragraphs. These limits
// keep the tree linear: one clone for each bytesPerClone bytes, beside freeClones.
const (
	bytesPerClone = 4
	freeClones    = 10_000
)

// step handles the token by the rules for HTML or for foreign content (13.2.6). It returns
// true when the token must be processed again.
func (b *builder) step() bool {
	if b.inForeign() {
		return b.foreign()
	}
	return b.stepMode(b.mode)
}

// stepMode processes the token using the rules for an insertion mode. All modes do the
// same with comments and with a DOCTYPE that comes too late, so theirs do not have it.
func (b *builder) stepMode(m mode) bool {
	switch b.tok.Kind {
	case Comment, ProcessingInstruction:
		return b.comment(b.commentParent(m))
	case Doctype:
		if m != initial {
			return b.strayDoctype()
		}
	}
	switch m {
	case initial:
		return b.initial()
	case beforeHTML:
		return b.beforeHTML()
	case beforeHead:
		return b.beforeHead()
	case inHead:
		return b.inHead()
	case inHeadNoscript:
		return b.inHeadNoscript()
	case afterHead:
		return b.afterHead()
	case inBody:
		return b.inBody()
	case textMode:
		return b.text()
	case inTable:
		return b.inTable()
	case inCaption:
		return b.inCaption()
	case inColumnGroup:
		return b.inColumnGroup()
	case inTableBody:
		return b.inTableBody()
	case inRow:
		return b.inRow()
	case inCell:
		return b.inCell()
	case inTemplate:
		return b.inTemplate()
	case afterBody:
		return b.afterBody()
	case inFrameset:
		return b.inFrameset()
	case afterFrameset:
		return b.afterFrameset()
	case afterAfterBody:
		return b.afterAfterBody()
	default:
		return b.afterAfterFrameset()
	}
}

// again switches the insertion mode and asks for the token to be reprocessed.
func (b *builder) again(m mode) bool {
	b.mode = m
	return true
}

// err reports an error at the token.
func (b *builder) err(c Code) { b.errSpan(c, b.tok.Span, b.tok.Name) }

func (b *builder) errSpan(c Code, s Span, name string) {
	b.z.errs.add(Error{Code: c, Span: s, At: s.Start, Related: -1, Name: name})
}

// errAbout reports an error at the token that is about an open element.
func (b *builder) errAbout(c Code, n *Node) {
	b.z.errs.add(Error{Code: c, Span: b.tok.Span, At: b.tok.Span.Start, Related: n.Span.Start, Name: b.tok.Name, Other: n.Name})
}

// errOpen reports that the token closes elements above stack[i], each at its start tag.
func (b *builder) errOpen(c Code, i int) {
	n := b.stack[max(i, 0)]
	b.z.errs.add(Error{Code: c, Span: b.tok.Span, At: b.tok.Span.Start, Related: n.Span.Start, Name: n.Name})
	b.errUnclosed(i)
}

// errUnclosed reports the elements above stack[i] whose end tag is missing, each once.
func (b *builder) errUnclosed(i int) {
	for j := len(b.stack) - 1; j > i; j-- {
		n := b.stack[j]
		if n.unclosed || n.Clone || n.Implied || n.class&optionalEnd != 0 {
			continue
		}
		n.unclosed = true
		b.z.errs.add(Error{Code: UnclosedElement, Span: n.Span, At: n.Span.Start, Related: b.tok.Span.Start, Name: n.Name})
	}
}

// stop ends the tree at a limit.
func (b *builder) stop(c Code) {
	if !b.stopped {
		b.err(c)
	}
	b.stopped = true
}

// Text.

// spaceLen returns the length of the white space that s begins with.
func spaceLen(s string) int {
	for i := 0; i < len(s); i++ {
		if !isSpace(int(s[i])) && s[i] != '\r' {
			return i
		}
	}
	return len(s)
}

// cutText takes n bytes off the front of a text token and returns them.
func (b *builder) cutText(n int) Token {
	head := b.tok
	head.Data, b.tok.Data = b.tok.Data[:n], b.tok.Data[n:]
	if head.Raw || strings.HasPrefix(b.in.Text[head.Span.Start:], head.Data) {
		head.Span.End = head.Span.Start + n
		b.tok.Span.Start = head.Span.End
	}
	return head
}

// space returns the white space that the text token begins with and leaves the rest; rest
// is false when there is none.
func (b *builder) space() (ws Token, rest bool) {
	ws = b.cutText(spaceLen(b.tok.Data))
	return ws, b.tok.Data != ""
}

// dropNUL removes U+0000, which the tokenizer has reported.
func (b *builder) dropNUL() {
	if b.tok.HasNUL {
		b.tok.Data = strings.ReplaceAll(b.tok.Data, "\x00", "")
		b.tok.HasNUL, b.tok.Raw = false, false
	}
}

// insertText is "insert a character" (13.2.6.1) for a text token.
func (b *builder) insertText(t Token) {
	if t.Data == "" {
		return
	}
	parent, before := b.place(nil)
	if parent.Kind == DocumentNode {
		return
	}
	prev := parent.LastChild
	if before != nil {
		prev = before.Prev
	}
	if prev != nil && prev.Kind == TextNode {
		b.merge(prev, t)
		return
	}
	n := b.newNode(TextNode)
	n.Data, n.Span, n.EndTag = t.Data, t.Span, Span{t.Span.End, t.Span.End}
	n.Fostered = before != nil
	parent.insertBefore(n, before)
}

// merge appends text to a text node, in linear time also for a million pieces.
func (b *builder) merge(n *Node, t Token) {
	text, ok := b.merged[n]
	if !ok {
		if b.merged == nil {
			b.merged = map[*Node][]byte{}
		}
		text = []byte(n.Data)
	}
	b.merged[n] = append(text, t.Data...)
	n.Span.End = max(n.Span.End, t.Span.End)
	n.EndTag = Span{n.Span.End, n.Span.End}
}

// comment inserts the comment or processing instruction of the token into parent, or at
// the appropriate place for nil.
func (b *builder) comment(parent *Node) bool {
	var before *Node
	if parent == nil {
		parent, before = b.place(nil)
	}
	n := b.newNode(CommentNode)
	if b.tok.Kind == ProcessingInstruction {
		n.Kind = ProcessingInstructionNode
	}
	n.Name, n.Data, n.Span = b.tok.Name, b.tok.Data, b.tok.Span
	n.EndTag = Span{n.Span.End, n.Span.End}
	parent.insertBefore(n, before)
	return false
}

// commentParent returns what a comment in a mode goes into; nil is the appropriate place.
func (b *builder) commentParent(m mode) *Node {
	switch m {
	case initial, beforeHTML, afterAfterBody, afterAfterFrameset:
		return b.doc.Root
	case afterBody:
		return b.stack[0]
	}
	return nil
}

// strayDoctype ignores a DOCTYPE that comes too late.
func (b *builder) strayDoctype() bool {
	b.err(StrayDoctype)
	return false
}

// stray ignores a tag that has no place here.
func (b *builder) stray() bool {
	if b.tok.Kind == StartTag {
		b.err(StrayStartTag)
	} else {
		b.err(StrayEndTag)
	}
	return false
}
