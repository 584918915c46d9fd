package build

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// attrSet is one of the sets of attributes that an element can have, by name.
type attrSet map[string]*notation.Attr

// maxSets bounds the combinations of an element's `one of` lists.
const maxSets = 64

// attrSets multiplies out the attribute list of d.
func (g *grammar) attrSets(d *declaration) []attrSet {
	sets := []attrSet{{}}
	own := map[string]bool{}
	for _, item := range d.Attrs {
		if item.Attr != nil {
			if own[item.Attr.Name] {
				g.fail(item.Pos, "attribute %s is listed twice", item.Attr.Name)
			}
			own[item.Attr.Name] = true
		}
	}
	for _, item := range d.Attrs {
		if item.OneOf == nil {
			g.add(sets, item, own)
			continue
		}
		var product []attrSet
		for _, alternative := range item.OneOf {
			copies := make([]attrSet, len(sets))
			for i, s := range sets {
				copies[i] = clone(s)
			}
			inner := map[string]bool{}
			for _, it := range alternative {
				if it.Attr != nil {
					inner[it.Attr.Name] = true
					for _, s := range copies {
						delete(s, it.Attr.Name)
					}
				}
			}
			for _, it := range alternative {
				g.add(copies, it, inner)
			}
			product = append(product, copies...)
		}
		if sets = product; len(sets) > maxSets {
			g.fail(d.Pos, "element %s has more than %d combinations of attributes: use fewer `one of`", d.Name, maxSets)
			return sets[:1]
		}
	}
	return sets
}

// add puts an item into all sets. Names in own are the element's and win over a group's.
func (g *grammar) add(sets []attrSet, item notation.Item, own map[string]bool) {
	if item.Attr != nil {
		for _, s := range sets {
			s[item.Attr.Name] = item.Attr
		}
		return
	}
	use := item.Use
	if use.Group == "any" {
		for _, s := range sets {
			s["*"] = &notation.Attr{Name: "*", Optional: true, Values: []notation.Value{{Type: "text"}}}
		}
		return
	}
	gr := g.groups[use.Group]
	if gr == nil {
		g.fail(item.Pos, "no file declares group %s (an attribute is written `%s?: type`)", use.Group, use.Group)
		return
	}
	for _, it := range gr.Items {
		switch {
		case it.OneOf != nil:
			g.fail(it.Pos, "group %s: `one of` is only for elements", gr.Name)
		case it.Attr != nil && (slices.Contains(use.Except, it.Attr.Name) || own[it.Attr.Name]):
		case it.Attr != nil:
			for _, s := range sets {
				s[it.Attr.Name] = it.Attr
			}
		default:
			inner := *it.Use
			inner.Except = append(slices.Clone(inner.Except), use.Except...)
			g.add(sets, notation.Item{Pos: it.Pos, Use: &inner}, own)
		}
	}
}

// narrow returns the sets for which a condition holds.
func (g *grammar) narrow(d *declaration, c *notation.Condition) []attrSet {
	if c == nil {
		return d.sets
	}
	var out []attrSet
	for _, s := range d.sets {
		if n, ok := g.narrowSet(d, s, c); ok {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		g.fail(d.Pos, "element %s: the condition on @%s never holds", d.Name, c.Attr)
	}
	return out
}

func (g *grammar) narrowSet(d *declaration, s attrSet, c *notation.Condition) (attrSet, bool) {
	old := s[c.Attr]
	if old == nil {
		return s, c.Not
	}
	a := *old
	switch {
	case c.Not && c.Values == nil:
		if !a.Optional {
			return nil, false
		}
		out := clone(s)
		delete(out, c.Attr)
		return out, true
	case c.Not:
		a.Values = slices.DeleteFunc(slices.Clone(a.Values), func(v notation.Value) bool {
			if !v.IsLiteral {
				g.fail(d.Pos, "element %s: `not @%s = …` needs literal values of the attribute", d.Name, c.Attr)
			}
			return slices.ContainsFunc(c.Values, func(w notation.Value) bool { return strings.EqualFold(v.Literal, w.Literal) })
		})
		if len(a.Values) == 0 {
			return nil, false
		}
	default:
		a.Optional = false
		if c.Values != nil && !hasType(a.Values) {
			a2 := slices.DeleteFunc(slices.Clone(a.Values), func(v notation.Value) bool {
				return !slices.ContainsFunc(c.Values, func(w notation.Value) bool { return strings.EqualFold(v.Literal, w.Literal) })
			})
			if a.Values = a2; len(a2) == 0 {
				return nil, false
			}
		} else if c.Values != nil {
			a.Values = c.Values
		}
	}
	out := clone(s)
	out[c.Attr] = &a
	return out, true
}

func clone(s attrSet) attrSet {
	out := make(attrSet, len(s))
	for name, a := range s {
		out[name] = a
	}
	return out
}

func hasType(values []notation.Value) bool {
	return slices.ContainsFunc(values, func(v notation.Value) bool { return !v.IsLiteral })
}
