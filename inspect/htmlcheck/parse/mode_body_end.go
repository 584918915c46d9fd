package parse

// bodyEnd handles the end tags of "in body" (13.2.6.4.7).
func (b *builder) bodyEnd() bool {
	tag := b.tok.Tag
	switch tag {
	case TagTemplate:
		return b.inHead()
	case TagBody, TagHTML:
		return b.endBody()
	case TagAddress, TagArticle, TagAside, TagBlockquote, TagButton, TagCenter, TagDetails, TagDialog, TagDir, TagDiv,
		TagDl, TagFieldset, TagFigcaption, TagFigure, TagFooter, TagHeader, TagHgroup, TagListing, TagMain, TagMenu,
		TagNav, TagOl, TagPre, TagSearch, TagSection, TagSelect, TagSummary, TagUl:
		b.endBlock(scopeDefault, 0)
	case TagForm:
		b.endForm()
	case TagP:
		if !b.inScope(TagP, scopeButton) {
			b.err(NoElementInScope)
			b.insertImplied(TagP)
		}
		if !b.stopped {
			b.closeP()
		}
	case TagLi:
		b.endBlock(scopeList, TagLi)
	case TagDd, TagDt:
		b.endBlock(scopeDefault, tag)
	case TagH1, TagH2, TagH3, TagH4, TagH5, TagH6:
		b.endHeading()
	case TagA, TagB, TagBig, TagCode, TagEm, TagFont, TagI, TagNobr, TagS, TagSmall, TagStrike, TagStrong, TagTt, TagU:
		if !b.adoptionAgency(tag) {
			b.anyOtherEnd()
		}
	case TagApplet, TagMarquee, TagObject:
		if b.endBlock(scopeDefault, 0) {
			b.clearToMarker()
		}
	case TagBr:
		b.err(StrayEndTag)
		b.reconstruct()
		n := b.insertImplied(TagBr)
		if !b.stopped {
			n.EndTag, n.ended = n.Span, true
			b.pop()
		}
		b.framesetOK = false
	default:
		b.anyOtherEnd()
	}
	return false
}

// endBlock closes the element that the end tag names, where it is in the scope.
func (b *builder) endBlock(kind class, except Tag) bool {
	tag := b.tok.Tag
	if !b.inScope(tag, kind) {
		b.notOpen(tag)
		return false
	}
	b.generateImplied(except)
	b.closeElement(tag, EndTagWithOpenElements)
	return true
}

// notOpen reports an end tag without its element in the scope.
func (b *builder) notOpen(tag Tag) {
	if b.open[tag] > 0 {
		b.err(NoElementInScope)
		return
	}
	b.err(StrayEndTag)
}

// endBody handles </body> and </html>.
func (b *builder) endBody() bool {
	i := b.scope(TagBody, scopeDefault)
	if i < 0 {
		return b.stray()
	}
	if b.hasUnclosed() {
		b.errOpen(EndTagWithOpenElements, i)
	}
	b.mode = afterBody
	if b.tok.Tag == TagHTML {
		return true
	}
	b.end(b.stack[i])
	return false
}

// endForm handles </form>.
func (b *builder) endForm() {
	if b.open[TagTemplate] > 0 {
		b.endBlock(scopeDefault, 0)
		return
	}
	n := b.form
	b.form = nil
	i := -1
	if n != nil {
		i = b.index(n)
	}
	if i < 0 || b.hidden(i, scopeDefault) {
		b.notOpen(TagForm)
		return
	}
	b.generateImplied(0)
	if b.current() != n {
		b.errOpen(EndTagWithOpenElements, b.index(n))
	}
	b.removeFromStack(n)
}

// endHeading handles </h1> to </h6>, which close whatever heading is open.
func (b *builder) endHeading() {
	i := len(b.stack) - 1
	for ; i >= 0 && b.stack[i].class&heading == 0; i-- {
		if b.stack[i].class&scopeDefault != 0 {
			i = 0
		}
	}
	if i < 0 {
		b.notOpen(b.tok.Tag)
		return
	}
	b.generateImplied(0)
	if n := b.current(); n.Tag != b.tok.Tag {
		if n == b.stack[i] {
			b.errAbout(MismatchedEndTag, n)
		} else {
			b.errOpen(EndTagWithOpenElements, i)
		}
	}
	b.popTo(i)
}

// anyOtherEnd is "any other end tag" of "in body".
func (b *builder) anyOtherEnd() {
	for i := len(b.stack) - 1; i > 0; i-- {
		n := b.stack[i]
		if n.Space == HTML && n.Name == b.tok.Name {
			b.generateImplied(n.Tag)
			if i != len(b.stack)-1 {
				b.errOpen(EndTagWithOpenElements, i)
			}
			b.popTo(i)
			return
		}
		if n.class&special != 0 {
			b.err(StrayEndTag)
			return
		}
	}
	b.err(StrayEndTag)
}
