package aria

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check tells what is wrong with the roles, states and properties of a page, and with its
// accessibility. It reads the page twice at most, each time in one walk.
func Check(p *finding.Page, emit finding.Sink) {
	c := &checker{page: p, emit: emit, table: tables()}
	c.walk(p.Doc.Root)
	checkAccess(c)
}

// checker is one check of one page.
type checker struct {
	page  *finding.Page
	emit  finding.Sink
	table *table

	open     []opened       // the open elements that say something to those within
	roles    map[*role]int  // explicit roles of open elements
	explicit int            // open elements with a role attribute
	names    [openNames]int // open elements by name
	index    *index         // made when first needed
	holders  int            // open elements whose role is there for items
	mains    int            // visible elements with role=main
}

// opened is an open element that has been counted.
type opened struct {
	node    *parse.Node
	role    *role // explicit and valid
	name    int   // in names, or -1
	written bool  // it has a role attribute
	wanted  bool  // its role and aria-* attributes are reported when hit is set
	full    bool  // an item of its role is within
	hit     bool  // a labelable element, or a figcaption, is within
}

// The open elements that are counted by name.
const (
	inList     = iota // ul, ol
	inTable           // table
	inDatalist        // datalist
	inGroup           // fieldset, details
	inSection         // article, aside, main, nav, section
	inHeading         // h1-h6
	inLink            // a
	inButton          // button
	inLabel           // label
	inFigure          // figure
	openNames
)

var openName = map[string]int{
	"ul": inList, "ol": inList, "table": inTable, "datalist": inDatalist, "fieldset": inGroup,
	"details": inGroup, "article": inSection, "aside": inSection, "main": inSection,
	"nav": inSection, "section": inSection, "h1": inHeading, "h2": inHeading, "h3": inHeading,
	"h4": inHeading, "h5": inHeading, "h6": inHeading, "a": inLink, "button": inButton,
	"label": inLabel, "figure": inFigure,
}

// walk calls enter and leave for each element below root, but for the contents of
// templates, which are no part of the page.
func (c *checker) walk(root *parse.Node) {
	for n := root.FirstChild; n != nil; {
		if n.Kind == parse.ElementNode {
			c.enter(n)
		}
		if n.FirstChild != nil && !n.Is(parse.TagTemplate) {
			n = n.FirstChild
			continue
		}
		for {
			c.leave(n)
			if n.Next != nil {
				n = n.Next
				break
			}
			if n = n.Parent; n == root || n == nil {
				return
			}
		}
	}
}

func (c *checker) enter(n *parse.Node) {
	s := subject{checker: c, node: n, name: -1}
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if len(a.Name) < 4 || a.Space != 0 {
			continue
		}
		switch {
		case a.Name == "role":
			s.roleAttr = a
		case strings.HasPrefix(a.Name, "aria-"):
			s.arias++
		case a.Name == "tabindex":
			s.tabindex = true
		}
	}
	if n.Space == parse.HTML {
		if i, ok := openName[n.Name]; ok {
			s.name = i
		}
	}
	if s.roleAttr != nil || s.arias > 0 {
		s.element = c.table.element(n)
		s.check()
	}
	c.nesting(&s)
	if c.holders > 0 {
		c.fill(&s)
	}
	c.push(&s)
}

// subject is the element in hand.
type subject struct {
	*checker
	node     *parse.Node
	element  *element
	roleAttr *parse.Attr
	role     *role // the valid role that it is given
	arias    int   // aria-* attributes
	tabindex bool
	name     int
	allowed  bool // the role may be written on the element
}

func (c *checker) push(s *subject) {
	n := s.node
	if s.name < 0 && s.roleAttr == nil {
		c.within(s)
		return
	}
	o := opened{node: n, role: s.single(), name: s.name, written: s.roleAttr != nil}
	c.within(s)
	o.wanted = s.wanted()
	if o.name >= 0 {
		c.names[o.name]++
	}
	if o.written {
		c.explicit++
	}
	if o.role != nil {
		if c.roles == nil {
			c.roles = map[*role]int{}
		}
		c.roles[o.role]++
		if o.role.items != nil {
			c.holders++
		}
	}
	c.open = append(c.open, o)
}

func (c *checker) leave(n *parse.Node) {
	last := len(c.open) - 1
	if last < 0 || c.open[last].node != n {
		return
	}
	o := c.open[last]
	c.open = c.open[:last]
	if o.name >= 0 {
		c.names[o.name]--
	}
	if o.written {
		c.explicit--
	}
	if o.role != nil {
		c.roles[o.role]--
		if o.role.items != nil {
			c.holders--
			c.empty(&o)
		}
	}
	if o.hit {
		c.closeHit(&o)
	}
}

// under reports whether an open element has this role.
func (c *checker) under(names ...string) bool {
	for _, n := range names {
		if c.roles[c.table.roles[n]] > 0 {
			return true
		}
	}
	return false
}

// say reports a finding about the element.
func (s *subject) say(sev inspect.Severity, rule finding.Rule, at parse.Span, section, message string) {
	s.emit(finding.Finding{
		Rule: rule, Severity: sev, Span: at, Message: message, Section: section, Node: s.node,
	})
}

// err and warn report a finding of family aria.
func (s *subject) err(rule finding.Rule, at parse.Span, section, message string) {
	s.say(inspect.SeverityError, rule, at, section, message)
}

func (s *subject) warn(rule finding.Rule, at parse.Span, section, message string) {
	s.say(inspect.SeverityWarning, rule, at, section, message)
}

// startTag names the element as the reader sees it.
func startTag(n *parse.Node) string { return "<" + n.Name + ">" }

// valueSpan is where the value of an attribute stands, or its name when it has none.
func valueSpan(a *parse.Attr) parse.Span {
	if a.ValueSpan.Len() > 0 {
		return a.ValueSpan
	}
	return a.NameSpan
}

// single returns the role of an element that has just one.
func (s *subject) single() *role {
	if s.role == nil || strings.TrimSpace(s.roleAttr.Value) != s.role.name {
		return nil
	}
	return s.role
}
