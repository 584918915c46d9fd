package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

const docsHead = `# The elements

Generated from inspect/htmlcheck/grammar/*.grammar by ` + "`go generate ./inspect/htmlcheck/grammar`" + `: do not edit.
This is what the HTML check accepts, to be read beside the standards. Content is written as in
[NOTATION.md](../../inspect/htmlcheck/grammar/NOTATION.md): sequence by a space, choice |, any order &, repetition * + ?.
Attributes in **bold** must be there; *italic* ones are obsolete; names without a type take any text. Sets that many elements share stand first.
`

// Docs makes the page that shows the grammar as tables.
func Docs(files []*notation.File) []byte {
	var b strings.Builder
	b.WriteString(docsHead)
	b.WriteString("\n## Sets of attributes\n\n| set | attributes |\n|---|---|\n")
	for _, f := range files {
		for _, g := range f.Groups {
			fmt.Fprintf(&b, "| %s | %s |\n", g.Name, items(g.Items))
		}
	}
	b.WriteString("\n## Categories and patterns\n\n| name | content |\n|---|---|\n")
	for _, f := range files {
		for _, c := range f.Categories {
			fmt.Fprintf(&b, "| %s | %s |\n", c.Name, cell(categoryText(c, files)))
		}
	}
	for i, title := range []string{"HTML", "SVG", "MathML"} {
		fmt.Fprintf(&b, "\n## %s\n\n| element | section | categories | content | attributes |\n|---|---|---|---|---|\n", title)
		for _, e := range sorted(files, namespaces[i]) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", elementCell(e), e.Section, memberships(e.Is), cell(contentText(e)), items(e.Attrs))
		}
	}
	return []byte(b.String())
}

func sorted(files []*notation.File, namespace string) []*notation.Element {
	var all []*notation.Element
	for _, f := range files {
		for _, e := range f.Elements {
			if e.Namespace == namespace {
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *notation.Element) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func elementCell(e *notation.Element) string {
	s := "`" + e.Name + "`"
	if len(e.In) > 0 {
		s += " in " + names(e.In)
	}
	if e.IsObsolete {
		s = "*" + s + "* " + cell(e.Obsolete)
	}
	return s
}

func names(list []notation.Name) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = "`" + n.Local + "`"
	}
	return strings.Join(parts, ", ")
}

func contentText(e *notation.Element) string {
	switch {
	case e.Content != nil:
		return exprText(e.Content, 0)
	case e.IsObsolete:
		return "any"
	}
	return "empty"
}

func categoryText(c *notation.Category, files []*notation.File) string {
	var parts []string
	if c.Expr != nil {
		parts = append(parts, exprText(c.Expr, 1))
	}
	for _, f := range files {
		for _, e := range f.Elements {
			for _, m := range e.Is {
				if s := "<" + e.Name + ">"; m.Category == c.Name && !slices.Contains(parts, s) {
					parts = append(parts, s)
				}
			}
		}
	}
	s := strings.Join(parts, " | ")
	if c.Mixed {
		return "text and any number of: " + s
	}
	return s
}

// exprText writes content in the notation; depth > 0 puts parentheses around what needs them.
func exprText(e notation.Expr, depth int) string {
	join := func(parts []notation.Expr, sep string) string {
		texts := make([]string, len(parts))
		for i, p := range parts {
			texts[i] = exprText(p, depth+1)
		}
		s := strings.Join(texts, sep)
		if depth > 0 {
			s = "(" + s + ")"
		}
		return s
	}
	switch e := e.(type) {
	case notation.Empty:
		return "empty"
	case notation.Text:
		return "text"
	case notation.Any:
		return "any"
	case notation.Transparent:
		return "transparent"
	case notation.Data:
		return "data(" + e.Type + ")"
	case notation.Ref:
		s := "<" + e.Name.Local + ">"
		if e.Content != nil {
			s += "(" + exprText(e.Content, 0) + ")"
		}
		return s
	case notation.CategoryRef:
		s := e.Name
		if len(e.Except) > 0 {
			s += " except " + strings.ReplaceAll(names(e.Except), "`", "")
		}
		return s
	case notation.Seq:
		return join(e.Parts, " ")
	case notation.Choice:
		return join(e.Parts, " | ")
	case notation.Interleave:
		return join(e.Parts, " & ")
	case notation.Repeat:
		sign := "*"
		switch {
		case e.Max == 1:
			sign = "?"
		case e.Min == 1:
			sign = "+"
		}
		return exprText(e.Part, depth+1) + sign
	}
	return ""
}

func memberships(list []notation.Membership) string {
	parts := make([]string, len(list))
	for i, m := range list {
		parts[i] = m.Category
		if m.If == nil {
			continue
		}
		parts[i] += " if "
		if m.If.Not {
			parts[i] += "not "
		}
		parts[i] += "@" + m.If.Attr
		if m.If.Values != nil {
			parts[i] += " = " + valueText(m.If.Values)
		}
	}
	return strings.Join(parts, ", ")
}

// items writes an attribute list.
func items(list []notation.Item) string {
	var parts []string
	for _, it := range list {
		switch {
		case it.Attr != nil:
			parts = append(parts, attrText(it.Attr))
		case it.Use != nil:
			s := "[" + it.Use.Group + "]"
			if len(it.Use.Except) > 0 {
				s += " without " + strings.Join(it.Use.Except, ", ")
			}
			parts = append(parts, s)
		default:
			sets := make([]string, len(it.OneOf))
			for i, set := range it.OneOf {
				if sets[i] = items(set); sets[i] == "" {
					sets[i] = "nothing"
				}
			}
			parts = append(parts, "one of: ("+strings.Join(sets, ") (")+")")
		}
	}
	return strings.Join(parts, "; ")
}

func attrText(a *notation.Attr) string {
	s := cell(a.Name)
	switch {
	case a.IsObsolete:
		s = "*" + s + "*"
	case !a.Optional:
		s = "**" + s + "**"
	}
	if v := valueText(a.Values); v != "text" {
		s += ": " + cell(v)
	}
	return s
}

func valueText(list []notation.Value) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = v.Type
		if v.IsLiteral {
			parts[i] = `"` + v.Literal + `"`
		}
	}
	return strings.Join(parts, " | ")
}

// cell makes text safe for a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;", "\n", " ").Replace(s)
}
