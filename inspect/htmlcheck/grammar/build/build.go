// Package build compiles the grammar files: content models to automata, attribute lists to
// tables. The calls to make are [Read] and [Build], and [Docs] for the page that shows the
// grammar to people. It is a build tool, as package notation.
package build

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/pattern"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
)

// Build compiles the files. The error joins all faults that were found; there is no schema
// then.
func Build(files []*notation.File) (*schema.Schema, error) {
	g := resolve(files)
	if err := g.err(); err != nil {
		return nil, err
	}
	a := &automaton{contents: newContents(g), out: &schema.Schema{},
		states: map[pattern.ID]uint32{}, masks: map[pattern.Leaf]uint64{}, sets: make([][]alternative, len(g.order))}
	a.out.Elements = make([]schema.Element, len(g.order))
	for _, el := range g.order {
		for _, d := range el.decls {
			a.build(d.Content, place{d: d}) // for the faults of what nothing leads to
		}
	}
	a.state(pattern.Any) // state 0
	a.roots()
	a.run()
	for i, el := range g.order {
		a.describe(el, &a.out.Elements[i])
		attributes(a.sets[i], &a.out.Elements[i])
		if a.sets[i] == nil {
			// No content model names it: it is allowed nowhere, but known.
			a.out.Elements[i].Alternatives = nil
		}
	}
	a.parents()
	if err := g.err(); err != nil {
		return nil, err
	}
	return a.out, nil
}

// roots makes the alternatives of the elements that a document can begin with, and the
// state of a fragment, which is body's content.
func (a *automaton) roots() {
	for _, f := range a.g.start {
		id := a.build(f.Start, place{})
		for _, s := range a.b.Steps(id) {
			a.mask(s.Leaf)
			a.out.Roots = append(a.out.Roots, uint16(a.leaves[s.Leaf].d.el.index))
		}
	}
	slices.Sort(a.out.Roots)
	a.out.Roots = slices.Compact(a.out.Roots)
	if body := a.g.elements[notation.Name{Namespace: "html", Local: "body"}]; body != nil {
		a.out.Fragment = a.state(a.build(body.decls[0].Content, place{d: body.decls[0]}))
	}
}

// attributes makes the attribute table of an element from its alternatives.
func attributes(sets []alternative, out *schema.Element) {
	all := map[string]*schema.Attr{}
	var names []string
	for i, alt := range sets {
		for name, at := range alt.attrs {
			e := all[name]
			if e == nil {
				e = &schema.Attr{Name: name}
				all[name] = e
				names = append(names, name)
			}
			bit := uint64(1) << i
			if !at.Optional {
				e.Needs |= bit
			}
			if at.IsObsolete {
				e.IsObsolete, e.Obsolete, e.IsError = true, at.Obsolete, at.IsError
			}
			e.Forms = addForm(e.Forms, bit, values(at.Values))
		}
	}
	slices.Sort(names)
	every := uint64(1)<<len(sets) - 1
	for _, name := range names {
		e := all[name]
		slices.SortFunc(e.Forms, func(x, y schema.Form) int { return cmp.Compare(x.Mask, y.Mask) })
		if strings.HasSuffix(name, "*") {
			out.Wild = append(out.Wild, e)
		} else {
			out.Attrs = append(out.Attrs, e)
		}
	}
	fillWild(out)
	for _, e := range slices.Concat(out.Attrs, out.Wild) {
		for i := range e.Forms {
			if e.Forms[i].Mask == every {
				e.Forms[i].Mask = schema.All
			}
		}
		if e.Needs == every && len(sets) > 0 {
			e.Needs = schema.All
		}
	}
}

// fillWild adds to each attribute the alternatives that allow it by a wildcard only.
func fillWild(out *schema.Element) {
	for i := range out.Attrs {
		e := out.Attrs[i]
		var known uint64
		for _, f := range e.Forms {
			known |= f.Mask
		}
		for _, w := range out.Wild {
			if !strings.HasPrefix(e.Name, strings.TrimSuffix(w.Name, "*")) {
				continue
			}
			for _, f := range w.Forms {
				if rest := f.Mask &^ known; rest != 0 {
					e.Forms = append(e.Forms, schema.Form{Mask: rest, Values: f.Values})
					known |= rest
				}
			}
		}
	}
}

func addForm(forms []schema.Form, bit uint64, vs []schema.Value) []schema.Form {
	for i := range forms {
		if slices.Equal(forms[i].Values, vs) {
			forms[i].Mask |= bit
			return forms
		}
	}
	return append(forms, schema.Form{Mask: bit, Values: vs})
}

func values(list []notation.Value) []schema.Value {
	out := make([]schema.Value, len(list))
	for i, v := range list {
		out[i] = schema.Value{Text: v.Type, Exact: v.CaseMatch}
		if v.IsLiteral {
			out[i].Text, out[i].IsLiteral = v.Literal, true
		}
	}
	return out
}

// describe fills in what messages and the generated page say.
func (a *automaton) describe(el *element, out *schema.Element) {
	out.Space = slices.Index(namespaces, el.name.Namespace)
	out.Name = el.name.Local
	for _, d := range el.decls {
		out.Section = cmp.Or(out.Section, d.Section)
		if d.IsObsolete {
			out.IsObsolete, out.IsUnknown, out.Obsolete = true, d.IsUnknown, cmp.Or(out.Obsolete, d.Obsolete)
		}
		for _, m := range d.Is {
			if c := a.g.categories[m.Category]; c != nil && c.Title != "" && !slices.Contains(out.Categories, c.Title) {
				out.Categories = append(out.Categories, c.Title)
			}
		}
	}
}

// parents notes for each element which others hold it by name, not by a category.
func (a *automaton) parents() {
	for _, el := range a.g.order {
		for _, d := range el.decls {
			for _, name := range a.refs(d.Content, nil) {
				if child := a.g.elements[name]; child != nil {
					out := &a.out.Elements[child.index]
					if i := uint16(el.index); !slices.Contains(out.Parents, i) {
						out.Parents = append(out.Parents, i)
					}
				}
			}
		}
	}
}

func (a *automaton) refs(e notation.Expr, out []notation.Name) []notation.Name {
	parts := func(list []notation.Expr) {
		for _, p := range list {
			out = a.refs(p, out)
		}
	}
	switch e := e.(type) {
	case notation.Ref:
		out = append(out, e.Name)
	case notation.CategoryRef:
		if c := a.g.categories[e.Name]; c != nil && c.Title == "" && !c.Mixed && c.Expr != nil {
			out = a.refs(c.Expr, out)
		}
	case notation.Seq:
		parts(e.Parts)
	case notation.Choice:
		parts(e.Parts)
	case notation.Interleave:
		parts(e.Parts)
	case notation.Repeat:
		out = a.refs(e.Part, out)
	}
	return out
}
