package parse

import "strings"

// inBody is the "in body" insertion mode (13.2.6.4.7).
func (b *builder) inBody() bool {
	switch b.tok.Kind {
	case Text:
		b.bodyText()
	case StartTag:
		return b.bodyStart()
	case EndTag:
		return b.bodyEnd()
	case EOF:
		if len(b.templateModes) > 0 {
			return b.inTemplate()
		}
		if b.hasUnclosed() {
			b.errOpen(EOFWithOpenElements, 0)
		}
	}
	return false
}

// bodyText inserts text.
func (b *builder) bodyText() {
	b.dropNUL()
	if b.tok.Data == "" {
		return
	}
	b.reconstruct()
	b.insertText(b.tok)
	if b.framesetOK && spaceLen(b.tok.Data) < len(b.tok.Data) {
		b.framesetOK = false
	}
}

// hasUnclosed reports whether an element is open that may not be at the end of the body.
func (b *builder) hasUnclosed() bool {
	for _, n := range b.stack {
		if n.class&optionalEnd == 0 || n.Is(TagHead) || n.Is(TagCaption) || n.Is(TagColgroup) {
			return true
		}
	}
	return false
}

// bodyStart handles start tags. The rules are in groups: the first that knows the tag has
// it.
func (b *builder) bodyStart() bool {
	switch b.tok.Tag {
	case TagHTML, TagBody, TagFrameset:
		b.bodyStructure()
	case TagBase, TagBasefont, TagBgsound, TagLink, TagMeta, TagNoframes, TagScript, TagStyle, TagTemplate, TagTitle:
		return b.inHead()
	case TagA, TagNobr, TagB, TagBig, TagCode, TagEm, TagFont, TagI, TagS, TagSmall, TagStrike, TagStrong, TagTt, TagU:
		b.bodyFormatting()
	case TagCaption, TagCol, TagColgroup, TagFrame, TagHead, TagTbody, TagTd, TagTfoot, TagTh, TagThead, TagTr:
		return b.stray()
	case TagMath, TagSVG:
		b.reconstruct()
		b.insertForeignRoot()
	case TagImage:
		b.err(ImageStartTag)
		b.tok.Name, b.tok.Tag = "img", TagImg
		return true
	default:
		if !b.bodyBlock() && !b.bodyVoid() && !b.bodyRaw() && !b.bodyForm() {
			b.reconstruct()
			b.insert()
		}
	}
	return false
}

// bodyStructure handles html, body and frameset where they come a second time.
func (b *builder) bodyStructure() {
	if b.tok.Tag == TagFrameset {
		b.err(FramesetInBody)
		if len(b.stack) < 2 || !b.stack[1].Is(TagBody) || !b.framesetOK {
			return
		}
		b.stack[1].detach()
		b.popTo(1)
		b.insert()
		b.mode = inFrameset
		return
	}
	b.err(StrayStartTag)
	if b.open[TagTemplate] > 0 {
		return
	}
	if b.tok.Tag == TagHTML {
		b.mergeAttrs(b.stack[0])
		return
	}
	if len(b.stack) > 1 && b.stack[1].Is(TagBody) {
		b.framesetOK = false
		b.mergeAttrs(b.stack[1])
	}
}

// bodyBlock handles the elements that close a p element; false for others.
func (b *builder) bodyBlock() bool {
	switch b.tok.Tag {
	case TagAddress, TagArticle, TagAside, TagBlockquote, TagCenter, TagDetails, TagDialog, TagDir, TagDiv, TagDl,
		TagFieldset, TagFigcaption, TagFigure, TagFooter, TagHeader, TagHgroup, TagMain, TagMenu, TagNav, TagOl, TagP,
		TagSearch, TagSection, TagSummary, TagUl:
		b.closeP()
		b.insert()
	case TagH1, TagH2, TagH3, TagH4, TagH5, TagH6:
		b.closeP()
		if n := b.current(); n.class&heading != 0 {
			b.errAbout(NestedHeading, n)
			b.pop()
		}
		b.insert()
	case TagPre, TagListing:
		b.closeP()
		b.insert()
		b.ignoreLF = true
		b.framesetOK = false
	case TagLi:
		b.startItem(TagLi, TagLi)
	case TagDd, TagDt:
		b.startItem(TagDd, TagDt)
	case TagPlaintext:
		b.closeP()
		b.insert()
		b.z.SetState(PLAINTEXT, "")
	case TagTable:
		if b.doc.Mode != Quirks {
			b.closeP()
		}
		b.insert()
		b.framesetOK = false
		b.mode = inTable
	case TagHr:
		b.closeP()
		b.closeOptions(0)
		b.insertVoid()
		b.framesetOK = false
	case TagXmp:
		b.closeP()
		b.reconstruct()
		b.framesetOK = false
		b.insertRaw(RAWTEXT)
	default:
		return false
	}
	return true
}

// startItem opens a list item and closes the one before it.
func (b *builder) startItem(one, other Tag) {
	b.framesetOK = false
	for i := len(b.stack) - 1; i >= 0; i-- {
		n := b.stack[i]
		if n.Is(one) || n.Is(other) {
			b.generateImplied(n.Tag)
			b.closeElement(n.Tag, ImpliedEndTagOpenElements)
			break
		}
		if n.class&special != 0 && n.Tag != TagAddress && n.Tag != TagDiv && n.Tag != TagP {
			break
		}
	}
	b.closeP()
	b.insert()
}

