package aria

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// relations judges what depends on the element's parents and other attributes.
func (s *subject) relations() {
	n := s.node
	if s.role != nil && (s.role.name == "none" || s.role.name == "presentation") {
		s.presentational()
	}
	if n.Space != parse.HTML {
		return
	}
	switch n.Name {
	case "img":
		s.image()
	case "li":
		s.listItem()
	case "td", "th", "tr":
		s.tablePart()
	case "div":
		s.inDescriptionList()
	case "select":
		s.selectRole()
	case "summary":
		s.summary()
	case "button", "selectedcontent":
		s.selectPart()
	case "input":
		s.checkboxButton()
	case "label":
		s.labelFor()
	}
}

// presentational warns where the role none has no effect (WAI-ARIA 7.2.1).
func (s *subject) presentational() {
	globals := false
	s.each(func(at *parse.Attr, a *attribute) {
		globals = globals || a != nil && a.global && a.name != "aria-hidden"
	})
	var why string
	switch {
	case globals && s.tabindex:
		why = "tabindex and aria-* attributes"
	case globals:
		why = "aria-* attributes"
	case s.tabindex:
		why = "tabindex"
	default:
		return
	}
	s.warn("aria/presentational-conflict", s.roleAttr.NameSpan, secConflict, fmt.Sprintf(
		"the role %q has no effect on an element with %s: leave one of them out", s.role.name, why))
}

// image judges img elements with a role or properties (ARIA in HTML 4, img).
func (s *subject) image() {
	n := s.node
	alt := n.Attr("alt")
	named := alt != nil && alt.Value != "" || n.Attr("aria-label") != nil || n.Attr("aria-labelledby") != nil
	switch {
	case s.roleAttr != nil && alt != nil && alt.Value == "":
		s.err("aria/image-role", s.roleAttr.NameSpan, secElement,
			"an image with an empty alt is decoration and may not have a role: leave the role out, or say in alt what it shows")
	case s.roleAttr != nil && !named:
		s.err("aria/image-role", s.roleAttr.NameSpan, secElement, "an image with a role needs a name: say in alt what it shows or does")
	case s.role != nil && (s.role.name == "none" || s.role.name == "presentation"):
		s.err("aria/image-role", valueSpan(s.roleAttr), secElement, fmt.Sprintf(
			"an image that has a name may not have the role %q: leave the role out, or make alt empty", s.role.name))
	case alt == nil && !named:
		s.each(func(at *parse.Attr, _ *attribute) {
			if at.Name != "aria-hidden" {
				s.err("aria/image-name", at.NameSpan, secElement, "an image with aria-* attributes needs a name: say in alt what it shows")
			}
		})
	}
}

// exempt are the roles that say nothing, so that the element does not count as a child.
var exempt = []string{"none", "presentation", "generic"}

// listItem judges the role of an li by the list that it is in.
func (s *subject) listItem() {
	if s.roleAttr == nil {
		return
	}
	value := strings.TrimSpace(s.roleAttr.Value)
	if s.role != nil {
		value = s.role.name
	}
	at := valueSpan(s.roleAttr)
	unseen := s.page.Fragment && s.names[inList] == 0
	if value != "listitem" && !unseen && (s.explicit == 0 || s.under("list")) {
		s.err("aria/list-item-role", at, secElement, "an li in a list may only be a listitem: leave the role out, or give the list a role")
	}
	for _, l := range [...]struct{ lists, items []string }{
		{[]string{"listbox", "list"}, []string{"group", "option"}},
		{[]string{"menu", "menubar"}, []string{"group", "menuitem", "menuitemcheckbox", "menuitemradio", "separator"}},
		{[]string{"tablist"}, []string{"tab"}},
		{[]string{"tree"}, []string{"treeitem"}},
	} {
		if !s.under(l.lists...) || slices.Contains(l.items, value) || slices.Contains(exempt, value) {
			continue
		}
		if l.lists[0] == "listbox" && value == "listitem" && s.under("list") && !s.under("listbox") {
			s.warn("aria/list-item-role", at, secElement, "an li in a list is a listitem by itself: leave the role out")
		}
		s.err("aria/list-item-role", at, secElement, fmt.Sprintf("an li within the role %s must have the role %s",
			either(l.lists), either(l.items)))
	}
}

