package parse

import "strings"

// inTable is the "in table" insertion mode (13.2.6.4.9).
func (b *builder) inTable() bool {
	switch b.tok.Kind {
	case Text:
		if n := b.current(); n.class&tableContext != 0 || n.Is(TagTemplate) {
			b.tableText()
			return false
		}
	case StartTag:
		if done, again := b.tableStart(); done {
			return again
		}
	case EndTag:
		switch b.tok.Tag {
		case TagTable:
			if !b.inScope(TagTable, scopeTable) {
				return b.stray()
			}
			b.popUntil(TagTable)
			b.resetMode()
			return false
		case TagBody, TagCaption, TagCol, TagColgroup, TagHTML, TagTbody, TagTd, TagTfoot, TagTh, TagThead, TagTr:
			return b.stray()
		case TagTemplate:
			return b.inHead()
		}
	case EOF:
		return b.inBody()
	}
	return b.fosterParent()
}

// tableStart handles the start tags that "in table" has rules for.
func (b *builder) tableStart() (done, again bool) {
	switch b.tok.Tag {
	case TagCaption:
		b.clear(TagTable)
		b.pushMarker()
		b.insert()
		b.mode = inCaption
	case TagColgroup:
		b.clear(TagTable)
		b.insert()
		b.mode = inColumnGroup
	case TagCol:
		b.clear(TagTable)
		b.insertImplied(TagColgroup)
		return true, b.again(inColumnGroup)
	case TagTbody, TagTfoot, TagThead:
		b.clear(TagTable)
		b.insert()
		b.mode = inTableBody
	case TagTd, TagTh, TagTr:
		b.clear(TagTable)
		b.insertImplied(TagTbody)
		return true, b.again(inTableBody)
	case TagTable:
		i := b.scope(TagTable, scopeTable)
		if i < 0 {
			return true, b.stray()
		}
		b.errAbout(NestedTable, b.stack[i])
		b.popUntil(TagTable)
		b.resetMode()
		return true, true
	case TagStyle, TagScript, TagTemplate:
		return true, b.inHead()
	case TagInput:
		if kind, _ := b.tok.attr("type"); !strings.EqualFold(kind, "hidden") {
			return false, false
		}
		b.err(FosterParenting)
		b.insertVoid()
	case TagForm:
		b.err(FosterParenting)
		if b.open[TagTemplate] > 0 || b.form != nil {
			break
		}
		b.form = b.insert()
		if !b.stopped {
			b.pop()
		}
	default:
		return false, false
	}
	return true, false
}

// fosterParent is the "anything else" of "in table".
func (b *builder) fosterParent() bool {
	if b.tok.Kind != Text {
		b.err(FosterParenting)
	} else if spaceLen(b.tok.Data) < len(b.tok.Data) {
		b.errText(TextInTable)
	}
	b.foster = true
	again := b.inBody()
	b.foster = false
	return again
}

// tableText is the "in table text" insertion mode (13.2.6.4.10).
func (b *builder) tableText() {
	b.dropNUL()
	if spaceLen(b.tok.Data) == len(b.tok.Data) {
		b.insertText(b.tok)
		return
	}
	b.errText(TextInTable)
	b.foster = true
	b.inBody()
	b.foster = false
}

// errText reports text, without the white space that it begins with.
func (b *builder) errText(c Code) {
	s := b.tok.Span
	if b.tok.Raw {
		s.Start += spaceLen(b.tok.Data)
	}
	b.errSpan(c, s, "")
}

// inCaption is the "in caption" insertion mode (13.2.6.4.11).
func (b *builder) inCaption() bool {
	closes := false
	switch b.tok.Kind {
	case StartTag:
		closes = oneOf(b.tok.Tag, tableParts)
	case EndTag:
		switch b.tok.Tag {
		case TagCaption, TagTable:
			closes = true
		case TagBody, TagCol, TagColgroup, TagHTML, TagTbody, TagTd, TagTfoot, TagTh, TagThead, TagTr:
			return b.stray()
		}
	}
	if !closes {
		return b.inBody()
	}
	if !b.inScope(TagCaption, scopeTable) {
		return b.stray()
	}
	b.generateImplied(0)
	own := b.tok.Kind == EndTag && b.tok.Tag == TagCaption
	code := ImpliedEndTagOpenElements
	if own {
		code = EndTagWithOpenElements
	}
	b.closeElement(TagCaption, code)
	b.clearToMarker()
	b.mode = inTable
	return !own
}

// tableParts are the start tags that end a caption or a cell.
var tableParts = []Tag{TagCaption, TagCol, TagColgroup, TagTbody, TagTd, TagTfoot, TagTh, TagThead, TagTr}

