package grammar

import (
	"math/bits"
	"sort"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// attributes matches the attributes of n with the alternatives in mask, and returns those
// that are left. What fits none is reported, and left out of the count.
func (m *matcher) attributes(n *parse.Node, el *element, mask uint64) uint64 {
	alive := mask
	m.placed = mask
	// The order of attributes means nothing, but which of two is wrong depends on it. An
	// attribute type tells which alternative is meant, and content and srcset depend on all others.
	choice := bits.OnesCount64(alive) > 1
	for pass := first; pass <= last; pass++ {
		for i := range n.Attrs {
			a := &n.Attrs[i]
			if turn := turnOf(a.Name, choice); turn == pass && !m.dropped(n, a) {
				alive = m.attribute(n, a, el, alive)
			}
		}
		if !choice {
			break
		}
	}
	return m.required(n, el, alive)
}

// The turns in which attributes are matched.
const (
	first = iota
	usual
	last
)

// turnOf returns the turn of an attribute; where there is no choice all are in the first.
func turnOf(name string, choice bool) int {
	switch {
	case !choice || name == "type":
		return first
	case name == "content" || name == "srcset":
		return last
	}
	return usual
}

// dropped reports whether an attribute is none of the grammar's business.
func (m *matcher) dropped(n *parse.Node, a *parse.Attr) bool {
	name := a.Name
	switch {
	case len(name) < 4:
		return false
	case name[0] == 'd':
		return len(name) > len("data-") && name[:5] == "data-"
	case name[0] == 'a':
		return name[:4] == "aria" && strings.HasPrefix(name, "aria-")
	case name[0] == 'r':
		return name == "role"
	case name[0] == 'x':
		return name == "xml:lang" || isNamespace(name) ||
			m.page.XHTML && (name == "xml:base" || name == "xml:space" && n.Space != parse.SVG)
	}
	return false
}

func isNamespace(name string) bool {
	return strings.HasPrefix(name, "xmlns") && (len(name) == len("xmlns") || name[len("xmlns")] == ':')
}

// lookup finds an attribute's record, by its name or by a wildcard.
func lookup(el *element, name string) *schema.Attr {
	i := sort.Search(len(el.Attrs), func(i int) bool { return el.Attrs[i].Name >= name })
	if i < len(el.Attrs) && el.Attrs[i].Name == name {
		return el.Attrs[i]
	}
	for _, w := range el.Wild {
		if strings.HasPrefix(name, w.Name[:len(w.Name)-1]) {
			return w
		}
	}
	return nil
}

// attribute matches one attribute and returns the alternatives that it leaves.
func (m *matcher) attribute(n *parse.Node, a *parse.Attr, el *element, alive uint64) uint64 {
	rec := lookup(el, a.Name)
	if rec == nil || n.Space != parse.HTML && a.Name == "lang" && n.Attr("xml:lang") != nil {
		m.unknownAttribute(n, a, el)
		return alive
	}
	var named, good uint64
	var form *schema.Form
	var problem, warning *datatype.Problem
	for i := range rec.Forms {
		f := &rec.Forms[i]
		if f.Mask&alive == 0 {
			continue
		}
		named |= f.Mask
		p := m.value(f, a)
		if p == nil || p.Warning {
			good |= f.Mask
			warning = p
			continue
		}
		if form == nil {
			form, problem = f, p
		}
	}
	switch {
	case named == 0:
		m.misplacedAttribute(n, a, el, rec)
		if rec.IsObsolete {
			m.obsoleteAttribute(n, a, el, rec)
		}
		return alive
	case good == 0:
		if !n.Clone && !(rec.IsObsolete && rec.IsError) {
			m.badValue(n, a, el, rec, problem, alive)
		}
		alive &= named
	default:
		if warning != nil {
			m.badValue(n, a, el, rec, warning, alive)
		}
		alive &= good
	}
	if rec.IsObsolete {
		m.obsoleteAttribute(n, a, el, rec)
	}
	return alive
}

// keyword is the problem of a value that is none of some words; badValue says which.
var keyword = &datatype.Problem{Rule: "attr-value/keyword"}

// notBoolean is the problem of a boolean attribute with another value.
var notBoolean = &datatype.Problem{Rule: "attr-value/boolean"}

// value returns nil when the value is one of the form's, else what is wrong with it.
func (m *matcher) value(f *schema.Form, a *parse.Attr) *datatype.Problem {
	problem := keyword
	for i := range f.Values {
		v := &f.Values[i]
		if v.IsLiteral {
			if v.Text == a.Value || !v.Exact && len(v.Text) == len(a.Value) && strings.EqualFold(v.Text, a.Value) {
				return nil
			}
			continue
		}
		k := &m.kinds[v.Kind]
		if k.boolean {
			if a.Value == "" || strings.EqualFold(a.Value, a.Name) {
				return nil
			}
			problem = notBoolean
			continue
		}
		if k.check == nil {
			return nil
		}
		p := k.check(a.Value)
		if p == nil || p.Warning {
			return p
		}
		if problem == keyword {
			problem = p
		}
	}
	return problem
}

// required reports attributes that must be there and are not.
func (m *matcher) required(n *parse.Node, el *element, alive uint64) uint64 {
	left := alive
	for _, rec := range el.needs {
		if rec.Needs&left != 0 && n.Attr(rec.Name) == nil {
			left &^= rec.Needs
		}
	}
	if left != 0 {
		return left
	}
	if !n.Clone {
		m.missingAttributes(n, el, alive)
	}
	return alive
}

// namespaces checks declarations of namespaces, which HTML fixes.
func (m *matcher) namespaces(n *parse.Node) {
	if m.page.XHTML || n.Clone {
		return
	}
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if len(a.Name) < 5 || a.Name[0] != 'x' || !isNamespace(a.Name) {
			continue
		}
		want := ""
		switch {
		case a.Name == "xmlns":
			want = namespaceOf[n.Space]
		case a.Name == "xmlns:xlink" && n.Space != parse.HTML:
			want = "http://www.w3.org/1999/xlink"
		default:
			m.report("attr-unknown/namespace-declaration", n, a.NameSpan, nil,
				"`"+a.Name+"` has no meaning in HTML: leave it out, or send the page as application/xhtml+xml")
			continue
		}
		if a.Value != want {
			m.report("attr-value/namespace", n, orName(a), nil, "`"+a.Name+"` can only be "+want+" here: leave it out")
		}
	}
}

var namespaceOf = [spaces]string{
	parse.HTML: "http://www.w3.org/1999/xhtml", parse.SVG: "http://www.w3.org/2000/svg",
	parse.MathML: "http://www.w3.org/1998/Math/MathML",
}

// orName is the span of the value, or of the name when there is no value.
func orName(a *parse.Attr) parse.Span {
	if a.ValueSpan.Len() > 0 {
		return a.ValueSpan
	}
	return a.NameSpan
}
