package aria

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// The computation of names (Accessible Name and Description Computation 1.2), as far as a
// page shows them without style sheets and scripts: whether there is one, not which. Where
// it cannot be known, there is one.

// scanPerNode bounds the search for names: each node of the page may be looked at this
// many times on average, which only hostile nesting needs more of.
const scanPerNode = 20

// blank reports whether an attribute is missing, empty or white space.
func blank(n *parse.Node, attr string) bool {
	a := n.Attr(attr)
	return a == nil || strings.TrimSpace(a.Value) == ""
}

// named reports whether the author names an element by an attribute that suits all of them.
func (a *access) named(n *parse.Node) bool {
	if !blank(n, "aria-label") || !blank(n, "title") || bound(n) {
		return true
	}
	at := n.Attr("aria-labelledby")
	if at == nil || a.page.Fragment {
		return at != nil
	}
	for _, id := range strings.Fields(at.Value) {
		if by := a.ids().nodes[id]; by != nil && (by == n || a.hasContent(by) || !blank(by, "aria-label") || isControl(by)) {
			return true
		}
	}
	return false
}

// bound reports whether a script's attribute may give an element its text or name: those
// of the template languages that run in browsers.
func bound(n *parse.Node) bool {
	for i := range n.Attrs {
		name := n.Attrs[i].Name
		switch name[0] {
		case ':', '[', '#', '*':
			return true
		}
		for _, p := range [...]string{"v-", "x-", "ng-", "data-bind", "data-i18n", "data-text", "data-content", "data-l10n", "data-ng-", "th:", "wire:"} {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
	}
	return false
}

// hasContent reports whether there is text below n, or something that has a name.
func (a *access) hasContent(n *parse.Node) bool {
	for x := n.FirstChild; x != nil; {
		if a.budget--; a.budget < 0 {
			return true
		}
		skip := false
		switch x.Kind {
		case parse.TextNode:
			if strings.Trim(x.Data, space+"\u00a0\u200b") != "" {
				return true
			}
		case parse.ElementNode:
			if skip = hiddenElement(x); !skip && a.speaks(x) {
				return true
			}
			skip = skip || x.Space == parse.HTML && (x.Name == "select" || x.Name == "textarea")
		}
		x = x.Following(n, skip)
	}
	return false
}

// speaks reports whether an element has a name by itself, whatever it holds.
func (a *access) speaks(n *parse.Node) bool {
	if !blank(n, "aria-label") || n.Attr("aria-labelledby") != nil || bound(n) {
		return true
	}
	if n.Space != parse.HTML {
		return n.Name == "title" && n.FirstChild != nil
	}
	switch n.Name {
	case "img":
		// Without any alt, that is what is wrong, and the standard's own rule says so.
		return n.Attr("alt") == nil || !blank(n, "alt") || !blank(n, "title")
	case "input":
		return inputType(n) == "image" && !blank(n, "alt")
	case "object", "iframe", "embed", "slot", "video", "canvas":
		return true
	}
	return strings.Contains(n.Name, "-") || !blank(n, "title")
}

// hiddenElement reports whether assistive technology is not told of an element, as far as
// its own attributes say.
func hiddenElement(n *parse.Node) bool {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch a.Name {
		case "aria-hidden":
			if a.Value == "true" {
				return true
			}
		case "hidden", "inert":
			return true
		case "style":
			v := strings.ToLower(strings.Map(dropSpace, a.Value))
			if strings.Contains(v, "display:none") || strings.Contains(v, "visibility:hidden") {
				return true
			}
		}
	}
	if n.Space != parse.HTML {
		return false
	}
	switch n.Name {
	case "script", "style", "template", "noscript", "datalist":
		return true
	}
	return false
}

func dropSpace(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' {
		return -1
	}
	return r
}

// isControl reports whether n is a control of a form that users see.
func isControl(n *parse.Node) bool {
	if n.Space != parse.HTML {
		return false
	}
	switch n.Name {
	case "select", "textarea", "meter", "progress":
		return true
	case "input":
		return inputType(n) != "hidden"
	}
	return false
}
