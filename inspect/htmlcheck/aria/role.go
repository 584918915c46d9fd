package aria

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Sections of the standards.
const (
	secRoles    = "WAI-ARIA 1.2 5.4"
	secRoleAttr = "WAI-ARIA 1.2 8.1"
	secContext  = "WAI-ARIA 1.2 5.2.7"
	secRequired = "WAI-ARIA 1.2 5.2.2"
	secValues   = "WAI-ARIA 1.2 6.2.4"
	secStates   = "WAI-ARIA 1.2 6.6"
	secNaming   = "WAI-ARIA 1.2 5.2.8.6"
	secLeaf     = "WAI-ARIA 1.2 5.2.8"
	secConflict = "WAI-ARIA 1.2 7.2"
	secElement  = "ARIA in HTML 4"
	secNative   = "ARIA in HTML 4.2"
	secNoName   = "ARIA in HTML 4.1"
)

// check judges the role and the aria-* attributes of the element.
func (s *subject) check() {
	s.allowed = true
	if s.roleAttr != nil {
		s.readRole()
	}
	if e := s.element; e != nil && e.flags&free == 0 {
		if s.roleAttr != nil {
			s.checkRole()
		}
		if s.arias > 0 {
			s.checkAttributes()
		}
		if s.role != nil && s.allowed {
			s.checkRequired()
		}
	}
	if s.arias > 0 {
		s.checkNaming()
		s.checkValues()
	}
	s.relations()
	// Which of several roles counts is up to the browser: what they need around them is not judged.
	if s.single() != nil {
		s.context()
	}
	if s.role != nil {
		s.parentRole()
	}
}

// readRole finds the role that counts: browsers take the first token that they know.
func (s *subject) readRole() {
	list := strings.Fields(s.roleAttr.Value)
	var unknown, late []string
	for _, w := range list {
		switch r := s.table.roles[w]; {
		case !r.valid(), len(list) > 1 && r.flags&newer != 0:
			unknown = append(unknown, w)
		case s.role != nil:
			late = append(late, w)
		default:
			s.role = r
		}
	}
	at := valueSpan(s.roleAttr)
	if len(list) > 1 && s.role != nil && len(unknown) > 0 {
		s.err("aria/unknown-role", at, secRoleAttr, fmt.Sprintf("%s no role%s: browsers pass over it and take %q. Leave it out.",
			isAre(unknown), s.why(unknown[0]), s.role.name))
	}
	if len(late) > 0 {
		s.say(inspect.SeverityInfo, "aria/superfluous-role", at, secRoleAttr, fmt.Sprintf(
			"browsers take the first role they know, %q, so %s has no effect: leave it out", s.role.name, either(late)))
	}
}

func isAre(words []string) string {
	if len(words) == 1 {
		return strconv.Quote(words[0]) + " is"
	}
	return strings.ReplaceAll(either(words), " or ", " and ") + " are"
}

// why says why a word is no role that one may write.
func (s *subject) why(word string) string {
	switch r := s.table.roles[word]; {
	case r != nil && r.flags&abstract != 0:
		return " to be written (it is abstract: it only orders the others)"
	case r.valid():
		return " of WAI-ARIA 1.1, whose browsers read lists of roles"
	case r != nil:
		return " of WAI-ARIA 1.2 (a later version has it)"
	case s.table.roles[strings.ToLower(word)].valid():
		return " (roles are in lower case)"
	}
	for _, name := range s.table.roleNames {
		if oneEdit(name, word) && s.table.roles[name].valid() {
			return ": is " + strconv.Quote(name) + " meant?"
		}
	}
	return ""
}

