package parse

import "strings"

// initial is the "initial" insertion mode (13.2.6.4.1).
func (b *builder) initial() bool {
	switch b.tok.Kind {
	case Text:
		if _, rest := b.space(); !rest {
			return false
		}
	case Doctype:
		b.doctype()
		b.mode = beforeHTML
		return false
	}
	b.err(MissingDoctype)
	b.doc.Mode = Quirks
	return b.again(beforeHTML)
}

// doctype inserts the DOCTYPE and finds the mode of the document.
func (b *builder) doctype() {
	d := b.tok.Doctype
	n := b.newNode(DoctypeNode)
	n.Name, n.Doctype, n.Span, n.EndTag = d.Name, d, b.tok.Span, Span{b.tok.Span.End, b.tok.Span.End}
	b.doc.Root.insertBefore(n, nil)
	b.doc.Mode = quirks(d)
	switch {
	case b.doc.Mode == Quirks:
		b.err(QuirkyDoctype)
	case b.doc.Mode == LimitedQuirks:
		b.err(AlmostStandardsDoctype)
	case d.HasPublic, d.HasSystem && d.System != "about:legacy-compat":
		b.err(ObsoleteDoctype)
	}
}

// beforeHTML is the "before html" insertion mode (13.2.6.4.2).
func (b *builder) beforeHTML() bool {
	switch b.tok.Kind {
	case Text:
		if _, rest := b.space(); !rest {
			return false
		}
	case StartTag:
		if b.tok.Tag == TagHTML {
			b.insert()
			b.mode = beforeHead
			return false
		}
	case EndTag:
		if !oneOf(b.tok.Tag, []Tag{TagHead, TagBody, TagHTML, TagBr}) {
			return b.stray()
		}
	}
	b.insertImplied(TagHTML)
	return b.again(beforeHead)
}

// beforeHead is the "before head" insertion mode (13.2.6.4.3).
func (b *builder) beforeHead() bool {
	switch b.tok.Kind {
	case Text:
		if _, rest := b.space(); !rest {
			return false
		}
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagHead:
			b.head = b.insert()
			b.mode = inHead
			return false
		}
	case EndTag:
		if !oneOf(b.tok.Tag, []Tag{TagHead, TagBody, TagHTML, TagBr}) {
			return b.stray()
		}
	}
	b.head = b.insertImplied(TagHead)
	return b.again(inHead)
}

// inHead is the "in head" insertion mode (13.2.6.4.4).
func (b *builder) inHead() bool {
	switch b.tok.Kind {
	case Text:
		ws, rest := b.space()
		b.insertText(ws)
		if !rest {
			return false
		}
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagHead:
			return b.stray()
		}
		if b.headElement() {
			return false
		}
	case EndTag:
		switch b.tok.Tag {
		case TagHead:
			b.pop()
			b.mode = afterHead
			return false
		case TagTemplate:
			return b.endTemplate()
		case TagBody, TagHTML, TagBr:
		default:
			return b.stray()
		}
	}
	b.pop()
	return b.again(afterHead)
}

// headElement handles the start tags that "in head" has rules for; false for others.
func (b *builder) headElement() bool {
	switch b.tok.Tag {
	case TagBase, TagBasefont, TagBgsound, TagLink:
		b.insertVoid()
	case TagMeta:
		b.insertVoid()
		b.noteCharset()
	case TagTitle:
		b.insertRaw(RCDATA)
	case TagNoframes, TagStyle:
		b.insertRaw(RAWTEXT)
	case TagScript:
		b.insertRaw(ScriptData)
	case TagNoscript:
		if b.opts.Scripting {
			b.insertRaw(RAWTEXT)
			break
		}
		b.insert()
		b.mode = inHeadNoscript
	case TagTemplate:
		b.insert()
		b.pushMarker()
		b.framesetOK = false
		b.mode = inTemplate
		b.templateModes = append(b.templateModes, inTemplate)
	default:
		return false
	}
	return true
}

// noteCharset keeps the label of the first meta element that names an encoding.
func (b *builder) noteCharset() {
	if b.doc.MetaCharset != "" {
		return
	}
	if label, ok := b.tok.attr("charset"); ok {
		b.doc.MetaCharset = label
		return
	}
	if equiv, _ := b.tok.attr("http-equiv"); strings.EqualFold(equiv, "content-type") {
		content, _ := b.tok.attr("content")
		b.doc.MetaCharset = charsetOfContent(content)
	}
}

// endTemplate handles </template> (13.2.6.4.4).
func (b *builder) endTemplate() bool {
	if b.open[TagTemplate] == 0 {
		return b.stray()
	}
	b.generateAllImplied()
	b.closeElement(TagTemplate, EndTagWithOpenElements)
	b.clearToMarker()
	b.templateModes = b.templateModes[:len(b.templateModes)-1]
	b.resetMode()
	return false
}

// inHeadNoscript is the "in head noscript" insertion mode (13.2.6.4.5).
func (b *builder) inHeadNoscript() bool {
	bad := StartTagInHeadNoscript
	switch b.tok.Kind {
	case Text:
		ws, rest := b.space()
		b.insertText(ws)
		if !rest {
			return false
		}
		bad = TextInHeadNoscript
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagBasefont, TagBgsound, TagLink, TagMeta, TagNoframes, TagStyle:
			return b.inHead()
		case TagHead, TagNoscript:
			return b.stray()
		}
	case EndTag:
		switch b.tok.Tag {
		case TagNoscript:
			b.pop()
			b.mode = inHead
			return false
		case TagBr:
			bad = StrayEndTag
		default:
			return b.stray()
		}
	case EOF:
		b.errOpen(EOFWithOpenElements, len(b.stack)-2)
		b.pop()
		return b.again(inHead)
	}
	b.err(bad)
	b.pop()
	return b.again(inHead)
}

// afterHead is the "after head" insertion mode (13.2.6.4.6).
func (b *builder) afterHead() bool {
	switch b.tok.Kind {
	case Text:
		ws, rest := b.space()
		b.insertText(ws)
		if !rest {
			return false
		}
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagBody:
			b.insert()
			b.framesetOK = false
			b.mode = inBody
			return false
		case TagFrameset:
			b.insert()
			b.mode = inFrameset
			return false
		case TagBase, TagBasefont, TagBgsound, TagLink, TagMeta, TagNoframes, TagScript, TagStyle, TagTemplate, TagTitle:
			b.err(ElementBetweenHeadAndBody)
			b.push(b.head)
			b.inHead()
			b.unstack(b.head)
			return false
		case TagHead:
			return b.stray()
		}
	case EndTag:
		switch b.tok.Tag {
		case TagTemplate:
			return b.inHead()
		case TagBody, TagHTML, TagBr:
		default:
			return b.stray()
		}
	}
	b.insertImplied(TagBody)
	return b.again(inBody)
}

// text is the "text" insertion mode (13.2.6.4.8).
func (b *builder) text() bool {
	switch b.tok.Kind {
	case Text:
		b.insertText(b.tok)
		return false
	case EOF:
		b.errAbout(EOFInText, b.current())
		b.errUnclosed(0)
		b.pop()
		return b.again(b.original)
	}
	b.pop()
	b.mode = b.original
	return false
}
