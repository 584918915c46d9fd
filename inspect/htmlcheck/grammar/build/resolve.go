package build

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// grammar is what the files say together, by name.
type grammar struct {
	groups     map[string]*notation.Group
	categories map[string]*category
	elements   map[notation.Name]*element
	order      []*element // as they are declared
	start      []*notation.File
	errs       []error
}

type category struct {
	*notation.Category
	members []member
	in      string // the namespace of its file
}

// member is a declaration that says that it belongs to a category.
type member struct {
	d    *declaration
	cond *notation.Condition
}

// element is all declarations of one name.
type element struct {
	name  notation.Name
	index int
	decls []*declaration
}

// declaration is one of them, with its attribute sets spelled out.
type declaration struct {
	*notation.Element
	el   *element
	sets []attrSet
}

func (g *grammar) fail(pos notation.Pos, format string, args ...any) {
	g.errs = append(g.errs, &notation.Error{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

func (g *grammar) err() error { return errors.Join(g.errs...) }

// resolve joins the files. The order of elements is by namespace and name, so that the
// compiled form does not depend on the order of declarations.
func resolve(files []*notation.File) *grammar {
	g := &grammar{
		groups:     map[string]*notation.Group{},
		categories: map[string]*category{},
		elements:   map[notation.Name]*element{},
	}
	for _, f := range files {
		g.names(f)
	}
	g.number()
	if g.circles(files); len(g.errs) > 0 {
		return g
	}
	for _, el := range g.order {
		for _, d := range el.decls {
			g.declaration(d)
		}
	}
	return g
}

func (g *grammar) names(f *notation.File) {
	for _, gr := range f.Groups {
		if old := g.groups[gr.Name]; old != nil {
			g.fail(gr.Pos, "group %s is already in %s:%d", gr.Name, old.Pos.File, old.Pos.Line)
		}
		g.groups[gr.Name] = gr
	}
	for _, c := range f.Categories {
		if old := g.categories[c.Name]; old != nil {
			g.fail(c.Pos, "category %s is already in %s:%d", c.Name, old.Pos.File, old.Pos.Line)
		}
		g.categories[c.Name] = &category{Category: c, in: f.Namespace}
	}
	for _, e := range f.Elements {
		name := notation.Name{Namespace: e.Namespace, Local: e.Name}
		el := g.elements[name]
		if el == nil {
			el = &element{name: name}
			g.elements[name] = el
			g.order = append(g.order, el)
		}
		el.decls = append(el.decls, &declaration{Element: e, el: el})
	}
	if f.Start != nil {
		g.start = append(g.start, f)
	}
}

var namespaces = []string{"html", "svg", "math"}

func (g *grammar) number() {
	slices.SortFunc(g.order, func(a, b *element) int {
		if a.name.Namespace != b.name.Namespace {
			return slices.Index(namespaces, a.name.Namespace) - slices.Index(namespaces, b.name.Namespace)
		}
		if a.name.Local < b.name.Local {
			return -1
		}
		return 1
	})
	for i, el := range g.order {
		el.index = i
	}
}

// declaration checks the names that d uses, and makes its attribute sets.
func (g *grammar) declaration(d *declaration) {
	if d.IsObsolete {
		if d.Content == nil {
			d.Content = notation.Any{}
		}
		if d.Attrs == nil {
			d.Attrs = []notation.Item{{Pos: d.Pos, Use: &notation.Use{Group: "any"}}}
		}
	}
	if d.Content == nil {
		d.Content = notation.Empty{}
	}
	for _, m := range d.Is {
		c := g.categories[m.Category]
		if c == nil {
			// A category that no content names says something to the reader only.
			c = &category{Category: &notation.Category{Pos: d.Pos, Name: m.Category}, in: d.Namespace}
			g.categories[m.Category] = c
		}
		c.members = append(c.members, member{d, m.If})
	}
	for _, p := range d.In {
		if g.elements[p] == nil {
			g.fail(d.Pos, "element %s is in <%s>, which no file declares", d.Name, p.Local)
		}
	}
	d.sets = g.attrSets(d)
}
