package parse

// current returns the current node, or nil.
func (b *builder) current() *Node {
	if len(b.stack) == 0 {
		return nil
	}
	return b.stack[len(b.stack)-1]
}

// adjustedCurrent is the adjusted current node (13.2.4.2).
func (b *builder) adjustedCurrent() *Node {
	if b.context != nil && len(b.stack) == 1 {
		return b.context
	}
	return b.current()
}

// push opens an element.
func (b *builder) push(n *Node) {
	if len(b.stack) >= b.maxDepth {
		b.stop(NestingTooDeep)
		return
	}
	b.stack = append(b.stack, n)
	b.open[n.Tag]++
}

// pop closes the current node: by the token, when that is its end tag, else before it.
func (b *builder) pop() *Node {
	n := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	b.open[n.Tag]--
	b.end(n)
	return n
}

// end notes where an element ends.
func (b *builder) end(n *Node) {
	if !n.ended && b.tok.Kind == EndTag && b.tok.Name == lowerASCII(n.Name) {
		n.EndTag, n.ended = b.tok.Span, true
		return
	}
	b.endBefore(n)
}

// endBefore notes that an element ends before the token.
func (b *builder) endBefore(n *Node) {
	if !n.ended {
		n.EndTag, n.ended = Span{b.tok.Span.Start, b.tok.Span.Start}, true
	}
}

// popVoid closes the element that the token has just opened.
func (b *builder) popVoid() {
	n := b.current()
	n.EndTag, n.ended = Span{n.Span.End, n.Span.End}, true
	b.pop()
	b.acknowledged = true
}

// popTo closes stack[i] and what is above it.
func (b *builder) popTo(i int) {
	for len(b.stack) > i {
		b.pop()
	}
}

// popUntil closes elements until one of this tag is closed.
func (b *builder) popUntil(tag Tag) {
	for len(b.stack) > 0 && b.pop().Tag != tag {
	}
}

// clear closes elements until the current node has one of these tags, html or template:
// "clear the stack back to a table (table body, table row) context".
func (b *builder) clear(tags ...Tag) {
	for n := b.current(); n != nil && !oneOf(n.Tag, tags) && n.Tag != TagHTML && n.Tag != TagTemplate; n = b.current() {
		b.pop()
	}
}

func oneOf(tag Tag, tags []Tag) bool {
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// index returns the place of n in the stack, or -1.
func (b *builder) index(n *Node) int {
	for i := len(b.stack) - 1; i >= 0; i-- {
		if b.stack[i] == n {
			return i
		}
	}
	return -1
}

// last returns the place of the topmost element of this tag, or -1.
func (b *builder) last(tag Tag) int {
	if b.open[tag] == 0 {
		return -1
	}
	for i := len(b.stack) - 1; i >= 0; i-- {
		if b.stack[i].Tag == tag {
			return i
		}
	}
	return -1
}

// removeFromStack closes n, wherever it is in the stack.
func (b *builder) removeFromStack(n *Node) {
	if b.unstack(n) {
		b.end(n)
	}
}

// unstack takes n out of the stack without an end.
func (b *builder) unstack(n *Node) bool {
	i := b.index(n)
	if i < 0 {
		return false
	}
	b.stack = append(b.stack[:i], b.stack[i+1:]...)
	b.open[n.Tag]--
	return true
}

// scope returns the place of the topmost element of this tag in a scope, or -1 (13.2.4.2,
// "has an element in the specific scope").
func (b *builder) scope(tag Tag, kind class) int {
	if b.open[tag] == 0 {
		return -1
	}
	for i := len(b.stack) - 1; i >= 0; i-- {
		switch n := b.stack[i]; {
		case n.Tag == tag:
			return i
		case n.class&kind != 0:
			return -1
		}
	}
	return -1
}

// hidden reports whether something above stack[i] ends a search in the scope.
func (b *builder) hidden(i int, kind class) bool {
	for _, n := range b.stack[i+1:] {
		if n.class&kind != 0 {
			return true
		}
	}
	return false
}

func (b *builder) inScope(tag Tag, kind class) bool { return b.scope(tag, kind) >= 0 }

// generateImplied is "generate implied end tags" (13.2.6.3), but for the tag except.
func (b *builder) generateImplied(except Tag) {
	for n := b.current(); n != nil && n.class&implied != 0 && n.Tag != except; n = b.current() {
		b.pop()
	}
}

// generateAllImplied is "generate all implied end tags thoroughly".
func (b *builder) generateAllImplied() {
	for n := b.current(); n != nil && n.class&impliedAll != 0; n = b.current() {
		b.pop()
	}
}

// closeElement closes the element of this tag, which is open, with an error when others
// are open above it.
func (b *builder) closeElement(tag Tag, code Code) {
	if !b.current().Is(tag) {
		b.errOpen(code, b.last(tag))
	}
	b.popUntil(tag)
}

// closeP is "close a p element" where one is in button scope.
func (b *builder) closeP() {
	if b.open[TagP] == 0 || !b.inScope(TagP, scopeButton) {
		return
	}
	b.generateImplied(TagP)
	code := ImpliedEndTagOpenElements
	if b.tok.Kind == EndTag && b.tok.Tag == TagP {
		code = EndTagWithOpenElements
	}
	b.closeElement(TagP, code)
}

// resetMode is "reset the insertion mode appropriately" (13.2.4.1).
func (b *builder) resetMode() {
	for i := len(b.stack) - 1; i >= 0; i-- {
		n, last := b.stack[i], i == 0
		if last && b.context != nil {
			n = b.context
		}
		switch n.Tag {
		case TagTd, TagTh:
			if !last {
				b.mode = inCell
				return
			}
		case TagTr:
			b.mode = inRow
			return
		case TagTbody, TagThead, TagTfoot:
			b.mode = inTableBody
			return
		case TagCaption:
			b.mode = inCaption
			return
		case TagColgroup:
			b.mode = inColumnGroup
			return
		case TagTable:
			b.mode = inTable
			return
		case TagTemplate:
			b.mode = b.templateModes[len(b.templateModes)-1]
			return
		case TagHead:
			if !last {
				b.mode = inHead
				return
			}
		case TagBody:
			b.mode = inBody
			return
		case TagFrameset:
			b.mode = inFrameset
			return
		case TagHTML:
			if b.mode = afterHead; b.head == nil {
				b.mode = beforeHead
			}
			return
		}
	}
	b.mode = inBody
}
