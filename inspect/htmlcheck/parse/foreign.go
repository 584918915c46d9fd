package parse

import "strings"

// inForeign reports whether the token goes by the rules for foreign content (13.2.6, tree
// construction dispatcher).
func (b *builder) inForeign() bool {
	n := b.adjustedCurrent()
	if n == nil || n.Space == HTML || b.tok.Kind == EOF {
		return false
	}
	start, text := b.tok.Kind == StartTag, b.tok.Kind == Text
	switch {
	case n.class&mathText != 0 && (text || start && b.tok.Name != "mglyph" && b.tok.Name != "malignmark"):
		return false
	case n.Space == MathML && n.Name == "annotation-xml" && start && b.tok.Tag == TagSVG:
		return false
	case n.class&htmlPoint != 0 && (start || text):
		return false
	}
	return true
}

// foreign is the rules for parsing tokens in foreign content (13.2.6.5).
func (b *builder) foreign() bool {
	switch b.tok.Kind {
	case Text:
		if b.tok.HasNUL {
			b.tok.Data = strings.ReplaceAll(b.tok.Data, "\x00", "\uFFFD")
			b.tok.HasNUL, b.tok.Raw = false, false
		}
		b.insertText(b.tok)
		if t := strings.ReplaceAll(b.tok.Data, "\uFFFD", ""); spaceLen(t) < len(t) {
			b.framesetOK = false
		}
	case Comment, ProcessingInstruction:
		return b.comment(nil)
	case Doctype:
		return b.strayDoctype()
	case StartTag:
		if b.breaksOut() {
			return b.breakOut()
		}
		n := b.adjustedCurrent()
		b.insertForeign(n.Space)
	case EndTag:
		if b.tok.Tag == TagBr || b.tok.Tag == TagP {
			return b.breakOut()
		}
		return b.foreignEnd()
	}
	return false
}

// breaksOut reports whether a start tag ends foreign content.
func (b *builder) breaksOut() bool {
	if b.tok.Tag == TagFont {
		for _, name := range []string{"color", "face", "size"} {
			if _, ok := b.tok.attr(name); ok {
				return true
			}
		}
		return false
	}
	return breakout[b.tok.Name]
}

// breakOut leaves foreign content and processes the token by the insertion mode.
func (b *builder) breakOut() bool {
	b.errAbout(HTMLInForeignContent, b.adjustedCurrent())
	for n := b.current(); n.Space != HTML && n.class&(htmlPoint|mathText) == 0; n = b.current() {
		b.pop()
	}
	return b.stepMode(b.mode)
}

var breakout = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head
		hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var`) {
		m[name] = true
	}
	return m
}()

// foreignEnd handles an end tag in foreign content.
func (b *builder) foreignEnd() bool {
	i := len(b.stack) - 1
	n := b.stack[i]
	if lowerASCII(n.Name) != b.tok.Name {
		b.errAbout(MismatchedEndTag, n)
	}
	for ; i > 0; i-- {
		n := b.stack[i]
		if n.Space == HTML {
			return b.stepMode(b.mode)
		}
		if lowerASCII(n.Name) == b.tok.Name {
			b.popTo(i)
			return false
		}
	}
	return false
}

// insertForeignRoot handles the start tags math and svg of "in body".
func (b *builder) insertForeignRoot() {
	space := SVG
	if b.tok.Tag == TagMath {
		space = MathML
	}
	b.insertForeign(space)
}

// insertForeign inserts a foreign element for the token (13.2.6.1 and 13.2.6.5).
func (b *builder) insertForeign(space Space) {
	n := b.element()
	n.Tag, n.Space = 0, space
	adjust := mathAttrs
	if space == SVG {
		adjust = svgAttrs
		if name, ok := svgTags()[n.Name]; ok {
			n.Name = name
		}
	}
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if name, ok := adjust()[a.Name]; ok {
			a.Name = name
		}
		if s, ok := foreignAttrs[a.Name]; ok {
			a.Space = s
		}
	}
	n.class = foreignClass(n)
	b.attach(n)
	if b.tok.SelfClosing && !b.stopped {
		b.popVoid()
	}
}

// foreignClass is what 13.2.4.2 and 13.2.6 say of elements of SVG and MathML.
func foreignClass(n *Node) class {
	if n.Space == SVG {
		switch n.Name {
		case "foreignObject", "desc", "title":
			return special | scopeAll | htmlPoint
		}
		return 0
	}
	switch n.Name {
	case "mi", "mo", "mn", "ms", "mtext":
		return special | scopeAll | mathText
	case "annotation-xml":
		if a := n.Attr("encoding"); a != nil && (strings.EqualFold(a.Value, "text/html") || strings.EqualFold(a.Value, "application/xhtml+xml")) {
			return special | scopeAll | htmlPoint
		}
		return special | scopeAll
	}
	return 0
}

// foreignAttrs are the attributes with a namespace.
var foreignAttrs = map[string]Space{
	"xlink:actuate": XLink, "xlink:arcrole": XLink, "xlink:href": XLink, "xlink:role": XLink, "xlink:show": XLink,
	"xlink:title": XLink, "xlink:type": XLink, "xml:lang": XML, "xml:space": XML, "xmlns": XMLNS, "xmlns:xlink": XMLNS,
}
