package tui

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// body writes a message body: decoded, formatted and in colours where its kind is
// known.
func (w *writer) body(m inspect.Message) {
	if m.Body.Size == 0 && len(m.Body.Data) == 0 {
		w.heading("No body", "")
		return
	}
	d, err := body.Decode(m.Header, m.Body)
	v := body.Pretty(m.Header.Get("Content-Type"), d.Data, max(w.width-4, 20))
	w.heading("Body", bodyNote(m.Body, d, v, w.th.Glyph.Arrow))
	if err != nil {
		w.add(2, w.th.Bad.Render(w.th.Glyph.Fail+" "+clean(err.Error())))
	}
	if d.Note != "" {
		w.add(2, w.th.Warn.Render(w.th.Glyph.Warn+" "+clean(d.Note)))
	}
	w.blank()
	start := len(w.lines)
	w.spans(v)
	if len(w.lines) >= docLimit {
		w.lines = append(w.lines, "", "  "+w.th.Warn.Render(w.th.Glyph.Warn+" "+
			fmt.Sprintf("%s lines are shown; y copies the body", countText(len(w.lines)-start))))
	}
}

// bodyNote sums a body up: "json, gzip, 12.3 kB → 80.1 kB".
func bodyNote(b inspect.Body, d body.Decoded, v body.View, arrow string) string {
	parts := []string{v.Kind}
	size := inspect.FormatSize(b.Size)
	if len(d.Codings) > 0 {
		parts = append(parts, strings.Join(d.Codings, ", "))
		size += " " + arrow + " " + inspect.FormatSize(int64(len(d.Data)))
	}
	parts = append(parts, size)
	if v.Note != "" {
		parts = append(parts, v.Note)
	}
	return clean(strings.Join(parts, ", "))
}

// spans writes the text of a view line by line, each part in the colour of its class.
func (w *writer) spans(v body.View) {
	var line strings.Builder
	flush := func() {
		w.add(2, line.String())
		line.Reset()
	}
	put := func(text string, st lipgloss.Style) {
		for i, part := range strings.Split(text, "\n") {
			if i > 0 {
				flush()
			}
			if part = safe(expandTabs4(part)); part != "" {
				line.WriteString(st.Render(part))
			}
		}
	}
	at := 0
	for _, s := range v.Spans {
		if len(w.lines) >= docLimit {
			return
		}
		put(v.Text[at:s.Start], w.th.Text)
		put(v.Text[s.Start:s.End], w.class(s.Class))
		at = s.End
	}
	for _, l := range strings.SplitAfter(v.Text[at:], "\n") {
		if len(w.lines) >= docLimit {
			return
		}
		put(l, w.th.Text)
	}
	if line.Len() > 0 {
		flush()
	}
}

func (w *writer) class(c body.Class) lipgloss.Style {
	switch c {
	case body.ClassKey:
		return w.th.Name
	case body.ClassString:
		return w.th.String
	case body.ClassNumber:
		return w.th.Number
	case body.ClassLiteral:
		return w.th.Literal
	case body.ClassPunct:
		return w.th.Punct
	}
	return w.th.Text
}
