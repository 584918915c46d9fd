package aria

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// maxUp bounds how far up a parent with a role is looked for: real pages nest few elements
// without semantics, and hostile ones must not cost their depth for each element.
const maxUp = 64

// context judges the role by what is around the element and what it refers to.
func (s *subject) context() {
	r := s.role
	// What a piece of a page is put into, and refers to, is not seen.
	whole := !s.page.Fragment
	if whole && len(r.inNames) > 0 && !s.contained(r) {
		s.err("aria/required-context", valueSpan(s.roleAttr), secContext, fmt.Sprintf(
			"an element with the role %q must be within one with the role %s, or be named by its aria-owns", r.name, either(r.inNames)))
	}
	switch r.name {
	case "main":
		s.oneMain()
	case "tab":
		if whole {
			s.tab()
		}
	}
	if at := s.node.Attr("aria-activedescendant"); at != nil && whole {
		s.activeDescendant(at)
	}
}

// contained reports whether one of the roles that r needs is around the element or owns it.
func (s *subject) contained(r *role) bool {
	for _, n := range r.inNames {
		if s.roles[s.table.roles[n]] > 0 {
			return true
		}
	}
	native := 0
	for _, n := range r.inNames {
		switch n {
		case "list":
			native += s.names[inList]
		case "group":
			native += s.names[inGroup]
		case "table":
			native += s.names[inTable]
		case "listbox":
			native += s.names[inDatalist]
		case "row":
			native += s.names[inTable]
		}
	}
	if native > 0 {
		return true
	}
	if p := s.node.Parent; p != nil {
		if a := p.Attr("role"); a != nil && strings.TrimSpace(a.Value) == "presentation" {
			return true
		}
	}
	if id := s.node.Attr("id"); id != nil {
		for _, owner := range s.ids().owners[id.Value] {
			if slices.Contains(r.inNames, owner) {
				return true
			}
		}
	}
	return false
}

// parentRole judges the roles that a parent wants its children to have.
func (s *subject) parentRole() {
	r := s.role
	if slices.Contains(exempt, r.name) {
		return
	}
	parent := s.roleAround()
	at := valueSpan(s.roleAttr)
	switch {
	case parent == "list" && r.name == "group":
		s.err("aria/list-child", at, secContext, "a list may not have a group as a child: put the group around the list")
	case parent == "group" && r.name == "group": // of menus and trees within one another
	case parent == "rowgroup" && r.name != "row":
		s.err("aria/rowgroup-child", at, secContext, "a rowgroup may only have rows as children: give it the role \"row\"")
	case parent == "group" && s.under("menu", "menubar") && !strings.HasPrefix(r.name, "menuitem"):
		s.err("aria/group-child", at, secContext, "a group in a menu may only hold menu items")
	case parent == "group" && s.under("tree") && r.name != "treeitem":
		s.err("aria/group-child", at, secContext, "a group in a tree may only hold tree items")
	}
}

// roleAround returns the role of the nearest element around that has one, written or, for
// lists, by itself.
func (s *subject) roleAround() string {
	p := s.node.Parent
	for range maxUp {
		if p == nil || p.Kind != parse.ElementNode {
			return ""
		}
		if a := p.Attr("role"); a != nil {
			v := strings.TrimSpace(a.Value)
			if !slices.Contains(exempt, v) {
				return v
			}
		} else if p.Space == parse.HTML {
			switch p.Name {
			case "div", "span":
			case "ul", "ol":
				return "list"
			default:
				return ""
			}
		}
		p = p.Parent
	}
	return ""
}

func (s *subject) oneMain() {
	if s.node.Attr("hidden") != nil {
		return
	}
	s.mains++
	if s.mains > 1 {
		s.warn("aria/several-main", s.roleAttr.NameSpan, secRoles, "a page should have one visible main part")
	}
}

// tab reports a selected tab whose panel is not to be found.
func (s *subject) tab() {
	sel := s.node.Attr("aria-selected")
	if sel == nil || sel.Value != "true" {
		return
	}
	ids := s.ids()
	if at := s.node.Attr("aria-controls"); at != nil {
		for _, id := range strings.Fields(at.Value) {
			if n := ids.nodes[id]; n != nil && roleWritten(n) == "tabpanel" {
				return
			}
		}
	}
	if id := s.node.Attr("id"); id != nil && ids.panels[id.Value] {
		return
	}
	s.err("aria/tab-without-panel", s.roleAttr.NameSpan, secRoles,
		"a selected tab needs an element with the role \"tabpanel\": name it in aria-controls, or name the tab in its aria-labelledby")
}

func roleWritten(n *parse.Node) string {
	if a := n.Attr("role"); a != nil {
		return strings.TrimSpace(a.Value)
	}
	return ""
}
