package tui

import (
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/sqlview"
)

// sqlGroup is a set of equal statements of one transaction, in order.
type sqlGroup struct {
	text     string
	spans    []*inspect.Span
	total    time.Duration
	bracket  sqlview.Bracket
	repeated bool
	slow     int
	failed   int
}

// sqlGroups gathers equal statements in the order of their first, each transaction
// for itself, so that its bracket holds all that it did.
func sqlGroups(ex *inspect.Exchange) []sqlGroup {
	type same struct {
		statement int
		tx        int64
	}
	lines, statements := sqlview.Lines(ex.Spans)
	var groups []sqlGroup
	at := map[same]int{}
	for _, l := range lines {
		k := same{l.Statement, l.Span.SQL.Tx}
		i, ok := at[k]
		if !ok || l.Statement < 0 {
			i = len(groups)
			at[k] = i
			groups = append(groups, sqlGroup{bracket: l.Bracket})
		}
		g := &groups[i]
		if l.Statement >= 0 {
			g.text = statements[l.Statement].Text
		}
		g.spans = append(g.spans, l.Span)
		g.total += l.Span.Duration.Duration()
		g.repeated = g.repeated || l.Repeated
		if l.Slow {
			g.slow++
		}
		if l.Span.Error != "" {
			g.failed++
		}
	}
	return groups
}
