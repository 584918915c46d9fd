package aria

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// fill tells the open element that the element is one of its items.
func (c *checker) fill(s *subject) {
	roles := []*role{s.role}
	if s.role == nil {
		e := c.table.element(s.node)
		switch {
		case e != nil && s.roleAttr == nil:
			roles = e.is
		case s.node.Space == parse.HTML && strings.Contains(s.node.Name, "-"):
			roles = nil
		}
	}
	custom := s.node.Space == parse.HTML && (strings.Contains(s.node.Name, "-") || s.node.Name == "slot")
	for i := len(c.open) - 1; i >= max(0, len(c.open)-maxUp); i-- {
		o := &c.open[i]
		if o.role == nil || o.role.items == nil {
			continue
		}
		if custom { // it may be anything
			o.full = true
			return
		}
		for _, r := range roles {
			if r != nil && o.role.holds.has(r) {
				o.full = true
				return
			}
		}
	}
}

// empty reports an element that has children, but none of the items that its role is for
// (WAI-ARIA 5.2.6). One without children may be filled by a script.
func (c *checker) empty(o *opened) {
	n := o.node
	if o.full || n.Attr("aria-owns") != nil || n.Attr("aria-busy") != nil || bound(n) || hiddenElement(n) {
		return
	}
	for x := n.FirstChild; x != nil; x = x.Next {
		if x.Kind != parse.ElementNode || x.Is(parse.TagTemplate) || x.Is(parse.TagScript) {
			continue
		}
		c.emit(finding.Finding{
			Rule: "a11y/no-items", Severity: inspect.SeverityWarning, Node: n, Section: "WAI-ARIA 1.2 5.2.6",
			Span: valueSpan(n.Attr("role")),
			Message: fmt.Sprintf("an element with the role %q is there for elements with the role %s: there are none in it",
				o.role.name, either(o.role.items)),
		})
		return
	}
}
