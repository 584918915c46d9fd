package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/pattern"
)

// context is the place that let an element in: what `transparent` stands for there. It is
// a category without some elements, or the content of a declaration.
type context struct {
	category string
	except   string // names with spaces between, sorted
	decl     *declaration
}

// leaf is an element in a content model: a declaration under a condition, with its content.
type leaf struct {
	d       *declaration
	cond    *notation.Condition
	content int     // 1 + the number in contents.overrides, 0 for its own
	context context // set only where the content is transparent
}

// contents makes patterns of content expressions.
type contents struct {
	g        *grammar
	b        *pattern.Builder
	leaves   []leaf
	ids      map[leaf]pattern.Leaf
	contexts map[context]pattern.ID
	datas    []string // the types of data patterns, by number
	// overrides are contents that references say instead of the element's own.
	overrides []notation.Expr
	numbers   map[string]int // of overrides, by their form
}

func newContents(g *grammar) *contents {
	return &contents{g: g, b: pattern.NewBuilder(), ids: map[leaf]pattern.Leaf{}, contexts: map[context]pattern.ID{}, numbers: map[string]int{}}
}

// place is where an expression stands.
type place struct {
	d       *declaration // the element whose content it is, nil in a category
	context context      // of that element
	outer   context      // of elements that are found in a category
	except  []string
}

// content returns the pattern of a leaf's content.
func (c *contents) content(l leaf) pattern.ID {
	return c.build(c.expr(l), place{d: l.d, context: l.context})
}

func (c *contents) expr(l leaf) notation.Expr {
	if l.content > 0 {
		return c.overrides[l.content-1]
	}
	return l.d.Content
}

// override returns the number of a content that stands at a reference.
func (c *contents) override(e notation.Expr) int {
	if e == nil {
		return 0
	}
	form := fmt.Sprintf("%#v", e)
	if c.numbers[form] == 0 {
		c.overrides = append(c.overrides, e)
		c.numbers[form] = len(c.overrides)
	}
	return c.numbers[form]
}

func (c *contents) build(e notation.Expr, p place) pattern.ID {
	switch e := e.(type) {
	case notation.Empty:
		return pattern.Empty
	case notation.Text:
		return pattern.Text
	case notation.Any:
		return pattern.Any
	case notation.Transparent:
		return c.expand(p.context)
	case notation.Data:
		i := slices.Index(c.datas, e.Type)
		if i < 0 {
			i = len(c.datas)
			c.datas = append(c.datas, e.Type)
		}
		return c.b.Data(int32(i))
	case notation.Ref:
		return c.ref(e, p)
	case notation.CategoryRef:
		return c.category(e, p)
	case notation.Seq:
		return c.b.Group(c.all(e.Parts, p)...)
	case notation.Choice:
		return c.b.Choice(c.all(e.Parts, p)...)
	case notation.Interleave:
		return c.b.Interleave(c.all(e.Parts, p)...)
	case notation.Repeat:
		return c.repeat(e, p)
	}
	return pattern.NotAllowed
}

func (c *contents) all(parts []notation.Expr, p place) []pattern.ID {
	ids := make([]pattern.ID, len(parts))
	for i, e := range parts {
		ids[i] = c.build(e, p)
	}
	return ids
}

func (c *contents) repeat(e notation.Repeat, p place) pattern.ID {
	id := c.build(e.Part, p)
	switch {
	case e.Max == 1:
		return c.b.Optional(id)
	case e.Min == 1:
		return c.b.OneOrMore(id)
	}
	return c.b.Star(id)
}

// ref is an element by name.
func (c *contents) ref(r notation.Ref, p place) pattern.ID {
	el := c.g.elements[r.Name]
	if el == nil {
		c.g.fail(r.Pos, "no file declares element <%s>", r.Name.Local)
		return pattern.NotAllowed
	}
	if slices.Contains(p.except, key(r.Name)) {
		return pattern.NotAllowed
	}
	var all []pattern.ID
	for _, d := range c.chosen(el, p) {
		l := leaf{d: d, content: c.override(r.Content)}
		if mentionsTransparent(c.expr(l)) {
			l.context = p.outer
			if l.context == (context{}) {
				if l.context = p.context; p.d != nil && !mentionsTransparent(p.d.Content) {
					l.context = context{decl: p.d}
				}
			}
		}
		all = append(all, c.leaf(l))
	}
	return c.b.Choice(all...)
}