// inColumnGroup is the "in column group" insertion mode (13.2.6.4.12).
func (b *builder) inColumnGroup() bool {
	switch b.tok.Kind {
	case Text:
		ws, rest := b.space()
		b.insertText(ws)
		if !rest {
			return false
		}
		if !b.current().Is(TagColgroup) {
			b.err(TextInColgroup)
			return false
		}
	case StartTag:
		switch b.tok.Tag {
		case TagHTML:
			return b.inBody()
		case TagCol:
			b.insertVoid()
			return false
		case TagTemplate:
			return b.inHead()
		}
	case EndTag:
		switch b.tok.Tag {
		case TagColgroup:
			if !b.current().Is(TagColgroup) {
				return b.stray()
			}
			b.pop()
			b.mode = inTable
			return false
		case TagCol:
			return b.stray()
		case TagTemplate:
			return b.inHead()
		}
	case EOF:
		return b.inBody()
	}
	if !b.current().Is(TagColgroup) {
		if b.tok.Kind == Text {
			b.err(TextInColgroup)
			return false
		}
		return b.stray()
	}
	b.pop()
	return b.again(inTable)
}

// inTableBody is the "in table body" insertion mode (13.2.6.4.13).
func (b *builder) inTableBody() bool {
	closes := false
	switch b.tok.Kind {
	case StartTag:
		switch b.tok.Tag {
		case TagTr:
			b.clear(TagTbody, TagTfoot, TagThead)
			b.insert()
			b.mode = inRow
			return false
		case TagTh, TagTd:
			b.err(StartTagInTableBody)
			b.clear(TagTbody, TagTfoot, TagThead)
			b.insertImplied(TagTr)
			return b.again(inRow)
		case TagCaption, TagCol, TagColgroup, TagTbody, TagTfoot, TagThead:
			closes = true
		}
	case EndTag:
		switch b.tok.Tag {
		case TagTbody, TagTfoot, TagThead:
			if !b.inScope(b.tok.Tag, scopeTable) {
				return b.stray()
			}
			b.clear(TagTbody, TagTfoot, TagThead)
			b.pop()
			b.mode = inTable
			return false
		case TagTable:
			closes = true
		case TagBody, TagCaption, TagCol, TagColgroup, TagHTML, TagTd, TagTh, TagTr:
			return b.stray()
		}
	}
	if !closes {
		return b.inTable()
	}
	if !b.inScope(TagTbody, scopeTable) && !b.inScope(TagThead, scopeTable) && !b.inScope(TagTfoot, scopeTable) {
		return b.stray()
	}
	b.clear(TagTbody, TagTfoot, TagThead)
	b.pop()
	return b.again(inTable)
}

// inRow is the "in row" insertion mode (13.2.6.4.14).
func (b *builder) inRow() bool {
	closes := false
	switch b.tok.Kind {
	case StartTag:
		switch b.tok.Tag {
		case TagTh, TagTd:
			b.clear(TagTr)
			b.insert()
			b.mode = inCell
			b.pushMarker()
			return false
		case TagCaption, TagCol, TagColgroup, TagTbody, TagTfoot, TagThead, TagTr:
			closes = true
		}
	case EndTag:
		switch b.tok.Tag {
		case TagTr, TagTable:
			closes = true
		case TagTbody, TagTfoot, TagThead:
			if !b.inScope(b.tok.Tag, scopeTable) {
				return b.stray()
			}
			if !b.inScope(TagTr, scopeTable) {
				return false
			}
			closes = true
		case TagBody, TagCaption, TagCol, TagColgroup, TagHTML, TagTd, TagTh:
			return b.stray()
		}
	}
	if !closes {
		return b.inTable()
	}
	if !b.inScope(TagTr, scopeTable) {
		b.err(NoRowToClose)
		return false
	}
	b.clear(TagTr)
	own := b.tok.Kind == EndTag && b.tok.Tag == TagTr
	b.pop()
	b.mode = inTableBody
	return !own
}

// inCell is the "in cell" insertion mode (13.2.6.4.15).
func (b *builder) inCell() bool {
	switch b.tok.Kind {
	case StartTag:
		if oneOf(b.tok.Tag, tableParts) {
			return b.closeCell()
		}
	case EndTag:
		switch b.tok.Tag {
		case TagTd, TagTh:
			if !b.inScope(b.tok.Tag, scopeTable) {
				return b.stray()
			}
			b.generateImplied(0)
			b.closeElement(b.tok.Tag, EndTagWithOpenElements)
			b.clearToMarker()
			b.mode = inRow
			return false
		case TagBody, TagCaption, TagCol, TagColgroup, TagHTML:
			return b.stray()
		case TagTable, TagTbody, TagTfoot, TagThead, TagTr:
			if !b.inScope(b.tok.Tag, scopeTable) {
				return b.stray()
			}
			return b.closeCell()
		}
	}
	return b.inBody()
}

// closeCell is "close the cell"; the token is processed again in the row.
func (b *builder) closeCell() bool {
	b.generateImplied(0)
	i := max(b.last(TagTd), b.last(TagTh))
	if i != len(b.stack)-1 {
		b.errOpen(ImpliedEndTagOpenElements, i)
	}
	b.popTo(i)
	b.clearToMarker()
	return b.again(inRow)
}
