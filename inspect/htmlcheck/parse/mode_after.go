package parse

// inTemplate is the "in template" insertion mode (13.2.6.4.16).
func (b *builder) inTemplate() bool {
	switch b.tok.Kind {
	case StartTag:
		next := inBody
		switch b.tok.Tag {
		case TagBase, TagBasefont, TagBgsound, TagLink, TagMeta, TagNoframes, TagScript, TagStyle, TagTemplate, TagTitle:
			return b.inHead()
		case TagCaption, TagColgroup, TagTbody, TagTfoot, TagThead:
			next = inTable
		case TagCol:
			next = inColumnGroup
		case TagTr:
			next = inTableBody
		case TagTd, TagTh:
			next = inRow
		}
		b.templateModes[len(b.templateModes)-1] = next
		return b.again(next)
	case EndTag:
		if b.tok.Tag == TagTemplate {
			return b.inHead()
		}
		return b.stray()
	case EOF:
		if b.open[TagTemplate] == 0 {
			return false
		}
		b.errOpen(EOFWithOpenElements, 0)
		b.popUntil(TagTemplate)
		b.clearToMarker()
		b.templateModes = b.templateModes[:len(b.templateModes)-1]
		b.resetMode()
		return true
	}
	return b.inBody()
}

// afterBody is the "after body" insertion mode (13.2.6.4.17).
func (b *builder) afterBody() bool {
	switch b.tok.Kind {
	case Text:
		return b.lateText()
	case StartTag:
		if b.tok.Tag == TagHTML {
			return b.inBody()
		}
		b.err(StartTagAfterBody)
	case EndTag:
		if b.tok.Tag == TagHTML {
			if b.context != nil {
				return b.stray()
			}
			b.end(b.stack[0])
			b.mode = afterAfterBody
			return false
		}
		b.err(EndTagAfterBody)
	case EOF:
		return false
	}
	return b.again(inBody)
}

// lateText handles text after the body: white space goes into it, the rest reopens it.
func (b *builder) lateText() bool {
	whole := b.tok
	ws, rest := b.space()
	if !rest {
		b.tok = whole
		return b.inBody()
	}
	if ws.Data != "" {
		b.reconstruct()
		b.insertText(ws)
	}
	b.err(TextAfterBody)
	return b.again(inBody)
}

// inFrameset is the "in frameset" insertion mode (13.2.6.4.18).
func (b *builder) inFrameset() bool {
	switch b.tok.Kind {
	case Text:
		b.framesetText()
		return false
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagFrameset:
			b.insert()
			return false
		case TagFrame:
			b.insertVoid()
			return false
		case TagNoframes:
			return b.inHead()
		}
	case EndTag:
		if b.tok.Tag == TagFrameset && len(b.stack) > 1 {
			b.pop()
			if b.context == nil && !b.current().Is(TagFrameset) {
				b.mode = afterFrameset
			}
			return false
		}
	case EOF:
		if len(b.stack) > 1 {
			b.errOpen(EOFWithOpenElements, 0)
		}
		return false
	}
	return b.stray()
}

// framesetText keeps the white space of a text and reports the rest.
func (b *builder) framesetText() {
	bad := false
	for b.tok.Data != "" {
		ws, rest := b.space()
		b.insertText(ws)
		if !rest {
			break
		}
		if !bad {
			b.err(TextInFrameset)
			bad = true
		}
		n := 0
		for n < len(b.tok.Data) && spaceLen(b.tok.Data[n:n+1]) == 0 {
			n++
		}
		b.cutText(n)
	}
}

// afterFrameset is the "after frameset" insertion mode (13.2.6.4.19).
func (b *builder) afterFrameset() bool {
	switch b.tok.Kind {
	case Text:
		b.framesetText()
		return false
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagNoframes:
			return b.inHead()
		}
	case EndTag:
		if b.tok.Tag == TagHTML {
			b.end(b.stack[0])
			b.mode = afterAfterFrameset
			return false
		}
	case EOF:
		return false
	}
	return b.stray()
}

// afterAfterBody is the "after after body" insertion mode (13.2.6.4.20).
func (b *builder) afterAfterBody() bool {
	switch b.tok.Kind {
	case Text:
		return b.lateText()
	case StartTag:
		if b.tok.Tag == TagHTML {
			return b.inBody()
		}
		b.err(StartTagAfterBody)
	case EndTag:
		b.err(EndTagAfterBody)
	case EOF:
		return false
	}
	return b.again(inBody)
}

// afterAfterFrameset is the "after after frameset" insertion mode (13.2.6.4.21).
func (b *builder) afterAfterFrameset() bool {
	switch b.tok.Kind {
	case Text:
		b.framesetText()
		return false
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagNoframes:
			return b.inHead()
		}
	case EOF:
		return false
	}
	return b.stray()
}
