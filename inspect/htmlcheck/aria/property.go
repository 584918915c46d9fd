package aria

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// each calls f for the aria-* attributes of the element.
func (s *subject) each(f func(at *parse.Attr, a *attribute)) {
	for i := range s.node.Attrs {
		if at := &s.node.Attrs[i]; at.Space == 0 && strings.HasPrefix(at.Name, "aria-") {
			f(at, s.table.attrs[at.Name])
		}
	}
}

// checkAttributes judges whether the element may have its aria-* attributes.
func (s *subject) checkAttributes() {
	e := s.element
	may := e.globals
	switch {
	case s.role != nil && s.allowed:
		may |= s.role.props
	case s.roleAttr != nil && !e.noRole: // the role is reported already
		may |= e.union
	default:
		may |= e.props
	}
	anyProp := e.flags&freeProps != 0
	s.each(func(at *parse.Attr, a *attribute) {
		switch {
		case anyProp:
		case a == nil:
			s.err("aria/unknown-property", at.NameSpan, secStates,
				fmt.Sprintf("there is no attribute %s%s", at.Name, s.nearest(at.Name)))
			return
		case a.bit&may != 0:
		case s.roleAttr == nil && a.bit&e.union != 0:
			s.needsRole(at, a)
		default:
			s.err("aria/property-not-allowed", at.NameSpan, secStates, s.misplaced(a))
		}
		if a != nil {
			s.checkValue(at, a, a.bit&may != 0)
		}
	})
}

// checkValue judges the value of an attribute, which may stand there or not.
func (s *subject) checkValue(at *parse.Attr, a *attribute, may bool) {
	if a.deprecated {
		s.warn("aria/deprecated-property", at.NameSpan, secStates, a.name+" is deprecated and no browser uses it: leave it out")
	}
	if !may {
		return
	}
	if p := a.problem(at.Value); p != "" {
		s.err("aria/property-value", valueSpan(at), secValues, fmt.Sprintf("%s %s", a.name, p))
	}
	if s.role != nil && s.role.avoid&a.bit != 0 {
		s.warn("aria/unsuitable-property", at.NameSpan, secStates, fmt.Sprintf(
			"%s does not suit the role %q: it is deprecated there and will be ignored", a.name, s.role.name))
	}
}

// needsRole reports an attribute that the element may have under a role only.
func (s *subject) needsRole(at *parse.Attr, a *attribute) {
	var names, others []string
	for _, r := range s.table.rolesWith(a) {
		switch {
		case !s.element.allows(r):
		case r.flags&interactive != 0:
			names = append(names, r.name)
		default:
			others = append(others, r.name)
		}
	}
	names = append(names, others...)
	const most = 4
	hint := either(names[:min(most, len(names))])
	if len(names) > most {
		hint = "for example " + hint
	}
	s.err("aria/role-needed", at.NameSpan, secStates,
		fmt.Sprintf("%s on %s needs a role that has it: %s", a.name, startTag(s.node), hint))
}

// misplaced says why an attribute may not stand here.
func (s *subject) misplaced(a *attribute) string {
	switch {
	case s.role != nil && s.allowed:
		return fmt.Sprintf("the role %q does not have %s", s.role.name, a.name)
	case s.element.globals == 0:
		return fmt.Sprintf("%s may not have aria-* attributes", startTag(s.node))
	}
	return fmt.Sprintf("%s may not have %s", startTag(s.node), a.name)
}

// rolesWith returns the roles that have a property, in the order of their names.
func (t *table) rolesWith(a *attribute) (list []*role) {
	for _, name := range t.roleNames {
		if r := t.roles[name]; r.valid() && r.props&a.bit != 0 {
			list = append(list, r)
		}
	}
	return list
}

// nearest proposes the attribute that an unknown name may mean.
func (s *subject) nearest(name string) string {
	for _, a := range s.table.list {
		if oneEdit(a.name, name) || strings.ReplaceAll(name[len("aria-"):], "-", "") == a.name[len("aria-"):] {
			return ": is " + a.name + " meant?"
		}
	}
	return ""
}

// oneEdit reports whether a and b differ in one letter: another one, one more or less, or
// two in the wrong order.
func oneEdit(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b)+1:
		return a[i+1:] == b[i:]
	case len(a) != len(b) || i == len(a):
		return false
	}
	return a[i+1:] == b[i+1:] ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// checkNaming reports names where none may be given.
func (s *subject) checkNaming() {
	e := s.element
	if e == nil || e.flags&noName == 0 {
		return
	}
	if s.roleAttr != nil {
		unnamed := slices.ContainsFunc(strings.Fields(s.roleAttr.Value), func(w string) bool {
			r := s.table.roles[w]
			return r != nil && r.flags&noName != 0
		})
		if !unnamed {
			return
		}
	}
	for _, name := range []string{"aria-label", "aria-labelledby", "aria-braillelabel"} {
		if at := s.node.Attr(name); at != nil {
			s.err("aria/naming-prohibited", at.NameSpan, secNaming, s.noNameMessage(name))
		}
	}
}

func (s *subject) noNameMessage(name string) string {
	if s.role != nil {
		return fmt.Sprintf("an element with the role %q may not have %s: its text is what is read", s.role.name, name)
	}
	if s.node.Name == "a" || s.node.Name == "area" {
		return fmt.Sprintf("%s is no link without href, and may not have %s then", startTag(s.node), name)
	}
	return fmt.Sprintf("%s may not have %s without a role that can be named, such as group, img or region", startTag(s.node), name)
}

// redundantProperty maps an attribute to the HTML attribute that says it already.
var redundantProperty = map[string]string{
	"aria-disabled": "disabled", "aria-required": "required", "aria-readonly": "readonly",
	"aria-hidden": "hidden", "aria-colspan": "colspan", "aria-rowspan": "rowspan",
}

// checkValues judges attributes against those of HTML.
func (s *subject) checkValues() {
	n := s.node
	s.each(func(at *parse.Attr, a *attribute) {
		if html := redundantProperty[at.Name]; html != "" && n.Attr(html) != nil && !(html == "hidden" && untilFound(n)) {
			s.say(inspect.SeverityWarning, "redundant/property", at.NameSpan, secNative,
				fmt.Sprintf("%s says already what %s does: leave it out", html, at.Name))
		}
	})
	s.nativeConflicts()
}

func untilFound(n *parse.Node) bool {
	h := n.Attr("hidden")
	return h != nil && strings.EqualFold(h.Value, "until-found")
}
