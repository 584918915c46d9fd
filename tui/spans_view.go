package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// barCells is the width of the bars that set durations beside each other.
	barCells = 8
	// callerWidth is from where a line has room for its caller.
	callerWidth = 110
	callerCells = 28
)

// spansOf returns the spans of one kind.
func spansOf(ex *inspect.Exchange, kind inspect.SpanKind) []inspect.Span {
	return slices.DeleteFunc(slices.Clone(ex.Spans), func(s inspect.Span) bool { return s.Kind != kind })
}

func longest(spans []inspect.Span) (d time.Duration) {
	for _, s := range spans {
		d = max(d, s.Duration.Duration())
	}
	return d
}

// bar draws a duration on the scale of the longest one.
func (f *folder) bar(d, of time.Duration) string {
	n := 0
	if of > 0 {
		n = min(int((int64(d)*barCells+int64(of)-1)/int64(of)), barCells)
	}
	return f.th.Accent.Bold(false).Render(repeat(f.th.Glyph.Block, n)) + f.th.Faint.Render(repeat(f.th.Glyph.Dot, barCells-n))
}

// calls writes the outgoing requests of an exchange.
func (f *folder) calls(ex *inspect.Exchange) {
	f.frame = -1
	spans := spansOf(ex, inspect.SpanCall)
	f.cut(1, f.th.Strong.Render(plural(ex.Sums.Calls, "outgoing request"))+f.th.Dim.Render(" in "+inspect.FormatDuration(ex.Sums.CallTime.Duration())))
	f.blank()
	for i := range spans {
		f.call(ex, &spans[i], longest(spans), 1)
	}
	f.kept("calls", ex.Sums.Calls, len(spans))
}

func (f *folder) kept(what string, sum, n int) {
	if sum > n {
		f.blank()
		f.text(1, f.th.Warn.Render(f.th.Glyph.Warn+" "+countText(sum)+" "+what+" in all; the first "+countText(n)+" were kept"))
	}
}

func (f *folder) call(ex *inspect.Exchange, s *inspect.Span, of time.Duration, indent int) {
	if s.Call == nil {
		return
	}
	f.at = callerOf(s)
	defer func() { f.at = inspect.Location{} }()
	glyph, word, st := outcome(f.th, inspect.Summary{Kind: inspect.KindHTTP, Status: s.Call.Status, Error: s.Error})
	head := f.th.Text.Render(widget.FitLeft(inspect.FormatDuration(s.Duration.Duration()), timeCells, "")) + " " + f.bar(s.Duration.Duration(), of) +
		"  " + st.Render(widget.Fit(glyph+" "+word, statusCells, "")) + " " +
		methodStyle(f.th, s.Call.Method).Render(clean(s.Call.Method)) + " " + f.withCaller(clean(s.Call.URL), indent+2+timeCells+barCells+statusCells+12, s)
	if !f.fold(indent, fmt.Sprintf("span %d", s.Seq), false, head) {
		return
	}
	f.hard(indent+6, clean(s.Call.URL))
	f.spanFacts(indent+6, ex, s)
	f.end()
}

// withCaller puts the line that led to a span at the right end, where there is room.
func (f *folder) withCaller(text string, used int, s *inspect.Span) string {
	if f.width < callerWidth || s.Caller == nil {
		return text
	}
	room := max(f.width-used-callerCells-2, 10)
	return widget.Fit(text, room, f.th.Glyph.Ellipsis) + "  " + f.th.Dim.Render(widget.FitTail(clean(placeOf(*s.Caller)), callerCells, f.th.Glyph.Ellipsis))
}

func callerOf(s *inspect.Span) inspect.Location {
	if s.Caller == nil {
		return inspect.Location{}
	}
	return *s.Caller
}

// spanFacts writes what is known of a span besides what it did.
func (f *folder) spanFacts(indent int, ex *inspect.Exchange, s *inspect.Span) {
	if s.Error != "" {
		f.text(indent, f.th.Bad.Render(f.th.Glyph.Fail+" "+clean(s.Error)))
	}
	facts := []string{"at +" + inspect.FormatDuration(max(s.Start.Sub(ex.Start), time.Nanosecond)), "took " + inspect.FormatDuration(s.Duration.Duration())}
	if q := s.SQL; q != nil && q.Rows >= 0 && (q.Op == inspect.SQLQuery || q.Op == inspect.SQLExec) {
		facts = append(facts, plural(q.Rows, "row"))
	}
	if s.Goroutine > 0 {
		facts = append(facts, "goroutine "+countlessText(s.Goroutine))
	}
	f.text(indent, f.th.Dim.Render(strings.Join(facts, ", ")))
	if c := s.Caller; c != nil {
		f.cut(indent, f.th.Dim.Render("from ")+f.th.Accent.Bold(false).Render(clean(placeOf(*c)))+f.th.Dim.Render(space(clean(shortFunc(c.Function)))))
	}
}

func countlessText(n int64) string { return strconv.FormatInt(n, 10) }

// sqlAndCalls writes the spans of a trace's exchange.
func (f *folder) sqlAndCalls(ex *inspect.Exchange) {
	if n := ex.Sums.SQL; n > 0 {
		if f.fold(3, "sql", false, plural(n, "statement")+f.th.Dim.Render(" in "+inspect.FormatDuration(ex.Sums.SQLTime.Duration()))) {
			f.statements(ex, 5)
			f.end()
		}
	}
	if n := ex.Sums.Calls; n > 0 {
		spans := spansOf(ex, inspect.SpanCall)
		if f.fold(3, "calls", false, plural(n, "outgoing request")+f.th.Dim.Render(" in "+inspect.FormatDuration(ex.Sums.CallTime.Duration()))) {
			for i := range spans[:min(len(spans), maxShownSpans)] {
				f.call(ex, &spans[i], longest(spans), 5)
			}
			f.end()
		}
	}
}
