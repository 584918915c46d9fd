package tui

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
)

// html writes what the HTML check found in the answer of an exchange, errors first and
// open, the rest shut.
func (f *folder) html(ex *inspect.Exchange) {
	f.frame = -1
	c := ex.HTML
	if c == nil {
		f.text(1, f.th.Dim.Render("The findings were not kept."))
		return
	}
	head := f.th.Bad.Render(plural(c.Errors, "error"))
	if c.Errors == 0 {
		head = f.th.Strong.Render("no errors")
	}
	if c.New > 0 {
		head += f.th.Warn.Render(fmt.Sprintf("   %s %s new since the build before", f.th.Glyph.Up, countText(c.New)))
	}
	if n := c.Warnings + c.Infos; n > 0 {
		head += f.th.Dim.Render("   " + plural(n, "warning"))
	} else if c.Errors == 0 {
		head += f.th.Dim.Render(", no warnings")
	}
	f.cut(1, head)
	for _, note := range htmlNotes(c) {
		f.text(1, f.th.Dim.Render(note))
	}
	for _, errors := range []bool{true, false} {
		if !errors && c.Warnings+c.Infos > 0 {
			f.blank()
		}
		for i := range c.Diagnostics {
			if d := &c.Diagnostics[i]; (d.Severity == inspect.SeverityError) == errors {
				f.htmlFinding(i, d)
			}
		}
	}
}

// htmlNotes say how far the check went, where that is not all the way.
func htmlNotes(c *inspect.HTMLCheck) (notes []string) {
	if c.Fragment {
		notes = append(notes, "checked as a piece of a page")
	}
	if c.Partial {
		notes = append(notes, "only the first "+inspect.FormatSize(c.Bytes)+" were checked")
	}
	if c.Suppressed > 0 {
		notes = append(notes, countText(c.Suppressed)+" suppressed")
	}
	if c.Nu != "" && c.Nu != "ok" {
		notes = append(notes, "without the Nu checker: "+clean(c.Nu))
	}
	return notes
}

func (f *folder) htmlFinding(i int, d *inspect.Diagnostic) {
	isError := d.Severity == inspect.SeverityError
	if isError {
		f.blank()
	}
	glyph, st := f.th.Glyph.Warn, f.th.Warn
	switch d.Severity {
	case inspect.SeverityError:
		glyph, st = f.th.Glyph.Fail, f.th.Bad
	case inspect.SeverityInfo:
		st = f.th.Dim
	case inspect.SeverityWarning:
	}
	head := st.Render(glyph) + " " + f.th.Accent.Bold(false).Render(fmt.Sprintf("%d:%d", d.Line, d.Column)) + " " + clean(strings.ReplaceAll(d.Message, "`", ""))
	if d.Count > 1 {
		head += f.th.Strong.Render(" " + countText(d.Count) + "x")
	}
	if d.New {
		head += f.th.Warn.Render(" new")
	}
	if !f.fold(1, fmt.Sprintf("finding %d", i), isError, head) {
		return
	}
	defer f.end()
	const in = 5
	if len(d.Context) > 0 && strings.TrimSpace(d.Context[0].Text) != "" {
		f.hard(in, markedSource(d, f.th.Text, st.Underline(true)))
	}
	about := clean(d.Code)
	if d.Source != "" {
		about += " by " + clean(d.Source)
	}
	if d.Section != "" {
		about += "  " + clean(sectionText(d.Section))
	}
	f.cut(in, f.th.Dim.Render(about))
	if w := lipgloss.Width(head); w+3 > f.width { // the head was cut
		f.text(in, clean(d.Message))
	}
}

// markedSource is the line of source with what is meant marked.
func markedSource(d *inspect.Diagnostic, plain, mark lipgloss.Style) string {
	text := d.Context[0].Text
	from := max(0, min(d.MarkStart, len(text)))
	to := max(from, min(d.MarkEnd, len(text)))
	line := plain.Render(clean(strings.TrimLeft(text[:from], " \t")))
	if to > from {
		line += mark.Render(clean(text[from:to]))
	}
	return line + plain.Render(clean(text[to:]))
}

// sectionText names a section of the HTML standard; others have their name already.
func sectionText(s string) string {
	if s[0] >= '0' && s[0] <= '9' {
		return "HTML " + s
	}
	return s
}
