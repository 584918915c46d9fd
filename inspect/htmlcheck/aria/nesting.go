package aria

import (
	"fmt"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// nesting judges the element, with or without a role, by the roles that are open around it.
func (c *checker) nesting(s *subject) {
	if s.role != nil {
		s.roleWithin()
	}
	if len(c.roles) == 0 {
		return
	}
	what := s.operated()
	heading := s.name == inHeading || s.role != nil && s.role.name == "heading"
	if what == "" && !heading {
		return
	}
	for i := len(c.open) - 1; i >= max(0, len(c.open)-maxUp); i-- {
		r := c.open[i].role
		if r == nil {
			continue
		}
		if heading && r.flags&noHeadings != 0 {
			s.err("aria/heading-within", s.node.Span, secLeaf, fmt.Sprintf(
				"a heading within the role %q is not read as one: take it out, or use another element", r.name))
			return
		}
		if what != "" && r.flags&leaf != 0 {
			s.warn("aria/operable-within", s.node.Span, secLeaf, fmt.Sprintf(
				"%s within the role %q cannot be reached by assistive technology: take it out", what, r.name))
			return
		}
	}
}

// operated says what users operate the element as, or "".
func (s *subject) operated() string {
	n := s.node
	if s.role != nil && s.role.flags&interactive != 0 {
		return fmt.Sprintf("an element with the role %q", s.role.name)
	}
	if own := ownOperation(n); own != "" {
		return own
	}
	if s.tabindex {
		return "an element with tabindex"
	}
	return ""
}

// ownOperation says as what users operate an element without a role, or "".
func ownOperation(n *parse.Node) string {
	if n.Space == parse.HTML {
		switch n.Name {
		case "a", "button", "details", "dialog", "embed", "iframe", "label", "select", "textarea":
			return startTag(n)
		case "input":
			if inputType(n) != "hidden" {
				return startTag(n)
			}
		case "audio", "video":
			if n.Attr("controls") != nil {
				return startTag(n)
			}
		case "img", "object":
			if n.Attr("usemap") != nil {
				return startTag(n)
			}
		}
	}
	return ""
}

// roleWithin judges a role within links, buttons and headings.
func (s *subject) roleWithin() {
	r := s.role
	at := valueSpan(s.roleAttr)
	// What the content model forbids without the role is reported there.
	if r.flags&interactive != 0 && !s.tabindex && ownOperation(s.node) == "" {
		if s.names[inLink] > 0 {
			s.err("aria/operable-within", at, "4.5.1", fmt.Sprintf("an element with the role %q may not be within a link", r.name))
		}
		if s.names[inButton] > 0 {
			s.err("aria/operable-within", at, "4.10.6", fmt.Sprintf("an element with the role %q may not be within a button", r.name))
		}
	}
	if r.flags&block != 0 && s.names[inHeading] > 0 {
		s.err("aria/role-in-heading", at, "4.3.6", fmt.Sprintf("an element with the role %q may not be within a heading", r.name))
	}
}

// within tells the elements around of a labelable element or a figcaption.
func (c *checker) within(s *subject) {
	n := s.node
	if n.Space != parse.HTML {
		return
	}
	var kind int
	switch n.Name {
	case "figcaption":
		kind = inFigure
	case "button", "input", "meter", "output", "progress", "select", "textarea":
		kind = inLabel
	default:
		return
	}
	if c.names[kind] == 0 || n.Name == "input" && inputType(n) == "hidden" {
		return
	}
	for i := len(c.open) - 1; i >= 0; i-- {
		if c.open[i].name == kind {
			c.open[i].hit = true
			return
		}
	}
}

// wanted returns the attributes to report when the element turns out to hold a labelable
// element, or a figcaption.
func (s *subject) wanted() bool {
	switch s.name {
	case inLabel:
		return s.roleAttr != nil || s.arias > 0
	case inFigure:
		return s.roleAttr != nil
	}
	return false
}

// closeHit is called at the end of a label with a labelable element, or a figure with a
// figcaption. It tells the next one around, too.
func (c *checker) closeHit(o *opened) {
	for i := len(c.open) - 1; i >= 0 && c.names[o.name] > 0; i-- {
		if c.open[i].name == o.name {
			c.open[i].hit = true
			break
		}
	}
	if !o.wanted {
		return
	}
	s := subject{checker: c, node: o.node, roleAttr: o.node.Attr("role")}
	if o.name == inFigure {
		if r := roleWritten(o.node); r != "figure" && r != "doc-example" {
			s.err("aria/figure-role", s.roleAttr.NameSpan, secElement, "a figure with a figcaption may not have another role: leave it out")
		}
		return
	}
	s.labelAttributes("is around its control")
}

func (s *subject) labelAttributes(why string) {
	report := func(at *parse.Attr, _ *attribute) {
		s.err("aria/label-semantics", at.NameSpan, secElement, fmt.Sprintf("a label that %s may not have %s: leave it out", why, at.Name))
	}
	if s.roleAttr != nil {
		report(s.roleAttr, nil)
	}
	s.each(report)
}

// labelFor judges a label that names its control by its for attribute.
func (s *subject) labelFor() {
	at := s.node.Attr("for")
	if at == nil {
		return
	}
	n := s.ids().nodes[at.Value]
	if n == nil || n.Space != parse.HTML {
		return
	}
	switch n.Name {
	case "input":
		if inputType(n) == "hidden" {
			return
		}
	case "button", "meter", "output", "progress", "select", "textarea":
	default:
		return
	}
	s.labelAttributes("belongs to a control")
}
