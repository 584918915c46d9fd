package tui

import (
	"path"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// maxTimeline bounds the lines of the timeline: the tabs of each kind have all.
	maxTimeline = 200
	// The bars of the timeline have a third of the width, within these bounds.
	minTimelineCells, maxTimelineCells = 12, 60
)

// moment is timed work in an exchange: a line of the timeline.
type moment struct {
	start time.Time
	took  time.Duration
	kind  string
	text  string
	bad   bool
}

// moments lists the work in an exchange in the order of its beginning.
func moments(ex *inspect.Exchange) []moment {
	var list []moment
	for i := range ex.Spans {
		s := &ex.Spans[i]
		m := moment{start: s.Start, took: s.Duration.Duration(), bad: s.Error != ""}
		switch {
		case s.SQL != nil:
			m.kind, m.text = "sql", strings.Join(strings.Fields(s.SQL.Statement), " ")
			if m.text == "" {
				m.text = string(s.SQL.Op)
			}
		case s.Call != nil:
			m.kind, m.text = "call", s.Call.Method+" "+s.Call.URL
			m.bad = m.bad || s.Call.Status == 0 || s.Call.Status >= 500
		case s.Process != nil:
			_, words, _ := programEnd(theme.Theme{}, s)
			m.kind, m.text = "program", path.Base(s.Process.Program)+", "+words
			m.bad = m.bad || s.Process.Exit != 0 && words != "running"
		default:
			continue
		}
		m.text = clean(m.text)
		list = append(list, m)
	}
	for _, c := range ex.Children {
		list = append(list, moment{start: c.Start, took: c.Duration.Duration(), kind: "request", text: clean(c.Method) + " " + pathOf(c),
			bad: c.Error != "" || c.Status >= 500})
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.start.Compare(b.start) })
	return list
}

// timeline sets the work in an exchange beside each other, on the scale of the exchange.
func (w *writer) timeline(ex *inspect.Exchange) {
	list := moments(ex)
	if len(list) == 0 {
		return
	}
	total := max(ex.Timing.Total.Duration(), ex.Duration.Duration())
	for _, m := range list {
		total = max(total, m.start.Add(m.took).Sub(ex.Start))
	}
	w.heading("Inside", "from the beginning of the request to its end")
	w.blank()
	cells := max(min(w.width/3, maxTimelineCells), minTimelineCells)
	for _, m := range list[:min(len(list), maxTimeline)] {
		w.moment(m, max(m.start.Sub(ex.Start), 0), total, cells)
	}
	if n := len(list) - maxTimeline; n > 0 {
		w.add(2, w.th.Dim.Render(w.th.Glyph.Ellipsis+" "+countText(n)+" more"))
	}
}

// momentStyles are the colours of the kinds.
func (w *writer) momentStyle(m moment) lipgloss.Style {
	switch {
	case m.bad:
		return w.th.Bad
	case m.kind == "sql":
		return w.th.Info
	case m.kind == "call":
		return w.th.Good
	}
	return w.th.Accent.Bold(false)
}

func (w *writer) moment(m moment, at, total time.Duration, cells int) {
	if len(w.lines) >= docLimit {
		return
	}
	from, n := 0, 1
	if total > 0 {
		from = min(int(int64(at)*int64(cells)/int64(total)), cells-1)
		n = max(min(int((int64(m.took)*int64(cells)+int64(total)-1)/int64(total)), cells-from), 1)
	}
	st, text := w.momentStyle(m), w.th.Text
	if m.bad {
		text = w.th.Bad
	}
	line := "  " + w.th.Dim.Render(widget.Fit(m.kind, 8, "")) + widget.FitLeft(inspect.FormatDuration(m.took), timeCells, "") + "  " +
		w.th.Faint.Render(repeat(w.th.Glyph.Dot, from)) + st.Render(repeat(w.th.Glyph.Block, n)) + w.th.Faint.Render(repeat(w.th.Glyph.Dot, cells-from-n)) +
		"  " + text.Render(m.text)
	w.lines = append(w.lines, fit(w.th, line, w.width))
}