// tablePart judges roles of rows and cells of a table that is one.
func (s *subject) tablePart() {
	if s.roleAttr == nil {
		return
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		o := &s.open[i]
		if o.name != inTable {
			continue
		}
		a := o.node.Attr("role")
		if a == nil || slices.ContainsFunc(strings.Fields(a.Value), isTable) {
			s.err("aria/table-part-role", s.roleAttr.NameSpan, secElement, fmt.Sprintf(
				"%s of a table may not have a role: leave it out, or give the table another role", startTag(s.node)))
		}
		return
	}
}

func isTable(role string) bool { return role == "table" || role == "grid" || role == "treegrid" }

func (s *subject) inDescriptionList() {
	p := s.node.Parent
	if s.roleAttr == nil || p == nil || p.Space != parse.HTML || p.Name != "dl" {
		return
	}
	if s.role == nil || !slices.Contains(exempt, s.role.name) {
		s.err("aria/description-group-role", valueSpan(s.roleAttr), secElement,
			"a div in a dl only groups its dt and dd: it may only have the role \"presentation\" or \"none\"")
	}
}

func (s *subject) selectRole() {
	if s.roleAttr == nil {
		return
	}
	at := valueSpan(s.roleAttr)
	name := strings.TrimSpace(s.roleAttr.Value)
	if listBox(s.node) {
		if name != "listbox" {
			s.err("aria/select-role", at, secElement, "a select that shows several options is a listbox and may not have another role")
		}
		return
	}
	if name != "combobox" && name != "menu" {
		s.err("aria/select-role", at, secElement, "a select that shows one option may only have the role \"menu\"")
	}
}

// summaryMay are the attributes that the summary of a details element may have.
const summaryMay = " atomic braillelabel brailleroledescription busy controls current describedby details disabled " +
	"errormessage flowto haspopup hidden invalid keyshortcuts label labelledby live owns relevant roledescription "

func (s *subject) summary() {
	p := s.node.Parent
	if p == nil || p.Space != parse.HTML || p.Name != "details" {
		return
	}
	for c := s.node.Prev; c != nil; c = c.Prev {
		if c.Kind == parse.ElementNode {
			if c.Name == "summary" && c.Space == parse.HTML {
				return
			}
			break // only the first child element of details is its summary
		}
	}
	if s.roleAttr != nil {
		s.err("aria/summary-role", s.roleAttr.NameSpan, secElement, "the summary of a details element may not have a role: leave it out")
	}
	s.each(func(at *parse.Attr, _ *attribute) {
		if !strings.Contains(summaryMay, " "+strings.TrimPrefix(at.Name, "aria-")+" ") {
			s.err("aria/summary-property", at.NameSpan, secElement, fmt.Sprintf(
				"the summary of a details element may not have %s: the browser tells its state", at.Name))
		}
	})
}

// selectPart judges the button of a select and what shows the selected option in it.
func (s *subject) selectPart() {
	p := s.node.Parent
	if p == nil || p.Space != parse.HTML {
		return
	}
	switch {
	case s.node.Name == "button" && p.Name == "select":
	case s.node.Name == "selectedcontent" && p.Name == "button" && p.Parent != nil && p.Parent.Name == "select":
	default:
		return
	}
	report := func(at *parse.Attr, _ *attribute) {
		s.err("aria/select-part", at.NameSpan, secElement, fmt.Sprintf("%s in a select may not have %s: the select speaks for it", startTag(s.node), at.Name))
	}
	if s.roleAttr != nil {
		report(s.roleAttr, nil)
	}
	s.each(report)
}

func (s *subject) checkboxButton() {
	if s.role != nil && s.role.name == "button" && inputType(s.node) == "checkbox" && s.node.Attr("aria-pressed") == nil {
		s.err("aria/checkbox-button", s.roleAttr.NameSpan, secElement, "a checkbox with the role \"button\" needs aria-pressed")
	}
}
