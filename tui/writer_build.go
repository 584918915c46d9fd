package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// build writes all that is known of a build.
func (w *writer) build(b inspect.Build) {
	glyph, word, st := buildOutcome(w.th, b)
	w.heading(fmt.Sprintf("Build %d", b.Number), "")
	w.fact("mount", clean(b.Mount), w.th.Text)
	w.fact("result", glyph+" "+word, st)
	w.fact("time", inspect.FormatDuration(b.Duration.Duration()), w.th.Text)
	w.fact("started", b.Start.Format("2006-01-02 15:04:05.000"), w.th.Text)
	cause := "first build"
	if len(b.Cause) > 0 {
		cause = strings.Join(b.Cause, ", ")
	}
	w.fact("cause", clean(cause), w.th.Text)
	if b.Total > 0 {
		w.fact("packages", fmt.Sprintf("%d of %d", b.Done, b.Total), w.th.Text)
	}
	kind := "plain: requests are not recorded by the app's own hooks"
	if b.Instrumented {
		kind = "instrumented"
	}
	w.fact("kind", kind, w.th.Dim)
	for _, d := range b.Diagnostics {
		w.diagnostic(d)
	}
	if out := strings.TrimRight(b.Output, "\n"); out != "" {
		w.heading("Build output", "")
		for _, l := range strings.Split(out, "\n") {
			w.add(2, terminalLine(l))
		}
	}
}

// diagnostic writes a finding with the source around it and a mark at its column.
func (w *writer) diagnostic(d inspect.Diagnostic) {
	st, glyph := w.th.Bad, w.th.Glyph.Fail
	switch d.Severity {
	case inspect.SeverityWarning:
		st, glyph = w.th.Warn, w.th.Glyph.Warn
	case inspect.SeverityInfo:
		st, glyph = w.th.Info, w.th.Glyph.Plain
	case inspect.SeverityError:
	}
	w.blank()
	w.add(1, st.Render(glyph)+" "+w.th.Strong.Render(clean(place(d))))
	for _, l := range strings.Split(strings.TrimRight(d.Message, "\n"), "\n") {
		w.add(3, st.Render(clean(l)))
	}
	if len(d.Context) == 0 {
		return
	}
	w.blank()
	gutter := len(strconv.Itoa(d.Context[len(d.Context)-1].Number))
	for _, c := range d.Context {
		number := fmt.Sprintf("%*d", gutter, c.Number)
		text := clean(expandTabs4(c.Text))
		bar := w.th.Faint.Render(" " + w.th.Glyph.VRule + " ")
		if c.Number != d.Line {
			w.code("  "+w.th.Dim.Render(number)+bar, w.th.Dim.Render(text))
			continue
		}
		before := widget.Width(clean(expandTabs4(c.Text[:min(max(d.Column-1, 0), len(c.Text))])))
		text, before = widget.Around(text, before, w.width-gutter-8, w.th.Glyph.Ellipsis)
		w.code(st.Render(w.th.Glyph.Cursor)+" "+w.th.Strong.Render(number)+bar, text)
		if d.Column > 0 {
			w.code(repeat(" ", gutter+2)+bar, repeat(" ", before)+st.Render("^"))
		}
	}
}

// code writes a line of source, cut and not folded: its shape matters.
func (w *writer) code(head, text string) {
	w.lines = append(w.lines, "  "+widget.Fit(head+text, max(w.width-3, 1), w.th.Glyph.Ellipsis))
}

// expandTabs4 sets source code in four cells a tab.
func expandTabs4(s string) string { return strings.ReplaceAll(s, "\t", "    ") }