// closeOptions closes what an option, optgroup or hr closes in a select element.
func (b *builder) closeOptions(except Tag) {
	if b.open[TagSelect] == 0 || !b.inScope(TagSelect, scopeDefault) {
		if except == 0 && b.tok.Tag == TagHr {
			return
		}
		if b.current().Is(TagOption) {
			b.pop()
		}
		return
	}
	b.generateImplied(except)
	if b.inScope(TagOption, scopeDefault) || except == 0 && b.inScope(TagOptgroup, scopeDefault) {
		b.err(OptionInOption)
	}
}

// bodyFormatting handles the formatting elements.
func (b *builder) bodyFormatting() {
	switch b.tok.Tag {
	case TagA:
		if n := b.activeTag(TagA); n != nil {
			b.errAbout(SameElementOpen, n)
			b.closeFormatting(TagA)
			b.deactivate(n)
			b.removeFromStack(n)
		}
		b.reconstruct()
	case TagNobr:
		b.reconstruct()
		if i := b.scope(TagNobr, scopeDefault); i >= 0 {
			b.errAbout(SameElementOpen, b.stack[i])
			b.closeFormatting(TagNobr)
			b.reconstruct()
		}
	default:
		b.reconstruct()
	}
	if !b.stopped {
		b.pushActive(b.insert())
	}
}

// closeFormatting closes a formatting element before another of its kind.
func (b *builder) closeFormatting(tag Tag) {
	if !b.adoptionAgency(tag) {
		b.anyOtherEnd()
	}
}

// bodyVoid handles void elements; false for others.
func (b *builder) bodyVoid() bool {
	switch b.tok.Tag {
	case TagArea, TagBr, TagEmbed, TagImg, TagKeygen, TagWbr:
		b.reconstruct()
		b.insertVoid()
		b.framesetOK = false
	case TagInput:
		if b.context.Is(TagSelect) {
			b.err(InputInSelect)
			return true
		}
		if b.inScope(TagSelect, scopeDefault) {
			b.err(InputInSelect)
			b.popUntil(TagSelect)
		}
		b.reconstruct()
		b.insertVoid()
		if kind, _ := b.tok.attr("type"); !strings.EqualFold(kind, "hidden") {
			b.framesetOK = false
		}
	case TagParam, TagSource, TagTrack:
		b.insertVoid()
	default:
		return false
	}
	return true
}

// bodyRaw handles the elements that hold text only; false for others.
func (b *builder) bodyRaw() bool {
	switch b.tok.Tag {
	case TagTextarea:
		b.insertRaw(RCDATA)
		b.ignoreLF = true
		b.framesetOK = false
	case TagIframe:
		b.framesetOK = false
		b.insertRaw(RAWTEXT)
	case TagNoembed:
		b.insertRaw(RAWTEXT)
	case TagNoscript:
		if !b.opts.Scripting {
			return false
		}
		b.insertRaw(RAWTEXT)
	default:
		return false
	}
	return true
}

// bodyForm handles forms, their controls, objects and ruby; false for others.
func (b *builder) bodyForm() bool {
	switch b.tok.Tag {
	case TagForm:
		b.startForm()
	case TagButton:
		if i := b.scope(TagButton, scopeDefault); i >= 0 {
			b.errAbout(SameElementOpen, b.stack[i])
			b.generateImplied(0)
			b.popUntil(TagButton)
		}
		b.reconstruct()
		b.insert()
		b.framesetOK = false
	case TagApplet, TagMarquee, TagObject:
		b.reconstruct()
		b.insert()
		b.pushMarker()
		b.framesetOK = false
	case TagSelect:
		b.startSelect()
	case TagOption:
		b.closeOptions(TagOptgroup)
		b.reconstruct()
		b.insert()
	case TagOptgroup:
		b.closeOptions(0)
		b.reconstruct()
		b.insert()
	case TagRb, TagRtc:
		b.startRuby(0)
	case TagRp, TagRt:
		b.startRuby(TagRtc)
	default:
		return false
	}
	return true
}

func (b *builder) startForm() {
	if b.form != nil && b.open[TagTemplate] == 0 {
		b.errAbout(NestedForm, b.form)
		return
	}
	b.closeP()
	n := b.insert()
	if b.open[TagTemplate] == 0 {
		b.form = n
	}
}

// startSelect handles select by the rules of July 2025: a select in a select closes it.
func (b *builder) startSelect() {
	if b.context.Is(TagSelect) {
		b.err(SelectInSelect)
		return
	}
	if i := b.scope(TagSelect, scopeDefault); i >= 0 {
		b.errAbout(SelectInSelect, b.stack[i])
		b.popUntil(TagSelect)
		return
	}
	b.reconstruct()
	b.insert()
	b.framesetOK = false
}

// startRuby opens an element of ruby text.
func (b *builder) startRuby(except Tag) {
	if b.inScope(TagRuby, scopeDefault) {
		b.generateImplied(except)
		if n := b.current(); !n.Is(TagRuby) && (except == 0 || !n.Is(TagRtc)) {
			b.errAbout(UnclosedInRuby, n)
		}
	}
	b.insert()
}
