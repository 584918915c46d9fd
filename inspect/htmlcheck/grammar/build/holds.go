package build

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// holds says in words what a leaf may hold: "`li`, `script` and `template`".
func (c *contents) holds(l leaf) string {
	parts := c.held(c.expr(l), l.context, nil)
	// Scripts are allowed nearly everywhere: they come last.
	var last []string
	parts = slices.DeleteFunc(parts, func(s string) bool {
		script := s == "`script`" || s == "`template`"
		if script {
			last = append(last, s)
		}
		return script
	})
	if len(parts) > maxHeld {
		return strings.Join(parts[:maxHeld], ", ") + " and more"
	}
	return list(append(parts, last...))
}

// maxHeld is how many elements are named: a longer list helps nobody.
const maxHeld = 8

// list joins as "a, b and c".
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// held names what a content is made of: elements in backquotes, categories by title.
func (c *contents) held(e notation.Expr, ctx context, out []string) []string {
	all := func(parts []notation.Expr) {
		for _, p := range parts {
			out = c.held(p, ctx, out)
		}
	}
	switch e := e.(type) {
	case notation.Text, notation.Data:
		out = add(out, "text")
	case notation.Any:
		out = add(out, "anything")
	case notation.Transparent:
		out = c.heldByContext(ctx, out)
	case notation.Ref:
		out = add(out, "`"+e.Name.Local+"`")
	case notation.CategoryRef:
		out = c.heldByCategory(e.Name, e.Except, ctx, out)
	case notation.Seq:
		all(e.Parts)
	case notation.Choice:
		all(e.Parts)
	case notation.Interleave:
		all(e.Parts)
	case notation.Repeat:
		out = c.held(e.Part, ctx, out)
	}
	return out
}

func add(out []string, s string) []string {
	if slices.Contains(out, s) {
		return out
	}
	return append(out, s)
}

func (c *contents) heldByContext(ctx context, out []string) []string {
	if ctx.decl != nil {
		return c.held(ctx.decl.Content, context{}, out)
	}
	var except []notation.Name
	for _, k := range strings.Fields(ctx.except) {
		ns, local, _ := strings.Cut(k, ":")
		except = append(except, notation.Name{Namespace: ns, Local: local})
	}
	return c.heldByCategory(ctx.category, except, context{}, out)
}

func (c *contents) heldByCategory(name string, except []notation.Name, ctx context, out []string) []string {
	cat := c.g.categories[name]
	if cat == nil {
		return out
	}
	if cat.Title != "" {
		title := cat.Title
		for i, n := range except {
			title += []string{" without ", " and "}[min(i, 1)] + "`" + n.Local + "`"
		}
		return add(out, title)
	}
	out = c.held(cat.Expr, ctx, out)
	for _, m := range cat.members {
		out = add(out, "`"+m.d.Name+"`")
	}
	return out
}
