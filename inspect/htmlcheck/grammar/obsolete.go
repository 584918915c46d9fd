package grammar

import (
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

func (m *matcher) obsoleteElement(n *parse.Node, el *element) {
	msg := code(n.Name) + " is obsolete"
	if el.Obsolete != "" {
		msg += ". " + el.Obsolete
	}
	m.report("obsolete/element", n, n.Span, el, msg)
}

func (m *matcher) obsoleteAttribute(n *parse.Node, a *parse.Attr, el *element, rec *schema.Attr) {
	if n.Clone {
		return
	}
	f := finding.Finding{Rule: "obsolete/attribute", Severity: inspect.SeverityWarning,
		Span: a.NameSpan, Section: el.Section, Node: n, Message: code(a.Name) + " of " + code(n.Name) + " is obsolete"}
	if rec.IsError {
		f.Severity = inspect.SeverityError
	}
	if rec.Obsolete != "" {
		f.Message += ". " + rec.Obsolete
	}
	m.emit(f)
}

// obsoleteAttributes reports the obsolete attributes of an element that is not matched.
func (m *matcher) obsoleteAttributes(n *parse.Node, el *element) {
	if el == nil || n.Clone {
		return
	}
	for i := range n.Attrs {
		if rec := lookup(el, n.Attrs[i].Name); rec != nil && rec.IsObsolete {
			m.obsoleteAttribute(n, &n.Attrs[i], el, rec)
		}
	}
}
