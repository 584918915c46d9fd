package build

import (
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// circles reports categories, patterns and groups that have themselves in them. Nothing else
// can be done with a grammar that has one.
func (g *grammar) circles(files []*notation.File) {
	for _, f := range files {
		for _, c := range f.Categories {
			if g.reaches(c.Expr, c.Name, map[string]bool{}) {
				g.fail(c.Pos, "pattern %s has itself in it (only inside of an element's content, as <div>( %s ), it may)", c.Name, c.Name)
			}
		}
		for _, gr := range f.Groups {
			if g.uses(gr, gr.Name, map[string]bool{}) {
				g.fail(gr.Pos, "group %s has itself in it", gr.Name)
			}
		}
	}
}

// reaches reports whether e names a category, itself or by others. seen are those that were
// looked into.
func (g *grammar) reaches(e notation.Expr, name string, seen map[string]bool) bool {
	any := func(parts []notation.Expr) bool {
		for _, p := range parts {
			if g.reaches(p, name, seen) {
				return true
			}
		}
		return false
	}
	switch e := e.(type) {
	case notation.CategoryRef:
		if e.Name == name {
			return true
		}
		c := g.categories[e.Name]
		if c == nil || seen[e.Name] {
			return false
		}
		seen[e.Name] = true
		return g.reaches(c.Expr, name, seen)
	case notation.Seq:
		return any(e.Parts)
	case notation.Choice:
		return any(e.Parts)
	case notation.Interleave:
		return any(e.Parts)
	case notation.Repeat:
		return g.reaches(e.Part, name, seen)
	}
	return false
}

// uses is reaches for groups.
func (g *grammar) uses(gr *notation.Group, name string, seen map[string]bool) bool {
	for _, it := range gr.Items {
		if it.Use == nil {
			continue
		}
		if it.Use.Group == name {
			return true
		}
		if next := g.groups[it.Use.Group]; next != nil && !seen[it.Use.Group] {
			seen[it.Use.Group] = true
			if g.uses(next, name, seen) {
				return true
			}
		}
	}
	return false
}
