package tui

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// Widths of the fields of the list of errors.
const (
	codeCells    = 8
	timesCells   = 6
	placeCells   = 30
	requestCells = 8   // the short form of an ID
	placeWidth   = 100 // from where the place has a field of its own
	requestWidth = 120 // from where the exchange has
)

func (p *failures) view() []string {
	ell := p.th.Glyph.Ellipsis
	if p.open {
		return p.look.view()
	}
	head := "  " + widget.Fit("code", codeCells+4, "") + widget.FitLeft("times", timesCells, "") + "   age  " + "what"
	lines := []string{p.th.Dim.Render(widget.Fit(p.rightHead(head), p.width, ell))}
	if len(p.heads) == 0 {
		lines = append(lines, p.emptyView()...)
	}
	c := p.cursor()
	for i := p.top; i < len(p.heads) && len(lines) < p.height; i++ {
		lines = append(lines, p.row(p.list[p.heads[i]], i == c))
	}
	return widget.Lines(lines, p.width, p.height, ell)
}

// rightHead adds the headings of the fields at the right end.
func (p *failures) rightHead(head string) string {
	right := ""
	if p.width >= placeWidth {
		right += "  " + widget.Fit("where", placeCells, "")
	}
	if p.width >= requestWidth {
		right += "  " + widget.Fit("request", requestCells+1, "")
	}
	return widget.Fit(head, p.width-widget.Width(right), "") + right
}

func (p *failures) emptyView() []string {
	title, hint := "No errors", "panics, crashes and tracebacks of the app come here"
	if p.err != nil {
		title, hint = "The errors cannot be read", clean(p.err.Error())
	}
	var lines []string
	for range p.height / 3 {
		lines = append(lines, "")
	}
	center := func(s string, st lipgloss.Style) string {
		return repeat(" ", (p.width-widget.Width(s))/2) + st.Render(s)
	}
	return append(lines, center(title, p.th.Strong), center(hint, p.th.Dim))
}

// row draws the newest failure of a code.
func (p *failures) row(t inspect.Trace, sel bool) string {
	on := func(st lipgloss.Style) lipgloss.Style { return p.th.On(st, sel) }
	ell := p.th.Glyph.Ellipsis
	mark := on(p.th.Text).Render("  ")
	if sel {
		mark = on(p.th.Accent).Render(p.th.Glyph.Cursor) + on(p.th.Text).Render(" ")
	}
	glyph, st := p.th.Glyph.Fail, p.th.Bad
	if t.Kind == inspect.TraceError || t.Recovered {
		glyph, st = p.th.Glyph.Warn, p.th.Warn
	}
	times := ""
	if t.Count > 1 {
		times = countText(t.Count)
	}
	line := mark + on(st).Render(glyph+" ") + on(p.th.Dim).Render(widget.Fit(clean(t.Code), codeCells+2, ell)) +
		on(p.th.Text).Render(widget.FitLeft(times, timesCells, "")) +
		on(p.th.Dim).Render("  "+widget.FitLeft(ageText(p.now, t.Time), ageCells, "")+"  ")
	where := ""
	if i := failing(&t); i >= 0 {
		where = clean(placeOf(t.Frames[i].Location))
	}
	right := ""
	if p.width >= placeWidth {
		right += on(p.th.Dim).Render("  " + widget.Fit(widget.FitTail(where, min(widget.Width(where), placeCells), ell), placeCells, ""))
	}
	if p.width >= requestWidth {
		short := ""
		if t.Exchange != "" {
			short = t.Exchange.Short()
		}
		right += on(p.th.Dim).Render("  " + widget.Fit(clean(short), requestCells+1, ""))
	}
	room := max(p.width-widget.Width(line)-widget.Width(right), 0)
	head := on(p.th.Text)
	if t.ID > p.seen || sel {
		head = on(p.th.Strong)
	}
	text := clean(t.Headline)
	if p.width < placeWidth && where != "" {
		text = fmt.Sprintf("%s  %s", text, where)
	}
	return line + head.Render(widget.Fit(text, room, ell)) + right
}
