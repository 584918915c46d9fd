package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/sqlview"
	"github.com/pastedev/pastedev/tui/widget"
)

// sql writes the statements of an exchange.
func (f *folder) sql(ex *inspect.Exchange) {
	f.frame = -1
	f.cut(1, f.th.Strong.Render(plural(ex.Sums.SQL, "statement"))+f.th.Dim.Render(" in "+inspect.FormatDuration(ex.Sums.SQLTime.Duration()))+f.findings(ex))
	f.blank()
	f.statements(ex, 1)
	f.kept("statements", ex.Sums.SQL, len(spansOf(ex, inspect.SpanSQL)))
}

// findings counts what is worth a look.
func (f *folder) findings(ex *inspect.Exchange) string {
	repeated, slow, failed := 0, 0, 0
	for _, g := range sqlGroups(ex) {
		if g.repeated {
			repeated++
		}
		slow += g.slow
		failed += g.failed
	}
	text := ""
	for _, c := range []struct {
		n    int
		what string
	}{{repeated, "N+1"}, {slow, "slow"}} {
		if c.n > 0 {
			text += "   " + f.th.Warn.Render(fmt.Sprintf("%s %d %s", f.th.Glyph.Warn, c.n, c.what))
		}
	}
	if failed > 0 {
		text += "   " + f.th.Bad.Render(fmt.Sprintf("%s %d failed", f.th.Glyph.Fail, failed))
	}
	return text
}

// statements writes the groups of equal statements in the order of their first one.
// What ran in a transaction has a bracket at its side.
func (f *folder) statements(ex *inspect.Exchange, indent int) {
	groups := sqlGroups(ex)
	most := time.Duration(0)
	inTx := false
	for _, g := range groups {
		most = max(most, g.total)
		inTx = inTx || g.bracket != sqlview.Outside
	}
	for _, g := range groups {
		bracket := ""
		if inTx {
			bracket = f.th.Info.Render(f.bracket(g.bracket)) + " "
		}
		f.statement(ex, g, most, indent, bracket)
	}
}

// bracket is the sign beside what ran in a transaction.
func (f *folder) bracket(b sqlview.Bracket) string {
	switch b {
	case sqlview.Opens:
		return f.th.Glyph.TxOpen
	case sqlview.Inside:
		return f.th.Glyph.VRule
	case sqlview.Closes:
		return f.th.Glyph.TxEnd
	case sqlview.Outside:
	}
	return " "
}

// statement writes a group of equal statements, and what is known of each when it is
// open.
func (f *folder) statement(ex *inspect.Exchange, g sqlGroup, most time.Duration, indent int, bracket string) {
	first := g.spans[0]
	f.at = callerOf(first)
	defer func() { f.at = inspect.Location{} }()
	count := ""
	if len(g.spans) > 1 {
		count = fmt.Sprintf("%dx", len(g.spans))
	}
	head := bracket + f.th.Text.Render(widget.FitLeft(inspect.FormatDuration(g.total), timeCells, "")) + " " + f.bar(g.total, most) + " " +
		f.th.Strong.Render(widget.FitLeft(count, 4, "")) + " " + f.marks(g)
	text := clean(g.text)
	switch {
	case text == "":
		text = f.th.Dim.Render(clean(string(first.SQL.Op)))
	case first.SQL.Op == inspect.SQLPrepare:
		text = f.th.Dim.Render("prepare ") + text
	}
	head += f.withCaller(text, indent+2+widget.Width(head), first)
	if !f.fold(indent, fmt.Sprintf("span %d", first.Seq), false, head) {
		return
	}
	defer f.end()
	in := indent + 6
	for _, l := range strings.Split(strings.TrimSpace(first.SQL.Statement), "\n") {
		if l = strings.TrimRight(l, " \t\r"); l != "" {
			f.hard(in, clean(expandTabs4(l)))
		}
	}
	if len(g.spans) == 1 {
		f.args(in, first)
		f.spanFacts(in, ex, first)
		return
	}
	for i, s := range g.spans {
		if i == maxShownSpans {
			f.cut(in, f.th.Dim.Render(f.th.Glyph.Ellipsis+" "+countText(len(g.spans)-i)+" more"))
			break
		}
		f.at = callerOf(s)
		f.execution(in, ex, s)
	}
}

// marks says what is wrong with a group.
func (f *folder) marks(g sqlGroup) string {
	text := ""
	if g.repeated {
		text += f.th.Warn.Render(f.th.Glyph.Warn+" N+1") + " "
	}
	if g.slow > 0 {
		text += f.th.Warn.Render(f.th.Glyph.Warn+" slow") + " "
	}
	if g.failed > 0 {
		text += f.th.Bad.Render(f.th.Glyph.Fail+" failed") + " "
	}
	return text
}

// execution writes one of several equal statements in a line.
func (f *folder) execution(indent int, ex *inspect.Exchange, s *inspect.Span) {
	line := f.th.Dim.Render(widget.FitLeft("+"+inspect.FormatDuration(max(s.Start.Sub(ex.Start), time.Nanosecond)), offsetCells, "")) + " " +
		widget.FitLeft(inspect.FormatDuration(s.Duration.Duration()), timeCells, "")
	if s.SQL.Rows >= 0 {
		line += "  " + f.th.Dim.Render(widget.FitLeft(plural(s.SQL.Rows, "row"), 7, ""))
	}
	if len(s.SQL.Args) > 0 {
		line += "  " + clean(strings.Join(s.SQL.Args, ", "))
	}
	if s.Caller != nil {
		line += "  " + f.th.Dim.Render(clean(placeOf(*s.Caller)))
	}
	f.cut(indent, line)
	if s.Error != "" {
		f.text(indent+2, f.th.Bad.Render(f.th.Glyph.Fail+" "+clean(s.Error)))
	}
}

// args writes the arguments of a statement.
func (f *folder) args(indent int, s *inspect.Span) {
	for i, a := range s.SQL.Args {
		st := valueStyle(f.th.Text, f.th.String, f.th.Number, f.th.Literal, a)
		f.hard(indent, f.th.Dim.Render(fmt.Sprintf("%d = ", i+1))+st.Render(clean(a)))
	}
}
