package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// variables writes what a frame could see.
func (f *folder) variables(indent int, key string, fr inspect.Frame) {
	width := 0
	for _, v := range slices.Concat(fr.Args, fr.Locals) {
		width = max(width, widget.Width(clean(v.Name)))
	}
	width = min(width, 24)
	for _, part := range []struct {
		name string
		vars []inspect.Variable
	}{{"arguments", fr.Args}, {"locals", fr.Locals}} {
		if len(part.vars) == 0 {
			continue
		}
		f.cut(indent, f.th.Dim.Render(part.name))
		for i, v := range part.vars {
			f.variable(indent+1, fmt.Sprintf("%s/%s %d", key, part.name, i), v, width)
		}
	}
	for _, n := range fr.Notes {
		f.hard(indent, f.th.Dim.Render(clean(n.Key)+": ")+clean(n.Value))
	}
}

// variable writes a value, and when it is open what it holds.
func (f *folder) variable(indent int, key string, v inspect.Variable, width int) {
	th := f.th
	name, value, typ := clean(v.Name), clean(v.Value), clean(v.Type)
	head := th.Name.Render(widget.Fit(name, max(width, widget.Width(name)), "")) + " " + th.Punct.Render("=") + " "
	room := f.width - indent - 4 - widget.Width(head)
	st := valueStyle(th.Text, th.String, th.Number, th.Literal, value)
	if v.Unreadable != "" {
		value, st = "("+clean(v.Unreadable)+")", th.Faint
	}
	if v.More && len(v.Children) == 0 && !strings.HasSuffix(value, "...") && !strings.HasSuffix(value, th.Glyph.Ellipsis) {
		value += th.Glyph.Ellipsis
	}
	long := widget.Width(value) > room
	tail := ""
	if rest := room - widget.Width(value) - 2; typ != "" && !strings.HasPrefix(value, typ) && rest >= min(widget.Width(typ), 8) {
		tail = "  " + th.Dim.Render(strings.TrimRight(widget.Fit(typ, rest, th.Glyph.Ellipsis), " "))
	}
	if len(v.Children) == 0 && !long {
		f.cut(indent+2, head+st.Render(value)+tail)
		return
	}
	if !f.fold(indent, key, false, head+st.Render(value)+tail) {
		return
	}
	defer f.end()
	if typ != "" && tail == "" && !strings.Contains(value, strings.TrimPrefix(typ, "*")) {
		f.hard(indent+4, th.Dim.Render(typ))
	}
	if long && len(v.Children) == 0 {
		f.hard(indent+4, st.Render(value))
	}
	inner := 0
	for _, c := range v.Children {
		inner = max(inner, widget.Width(clean(c.Name)))
	}
	for i, c := range v.Children {
		f.variable(indent+2, fmt.Sprintf("%s/%d", key, i), c, min(inner, 24))
	}
	if v.More && len(v.Children) > 0 {
		f.cut(indent+4, th.Dim.Render(f.more(v)))
	}
}

func (f *folder) more(v inspect.Variable) string {
	if n := v.Len - int64(len(v.Children)); n > 0 && v.Len > 0 {
		return f.th.Glyph.Ellipsis + " " + countText(n) + " more"
	}
	return f.th.Glyph.Ellipsis + " more is not kept"
}

// valueStyle colours a value by how it is written.
func valueStyle(text, str, number, literal lipgloss.Style, v string) lipgloss.Style {
	switch {
	case v == "":
		return text
	case v[0] == '"', v[0] == '`', v[0] == '\'':
		return str
	case v[0] >= '0' && v[0] <= '9', v[0] == '-':
		return number
	case v == "nil", v == "true", v == "false", v == "None", v == "null":
		return literal.Bold(v == "nil" || v == "None" || v == "null")
	}
	return text
}

// results writes what expressions gave in a frame.
func (f *folder) results(indent int, d traceDoc, frame int) {
	for i, a := range d.answers {
		if a.frame != frame {
			continue
		}
		v := a.v
		v.Name = a.expr
		f.answer = answerKey(i)
		if a.err != nil {
			f.cut(indent+2, f.th.Name.Render(clean(a.expr))+f.th.Punct.Render(" = ")+f.th.Bad.Render(f.th.Glyph.Fail))
			for _, l := range strings.Split(a.err.Error(), "\n") {
				f.hard(indent+4, f.th.Bad.Render(clean(l)))
			}
			continue
		}
		f.variable(indent, answerKey(i), v, 0)
	}
}
