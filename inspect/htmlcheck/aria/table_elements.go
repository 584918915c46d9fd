package aria

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

func (t *table) readElements(text string) {
	var block []*element
	lines(text, func(w []string) {
		if w[0] == "element" {
			block = block[:0]
			for _, s := range strings.Split(strings.Join(w[1:], " "), ",") {
				block = append(block, t.selector(strings.TrimSpace(s)))
			}
			return
		}
		for _, e := range block {
			t.elementLine(e, w[0], w[1:])
		}
	})
	for _, list := range t.elements {
		for _, e := range list {
			t.complete(e)
		}
	}
}

// selector adds an element without properties.
func (t *table) selector(s string) *element {
	e := &element{globals: t.globals}
	key := elementKey{}
	if p, rest, ok := strings.Cut(s, ">"); ok {
		e.parent, s = p, rest
	}
	if p, rest, ok := strings.Cut(s, ":"); ok {
		key.space, s = map[string]parse.Space{"svg": parse.SVG, "math": parse.MathML}[p], rest
	}
	name, rest, _ := strings.Cut(s, "[")
	for rest != "" {
		var c condition
		c.attr, rest, _ = strings.Cut(rest, "]")
		c.attr, c.value, _ = strings.Cut(c.attr, "=")
		c.attr, c.not = strings.CutPrefix(c.attr, "!")
		e.when = append(e.when, c)
		rest = strings.TrimPrefix(rest, "[")
	}
	key.name = name
	t.elements[key] = append(t.elements[key], e)
	return e
}

func (t *table) elementLine(e *element, word string, rest []string) {
	switch word {
	case "is":
		e.is = t.roleList(rest)
	case "like":
		e.like = t.roleList(rest)
	case "roles":
		t.elementRoles(e, rest)
	case "props":
		e.props = t.props(rest)
	case "global":
		e.globals = 0
		if rest[0] != "-" {
			e.globals = t.props(rest)
		}
	case "given":
		for _, r := range t.roleList(rest) {
			e.given.add(r)
		}
	case "flags":
		e.flags = flagsOf(rest)
	default:
		panic(fmt.Sprintf("aria: elements: %q", word))
	}
}

func (t *table) roleList(names []string) (list []*role) {
	for _, n := range names {
		list = append(list, t.role(n))
	}
	return list
}

func (t *table) elementRoles(e *element, names []string) {
	switch names[0] {
	case "any":
		e.anyRole = true
	case "-":
		e.noRole = true
	default:
		e.roleNames = names
		for _, r := range t.roleList(names) {
			e.roles.add(r)
		}
	}
}

// complete computes what follows from the lines of an element.
func (t *table) complete(e *element) {
	e.union = e.props
	for _, r := range t.roles {
		if r.valid() && e.allows(r) {
			e.union |= r.props
		}
	}
	if e.flags&isInput != 0 {
		for i := range e.roles {
			t.inputRoles[i] |= e.roles[i]
		}
	}
}

// allows reports whether a role may be written on the element.
func (e *element) allows(r *role) bool { return e.anyRole || e.roles.has(r) }

// element returns what is known of a node, or nil.
func (t *table) element(n *parse.Node) *element {
	list := t.elements[elementKey{n.Space, n.Name}]
	switch {
	case list != nil:
	case n.Space != parse.HTML:
		list = t.elements[elementKey{n.Space, "*"}]
	case strings.Contains(n.Name, "-"):
		list = t.elements[elementKey{parse.HTML, "custom"}]
	}
	for _, e := range list {
		if e.fits(n) {
			return e
		}
	}
	return nil
}

func (e *element) fits(n *parse.Node) bool {
	if e.parent != "" && (n.Parent == nil || n.Parent.Name != e.parent) {
		return false
	}
	for i := range e.when {
		c := &e.when[i]
		a := n.Attr(c.attr)
		if c.not != (a == nil) || c.value != "" && !strings.EqualFold(strings.TrimSpace(a.Value), c.value) {
			return false
		}
	}
	return true
}
