package parse

// maxActive bounds the list of active formatting elements: the searches of the standard go
// through all of it. Pages have a dozen.
const maxActive = 512

// pushActive pushes onto the list of active formatting elements (13.2.4.3). No more than
// three equal ones are kept after the last marker (the Noah's Ark clause).
func (b *builder) pushActive(n *Node) {
	equal, earliest := 0, -1
	for i := len(b.active) - 1; i >= 0 && b.active[i] != nil; i-- {
		if e := b.active[i]; e.Tag == n.Tag && sameAttrs(e.Attrs, n.Attrs) {
			equal++
			earliest = i
		}
	}
	if equal >= 3 {
		b.deactivateAt(earliest)
	}
	if len(b.active) >= maxActive {
		b.deactivateAt(0)
	}
	b.active = append(b.active, n)
	n.isFormatted = true
}

// sameAttrs reports whether two tags have the same attributes in any order.
func sameAttrs(a, c []Attr) bool {
	if len(a) != len(c) {
		return false
	}
	i := 0
	for i < len(a) && a[i].Name == c[i].Name && a[i].Value == c[i].Value {
		i++
	}
	if i == len(a) {
		return true
	}
	rest := make(map[string]string, len(a)-i)
	for _, x := range a[i:] {
		rest[x.Name] = x.Value
	}
	for _, x := range c[i:] {
		if value, ok := rest[x.Name]; !ok || value != x.Value {
			return false
		}
	}
	return true
}

// deactivateAt takes an entry out of the list.
func (b *builder) deactivateAt(i int) {
	if n := b.active[i]; n != nil {
		n.isFormatted = false
	}
	b.active = append(b.active[:i], b.active[i+1:]...)
}

func (b *builder) deactivate(n *Node) {
	if i := b.activeIndex(n); i >= 0 {
		b.deactivateAt(i)
	}
}

// activeIndex returns the place of n in the list, or -1.
func (b *builder) activeIndex(n *Node) int {
	if !n.isFormatted {
		return -1
	}
	for i := len(b.active) - 1; i >= 0; i-- {
		if b.active[i] == n {
			return i
		}
	}
	return -1
}

// activeTag returns the last entry of this tag after the last marker, or nil.
func (b *builder) activeTag(tag Tag) *Node {
	for i := len(b.active) - 1; i >= 0 && b.active[i] != nil; i-- {
		if b.active[i].Tag == tag {
			return b.active[i]
		}
	}
	return nil
}

func (b *builder) pushMarker() {
	if len(b.active) < 2*maxActive+b.maxDepth {
		b.active = append(b.active, nil)
	}
}

// clearToMarker is "clear the list of active formatting elements up to the last marker".
func (b *builder) clearToMarker() {
	for i := len(b.active) - 1; i >= 0; i-- {
		marker := b.active[i] == nil
		b.deactivateAt(i)
		if marker {
			return
		}
	}
}

// reconstruct is "reconstruct the active formatting elements" (13.2.4.3).
func (b *builder) reconstruct() {
	n := len(b.active)
	if n == 0 {
		return
	}
	isOpen := func(e *Node) bool { return e == nil || b.open[e.Tag] > 0 && b.index(e) >= 0 }
	if isOpen(b.active[n-1]) {
		return
	}
	i := n - 1
	for i > 0 && !isOpen(b.active[i-1]) {
		i--
	}
	for ; i < len(b.active) && !b.stopped; i++ {
		c := b.clone(b.active[i])
		if c == nil {
			return
		}
		b.attach(c)
		b.active[i].isFormatted = false
		b.active[i] = c
		c.isFormatted = true
	}
}

// The adoption agency algorithm's loops (13.2.6.4.7).
const (
	adoptionOuter = 8
	adoptionInner = 3
)

// adoptionAgency handles an end tag of a formatting element. It returns false when the
// token must be handled as any other end tag.
func (b *builder) adoptionAgency(tag Tag) bool {
	if c := b.current(); c.Is(tag) && !c.isFormatted {
		b.pop()
		return true
	}
	for range adoptionOuter {
		f := b.activeTag(tag)
		if f == nil {
			return false
		}
		at := b.index(f)
		if at < 0 {
			b.err(NoElementInScope)
			b.deactivate(f)
			return true
		}
		if b.hidden(at, scopeDefault) {
			b.err(NoElementInScope)
			return true
		}
		if b.current() != f {
			b.errAbout(MisnestedEndTag, f)
		}
		furthest := at + 1
		for furthest < len(b.stack) && b.stack[furthest].class&special == 0 {
			furthest++
		}
		if furthest == len(b.stack) {
			b.popTo(at)
			b.deactivate(f)
			return true
		}
		if !b.adopt(f, at, furthest) {
			return true
		}
	}
	return true
}

// adopt is one round of the outer loop, from the bookmark on.
func (b *builder) adopt(f *Node, at, furthestAt int) bool {
	furthest, ancestor := b.stack[furthestAt], b.stack[at-1]
	bookmark := b.activeIndex(f)
	node, last := furthestAt, furthest
	for inner := 1; ; inner++ {
		node--
		n := b.stack[node]
		if n == f {
			break
		}
		i := b.activeIndex(n)
		if inner > adoptionInner && i >= 0 {
			b.deactivateAt(i)
			if i < bookmark {
				bookmark--
			}
			i = -1
		}
		if i < 0 {
			b.endBefore(n)
			b.open[n.Tag]--
			b.stack = append(b.stack[:node], b.stack[node+1:]...)
			continue
		}
		c := b.clone(n)
		if c == nil {
			return false
		}
		n.isFormatted, c.isFormatted = false, true
		b.active[i], b.stack[node] = c, c
		b.endBefore(n)
		if last == furthest {
			bookmark = i + 1
		}
		last.detach()
		c.insertBefore(last, nil)
		last = c
	}
	last.detach()
	parent, before := b.place(ancestor)
	parent.insertBefore(last, before)
	c := b.clone(f)
	if c == nil {
		return false
	}
	c.adopt(furthest)
	furthest.insertBefore(c, nil)
	b.replaceFormatting(f, c, bookmark)
	b.removeFromStack(f)
	b.insertAbove(furthest, c)
	return true
}

// replaceFormatting takes f out of the list and puts c at the bookmark.
func (b *builder) replaceFormatting(f, c *Node, bookmark int) {
	if i := b.activeIndex(f); i >= 0 {
		b.deactivateAt(i)
		if i < bookmark {
			bookmark--
		}
	}
	b.active = append(b.active, nil)
	copy(b.active[bookmark+1:], b.active[bookmark:])
	b.active[bookmark] = c
	c.isFormatted = true
}

// insertAbove opens n right after below in the stack.
func (b *builder) insertAbove(below, n *Node) {
	i := b.index(below) + 1
	b.stack = append(b.stack, nil)
	copy(b.stack[i+1:], b.stack[i:])
	b.stack[i] = n
	b.open[n.Tag]++
}