// chosen are the declarations of el that a reference at p means.
func (c *contents) chosen(el *element, p place) []*declaration {
	var here, plain []*declaration
	for _, d := range el.decls {
		switch {
		case len(d.In) == 0:
			plain = append(plain, d)
		case p.d != nil && slices.Contains(d.In, p.d.el.name):
			here = append(here, d)
		}
	}
	if here != nil {
		return here
	}
	return plain
}

// category is a category or pattern by name.
func (c *contents) category(r notation.CategoryRef, p place) pattern.ID {
	cat := c.g.categories[r.Name]
	if cat == nil {
		c.g.fail(r.Pos, "no file declares category or pattern %s (an element is written <%s>)", r.Name, r.Name)
		return pattern.NotAllowed
	}
	except := slices.Clone(p.except)
	for _, n := range r.Except {
		if c.g.elements[n] == nil {
			c.g.fail(r.Pos, "no file declares element <%s>", n.Local)
		}
		except = append(except, key(n))
	}
	slices.Sort(except)
	ctx := context{category: r.Name, except: strings.Join(slices.Compact(except), " ")}
	switch {
	case !cat.Mixed && len(cat.members) == 0 && p.d != nil:
		// A pattern is only a name for content: references in it are the element's.
		p.except = except
		return c.build(cat.Expr, p)
	case cat.Mixed && !r.One:
		if p.outer != (context{}) && c.g.categories[p.outer.category].Mixed {
			return c.mixed(c.one(cat, place{outer: p.outer, except: except}))
		}
		return c.expand(ctx)
	case p.outer == (context{}):
		return c.one(cat, place{d: p.d, outer: ctx, except: except})
	}
	return c.one(cat, place{d: p.d, outer: p.outer, except: except})
}

// one is one element of a category, or its other content.
func (c *contents) one(cat *category, p place) pattern.ID {
	var all []pattern.ID
	if cat.Expr != nil {
		all = append(all, c.build(cat.Expr, p))
	}
	for _, m := range cat.members {
		if slices.Contains(p.except, key(m.d.el.name)) {
			continue
		}
		l := leaf{d: m.d, cond: m.cond}
		if mentionsTransparent(c.expr(l)) {
			l.context = p.outer
		}
		all = append(all, c.leaf(l))
	}
	return c.b.Choice(all...)
}

// expand is all that a context allows.
func (c *contents) expand(ctx context) pattern.ID {
	if id, ok := c.contexts[ctx]; ok {
		return id
	}
	if ctx.decl != nil {
		// The content of an element that names a transparent one: the inner one's
		// content is the same, so it is found again by this context.
		id := c.build(ctx.decl.Content, place{d: ctx.decl})
		c.contexts[ctx] = id
		return id
	}
	cat := c.g.categories[ctx.category]
	if cat == nil {
		return pattern.NotAllowed
	}
	id := c.one(cat, place{outer: ctx, except: strings.Fields(ctx.except)})
	if cat.Mixed {
		id = c.mixed(id)
	} else {
		id = c.b.Star(id)
	}
	c.contexts[ctx] = id
	return id
}

func (c *contents) mixed(one pattern.ID) pattern.ID {
	return c.b.Star(c.b.Choice(pattern.Text, one))
}

func (c *contents) leaf(l leaf) pattern.ID {
	id, ok := c.ids[l]
	if !ok {
		id = pattern.Leaf(len(c.leaves))
		c.leaves = append(c.leaves, l)
		c.ids[l] = id
	}
	return c.b.Leaf(id)
}

// key is a name as one word.
func key(n notation.Name) string { return n.Namespace + ":" + n.Local }

// mentionsTransparent reports whether a content depends on the place of the element.
func mentionsTransparent(e notation.Expr) bool {
	any := func(parts []notation.Expr) bool { return slices.ContainsFunc(parts, mentionsTransparent) }
	switch e := e.(type) {
	case notation.Transparent:
		return true
	case notation.Seq:
		return any(e.Parts)
	case notation.Choice:
		return any(e.Parts)
	case notation.Interleave:
		return any(e.Parts)
	case notation.Repeat:
		return mentionsTransparent(e.Part)
	}
	return false
}
