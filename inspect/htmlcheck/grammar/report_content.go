package grammar

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// notAllowed says that an element may not be where it is.
func (m *matcher) notAllowed(n *parse.Node, el *element, parent *frame) {
	switch {
	case parent.el == nil:
		m.report("content-model/root-element", n, n.Span, el, code(n.Name)+" cannot be the root of a document")
	default:
		m.report("content-model/not-allowed-child", n, n.Span, el, m.whyNot(n, el, parent))
	}
}

// whyNot says where an element may be, or what its parent may hold.
func (m *matcher) whyNot(n *parse.Node, el *element, parent *frame) string {
	name, in, holds := code(n.Name), code(parent.el.name(parent.node)), parent.form.Holds
	switch {
	case m.couldBegin(parent, el):
		if hasBefore(n) && !m.twice(parent, el) {
			return in + " may have only one " + name
		}
		return name + " must come earlier in " + in + ": here " + m.expected(parent)
	case len(el.Categories) == 0 && len(el.Parents) > 0 && len(el.Parents) <= maxNames &&
		!slices.Contains(el.Parents, uint16(parent.el.number)):
		return name + " must be inside " + m.list(el.Parents, "or") + "; it is inside " + in
	case holds == "":
		return in + " must be empty: " + name + " may not be inside it"
	case parent.form.Transparent:
		return name + " may not be inside " + in + ", which may hold only what its own parent may hold: here " + holds
	}
	msg := name + " may not be inside " + in + ", which may hold only " + holds
	if len(el.Categories) > 0 && strings.Contains(holds, "phrasing") && !slices.Contains(el.Categories, "phrasing content") {
		msg += "; " + name + " is " + el.Categories[0]
	}
	return msg
}

// couldBegin reports whether the parent's content could have begun with el.
func (m *matcher) couldBegin(parent *frame, el *element) bool {
	steps := m.steps(parent.form.State, el)
	return len(steps) > 0 && !steps[0].Skips
}

// twice reports whether el may follow itself at the beginning of the parent's content.
func (m *matcher) twice(parent *frame, el *element) bool {
	for _, step := range m.steps(parent.form.State, el) {
		if next := m.steps(step.Next, el); !step.Skips && len(next) > 0 && !next[0].Skips {
			return true
		}
	}
	return false
}

// hasBefore reports whether a sibling of the same name comes before n.
func hasBefore(n *parse.Node) bool {
	const most = 64 // a message need not be exact after a long list
	s := n.Prev
	for i := 0; s != nil && i < most; i++ {
		if s.Kind == parse.ElementNode && s.Name == n.Name {
			return true
		}
		s = s.Prev
	}
	return false
}

// maxNames is how many names a message lists: a longer list is told by its categories.
const maxNames = 8

// expected says what may come next in a frame.
func (m *matcher) expected(f *frame) string {
	next := m.next(f)
	switch {
	case len(next) == 0:
		return "nothing more may come"
	case len(next) <= maxNames:
		return "only " + m.list(next, "or") + " may come next"
	}
	return "only " + f.form.Holds + " may come"
}

// next are the elements that may come next in a frame; not more than maxNames and one.
func (m *matcher) next(f *frame) []uint16 {
	var next []uint16
	for _, s := range f.states {
		for i := range m.States[s].Steps {
			step := &m.States[s].Steps[i]
			if name := m.Elements[step.Element].Name; step.Skips || name == "script" || name == "template" || slices.Contains(next, step.Element) {
				continue
			}
			if next = append(next, step.Element); len(next) > maxNames {
				return next
			}
		}
	}
	return next
}

// list lists elements: "`a`, `b` or `c`".
func (m *matcher) list(list []uint16, word string) string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = code(m.Elements[n].Name)
	}
	return join(names, word)
}

// name is the element's name in the page.
func (el *element) name(n *parse.Node) string {
	if n != nil && n.Kind == parse.ElementNode {
		return n.Name
	}
	return el.Name
}

func code(s string) string { return "`" + s + "`" }

// languages are the names of the namespaces.
var languages = [spaces]string{parse.HTML: "HTML", parse.SVG: "SVG", parse.MathML: "MathML"}

