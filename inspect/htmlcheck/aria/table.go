package aria

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

//go:embed attributes.txt
var attributesText string

//go:embed roles.txt
var rolesText string

//go:embed elements.txt
var elementsText string

// set is a set of attributes: bit i is attribute number i.
type set uint64

// roleSet is a set of roles, by number.
type roleSet [2]uint64

func (s *roleSet) add(r *role)      { s[r.number/64] |= 1 << (r.number % 64) }
func (s *roleSet) has(r *role) bool { return s[r.number/64]&(1<<(r.number%64)) != 0 }

// attribute is a state or property.
type attribute struct {
	name       string // "aria-checked"
	bit        set
	kind       kind
	words      []string
	global     bool
	deprecated bool
}

// flags are what else is known of a role or an element.
type flags uint32

const (
	interactive flags = 1 << iota // users operate it
	leaf                          // its children are presentational
	noHeadings                    // no headings in it
	noName                        // aria-label and the like are prohibited
	block                         // not in a heading
	deprecated
	abstract
	future // a role of a later version
	newer  // a role that browsers of WAI-ARIA 1.1 do not know
	free   // no rules
	freeProps
	noHidden // aria-hidden is prohibited
	labelable
	isInput
	isHiddenInput
	isHref
	isBody
	isText
)

var flagNames = map[string]flags{
	"interactive": interactive, "leaf": leaf, "no-headings": noHeadings, "no-name": noName,
	"block": block, "deprecated": deprecated, "abstract": abstract, "future": future, "newer": newer,
	"free": free, "free-props": freeProps, "no-hidden": noHidden, "labelable": labelable,
	"input": isInput, "hidden": isHiddenInput, "href": isHref, "body": isBody, "text": isText,
}

// role is a role.
type role struct {
	name     string
	number   int
	props    set // beside the global ones
	requires set
	avoid    set
	in       roleSet
	inNames  []string
	holds    roleSet // the roles of its items
	items    []string
	flags    flags
}

// valid reports whether authors may write the role.
func (r *role) valid() bool { return r != nil && r.flags&(abstract|future) == 0 }

// element is what is known of an element in a condition.
type element struct {
	parent          string // of this name, or ""
	when            []condition
	is, like        []*role
	anyRole, noRole bool // any role, no role attribute at all
	roles           roleSet
	roleNames       []string
	given           roleSet
	props           set // without a role
	union           set // under any of its roles, or without
	globals         set
	flags           flags
}

// condition is an attribute that must be there, with the value when there is one, or not.
type condition struct {
	attr, value string
	not         bool
}

type table struct {
	attrs      map[string]*attribute
	list       []*attribute
	roles      map[string]*role
	roleNames  []string // in order
	elements   map[elementKey][]*element
	globals    set
	all        set
	inputRoles roleSet // of any type of input
}

type elementKey struct {
	space parse.Space
	name  string
}

// tables returns what the text files say. They are read once, when first needed.
var tables = sync.OnceValue(func() *table {
	t := &table{attrs: map[string]*attribute{}, roles: map[string]*role{}, elements: map[elementKey][]*element{}}
	t.readAttributes(attributesText)
	t.readRoles(rolesText)
	t.readElements(elementsText)
	return t
})

// lines calls f with the words of each line of a data file, without comments.
func lines(text string, f func(words []string)) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			f(words)
		}
	}
}

func (t *table) readAttributes(text string) {
	lines(text, func(w []string) {
		a := &attribute{name: "aria-" + w[0], bit: 1 << len(t.list)}
		a.kind, a.words = kindOf(w[1])
		for _, f := range w[2:] {
			a.global = a.global || f == "global"
			a.deprecated = a.deprecated || f == "deprecated"
		}
		t.list = append(t.list, a)
		t.attrs[a.name] = a
		t.all |= a.bit
		if a.global {
			t.globals |= a.bit
		}
	})
}

// props returns the set of these attributes.
func (t *table) props(names []string) (s set) {
	for _, n := range names {
		a := t.attrs["aria-"+n]
		if a == nil {
			panic(fmt.Sprintf("aria: no attribute %q", n))
		}
		s |= a.bit
	}
	return s
}

func flagsOf(names []string) (f flags) {
	for _, n := range names {
		b, ok := flagNames[n]
		if !ok {
			panic(fmt.Sprintf("aria: no flag %q", n))
		}
		f |= b
	}
	return f
}

func (t *table) readRoles(text string) {
	var r *role
	needs := map[*role][]string{}
	holds := map[*role][]string{}
	lines(text, func(w []string) {
		switch rest := w[1:]; w[0] {
		case "role":
			r = &role{name: rest[0], number: len(t.roles)}
			t.roles[r.name] = r
		case "props":
			r.props = t.props(rest)
		case "requires":
			r.requires = t.props(rest)
		case "avoid":
			r.avoid = t.props(rest)
		case "in":
			needs[r] = rest
		case "holds":
			holds[r] = rest
		case "flags":
			r.flags = flagsOf(rest)
		default:
			panic(fmt.Sprintf("aria: roles: %q", w[0]))
		}
	})
	t.roleNames = slices.Sorted(maps.Keys(t.roles))
	for r, names := range needs {
		r.inNames = names
		for _, n := range names {
			r.in.add(t.role(n))
		}
	}
	for r, names := range holds {
		r.items = names
		for _, n := range names {
			r.holds.add(t.role(n))
		}
	}
}

// role returns a role that must exist.
func (t *table) role(name string) *role {
	r := t.roles[name]
	if r == nil {
		panic(fmt.Sprintf("aria: no role %q", name))
	}
	return r
}
