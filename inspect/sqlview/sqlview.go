// Package sqlview lays out the SQL of an exchange for reading: equal statements
// together, with what is suspicious about them, and the calls one by one with their
// transactions.
//
// The one call to make is [Group]; [Lines] is the same in the order of time. Every
// surface uses them, so that all mark the same statements.
//
// It is pure: it asks nobody, changes nothing, and understands no SQL.
package sqlview

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// RepeatedFrom is how often one line must make the same statement within an
	// exchange to be marked: twice is a check and its use, three times is a loop.
	RepeatedFrom = 3
	// SlowFrom is the duration from which a call is marked: twenty of them are a
	// second that a person waits for.
	SlowFrom = inspect.Millis(50e6)
)

// Statement is a group of equal calls.
type Statement struct {
	Text    string        // white space folded
	Op      inspect.SQLOp // of the first call
	Calls   []int         // indices into the spans that were given, in order
	Total   inspect.Millis
	Slowest inspect.Millis
	Rows    int64 // of all calls; -1 where that of none is known
	Errors  int
	Callers []Caller // the one with the most calls first
	// Repeated marks an N+1: one line made the statement RepeatedFrom times or more.
	Repeated bool
	Slow     bool // Slowest is SlowFrom or more
}

// Caller is a line of the app that makes a statement.
type Caller struct {
	inspect.Location
	Calls int
}

// key tells statements apart: preparing one is not running it.
type key struct {
	text    string
	prepare bool
}

func keyOf(q *inspect.SQL) key {
	return key{strings.Join(strings.Fields(q.Statement), " "), q.Op == inspect.SQLPrepare}
}

// Group returns the statements among spans in the order of their first calls. What has
// no statement (begin, commit, rollback) and no SQL is left out.
func Group(spans []inspect.Span) []Statement {
	var list []Statement
	at := map[key]int{}
	for i := range spans {
		q := spans[i].SQL
		if q == nil || q.Statement == "" {
			continue
		}
		k := keyOf(q)
		n, ok := at[k]
		if !ok {
			n = len(list)
			at[k] = n
			list = append(list, Statement{Text: k.text, Op: q.Op, Rows: -1})
		}
		list[n].add(i, &spans[i])
	}
	for i := range list {
		slices.SortStableFunc(list[i].Callers, func(a, b Caller) int { return b.Calls - a.Calls })
	}
	return list
}

func (s *Statement) add(i int, span *inspect.Span) {
	s.Calls = append(s.Calls, i)
	s.Total += span.Duration
	s.Slowest = max(s.Slowest, span.Duration)
	s.Slow = s.Slowest >= SlowFrom
	if span.SQL.Rows >= 0 {
		s.Rows = max(s.Rows, 0) + span.SQL.Rows
	}
	if span.Error != "" {
		s.Errors++
	}
	if span.Caller == nil {
		return
	}
	n := slices.IndexFunc(s.Callers, func(c Caller) bool { return sameLine(&c.Location, span.Caller) })
	if n < 0 {
		n = len(s.Callers)
		s.Callers = append(s.Callers, Caller{Location: *span.Caller})
	}
	s.Callers[n].Calls++
	if s.Callers[n].Calls >= RepeatedFrom && s.Op != inspect.SQLPrepare {
		s.Repeated = true
	}
}

func sameLine(a, b *inspect.Location) bool { return a.File == b.File && a.Line == b.Line }

// Bracket says where a line stands in its transaction.
type Bracket int

// The brackets.
const (
	Outside Bracket = iota // of any transaction
	Opens
	Inside
	Closes
)

// String is the line to draw before the call; a space outside.
func (b Bracket) String() string { return [...]string{" ", "┌", "│", "└"}[b] }

// Line is one call in the order of time.
type Line struct {
	Span      *inspect.Span // in the slice that was given; its SQL is set
	Bracket   Bracket
	Statement int  // index into what Group returns; -1 for begin, commit and rollback
	Repeated  bool // the statement is marked, and this is a call from the line that repeats it
	Slow      bool
}

// Lines returns the calls among spans in order, with the groups that [Group] gives.
func Lines(spans []inspect.Span) ([]Line, []Statement) {
	groups := Group(spans)
	of := make(map[int]int, len(spans))
	for n, g := range groups {
		for _, i := range g.Calls {
			of[i] = n
		}
	}
	var list []Line
	for i := range spans {
		s := &spans[i]
		if s.SQL == nil {
			continue
		}
		l := Line{Span: s, Bracket: bracket(s.SQL), Statement: -1, Slow: s.Duration >= SlowFrom}
		if n, ok := of[i]; ok {
			l.Statement = n
			l.Repeated = groups[n].repeats(s.Caller)
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b Line) int { return int(a.Span.Seq - b.Span.Seq) })
	return list, groups
}

func bracket(q *inspect.SQL) Bracket {
	switch {
	case q.Tx == 0:
		return Outside
	case q.Op == inspect.SQLBegin:
		return Opens
	case q.Op == inspect.SQLCommit || q.Op == inspect.SQLRollback:
		return Closes
	}
	return Inside
}

// repeats reports whether the line at repeats s.
func (s *Statement) repeats(at *inspect.Location) bool {
	return s.Repeated && at != nil && slices.ContainsFunc(s.Callers, func(c Caller) bool {
		return c.Calls >= RepeatedFrom && sameLine(&c.Location, at)
	})
}
