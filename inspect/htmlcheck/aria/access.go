package aria

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// access is the walk that looks for what makes a page hard to use.
type access struct {
	*checker
	hidden  []*parse.Node // open elements whose contents nobody is told of
	labels  []*parse.Node // open label elements
	dialogs []*parse.Node // open dialogs and popovers
	budget  int           // nodes that may be looked at in the search for names

	keys      map[string]bool // accesskey values so far
	landmarks landmarks
	tables    []tableParts
}

// checkAccess reports the findings of family a11y.
func checkAccess(c *checker) {
	a := &access{checker: c, keys: map[string]bool{}}
	root := c.page.Doc.Root
	for n := root.FirstChild; n != nil; n = n.Following(root, n.Is(parse.TagTemplate)) {
		a.budget += scanPerNode
	}
	for n := root.FirstChild; n != nil; {
		if n.Kind == parse.ElementNode {
			a.enter(n)
		}
		if n.FirstChild != nil && !n.Is(parse.TagTemplate) {
			n = n.FirstChild
			continue
		}
		for n != nil {
			a.leave(n)
			if n.Next != nil {
				n = n.Next
				break
			}
			if n = n.Parent; n == root {
				n = nil
			}
		}
	}
	a.landmarks.report(a)
}

func (a *access) warn(n *parse.Node, rule finding.Rule, at parse.Span, section, message string) {
	a.emit(finding.Finding{
		Rule: rule, Severity: inspect.SeverityWarning, Span: at,
		Message: message, Section: section, Node: n,
	})
}

// The success criteria that the rules are about.
const (
	secText     = "WCAG 2.2 1.1.1"
	secCaptions = "WCAG 2.2 1.2.2"
	secInfo     = "WCAG 2.2 1.3.1"
	secResize   = "WCAG 2.2 1.4.4"
	secOrder    = "WCAG 2.2 2.4.3"
	secKeys     = "HTML 6.8.2"
	secRole     = "WCAG 2.2 4.1.2"
)

func (a *access) enter(n *parse.Node) {
	if n.Is(parse.TagMeta) {
		a.viewport(n)
	}
	if hiddenElement(n) {
		if len(a.hidden) == 0 {
			a.hiddenFocus(n)
		}
		a.hidden = append(a.hidden, n)
	}
	if len(a.hidden) > 0 {
		return
	}
	a.common(n)
	role := roleWritten(n)
	a.landmarks.add(n, role)
	if n.Space == parse.HTML {
		switch n.Name {
		case "label":
			a.labels = append(a.labels, n)
		case "dialog":
			a.dialogs = append(a.dialogs, n)
		case "table":
			a.tables = append(a.tables, tableParts{node: n})
		case "th", "thead", "caption":
			a.tablePart(n)
		}
	}
	a.names(n, role)
}

func (a *access) leave(n *parse.Node) {
	a.hidden = pop(a.hidden, n)
	a.labels = pop(a.labels, n)
	a.dialogs = pop(a.dialogs, n)
	if last := len(a.tables) - 1; last >= 0 && a.tables[last].node == n {
		a.closeTable(a.tables[last])
		a.tables = a.tables[:last]
	}
}

// pop takes n off a stack when it is on top.
func pop(stack []*parse.Node, n *parse.Node) []*parse.Node {
	if last := len(stack) - 1; last >= 0 && stack[last] == n {
		return stack[:last]
	}
	return stack
}

// common judges attributes that every element may have.
func (a *access) common(n *parse.Node) {
	for i := range n.Attrs {
		at := &n.Attrs[i]
		switch at.Name {
		case "tabindex":
			if v, err := strconv.Atoi(strings.TrimSpace(at.Value)); err == nil && v > 0 {
				a.warn(n, "a11y/positive-tabindex", valueSpan(at), secOrder,
					"a tabindex over 0 comes before everything else on the page: write 0, and put the element where it belongs in the order")
			}
		case "accesskey":
			for _, k := range strings.Fields(strings.ToLower(at.Value)) {
				if a.keys[k] {
					a.warn(n, "a11y/duplicate-accesskey", valueSpan(at), secKeys, fmt.Sprintf("another element has the access key %q already: choose another one", k))
				}
				a.keys[k] = true
			}
		case "autofocus":
			if len(a.dialogs) == 0 && n.Attr("popover") == nil && !n.Is(parse.TagDialog) {
				a.emit(finding.Finding{
					Rule: "a11y/autofocus", Severity: inspect.SeverityInfo, Span: at.NameSpan, Node: n, Section: secOrder,
					Message: "autofocus takes readers past everything before this element: use it only where the page is there for this one control",
				})
			}
		case "aria-labelledby":
			if !a.page.Fragment {
				a.references(n, at)
			}
		}
	}
}

// references reports names that are taken from elements that do not exist.
func (a *access) references(n *parse.Node, at *parse.Attr) {
	for _, id := range strings.Fields(at.Value) {
		if a.ids().nodes[id] == nil {
			a.warn(n, "a11y/broken-reference", valueSpan(at), secRole, fmt.Sprintf("aria-labelledby names the id %q, which no element has", id))
		}
	}
}

// hiddenFocus reports an element that users can reach with the keyboard, and that
// assistive technology is not told of.
func (a *access) hiddenFocus(n *parse.Node) {
	at := n.Attr("aria-hidden")
	if at == nil || at.Value != "true" || n.Space != parse.HTML || n.Attr("disabled") != nil || n.Attr("hidden") != nil || n.Attr("inert") != nil {
		return
	}
	tab := n.Attr("tabindex")
	if tab != nil && strings.HasPrefix(strings.TrimSpace(tab.Value), "-") || n.Attr("style") != nil {
		return
	}
	focusable := tab != nil
	switch n.Name {
	case "a":
		focusable = focusable || n.Attr("href") != nil
	case "button", "select", "textarea":
		focusable = true
	case "input":
		focusable = inputType(n) != "hidden"
	}
	if focusable {
		a.warn(n, "a11y/hidden-focus", at.NameSpan, secRole,
			"aria-hidden hides the element, but the keyboard still reaches it: leave aria-hidden out, or add tabindex=\"-1\"")
	}
}

// viewport reports a page that forbids to zoom.
func (a *access) viewport(n *parse.Node) {
	name, at := n.Attr("name"), n.Attr("content")
	if name == nil || at == nil || !strings.EqualFold(strings.TrimSpace(name.Value), "viewport") {
		return
	}
	if what := fixedZoom(strings.ToLower(at.Value)); what != "" {
		a.warn(n, "a11y/no-zoom", valueSpan(at), secResize, what+" keeps people with low vision from zooming in: leave it out")
	}
}

// fixedZoom returns what in a viewport keeps people from zooming in, "" for nothing.
func fixedZoom(viewport string) string {
	for _, part := range strings.FieldsFunc(viewport, func(r rune) bool { return r == ',' || r == ';' }) {
		key, value, _ := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		scale, err := strconv.ParseFloat(value, 64)
		if key == "user-scalable" && (value == "no" || value == "0") || key == "maximum-scale" && err == nil && scale > 0 && scale < 2 {
			return key + "=" + value
		}
	}
	for _, text := range []string{"user-scalable=no", "maximum-scale=1.0"} { // without commas, as vnu finds it
		if strings.Contains(viewport, text) {
			return text
		}
	}
	return ""
}
