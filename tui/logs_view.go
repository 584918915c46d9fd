package tui

import (
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// offsetCells is the width of a line's time within its exchange: "+1234.5 ms".
	offsetCells = 10
	levelCells  = 6 // "ERROR+", "DEBUG-4" is cut
	// maxJoined bounds a line that is put together of parts.
	maxJoined = 64 << 10
)

// logs writes what was printed and logged inside an exchange.
func (w *writer) logs(ex *inspect.Exchange) {
	if len(ex.Logs) == 0 {
		w.heading("Nothing was printed", "")
		return
	}
	w.lines = append(w.lines, logLines(w.th, ex, w.width-1)...)
	w.kept("lines", ex.Sums.Logs, len(joined(ex.Logs)))
}

// kept says so when there was more than was kept.
func (w *writer) kept(what string, sum, n int) {
	if sum > n {
		w.blank()
		w.add(2, w.th.Warn.Render(w.th.Glyph.Warn+" "+countText(sum)+" "+what+" in all; the first "+countText(n)+" were kept"))
	}
}

// joined puts lines together that came in parts.
func joined(outs []inspect.Output) []inspect.Output {
	var lines []inspect.Output
	open := map[inspect.Stream]int{} // the line of a stream that goes on
	for _, o := range outs {
		i, ok := open[o.Stream]
		if ok && lines[i].Goroutine == o.Goroutine && len(lines[i].Text) < maxJoined {
			lines[i].Text += o.Text
		} else {
			i = len(lines)
			lines = append(lines, o)
		}
		delete(open, o.Stream)
		if o.Partial {
			open[o.Stream] = i
		}
	}
	return lines
}

// logLines draws what was printed inside an exchange, folded at width: when, by which
// goroutine where there were several, the level, the text in its own colours.
func logLines(th theme.Theme, ex *inspect.Exchange, width int) []string {
	outs := joined(ex.Logs)
	several := goroutines(outs)
	levels := false
	for _, o := range outs {
		levels = levels || o.Level != ""
	}
	var lines []string
	for _, o := range outs {
		head := " " + th.Dim.Render(widget.FitLeft("+"+inspect.FormatDuration(max(o.Time.Sub(ex.Start), time.Nanosecond)), offsetCells, "")) + " "
		if several > 0 {
			head += th.Faint.Render(widget.Fit(goroutineText(o.Goroutine), several, "")) + " "
		}
		if levels {
			head += levelStyle(th, o.Level).Render(widget.Fit(clean(o.Level), levelCells, "")) + " "
		}
		head += streamSign(th, o)
		room := max(width-widget.Width(head), 12)
		blank := repeat(" ", widget.Width(head))
		for _, part := range strings.Split(logText(th, o), "\n") {
			for _, l := range strings.Split(wrapStyled(part, room), "\n") {
				lines = append(lines, head+l+"\x1b[m")
				head = blank
			}
		}
		if len(lines) >= docLimit {
			return append(lines, " "+th.Warn.Render(th.Glyph.Warn+" the rest is not shown"))
		}
	}
	return lines
}

// wrapStyled folds a styled line between words; each part carries its colours.
func wrapStyled(s string, width int) string {
	if widget.Width(s) <= width {
		return s
	}
	return lipgloss.Wrap(s, width, "")
}

func goroutineText(id int64) string {
	if id == 0 {
		return ""
	}
	return "g" + countlessText(id)
}

// goroutines is how many cells the goroutines' names take; 0 when there is only one.
func goroutines(outs []inspect.Output) (cells int) {
	several := false
	for _, o := range outs {
		several = several || o.Goroutine != outs[0].Goroutine
		cells = max(cells, len(goroutineText(o.Goroutine)))
	}
	if !several {
		return 0
	}
	return cells
}

// streamSign sets what came over the error stream and what was only logged apart.
func streamSign(th theme.Theme, o inspect.Output) string {
	switch o.Stream {
	case inspect.Stderr:
		return th.Warn.Render("! ")
	case inspect.Logged:
		return th.Info.Render(th.Glyph.Dot + " ")
	}
	return th.Faint.Render(th.Glyph.VRule + " ")
}

// logText is the text of a line. A record that was written nowhere gets its
// attributes, which a printed line holds already.
func logText(th theme.Theme, o inspect.Output) string {
	text := terminalText(o.Text)
	if o.Stream != inspect.Logged {
		return text
	}
	for _, n := range o.Attrs {
		text += "  " + th.Dim.Render(clean(n.Key)+"=") + clean(n.Value)
	}
	return text
}

// terminalText is [terminalLine] for several lines.
func terminalText(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = terminalLine(l)
	}
	return strings.Join(lines, "\n")
}

func levelStyle(th theme.Theme, level string) lipgloss.Style {
	switch {
	case strings.HasPrefix(level, "ERR"), strings.HasPrefix(level, "FATAL"), strings.HasPrefix(level, "PANIC"):
		return th.Bad
	case strings.HasPrefix(level, "WARN"):
		return th.Warn
	case strings.HasPrefix(level, "INFO"):
		return th.Info
	}
	return th.Dim
}
