package parse

// newNode returns a node out of a slab.
func (b *builder) newNode(kind NodeKind) *Node {
	n := len(b.slabs)
	if n == 0 || len(b.slabs[n-1]) == cap(b.slabs[n-1]) {
		b.slabs = append(b.slabs, make([]Node, 0, 32<<min(n, 4)))
		n++
	}
	slab := &b.slabs[n-1]
	*slab = (*slab)[:len(*slab)+1] // the memory behind is zero
	node := &(*slab)[len(*slab)-1]
	node.Kind = kind
	return node
}

// keepAttrs copies the attributes of a token.
func (b *builder) keepAttrs(attrs []Attr) []Attr {
	n := len(attrs)
	if n == 0 {
		return nil
	}
	if len(b.attrSlab)+n > cap(b.attrSlab) {
		b.attrSlab = make([]Attr, 0, max(n, 256))
	}
	from := len(b.attrSlab)
	b.attrSlab = append(b.attrSlab, attrs...)
	return b.attrSlab[from : from+n : from+n]
}

// place is the appropriate place for inserting a node (13.2.6.1): below parent, in front
// of before, or at the end where that is nil.
func (b *builder) place(override *Node) (parent, before *Node) {
	target := override
	if target == nil {
		target = b.current()
	}
	if target == nil {
		return b.doc.Root, nil
	}
	if !b.foster || target.class&tableContext == 0 {
		return target, nil
	}
	template, table := b.last(TagTemplate), b.last(TagTable)
	switch {
	case template >= 0 && template > table:
		return b.stack[template], nil
	case table < 0:
		return b.stack[0], nil
	}
	if t := b.stack[table]; t.Parent != nil {
		return t.Parent, t
	}
	return b.stack[table-1], nil
}

// insert is "insert an HTML element" for the token (13.2.6.1).
func (b *builder) insert() *Node {
	n := b.element()
	b.attach(n)
	return n
}

// element makes the HTML element of the token.
func (b *builder) element() *Node {
	n := b.newNode(ElementNode)
	n.Tag, n.Name = b.tok.Tag, b.tok.Name
	n.class = tagTable[n.Tag].class
	n.Attrs = b.keepAttrs(b.tok.Attrs)
	n.Span = b.tok.Span
	n.SelfClosing = b.tok.SelfClosing
	return n
}

// attach puts an element at the appropriate place and opens it.
func (b *builder) attach(n *Node) {
	parent, before := b.place(nil)
	n.Fostered = before != nil
	parent.insertBefore(n, before)
	b.push(n)
}

// insertVoid inserts the element of the token and closes it.
func (b *builder) insertVoid() {
	b.insert()
	if !b.stopped {
		b.popVoid()
	}
}

// insertImplied inserts an element without a tag in the source.
func (b *builder) insertImplied(tag Tag) *Node {
	n := b.impliedNode(tag)
	b.attach(n)
	return n
}

func (b *builder) impliedNode(tag Tag) *Node {
	n := b.newNode(ElementNode)
	n.Tag, n.Name, n.class, n.Implied = tag, tagTable[tag].name, tagTable[tag].class, true
	n.Span = Span{b.tok.Span.Start, b.tok.Span.Start}
	return n
}

// insertRaw is the generic raw text and RCDATA element parsing algorithms (13.2.6.2).
func (b *builder) insertRaw(state State) {
	b.insert()
	b.z.SetState(state, b.tok.Name)
	b.original = b.mode
	b.mode = textMode
}

// clone makes a formatting element again (13.2.4.3); nil where the limit is reached.
func (b *builder) clone(of *Node) *Node {
	if b.clonesLeft--; b.clonesLeft < 0 {
		b.stop(TooManyFormattingElements)
		return nil
	}
	n := b.newNode(ElementNode)
	n.Tag, n.Name, n.class, n.Attrs, n.Span, n.Clone = of.Tag, of.Name, of.class, of.Attrs, of.Span, true
	return n
}

// mergeAttrs adds those attributes of the token to n that it does not have.
func (b *builder) mergeAttrs(n *Node) {
	for _, a := range b.tok.Attrs {
		if len(n.Attrs) >= maxMergedAttrs {
			return
		}
		if n.Attr(a.Name) == nil {
			n.Attrs = append(n.Attrs, a)
		}
	}
}

// maxMergedAttrs bounds what further html and body tags add to the first one.
const maxMergedAttrs = 256
