package aria

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// nativeConflicts judges aria-* attributes that say what an attribute of HTML, or the
// element itself, says in its own way.
func (s *subject) nativeConflicts() {
	s.hiding()
	s.states()
	s.values()
	n := s.node
	if at := n.Attr("aria-expanded"); at != nil {
		for _, by := range []string{"command", "popovertarget"} {
			if n.Attr(by) != nil {
				s.err("aria/native-expanded", at.NameSpan, secNative, fmt.Sprintf(
					"the browser sets aria-expanded by itself where there is a %s: leave it out", by))
			}
		}
	}
	if n.Space == parse.HTML {
		switch n.Name {
		case "select":
			if at := n.Attr("aria-multiselectable"); at != nil {
				s.warn("aria/native-multiselectable", at.NameSpan, secNative, "a select says by its attribute multiple whether it takes several: leave aria-multiselectable out")
			}
		case "option":
			if at := n.Attr("aria-selected"); at != nil {
				s.warn("aria/native-selected", at.NameSpan, secNative, "an option is selected by its attribute selected: leave aria-selected out")
			}
		case "a":
			if at := n.Attr("aria-disabled"); at != nil && at.Value == "true" && n.Attr("href") != nil {
				s.warn("aria/disabled-link", at.NameSpan, secElement, "aria-disabled does not keep a link from being followed: leave href out instead")
			}
		}
	}
}

// hiding judges aria-hidden.
func (s *subject) hiding() {
	at := s.node.Attr("aria-hidden")
	if at == nil || s.element == nil {
		return
	}
	switch f := s.element.flags; {
	case f&noHidden != 0:
		s.err("aria/hidden-not-allowed", at.NameSpan, secElement, startTag(s.node)+" is not shown anyway and may not have aria-hidden")
	case f&isHiddenInput != 0:
		s.err("aria/hidden-not-allowed", at.NameSpan, secElement, "a hidden input is not shown anyway and may not have aria-hidden")
	case f&isBody != 0 && at.Value == "true":
		s.err("aria/hidden-body", at.NameSpan, secElement, "aria-hidden on the body would hide the whole page from assistive technology")
	case at.Value == "true" && untilFound(s.node):
		s.err("aria/hidden-until-found", at.NameSpan, secElement,
			"aria-hidden would still hide what a search in the page reveals: leave it out where hidden is \"until-found\"")
	}
}

// states judges attributes whose state HTML keeps itself.
func (s *subject) states() {
	n := s.node
	if at := n.Attr("aria-placeholder"); at != nil && n.Attr("placeholder") != nil {
		s.err("aria/native-placeholder", at.NameSpan, secNative, "placeholder says it already: leave aria-placeholder out")
	}
	if at := n.Attr("aria-readonly"); at != nil && at.Value != "false" && n.Attr("contenteditable") != nil {
		s.err("aria/native-readonly", at.NameSpan, secNative, "what has contenteditable is not read-only: aria-readonly may only be \"false\" there")
	}
	if n.Space != parse.HTML || n.Name != "input" {
		return
	}
	kind := inputType(n)
	if at := n.Attr("aria-checked"); at != nil && (kind == "checkbox" || kind == "radio") {
		s.err("aria/native-checked", at.NameSpan, secNative, fmt.Sprintf("a %s is checked by its attribute checked: leave aria-checked out", kind))
	}
	if kind == "hidden" && s.arias > 0 {
		s.hiddenInput()
	}
	if at := n.Attr("aria-haspopup"); at != nil && n.Attr("list") != nil && s.element.flags&isText != 0 {
		s.warn("aria/native-popup", at.NameSpan, secNative, "an input with a list has its popup by itself: leave aria-haspopup out")
	}
}

func (s *subject) hiddenInput() {
	s.each(func(at *parse.Attr, _ *attribute) {
		if at.Name != "aria-hidden" || s.arias > 1 {
			s.err("aria/hidden-input", at.NameSpan, secElement, fmt.Sprintf("a hidden input may not have %s", at.Name))
		}
	})
}

func inputType(n *parse.Node) string {
	if t := n.Attr("type"); t != nil {
		return strings.ToLower(strings.TrimSpace(t.Value))
	}
	return "text"
}

// values judges aria-valuemin and aria-valuemax where HTML has min and max.
func (s *subject) values() {
	n := s.node
	for _, v := range [...]struct{ aria, html string }{{"aria-valuemax", "max"}, {"aria-valuemin", "min"}} {
		at := n.Attr(v.aria)
		if at == nil {
			continue
		}
		if n.Attr(v.html) != nil {
			s.err("aria/native-range", at.NameSpan, secNative, fmt.Sprintf("%s says it already: leave %s out", v.html, v.aria))
			continue
		}
		if hasRange(n, v.html) {
			s.warn("aria/native-range", at.NameSpan, secNative, fmt.Sprintf("%s has the attribute %s: use it instead of %s", startTag(n), v.html, v.aria))
		}
	}
}

// hasRange reports whether the element has an attribute min or max.
func hasRange(n *parse.Node, attr string) bool {
	if n.Space != parse.HTML {
		return false
	}
	switch n.Name {
	case "meter":
		return true
	case "progress":
		return attr == "max"
	case "input":
		switch inputType(n) {
		case "date", "datetime-local", "month", "number", "range", "time", "week":
			return true
		}
	}
	return false
}
