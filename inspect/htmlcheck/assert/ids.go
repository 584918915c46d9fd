package assert

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// ids are the names that elements have and the places that name them.
type ids struct {
	byID map[string]named
	maps map[string]bool // names of map elements
	refs []reference
}

// named is what has an id.
type named struct {
	first *parse.Node
	are   targets // what the elements of this id are
}

// targets are kinds of elements that others refer to.
type targets uint8

const (
	aControl targets = 1 << iota // what a label can be for
	aForm
	aDatalist
)

func kindsOf(n *parse.Node) targets {
	switch {
	case labelable(n), n.Space == parse.HTML && isCustom(n.Name):
		return aControl
	case isHTML(n, "form"):
		return aForm
	case isHTML(n, "datalist"):
		return aDatalist
	}
	return 0
}

// reference is an attribute that names another element.
type reference struct {
	node *parse.Node
	attr *parse.Attr
}

// attributes applies the rules of attributes that many elements have.
func (c *checker) attributes(n *parse.Node) {
	for i := range n.Attrs {
		switch a := &n.Attrs[i]; a.Name {
		case "id":
			c.identify(n, a)
		case "autofocus":
			c.autofocus(n, a)
		case "headingreset", "headingoffset":
			if n.Space == parse.HTML {
				c.headingOffset(n, a)
			}
		case "is":
			if n.Space == parse.HTML && strings.Contains(n.Name, "-") {
				c.error(n, a.NameSpan, "co-constraint/is-on-custom-element", "4.13.3",
					"`is` customizes an element of HTML; `"+n.Name+"` is a custom element already")
			}
		case "xml:lang":
			c.xmlLang(n, a)
		case "for":
			if n.Name == "label" {
				c.refer(n, a)
			}
		case "list":
			if n.Name == "input" {
				c.refer(n, a)
			}
		case "usemap":
			if n.Name == "img" || n.Name == "object" {
				c.refer(n, a)
			}
		}
	}
}

// refer keeps a reference until all ids are known.
func (c *checker) refer(n *parse.Node, a *parse.Attr) {
	if n.Space == parse.HTML {
		c.ids.refs = append(c.ids.refs, reference{n, a})
	}
}

// formOwner keeps the reference of a control to its form.
func formOwner(c *checker, n *parse.Node) {
	if a := n.Attr("form"); a != nil && (n.Name != "input" || !hasValue(n, "type", "hidden")) {
		c.refer(n, a)
	}
}

// commandTarget keeps the reference of a button to what it controls.
func commandTarget(c *checker, n *parse.Node) {
	if a := n.Attr("commandfor"); a != nil {
		c.refer(n, a)
	}
	formOwner(c, n)
}

// identify notes the id of an element; no other one may have it (3.2.6).
func (c *checker) identify(n *parse.Node, a *parse.Attr) {
	if n.Clone {
		return // the parser made it of the same start tag as another
	}
	if c.ids.byID == nil {
		c.ids.byID = make(map[string]named)
	}
	known, ok := c.ids.byID[a.Value]
	first := known.first
	if !ok {
		known.first = n
	}
	known.are |= kindsOf(n)
	c.ids.byID[a.Value] = known
	if !ok {
		return
	}
	line, _ := c.page.Doc.Position(first.Span.Start)
	c.error(n, attrSpan(a), "id-ref/duplicate-id", "3.2.6",
		fmt.Sprintf("the id `%s` must be on one element only; `%s` in line %d has it first", shorten(a.Value), first.Name, line))
}

// shortValue is how much of a value a message repeats.
const shortValue = 60

func shorten(s string) string {
	if len(s) <= shortValue {
		return s
	}
	cut := shortValue
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

// finishReferences reports the references to nothing, or to the wrong kind of element.
func (c *checker) finishReferences() {
	if c.page.Fragment {
		return // what they name may be in the page around it
	}
	for _, r := range c.ids.refs {
		known := c.ids.byID[r.attr.Value]
		target := known.first
		name := shorten(r.attr.Value)
		switch r.attr.Name {
		case "for":
			if known.are&aControl == 0 {
				c.dangling(r, "id-ref/label-for", "4.10.4", "`for` must be the id of a form control that is not hidden"+found(name, target))
			}
		case "form":
			if known.are&aForm == 0 {
				c.dangling(r, "id-ref/form-owner", "4.10.18.3", "`form` must be the id of a `form` element"+found(name, target))
			}
		case "list":
			if known.are&aDatalist == 0 {
				c.dangling(r, "id-ref/input-list", "4.10.5.3.9", "`list` must be the id of a `datalist` element"+found(name, target))
			}
		case "commandfor":
			if target == nil {
				c.dangling(r, "id-ref/commandfor", "4.10.6", "`commandfor` must be the id of an element of the page"+found(name, target))
			}
		case "usemap":
			if ref, ok := strings.CutPrefix(r.attr.Value, "#"); ok && ref != "" && !c.ids.maps[ref] {
				c.dangling(r, "id-ref/usemap", "4.8.14", "`usemap` must be `#` and the name of a `map` element; none is named `"+shorten(ref)+"`")
			}
		}
	}
}

func (c *checker) dangling(r reference, rule finding.Rule, section, message string) {
	c.error(r.node, attrSpan(r.attr), rule, section, message)
}

// found says what an id names instead of what it should.
func found(id string, target *parse.Node) string {
	if target == nil {
		return "; no element has the id `" + id + "`"
	}
	return "; `" + id + "` is the id of `" + target.Name + "`"
}

func isHTML(n *parse.Node, name string) bool {
	return n != nil && n.Space == parse.HTML && n.Name == name
}

// isCustom reports whether a name is that of a custom element (4.13.3).
func isCustom(name string) bool { return strings.IndexByte(name, '-') > 0 && !reserved(name) }

// reserved reports whether a name with a hyphen is one of SVG or MathML, which no custom
// element may have (4.13.3).
func reserved(name string) bool {
	switch name {
	case "annotation-xml", "color-profile", "font-face", "font-face-src", "font-face-uri", "font-face-format", "font-face-name", "missing-glyph":
		return true
	}
	return false
}

// autofocus reports a second element that wants the focus in the same scope: the page, a
// dialog or a popover (6.6.7).
func (c *checker) autofocus(n *parse.Node, a *parse.Attr) {
	if n.Space != parse.HTML {
		return
	}
	scope := c.stack[len(c.stack)-2].scope
	if c.focused == nil {
		c.focused = make(map[*parse.Node]bool)
	}
	if c.focused[scope] {
		c.error(n, a.NameSpan, "co-constraint/autofocus-twice", "6.6.7",
			"only one element of the page, a dialog or a popover can have `autofocus`")
	}
	c.focused[scope] = true
}

// xmlLang reports an xml:lang without the same lang beside it (3.2.6.1).
func (c *checker) xmlLang(n *parse.Node, a *parse.Attr) {
	if n.Space != parse.HTML || c.page.XHTML {
		return
	}
	if lang, ok := value(n, "lang"); !ok || !strings.EqualFold(lang, a.Value) {
		c.error(n, attrSpan(a), "lang/xml-lang-without-lang", "3.2.6.1",
			"`xml:lang` has no effect in HTML: use `lang`, with the same value if both are wanted")
	}
}
