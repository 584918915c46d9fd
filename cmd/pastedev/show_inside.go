package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/sqlview"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// shortLogs is how many of the last lines are shown beside a failure.
const shortLogs = 20

// endLogs is how many lines of each end of a long log are shown: two screens in all, so
// that what stands below them is found.
const endLogs = 40

// errors prints a line for each failure of an exchange.
func (p *paper) errors(traces []inspect.Trace) {
	if len(traces) == 0 {
		return
	}
	p.section("errors")
	for i := range traces {
		t := &traces[i]
		line := "  " + p.paint(codeStyle, oneLine(t.Code)) + "  " + oneLine(t.Headline)
		if f := traceback.Failing(t); f >= 0 {
			line += "  " + p.paint(placeStyle, oneLine(placeOf(&t.Frames[f].Location)))
		}
		p.line(line)
	}
	p.line("  " + p.paint(dim, "pastedev errors show "+oneLine(traces[0].Code)))
}

// logs prints the log lines of ex. Unless all is set only the last until the instant of a
// failure: what comes then is its aftermath, the printed stack above all.
func (p *paper) logs(ex *inspect.Exchange, until time.Time, all bool) {
	lines := ex.Logs
	if len(lines) == 0 {
		return
	}
	after := 0
	if !all && !until.IsZero() {
		n := slices.IndexFunc(lines, func(o inspect.Output) bool { return o.Time.After(until) })
		if n >= 0 {
			lines, after = lines[:n], len(lines)-n
		}
	}
	head := "logs"
	if n := len(lines) - shortLogs; n > 0 && !all {
		lines = lines[n:]
		head = fmt.Sprintf("logs: the last %d before it", shortLogs)
	} else if ex.Sums.Logs > len(ex.Logs) {
		head = fmt.Sprintf("logs: the first %d of %d", len(ex.Logs), ex.Sums.Logs)
	}
	p.section(head)
	more := len(lines) - 2*endLogs
	for i := range lines {
		if all && !p.all && more > 0 && i >= endLogs && i < endLogs+more {
			if i == endLogs {
				p.line("  " + p.paint(dim, fmt.Sprintf("… %s: --all", count(more, "more line"))))
			}
			continue
		}
		p.log(ex, &lines[i], all)
	}
	if after > 0 {
		p.line("  " + p.paint(dim, count(after, "line")+" after it"))
	}
}

func (p *paper) log(ex *inspect.Exchange, o *inspect.Output, all bool) {
	mark := o.Level
	if mark == "" && o.Stream == inspect.Stderr {
		mark = "stderr"
	}
	if mark != "" {
		s := dim
		if strings.HasPrefix(mark, "ERROR") || strings.HasPrefix(mark, "WARN") {
			s = warning
		}
		mark = p.paint(s, oneLine(mark)) + "  "
	}
	text, rest, _ := strings.Cut(strings.TrimRight(o.Text, "\r\n"), "\n")
	text = body.Terminal(text, false)
	if o.Stream == inspect.Logged { // else the text holds them
		for _, a := range o.Attrs {
			text += " " + p.paint(dim, oneLine(a.Key)+"=") + oneLine(a.Value)
		}
	}
	p.linef("  %s  %s%s", p.paint(dim, fmt.Sprintf("%9s", since(ex, o.Time))), mark, text)
	p.moreLines(rest, all)
}

// shownLines is how many further lines of one record are shown beside a failure.
const shownLines = 3

