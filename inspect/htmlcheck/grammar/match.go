package grammar

import (
	"sort"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// matcher reads one page. It is used again for the next.
type matcher struct {
	*engine
	page   *finding.Page
	emit   finding.Sink
	frames []frame // of the open elements; the first is the document
	placed uint64  // the alternatives that the place of the current element allows
	hints  int     // how many names were looked for that are meant instead
}

// frame is an open element: the states that its content can be in.
type frame struct {
	node   *parse.Node
	el     *element // nil for the document
	states []uint32
	// form is the first of the element's alternatives that it can be.
	form *schema.Alternative
	// lax says that nothing is said of the content.
	lax bool
	// text is the element's text where its type is checked.
	text string
}

// maxTyped bounds the text that is put together of pieces with comments between: no date is
// as long, and thousands of pieces must not be copied thousands of times.
const maxTyped = 4096

// maxKeptFrames bounds what a matcher keeps for the next page: deep documents are rare.
const maxKeptFrames = 256

func (g *engine) check(p *finding.Page, emit finding.Sink) {
	m, _ := g.pool.Get().(*matcher)
	if m == nil {
		m = &matcher{engine: g}
	}
	m.page, m.emit, m.hints = p, emit, 0
	m.walk(p.Doc.Root)
	m.page, m.emit = nil, nil
	if len(m.frames) > maxKeptFrames {
		m.frames = m.frames[:maxKeptFrames]
	}
	for i := range m.frames {
		m.frames[i].node, m.frames[i].text = nil, ""
	}
	m.frames = m.frames[:0]
	g.pool.Put(m)
}

// walk reads the tree below root without recursion.
func (m *matcher) walk(root *parse.Node) {
	m.push(root, nil)
	if m.page.Fragment {
		m.top().states = append(m.top().states, m.Fragment)
		if i, ok := m.names[parse.HTML]["body"]; ok {
			m.top().el, m.top().form = &m.els[i], &m.els[i].Alternatives[0]
		}
	}
	for n := root.FirstChild; n != nil; {
		descend := false
		switch n.Kind {
		case parse.ElementNode:
			descend = m.open(n)
		case parse.TextNode:
			m.textNode(n)
		}
		if descend && n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		if descend {
			m.close()
		}
		for n.Next == nil {
			if n = n.Parent; n == root || n == nil {
				return // what the document may hold is its root's business
			}
			m.close()
		}
		n = n.Next
	}
}

func (m *matcher) top() *frame { return &m.frames[len(m.frames)-1] }

// push opens a frame, with the memory of an older one where there is one.
func (m *matcher) push(n *parse.Node, el *element) *frame {
	if len(m.frames) < cap(m.frames) {
		m.frames = m.frames[:len(m.frames)+1]
		f := m.top()
		*f = frame{node: n, el: el, states: f.states[:0]}
		return f
	}
	m.frames = append(m.frames, frame{node: n, el: el})
	return m.top()
}

// open reads a start tag and reports whether what is below it is to be read.
func (m *matcher) open(n *parse.Node) bool {
	el := m.find(n)
	parent := m.top()
	if !n.Clone {
		m.known(n, el)
	}
	m.namespaces(n)
	if n.Tag == parse.TagTemplate {
		if !parent.lax {
			m.element(n, el, parent)
		} else {
			m.push(n, el)
		}
		m.inTemplate(n)
		m.frames = m.frames[:len(m.frames)-1]
		return false
	}
	if parent.lax {
		m.obsoleteAttributes(n, el)
		m.push(n, el).lax = true
		return true
	}
	m.element(n, el, parent)
	return true
}

// known reports an element that does not exist or no longer does, wherever it stands.
func (m *matcher) known(n *parse.Node, el *element) {
	switch {
	case el == nil:
		m.report("content-model/unknown-element", n, n.Span, nil, m.unknownElement(n))
	case el.IsObsolete:
		m.obsoleteElement(n, el)
		if el.IsUnknown {
			m.report("content-model/unknown-element", n, n.Span, el, code(n.Name)+" was never an element of HTML: it may be nowhere")
		}
	}
}

// inTemplate reads what is in a template, where only the parser's rules count.
func (m *matcher) inTemplate(t *parse.Node) {
	for n := t.FirstChild; n != nil; n = n.Following(t, false) {
		if n.Kind == parse.ElementNode {
			m.namespaces(n)
		}
	}
}

// element matches an element with what its parent allows, and opens its frame.
func (m *matcher) element(n *parse.Node, el *element, parent *frame) {
	mask := m.allowed(n, el, parent)
	if mask == 0 {
		if el != nil {
			m.notAllowed(n, el, parent)
		}
		m.obsoleteAttributes(n, el)
		m.push(n, el).lax = true
		return
	}
	alive := m.attributes(n, el, mask)
	m.advance(parent, el, alive)
	f := m.push(n, el)
	for i := range el.Alternatives {
		a := &el.Alternatives[i]
		if alive&(1<<i) == 0 {
			continue
		}
		if f.form == nil {
			f.form = a
		}
		if m.States[a.State].Any {
			f.lax = true
		}
		f.states = addState(f.states, a.State)
	}
}

// allowed returns the alternatives of el that may be at this place: none when the element
// may not. What must come before it and does not is reported.
func (m *matcher) allowed(n *parse.Node, el *element, parent *frame) uint64 {
	if el == nil || m.page.XHTML && n.Tag == parse.TagNoscript {
		return 0 // noscript is for HTML only (4.12.2)
	}
	if parent.el == nil {
		for _, r := range m.Roots {
			if int(r) == el.number {
				return el.every
			}
		}
		return 0
	}
	mask, skips := uint64(0), (*schema.Step)(nil)
	for _, s := range parent.states {
		for steps, i := m.steps(s, el), 0; i < len(steps); i++ {
			if steps[i].Skips {
				skips = &steps[i]
			} else {
				mask |= steps[i].Mask
			}
		}
	}
	if mask == 0 && skips != nil {
		m.missingBefore(n, parent, skips)
		mask = skips.Mask
	}
	if mask == 0 && m.page.Fragment && len(m.frames) == 1 {
		// Into which element a piece of a page will be put is not known: its row, its list
		// entry or its option may stand alone.
		return el.every
	}
	return mask & el.every
}

// steps returns the steps of a state with an element.
func (m *matcher) steps(state uint32, el *element) []schema.Step {
	all := m.States[state].Steps
	lo := sort.Search(len(all), func(i int) bool { return int(all[i].Element) >= el.number })
	hi := lo
	for hi < len(all) && int(all[hi].Element) == el.number {
		hi++
	}
	return all[lo:hi]
}

// advance goes on in the parent with an element in one of the alternatives alive.
func (m *matcher) advance(parent *frame, el *element, alive uint64) {
	if parent.el == nil {
		return
	}
	if len(parent.states) == 1 {
		// The usual case: one state, one step, often back to the same state.
		if steps := m.steps(parent.states[0], el); len(steps) == 1 {
			parent.states[0] = steps[0].Next
			return
		}
	}
	var room [8]uint32
	next := room[:0]
	for _, s := range parent.states {
		for _, step := range m.steps(s, el) {
			if step.Mask&alive != 0 {
				next = addState(next, step.Next)
			}
		}
	}
	if len(next) > 0 {
		parent.states = append(parent.states[:0], next...)
	}
}

func addState(list []uint32, s uint32) []uint32 {
	for _, t := range list {
		if s == t {
			return list
		}
	}
	return append(list, s)
}

// textNode reads a text.
func (m *matcher) textNode(n *parse.Node) {
	f := m.top()
	if f.lax || f.el == nil {
		return
	}
	space := isSpace(n.Data)
	typed, allowed := false, space
	var room [8]uint32
	kept := room[:0]
	for _, s := range f.states {
		t := &m.States[s]
		switch {
		case t.Data != "":
			typed, allowed = true, true
			kept = append(kept, s)
		case t.Text != schema.None:
			allowed = true
			kept = addState(kept, t.Text)
		case space:
			kept = append(kept, s)
		}
	}
	if typed {
		if f.text == "" {
			f.text = n.Data
		} else if len(f.text) < maxTyped {
			f.text += n.Data
		}
	}
	if !allowed {
		m.textNotAllowed(n, f)
		return
	}
	if len(kept) > 0 && !space {
		f.states = append(f.states[:0], kept...)
	}
}

// isSpace reports whether a text is white space of XML: a form feed is not.
func isSpace(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

// close ends the content of the top frame.
func (m *matcher) close() {
	f := m.top()
	if !f.lax && f.el != nil && !m.cutOff(f.node) {
		m.end(f)
	}
	m.frames = m.frames[:len(m.frames)-1]
}

// cutOff reports whether an element has no end because the reading of a page of XML ended
// at an error within it.
func (m *matcher) cutOff(n *parse.Node) bool {
	return m.page.XHTML && m.page.Doc.Truncated && n.EndTag.Len() == 0 && !n.SelfClosing
}

// end reports what the content lacks.
func (m *matcher) end(f *frame) {
	typed := ""
	for _, s := range f.states {
		t := &m.States[s]
		if t.Data != "" {
			typed = t.Data
			if k := m.kind(typed); k.check != nil && k.check(trimSpace(f.text)) != nil {
				continue
			}
			return
		}
		if t.Accept {
			return
		}
	}
	if typed != "" {
		m.badText(f, typed)
		return
	}
	m.missingAtEnd(f)
}

func trimSpace(s string) string { return strings.Trim(s, " \t\n\r\f") }

// report emits an error.
func (m *matcher) report(rule finding.Rule, n *parse.Node, span parse.Span, el *element, message string) {
	section := ""
	if el != nil {
		section = el.Section
	}
	m.emit(finding.Finding{Rule: rule, Severity: inspect.SeverityError, Span: span,
		Message: message, Section: section, Node: n})
}
