package assert

import (
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check reports what is wrong with the page. It is safe for concurrent use.
func Check(p *finding.Page, emit finding.Sink) {
	c := checker{page: p, emit: emit, table: elements()}
	c.walk(p.Doc.Root)
	c.finish()
}

// checker is the state of one Check.
type checker struct {
	page  *finding.Page
	emit  finding.Sink
	table map[string]*element
	stack []frame // the open elements, the document first

	headings headings
	ids      ids
	meta     metaState
	figures  []figure
	labels   []label
	selects  []choice
	grids    []grid
	focused  map[*parse.Node]bool // autofocus scopes that have their element

	main  *parse.Node // the first visible one
	loads bool        // a link or script came before
	mute  bool        // nothing is reported
}

// frame is what is known of an open element.
type frame struct {
	node     *parse.Node
	rules    *element    // of its name
	inside   ancestor    // itself and the elements around it
	offset   int         // of the headings inside it
	sections int         // article, aside, nav and section elements, itself included
	seen     content     // of the contents so far
	scope    *parse.Node // the dialog or popover in which it is, for autofocus
	template bool        // it is a template, or inside one
}

// content says what an element was seen to contain.
type content uint8

const (
	hasText     content = 1 << iota // characters other than white space
	hasHeading                      // h1 to h6
	hasImageAlt                     // an image with a text alternative
)

// element is what the rules know of the HTML elements of one name.
type element struct {
	// is the bit of the element as an ancestor.
	is ancestor
	// never are the ancestors it may not have.
	never ancestor
	// section of the HTML standard, where a rule needs it.
	section string
	enter   []rule
	leave   []endRule
	// inTemplate says that the rules apply inside templates too.
	inTemplate bool
}

// noRules are those of an element that the rules do not know.
var noRules element

// walk visits all nodes below root without recursion.
func (c *checker) walk(root *parse.Node) {
	c.stack = append(c.stack, frame{node: root})
	for n := root.FirstChild; n != nil; {
		switch n.Kind {
		case parse.TextNode:
			c.text(n)
		case parse.ElementNode:
			c.enter(n)
			if n.FirstChild != nil {
				n = n.FirstChild
				continue
			}
			c.leave()
		}
		for n.Next == nil && n.Parent != root {
			n = n.Parent
			c.leave()
		}
		n = n.Next
	}
}

// top returns the frame of the innermost open element.
func (c *checker) top() *frame { return &c.stack[len(c.stack)-1] }

// enter opens n and applies the rules of its start tag.
func (c *checker) enter(n *parse.Node) {
	parent := c.top()
	f := frame{node: n, rules: &noRules, inside: parent.inside, offset: parent.offset, sections: parent.sections, scope: parent.scope}
	if n.Space == parse.HTML {
		if e := c.table[n.Name]; e != nil {
			f.rules = e
		}
		if n.Name == "dialog" || n.Attr("popover") != nil {
			f.scope = n
		}
	}
	if parent.template {
		c.enterInTemplate(f)
		return
	}
	c.forbidden(n, f.rules.never, parent.inside)
	if n.Space == parse.HTML && reserved(n.Name) {
		c.error(n, n.Span, "content-model/reserved-name", "4.13.3",
			"`"+n.Name+"` is a name of SVG or MathML: it does nothing outside `svg` and `math`, and no custom element may have it")
	}
	f.template = n.Is(parse.TagTemplate)
	f.inside |= f.rules.is
	if f.rules.is&sectioning != 0 {
		f.sections++
	}
	c.stack = append(c.stack, f)
	if n.Space == parse.SVG {
		c.enterSVG(n)
	}
	c.attributes(n)
	for _, rule := range f.rules.enter {
		rule(c, n)
	}
}

// enterInTemplate opens an element in a template: only the rules that look at its part of
// the page alone apply there.
func (c *checker) enterInTemplate(f frame) {
	f.template = true
	c.stack = append(c.stack, f)
	c.mapsInTemplate(f.node)
	if f.rules.inTemplate {
		for _, rule := range f.rules.enter {
			rule(c, f.node)
		}
	}
}

// leave closes the innermost element; its parent has then seen what it has seen.
func (c *checker) leave() {
	f := c.top()
	if !f.template || f.rules.inTemplate {
		c.mute = c.cut(f.node)
		for _, rule := range f.rules.leave {
			rule(c, f)
		}
		c.mute = false
	}
	seen := f.seen
	if f.node.Is(parse.TagTemplate) {
		seen = 0 // it is not part of the page around it
	}
	c.stack = c.stack[:len(c.stack)-1]
	c.top().seen |= seen
}

// cut reports whether the tree ends inside n, so that nobody knows what it would contain.
func (c *checker) cut(n *parse.Node) bool {
	return c.page.Doc.Truncated && n.EndTag.Len() == 0 && !n.SelfClosing
}

// broken reports whether the page is XML that is not well-formed: browsers show nothing of
// it, so that what its parts are to one another does not matter yet.
func (c *checker) broken() bool { return c.page.XHTML && c.page.Doc.Truncated }

// error reports an error at span.
func (c *checker) error(n *parse.Node, span parse.Span, rule finding.Rule, section, message string) {
	if c.mute {
		return
	}
	c.emit(finding.Finding{Rule: rule, Severity: inspect.SeverityError, Span: span,
		Message: message, Section: section, Node: n})
}

// warn reports a warning at span.
func (c *checker) warn(n *parse.Node, span parse.Span, rule finding.Rule, section, message string) {
	if c.mute {
		return
	}
	c.emit(finding.Finding{Rule: rule, Severity: inspect.SeverityWarning, Span: span,
		Message: message, Section: section, Node: n})
}