// unknownElement says that there is no such element, and which one may be meant.
func (m *matcher) unknownElement(n *parse.Node) string {
	if int(n.Space) >= spaces {
		return code(n.Name) + " is not an element of HTML, SVG or MathML"
	}
	msg := code(n.Name) + " is not an element of " + languages[n.Space]
	for space := range spaces {
		if _, ok := m.names[space][n.Name]; !ok || space == int(n.Space) || space == int(parse.HTML) {
			continue
		}
		if p := n.Parent; p != nil && int(p.Space) == space {
			return code(n.Name) + " may not be inside " + code(p.Name) + ", which may hold only HTML"
		}
		return msg + ", but of " + languages[space] + ": it must be inside " + code([spaces]string{"html", "svg", "math"}[space])
	}
	if s := m.meantElement(n); s != "" {
		return msg + "; did you mean " + code(s) + "?"
	}
	if n.Space == parse.HTML {
		return msg + ": the name of an element of your own needs a hyphen"
	}
	return msg
}

// maxHints bounds how often a page is told what name may be meant, for the comparison with
// all names takes longer than all else.
const maxHints = 200

func (m *matcher) meantElement(n *parse.Node) string {
	if m.hints++; m.hints > maxHints {
		return ""
	}
	var names []string
	for i := range m.Elements {
		if m.Elements[i].Space == int(n.Space) && !m.Elements[i].IsObsolete {
			names = append(names, m.Elements[i].Name)
		}
	}
	return finding.Nearest(n.Name, names)
}

func (m *matcher) textNotAllowed(n *parse.Node, f *frame) {
	in := code(f.el.name(f.node))
	msg := "text may not stand in " + in
	if hold := f.form.Holds; hold != "" && !strings.Contains(hold, "text") {
		msg += ", which may hold only " + hold
	} else if hold == "" {
		msg += ", which must be empty"
	} else {
		msg += " here: " + m.expected(f)
	}
	m.report("content-model/text-not-allowed", n, trimmed(n), f.el, msg)
}

// trimmed is the span of a text without the white space around it, where the source says
// the same as the text.
func trimmed(n *parse.Node) parse.Span {
	if n.Span.Len() != len(n.Data) {
		return n.Span
	}
	left := len(n.Data) - len(strings.TrimLeft(n.Data, " \t\n\r"))
	right := len(n.Data) - len(strings.TrimRight(n.Data, " \t\n\r"))
	return parse.Span{Start: n.Span.Start + left, End: n.Span.End - right}
}

func (m *matcher) missingBefore(n *parse.Node, f *frame, step *schema.Step) {
	in := code(f.el.name(f.node))
	msg := in + " needs " + m.list(step.Missing, "and") + " before " + code(n.Name)
	if len(step.Missing) == 0 {
		msg = "something must come before " + code(n.Name) + " in " + in + ": " + m.expected(f)
	}
	m.report("content-model/missing-child", n, n.Span, f.el, msg)
}

func (m *matcher) missingAtEnd(f *frame) {
	in := code(f.el.name(f.node))
	span := f.endSpan()
	if len(f.states) > 0 && len(m.States[f.states[0]].Missing) > 0 {
		for _, i := range m.States[f.states[0]].Missing {
			m.report("content-model/missing-child", f.node, span, f.el, in+" needs "+code(m.Elements[i].Name))
		}
		return
	}
	msg := in + " is not complete: " + m.expected(f)
	if len(f.states) > 0 && len(m.States[f.states[0]].Wanted) > 0 {
		msg = in + " needs " + m.list(m.States[f.states[0]].Wanted, "or")
	}
	m.report("content-model/missing-child", f.node, span, f.el, msg)
}

// endSpan is where the element ended: its end tag, or the place that closed it.
func (f *frame) endSpan() parse.Span {
	end := f.node.EndTag
	if end == (parse.Span{}) || end.Len() == 0 && end.Start == f.node.Span.End {
		return f.node.Span
	}
	return end
}

// badText says that an element's text is not of the type that it must have.
func (m *matcher) badText(f *frame, typ string) {
	msg := "must have another form"
	if p := m.kind(typ).check(trimSpace(f.text)); p != nil {
		msg = p.Message
	}
	m.report("attr-value/text-content", f.node, f.endSpan(), f.el, "the text of "+code(f.el.name(f.node))+" "+msg)
}

// join lists words: "a, b or c".
func join(list []string, word string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " " + word + " " + list[len(list)-1]
}
