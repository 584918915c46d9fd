package tui

import (
	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// seenSums adds up what happened inside the exchanges that are seen: a field that
// would be empty is left out.
func (p *requests) seenSums() (sums inspect.Sums) {
	end := min(p.win.top+p.win.height, len(p.win.rows))
	for i := p.win.top; i < end; i++ {
		s := p.win.rows[i].Sums
		sums.Logs += s.Logs
		sums.SQL += s.SQL
		sums.Calls += s.Calls
	}
	return sums
}

func countOrBlank(n int) string {
	if n == 0 {
		return ""
	}
	return countText(n)
}

// sqlText is the number of statements and their time: "12  3.1 ms".
func sqlText(s inspect.Sums) string {
	if s.SQL == 0 {
		return ""
	}
	return countText(s.SQL) + " " + widget.FitLeft(inspect.FormatDuration(s.SQLTime.Duration()), timeCells, "")
}

// manyStatements is from where the number of statements is worth a look.
const manyStatements = 20

func (p *requests) sqlStyle(s inspect.Summary) lipgloss.Style {
	if s.Sums.SQL >= manyStatements || s.Sums.SQLTime.Duration().Milliseconds() >= slowMillis {
		return p.th.Warn
	}
	return p.th.Dim
}
