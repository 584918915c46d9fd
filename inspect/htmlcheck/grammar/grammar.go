package grammar

import (
	_ "embed"
	"sync"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

//go:generate go run ./compile -dir . -docs ../../../docs/html/elements.md
//go:embed grammar.bin
var compiled []byte

// Check reports what of a page is not as the grammar says. It is safe for concurrent use
// and linear in the page.
func Check(p *finding.Page, emit finding.Sink) { load().check(p, emit) }

// load reads the grammar at the first use, which takes a few ms.
var load = sync.OnceValue(func() *engine {
	s, err := schema.Decode(compiled)
	if err != nil {
		panic("grammar: " + err.Error()) // the program was built wrong; a test sees to it
	}
	return newEngine(s, datatype.Lookup)
})

// spaces is how many namespaces elements have.
const spaces = int(parse.MathML) + 1

// engine is a grammar made ready for reading pages. It is not changed after it is made.
type engine struct {
	*schema.Schema
	names  [spaces]map[string]int // of elements, to their number
	wild   [spaces]int            // the element "*-*", or none
	els    []element
	kinds  []kind         // of values, by schema.Value.Kind
	byName map[string]int // the number of a datatype in kinds
	pool   sync.Pool      // of *matcher
}

const none = -1

// element is what the engine knows of an element beside the schema.
type element struct {
	*schema.Element
	number int
	needs  []*schema.Attr // those that some alternative must have
	every  uint64         // the mask of all alternatives
}

// kind is a datatype; a nil check takes every value.
type kind struct {
	check   func(string) *datatype.Problem
	boolean bool
}

func newEngine(s *schema.Schema, lookup func(string) (datatype.Type, bool)) *engine {
	g := &engine{Schema: s, els: make([]element, len(s.Elements)), byName: map[string]int{}}
	for i := range g.names {
		g.names[i], g.wild[i] = map[string]int{}, none
	}
	for i := range s.Elements {
		el := &s.Elements[i]
		g.els[i] = element{Element: el, number: i, every: 1<<len(el.Alternatives) - 1}
		g.names[el.Space][el.Name] = i
		if el.Name == "*-*" {
			g.wild[el.Space] = i
		}
		for _, a := range el.Attrs {
			if a.Needs != 0 {
				g.els[i].needs = append(g.els[i].needs, a)
			}
			g.addKinds(a, lookup)
		}
		for _, a := range el.Wild {
			g.addKinds(a, lookup)
		}
	}
	for i := range s.States {
		if name := s.States[i].Data; name != "" {
			g.addKind(name, lookup)
		}
	}
	return g
}

func (g *engine) addKinds(a *schema.Attr, lookup func(string) (datatype.Type, bool)) {
	for i := range a.Forms {
		for j := range a.Forms[i].Values {
			if v := &a.Forms[i].Values[j]; !v.IsLiteral {
				v.Kind = g.addKind(v.Text, lookup)
			}
		}
	}
}

func (g *engine) addKind(name string, lookup func(string) (datatype.Type, bool)) int {
	if i, ok := g.byName[name]; ok {
		return i
	}
	k := kind{boolean: name == "boolean"}
	if t, ok := lookup(name); ok && !k.boolean && name != "text" {
		k.check = t.Check
	}
	g.byName[name] = len(g.kinds)
	g.kinds = append(g.kinds, k)
	return len(g.kinds) - 1
}

// kind returns the kind of a state's text.
func (g *engine) kind(name string) kind { return g.kinds[g.byName[name]] }

// find returns the element that n is, or nil when the grammar does not know it.
func (g *engine) find(n *parse.Node) *element {
	space := int(n.Space)
	if space >= spaces {
		return nil
	}
	if i, ok := g.names[space][n.Name]; ok {
		return &g.els[i]
	}
	if g.wild[space] != none && isCustom(n.Name) {
		return &g.els[g.wild[space]]
	}
	return nil
}

// isCustom reports whether a name has a hyphen in it, as custom elements have.
func isCustom(name string) bool {
	for i := 1; i < len(name); i++ {
		if name[i] == '-' {
			return true
		}
	}
	return false
}
