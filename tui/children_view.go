package tui

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// fit cuts a styled line at the width.
func fit(th theme.Theme, styled string, width int) string {
	return ansi.Truncate(styled, width, th.Glyph.Ellipsis)
}

// familyLine is a relative of an exchange in a line.
func familyLine(th theme.Theme, s inspect.Summary) string {
	glyph, word, st := outcome(th, s)
	line := st.Render(widget.Fit(glyph+" "+word, statusCells, "")) + "  " + th.Text.Render(widget.FitLeft(inspect.FormatDuration(s.Duration.Duration()), timeCells, "")) + "  "
	if s.Via != "" {
		line += th.Dim.Render(widget.Fit(viaWord(s.Via), viaCells, "")) + "  "
	}
	line += methodStyle(th, s.Method).Render(clean(s.Method)) + " " + th.Text.Render(pathOf(s))
	if s.Error != "" {
		line += "  " + th.Bad.Render(clean(s.Error))
	}
	return line
}

// viaCells is the width of the longest [viaWord].
const viaCells = 10

// maxNamedChildren bounds the sub-requests that the overview names; their tab has all.
const maxNamedChildren = 6

// viaWord says why there is a sub-request.
func viaWord(v inspect.Via) string {
	return clean(v.Words())
}

// belongs begins the line that names what a sub-request belongs to.
func belongs(v inspect.Via) string {
	switch v {
	case inspect.ViaForward:
		return "Forwarded from"
	case inspect.ViaInclude:
		return "Included by"
	case inspect.ViaRedirect:
		return "Redirected from"
	case inspect.ViaError:
		return "Error page of"
	}
	return "Part of"
}

// partOf says what a sub-request belongs to: "GET /page"; its ID where that is no longer known.
func partOf(ex *inspect.Exchange, parent *inspect.Summary) string {
	if ex.Parent == "" {
		return ""
	}
	text := ex.Parent.Short()
	if parent != nil {
		text = clean(parent.Method) + " " + pathOf(*parent)
	}
	if ex.Via != "" {
		text += ", " + viaWord(ex.Via)
	}
	return text
}

// children names the first sub-requests.
func (w *writer) children(ex *inspect.Exchange) {
	if len(ex.Children) == 0 {
		return
	}
	w.heading("Sub-requests", "")
	for i := range ex.Children[:min(len(ex.Children), maxNamedChildren)] {
		w.lines = append(w.lines, fit(w.th, "  "+familyLine(w.th, ex.Children[i]), w.width))
	}
	if n := max(ex.Subs, len(ex.Children)) - maxNamedChildren; n > 0 {
		w.add(2, w.th.Dim.Render(w.th.Glyph.Ellipsis+" "+countText(n)+" more"))
	}
}

// family writes what a sub-request is a part of, and the sub-requests of an exchange. Each
// line opens the exchange that it is about.
func (f *folder) family(ex *inspect.Exchange, parent *inspect.Summary) {
	f.frame = -1
	if ex.Parent != "" {
		f.cut(1, f.th.Strong.Render(belongs(ex.Via))+f.th.Dim.Render("   enter opens it"))
		f.blank()
		if parent == nil {
			f.text(3, f.th.Dim.Render("exchange "+ex.Parent.Short()+", which the history has let go of"))
		} else {
			f.opens = parent.ID
			f.cut(3, familyLine(f.th, *parent))
			f.opens = ""
		}
	}
	if len(ex.Children) == 0 {
		return
	}
	f.heading(plural(max(ex.Subs, len(ex.Children)), "sub-request"))
	f.rows[len(f.rows)-1].text += f.th.Dim.Render("   enter opens one")
	f.blank()
	for i := range ex.Children {
		f.opens = ex.Children[i].ID
		f.cut(3, familyLine(f.th, ex.Children[i]))
		f.opens = ""
	}
	if n := ex.Subs - len(ex.Children); n > 0 {
		f.blank()
		f.text(1, f.th.Dim.Render(countText(n)+" more: the list finds them with parent:"+ex.ID.Short()))
	}
}
