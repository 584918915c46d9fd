package grammar

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

func (m *matcher) meantAttribute(a *parse.Attr, el *element) string {
	if m.hints++; m.hints > maxHints {
		return ""
	}
	var names []string
	for _, r := range el.Attrs {
		if !r.IsObsolete {
			names = append(names, r.Name)
		}
	}
	return finding.Nearest(a.Name, names)
}

func (m *matcher) unknownAttribute(n *parse.Node, a *parse.Attr, el *element) {
	if n.Clone {
		return
	}
	msg := code(a.Name) + " is not an attribute of " + code(n.Name)
	if s := m.meantAttribute(a, el); s != "" {
		msg += "; did you mean " + code(s) + "?"
	} else if n.Space == parse.HTML {
		msg += "; an attribute of your own begins with `data-`"
	}
	m.report(byName(a.Name, "attr-unknown/unknown-attribute", "microdata/unknown-attribute"), n, a.NameSpan, el, msg)
}

// misplacedAttribute says that an attribute does not go with the others that are there.
func (m *matcher) misplacedAttribute(n *parse.Node, a *parse.Attr, el *element, rec *schema.Attr) {
	if n.Clone {
		return
	}
	msg := code(a.Name) + " does not go with the other attributes of this " + code(n.Name)
	t, types := n.Attr("type"), lookup(el, "type")
	switch {
	case !allows(rec, m.placed) && m.top().el != nil:
		msg = code(n.Name) + " with " + code(a.Name) + " may not be inside " + code(m.top().el.name(m.top().node))
	case types == nil || len(types.Forms) < 2 || a.Name == "type":
	case t != nil:
		msg = code(a.Name) + " is not an attribute of " + code(n.Name) + " with " + code(`type="`+short(t.Value)+`"`)
	default:
		msg = code(a.Name) + " is an attribute of " + code(n.Name) + " only with another `type`"
	}
	m.report(byName(a.Name, "attr-unknown/misplaced-attribute", "microdata/misplaced-attribute"), n, a.NameSpan, el, msg)
}

// allows reports whether one of some alternatives has an attribute.
func allows(rec *schema.Attr, mask uint64) bool {
	for _, f := range rec.Forms {
		if f.Mask&mask != 0 {
			return true
		}
	}
	return false
}

// maxShown is how much of a value a message repeats.
const maxShown = 60

func short(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "…"
}

func (m *matcher) badValue(n *parse.Node, a *parse.Attr, el *element, rec *schema.Attr, p *datatype.Problem, alive uint64) {
	f := finding.Finding{Rule: p.Rule, Severity: inspect.SeverityError, Section: el.Section, Node: n, Span: orName(a)}
	if p.Warning {
		f.Severity = inspect.SeverityWarning
	}
	if p.End > p.Start && p.End <= len(a.Value) && len(a.Value) == a.ValueSpan.Len() {
		f.Span = parse.Span{Start: a.ValueSpan.Start + p.Start, End: a.ValueSpan.Start + p.End}
	}
	subject := code(a.Name) + " of " + code(n.Name)
	switch p {
	case keyword:
		f.Message = subject + " must be " + words(rec, alive)
		if a.Value != "" {
			f.Message += ", not " + `"` + short(a.Value) + `"`
		}
	case notBoolean:
		f.Message = subject + " is there or not: write it without a value, not as \"" + short(a.Value) + `"`
	default:
		f.Message = subject + ": the value " + p.Message
	}
	m.emit(f)
}

// words lists the literal values of an attribute in some alternatives.
func words(rec *schema.Attr, alive uint64) string {
	var list []string
	for i := range rec.Forms {
		if rec.Forms[i].Mask&alive == 0 {
			continue
		}
		for _, v := range rec.Forms[i].Values {
			s := v.Text
			switch {
			case v.IsLiteral && s == "":
				s = "empty"
			case v.IsLiteral:
				s = `"` + s + `"`
			}
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	const most = 24
	if len(list) > most {
		list = append(list[:most:most], "…")
	}
	return join(list, "or")
}

// byName chooses the rule of an attribute by its name: those of microdata go with what else
// there is to say of microdata.
func byName(name string, rule, microdata finding.Rule) finding.Rule {
	if isMicrodata(name) {
		return microdata
	}
	return rule
}

func isMicrodata(name string) bool {
	switch name {
	case "itemid", "itemprop", "itemref", "itemscope", "itemtype":
		return true
	}
	return false
}

// missingAttributes says which attributes an element lacks: those of the alternatives that
// lack the fewest.
func (m *matcher) missingAttributes(n *parse.Node, el *element, alive uint64) {
	rule := finding.Rule("attr-missing/missing-attribute")
	var missing []*schema.Attr
	for _, rec := range el.needs {
		if rec.Needs&alive != 0 && n.Attr(rec.Name) == nil {
			missing = append(missing, rec)
			if isMicrodata(rec.Name) {
				rule = "microdata/missing-attribute"
			}
		}
	}
	needs, likely := code(n.Name)+" needs ", likeliest(missing, alive)
	var all, some []string
	for _, rec := range missing {
		switch {
		case likely&^rec.Needs == 0:
			all = append(all, code(rec.Name))
		case likely&rec.Needs != 0:
			some = append(some, code(rec.Name))
		}
	}
	switch {
	case likely == alive && len(some) == 0:
		for _, name := range all {
			if n.Name == "a" && name == code("href") && n.Attr("name") != nil {
				name += " where it has `name`; for a place in the page leave `name` out and use `id`"
			}
			m.report(rule, n, n.Span, el, needs+name)
		}
		return
	case len(some) == 0:
		needs += join(all, "and")
		if n.Name == "meta" && len(all) == 1 && n.Attr("content") == nil && all[0] == code("charset") {
			needs += ", or `content` with `name`, `property`, `http-equiv` or `itemprop`"
		}
	case len(all) == 0:
		needs += join(some, "or")
	default:
		needs += join(all, "and") + ", and " + join(some, "or")
	}
	m.report(rule, n, n.Span, el, needs)
}

// likeliest returns those of the alternatives that need the fewest of the missing
// attributes.
func likeliest(missing []*schema.Attr, alive uint64) uint64 {
	fewest, out := len(missing)+1, uint64(0)
	for i := range schema.MaxAlternatives {
		bit := uint64(1) << i
		if alive&bit == 0 {
			continue
		}
		n := 0
		for _, rec := range missing {
			if rec.Needs&bit != 0 {
				n++
			}
		}
		switch {
		case n < fewest:
			fewest, out = n, bit
		case n == fewest:
			out |= bit
		}
	}
	return out
}
