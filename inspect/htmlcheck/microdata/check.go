package microdata

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check reports what is wrong with the microdata of a page. It is safe for concurrent use, does
// not allocate on a page without microdata, and takes time linear in the page: see stepsPerNode.
func Check(p *finding.Page, emit finding.Sink) {
	c := checker{root: p.Doc.Root, fragment: p.Fragment, emit: emit}
	for n := c.root.FirstChild; n != nil; n = n.Following(c.root, false) {
		c.nodes++
		if n.Kind == parse.ElementNode && n.Space == parse.HTML && len(n.Attrs) > 0 {
			c.element(n)
		}
	}
	if len(c.properties) > 0 || c.references {
		c.crawl()
	}
}

// stepsPerNode bounds the search for the properties of items: elements that many items refer to
// are looked at for each. A page that needs more is not told about properties without an item.
const stepsPerNode = 16

// checker checks one page.
type checker struct {
	root       *parse.Node
	fragment   bool // a piece of a page
	emit       finding.Sink
	nodes      int
	items      []*parse.Node // those that are no property of another
	properties []*parse.Node // elements with itemprop
	references bool          // there is an item with itemref

	ids   map[string]*parse.Node
	found map[*parse.Node]state // properties of items
	steps int
	open  []frame
}

// state is how far the search is with a property.
type state uint8

const (
	reached state = 1 + iota
	inside        // its own properties are being searched: reached again, it is a circle
	circled       // the same, and the circle is reported
)

// element looks at the attributes of one element.
func (c *checker) element(n *parse.Node) {
	var scope, prop, kind, id, ref *parse.Attr
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if !strings.HasPrefix(a.Name, "item") {
			continue
		}
		switch a.Name {
		case "itemscope":
			scope = a
		case "itemprop":
			prop = a
		case "itemtype":
			kind = a
		case "itemid":
			id = a
		case "itemref":
			ref = a
		}
	}
	if kind != nil && scope == nil {
		c.report(n, kind, "microdata/itemtype-without-itemscope", "5.2.2", "`itemtype` is the type of an item: the element needs `itemscope`, too")
	}
	if id != nil && (scope == nil || kind == nil) {
		c.report(n, id, "microdata/itemid-without-itemtype", "5.2.2", "`itemid` names an item of a type: the element needs `itemscope` and `itemtype`, too")
	}
	if ref != nil && scope == nil {
		c.report(n, ref, "microdata/itemref-without-itemscope", "5.2.2", "`itemref` adds properties to an item: the element needs `itemscope`, too")
	}
	c.references = c.references || ref != nil && scope != nil
	if prop != nil {
		c.properties = append(c.properties, n)
	} else if scope != nil {
		c.items = append(c.items, n)
	}
}

// report reports a fault in an attribute. Those of references are of the family of references.
func (c *checker) report(n *parse.Node, a *parse.Attr, rule finding.Rule, section, message string) {
	span := a.NameSpan
	if a.ValueSpan.Len() > 0 {
		span.End = a.ValueSpan.End
	}
	c.emit(finding.Finding{
		Rule: rule, Severity: inspect.SeverityError,
		Span: span, Message: message, Section: section, Node: n,
	})
}

// crawl finds the properties of all items, from those on that belong to no other, and reports
// the properties that are left.
func (c *checker) crawl() {
	c.found = make(map[*parse.Node]state, len(c.properties))
	if c.references {
		c.ids = c.elementsByID()
	}
	for _, item := range c.items {
		c.search(item)
	}
	if c.steps > stepsPerNode*c.nodes {
		return
	}
	for _, n := range c.properties {
		// The item of a property in a piece of a page may be around the piece.
		if c.found[n] == 0 && !c.fragment {
			c.report(n, n.Attr("itemprop"), "microdata/property-without-item", "5.2.3",
				"this property belongs to no item: an element around it needs `itemscope`, or an item must refer to it with `itemref`")
		}
	}
}

// elementsByID returns the first element of each id.
func (c *checker) elementsByID() map[string]*parse.Node {
	ids := map[string]*parse.Node{}
	for n := c.root.FirstChild; n != nil; n = n.Following(c.root, false) {
		if n.Kind != parse.ElementNode {
			continue
		}
		if a := n.Attr("id"); a != nil && a.Value != "" && ids[a.Value] == nil {
			ids[a.Value] = n
		}
	}
	return ids
}

// frame is an item whose properties are searched.
type frame struct {
	item  *parse.Node
	inner []*parse.Node // properties that are items themselves, still to do
}

// search finds the properties of an item, of the items that are its properties, and so on.
func (c *checker) search(item *parse.Node) {
	c.open = append(c.open[:0], frame{item: item, inner: c.itemProperties(item)})
	for len(c.open) > 0 {
		top := &c.open[len(c.open)-1]
		if len(top.inner) == 0 {
			c.found[top.item] = reached
			c.open = c.open[:len(c.open)-1]
			continue
		}
		n := top.inner[0]
		top.inner = top.inner[1:]
		switch c.found[n] {
		case 0:
			c.found[n] = inside
			c.open = append(c.open, frame{item: n, inner: c.itemProperties(n)})
		case inside:
			c.found[n] = circled
			c.report(n, n.Attr("itemprop"), "id-ref/item-in-itself", "5.2.5",
				"this item is a property of one of its own properties: take one `itemref` out of the circle")
		}
	}
}

// itemProperties is "the properties of an item" (5.2.5). It marks those that are no items as
// found, and returns those that are.
func (c *checker) itemProperties(item *parse.Node) (inner []*parse.Node) {
	budget := stepsPerNode * c.nodes
	var seen map[*parse.Node]bool // the roots of what was searched: only references can meet
	redundant := false
	visit := func(root *parse.Node, self bool) {
		skip := false
		n := root
		if !self {
			n = root.FirstChild
		}
		for ; n != nil && c.steps <= budget; n = n.Following(root, skip) {
			c.steps++
			skip = false
			if n.Kind != parse.ElementNode {
				continue
			}
			if n == item || seen[n] {
				redundant, skip = true, true
				continue
			}
			if seen != nil {
				seen[n] = true
			}
			isItem := n.Attr("itemscope") != nil
			if n.Attr("itemprop") != nil {
				if isItem {
					inner = append(inner, n)
				} else {
					c.found[n] = reached
				}
			}
			skip = isItem
		}
	}
	ref := item.Attr("itemref")
	if ref != nil {
		seen = map[*parse.Node]bool{}
	}
	visit(item, false)
	if ref == nil {
		return inner
	}
	for id := range strings.FieldsSeq(ref.Value) {
		if n := c.ids[id]; n != nil {
			visit(n, true)
			continue
		}
		c.report(item, ref, "id-ref/itemref-to-nothing", "5.2.2", "`itemref` names `"+id+"`, but no element has this id")
	}
	if redundant {
		c.report(item, ref, "id-ref/itemref-redundant", "5.2.2", "`itemref` names what is part of the item already: name each element once, and none that is inside another one")
	}
	return inner
}