// checkRole judges whether the role may be written on the element.
func (s *subject) checkRole() {
	e, a := s.element, s.roleAttr
	at := valueSpan(a)
	tag := startTag(s.node)
	switch r := s.role; {
	case e.noRole:
		s.allowed = false
		s.err("aria/role-not-allowed", a.NameSpan, secElement, fmt.Sprintf("%s may not have a role: leave the attribute out", tag))
	case r == nil:
		s.allowed = false
		s.err("aria/unknown-role", at, secRoleAttr, s.noRoleMessage())
	case r.flags&deprecated != 0:
		s.allowed = false
		s.warn("aria/deprecated-role", at, secRoles, fmt.Sprintf("the role %q is deprecated: use \"list\", or an HTML list", r.name))
	case !e.allows(r):
		s.allowed = false
		s.notOnElement(r, at)
	}
	if s.role != nil {
		s.redundant()
	}
}

func (s *subject) noRoleMessage() string {
	list := strings.Fields(s.roleAttr.Value)
	if len(list) == 0 {
		return "role must name a role: leave an empty role attribute out"
	}
	return fmt.Sprintf("%s no role%s", isAre(list), s.why(list[0]))
}

// notOnElement reports a role that the element may not have. Where another type of input,
// or a link without a target, could have it, it is that attribute that does not fit.
func (s *subject) notOnElement(r *role, at parse.Span) {
	e, tag := s.element, startTag(s.node)
	message := fmt.Sprintf("%s may not have the role %q: it may have %s", tag, r.name, s.choices())
	switch {
	case e.flags&isHref != 0:
		s.say(inspect.SeverityError, "attr-unknown/role-of-link", at, secElement, fmt.Sprintf(
			"a link may not have the role %q: leave href out, or write %s", r.name, either(e.roleNames)))
	case e.flags&isInput != 0 && s.table.inputRoles.has(r):
		if t := s.node.Attr("type"); t == nil {
			s.say(inspect.SeverityError, "attr-missing/role-of-input", at, secElement, message)
		} else {
			s.say(inspect.SeverityError, "attr-value/role-of-input", at, secElement, fmt.Sprintf(
				"an input of type %q may not have the role %q: it may have %s", t.Value, r.name, s.choices()))
		}
	default:
		s.err("aria/role-not-allowed", at, secElement, message)
	}
}

func (s *subject) choices() string {
	if len(s.element.roleNames) == 0 {
		return "none"
	}
	return either(s.element.roleNames)
}

// redundant warns of a role that the element has by itself.
func (s *subject) redundant() {
	for _, r := range s.native() {
		if r == s.role {
			s.say(inspect.SeverityWarning, "redundant/role", s.roleAttr.NameSpan, secElement, fmt.Sprintf(
				"%s has the role %q by itself: leave the attribute out", startTag(s.node), r.name))
			return
		}
	}
}

// native returns the roles that an element has by itself, where its conditions are more
// than a selector says.
func (s *subject) native() []*role {
	n, e := s.node, s.element
	if n.Space != parse.HTML {
		return e.is
	}
	switch n.Name {
	case "header", "footer":
		if s.names[inSection] > 0 {
			return nil
		}
	case "img":
		if alt := n.Attr("alt"); alt != nil && alt.Value == "" {
			return nil
		}
	case "select":
		if listBox(n) {
			return e.is[1:]
		}
		return e.is[:1]
	case "input":
		if e.flags&isText != 0 && n.Attr("list") != nil {
			return []*role{s.table.roles["combobox"]}
		}
	}
	return e.is
}

// listBox reports whether a select element shows as a list (HTML 15.5.16).
func listBox(n *parse.Node) bool {
	if n.Attr("multiple") != nil {
		return true
	}
	size := n.Attr("size")
	if size == nil {
		return false
	}
	v, err := strconv.Atoi(strings.TrimSpace(size.Value))
	return err == nil && v > 1
}

// checkRequired reports the properties that the role needs.
func (s *subject) checkRequired() {
	need := s.role.requires
	if need == 0 || s.element.given.has(s.role) {
		return
	}
	for _, a := range s.table.list {
		if a.bit&need != 0 && s.node.Attr(a.name) == nil {
			s.err("aria/required-property", s.roleAttr.NameSpan, secRequired, fmt.Sprintf(
				"the role %q needs %s", s.role.name, a.name))
		}
	}
}