// moreLines prints the lines of a record after its first.
func (p *paper) moreLines(text string, all bool) {
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i == shownLines && !all && len(lines) > shownLines+1 {
			p.line(strings.Repeat(" ", 13) + p.paint(dim, fmt.Sprintf("… %d more lines", len(lines)-i)))
			return
		}
		p.line(strings.Repeat(" ", 13) + body.Terminal(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", "    "), false))
	}
}

// since is the time from the arrival of ex.
func since(ex *inspect.Exchange, at time.Time) string {
	if at.IsZero() || ex.Start.IsZero() || at.Before(ex.Start) {
		return ""
	}
	return "+" + inspect.FormatDuration(at.Sub(ex.Start))
}

// sql prints the statements in the order of their first calls, equal ones once, with
// their transactions.
func (p *paper) sql(ex *inspect.Exchange) {
	lines, groups := sqlview.Lines(ex.Spans)
	if len(lines) == 0 {
		return
	}
	p.section(fmt.Sprintf("sql: %s in %s", count(max(ex.Sums.SQL, len(lines)), "call"), inspect.FormatDuration(ex.Sums.SQLTime.Duration())))
	done := make([]bool, len(groups))
	for _, l := range lines {
		if l.Statement < 0 {
			p.linef("%s              %s%s", p.paint(dim, l.Bracket.String()), p.paint(dim, strings.ToUpper(string(l.Span.SQL.Op))), p.failed(l.Span.Error))
			continue
		}
		if !done[l.Statement] {
			done[l.Statement] = true
			p.statement(l, &groups[l.Statement], ex.Spans)
		}
	}
	if n := ex.Sums.SQL - len(lines); n > 0 {
		p.line("  " + p.paint(dim, fmt.Sprintf("%s more counted, not kept", count(n, "call"))))
	}
}

// statement prints a group at the place of its first call.
func (p *paper) statement(l sqlview.Line, g *sqlview.Statement, spans []inspect.Span) {
	times, marks := "", ""
	if n := len(g.Calls); n > 1 {
		times = fmt.Sprintf("×%d", n)
	}
	if g.Repeated {
		marks += p.paint(warning, "N+1") + " "
	}
	if g.Slow {
		marks += p.paint(warning, "slow") + " "
	}
	if g.Op == inspect.SQLPrepare {
		marks += p.paint(dim, "PREPARE") + " "
	}
	left := fmt.Sprintf("%5s %7s  ", times, inspect.FormatDuration(g.Total.Duration()))
	bar := " "
	if l.Bracket == sqlview.Inside {
		bar = p.paint(dim, sqlview.Inside.String())
	}
	indent := bar + strings.Repeat(" ", 15)
	p.wrap(p.paint(dim, l.Bracket.String())+left+marks, indent, plainStyle, oneLine(g.Text))
	var about []string
	for _, c := range g.Callers[:min(len(g.Callers), namedPackages)] {
		at := p.paint(placeStyle, oneLine(placeOf(&c.Location)))
		if c.Calls > 1 {
			at += fmt.Sprintf(" ×%d", c.Calls)
		}
		about = append(about, at)
	}
	if g.Rows >= 0 {
		about = append(about, count(int(g.Rows), "row"))
	}
	if args := someArgs(g, spans); args != "" {
		about = append(about, p.paint(dim, args))
	}
	if len(about) > 0 {
		p.line(indent + strings.Join(about, "  "))
	}
	if i := slices.IndexFunc(g.Calls, func(i int) bool { return spans[i].Error != "" }); i >= 0 {
		p.line(indent + strings.TrimSpace(p.failed(spans[g.Calls[i]].Error)))
	}
}

// shownArgs is how many calls of a group have their arguments shown.
const shownArgs = 3

func someArgs(g *sqlview.Statement, spans []inspect.Span) string {
	var list []string
	for _, i := range g.Calls {
		if args := spans[i].SQL.Args; len(args) > 0 {
			list = append(list, "["+oneLine(strings.Join(args, ", "))+"]")
		}
	}
	if len(list) > shownArgs {
		list = append(list[:shownArgs], "…")
	}
	return strings.Join(list, " ")
}

func (p *paper) failed(text string) string {
	if text == "" {
		return ""
	}
	return "  " + p.paint(alarm, "failed:") + " " + oneLine(text)
}

func (p *paper) calls(ex *inspect.Exchange) {
	var list []*inspect.Span
	wide := 0
	for i := range ex.Spans {
		if s := &ex.Spans[i]; s.Call != nil {
			list = append(list, s)
			wide = max(wide, ansi.StringWidth(oneLine(s.Call.Method)))
		}
	}
	if len(list) == 0 {
		return
	}
	p.section(fmt.Sprintf("calls: %d in %s", max(ex.Sums.Calls, len(list)), inspect.FormatDuration(ex.Sums.CallTime.Duration())))
	for _, s := range list {
		line := fmt.Sprintf("  %s  %7s  %-*s  %s", formatStatus(s.Call.Status), inspect.FormatDuration(s.Duration.Duration()), wide, oneLine(s.Call.Method), oneLine(s.Call.URL))
		if at := oneLine(placeOf(s.Caller)); at != "" {
			line += "  " + p.paint(placeStyle, at)
		}
		p.line(line + p.failed(s.Error))
	}
}

// shownFunctions is how many functions are shown beside all else of an exchange.
const shownFunctions = 10

// functions prints where the time of an exchange went, by function; t is valid or nil.
func (p *paper) functions(ex *inspect.Exchange, t *inspect.CallTree) {
	if t == nil {
		return
	}
	p.section("functions, by their own time")
	p.callRows(t, shownFunctions)
	p.line("  " + p.paint(dim, "pastedev profile "+ex.ID.Short()))
}

// credentials prints what the exchange carries of who somebody is, in readable form.
func (p *paper) credentials(items []authview.Item) {
	if len(items) == 0 {
		return
	}
	p.section("credentials")
	for i := range items {
		it := &items[i]
		line := "  " + p.paint(bold, oneLine(string(it.Kind))) + "  " + oneLine(it.Where())
		if it.Format != "" {
			line += "  " + p.paint(dim, oneLine(it.Format))
		}
		p.line(line)
		for _, n := range it.Notes {
			p.wrap("    ", "    ", severityStyles[n.Severity], oneLine(n.Text))
		}
		for _, f := range it.Fields {
			p.wrap("    "+p.paint(dim, oneLine(f.Name)+"  "), "      ", plainStyle, oneLine(f.Value))
		}
	}
}
