package sqlview

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

const ms = inspect.Millis(1e6)

func span(seq int64, op inspect.SQLOp, statement string, line int, d inspect.Millis) inspect.Span {
	s := inspect.Span{Seq: seq, Kind: inspect.SpanSQL, Duration: d, SQL: &inspect.SQL{Op: op, Statement: statement, Rows: -1}}
	if line > 0 {
		s.Caller = &inspect.Location{File: "shop.go", Line: line}
	}
	return s
}

func TestGroup(t *testing.T) {
	spans := []inspect.Span{
		span(1, inspect.SQLQuery, "SELECT id\n\tFROM book", 10, ms),
		{Seq: 2, Kind: inspect.SpanCall, Call: &inspect.Call{Method: "GET"}},
		span(3, inspect.SQLPrepare, "SELECT name WHERE id=?", 20, ms),
		span(4, inspect.SQLQuery, "SELECT name WHERE id=?", 20, 60*ms),
		span(5, inspect.SQLQuery, "SELECT name  WHERE id=?", 30, 2*ms),
		span(6, inspect.SQLQuery, "SELECT name WHERE id=?", 30, 2*ms),
		span(7, inspect.SQLBegin, "", 40, ms),
		span(8, inspect.SQLQuery, " SELECT name WHERE id=? ", 30, 2*ms),
		span(9, inspect.SQLExec, "UPDATE x", 0, 49*ms),
		span(10, inspect.SQLExec, "UPDATE x", 0, ms),
		span(11, inspect.SQLExec, "UPDATE x", 0, ms),
	}
	spans[4].SQL.Rows, spans[5].SQL.Rows, spans[8].Error = 1, 0, "locked"
	at := func(line, n int) Caller { return Caller{inspect.Location{File: "shop.go", Line: line}, n} }
	want := []Statement{
		{Text: "SELECT id FROM book", Op: inspect.SQLQuery, Calls: []int{0}, Total: ms, Slowest: ms, Rows: -1, Callers: []Caller{at(10, 1)}},
		{Text: "SELECT name WHERE id=?", Op: inspect.SQLPrepare, Calls: []int{2}, Total: ms, Slowest: ms, Rows: -1, Callers: []Caller{at(20, 1)}},
		{Text: "SELECT name WHERE id=?", Op: inspect.SQLQuery, Calls: []int{3, 4, 5, 7}, Total: 66 * ms, Slowest: 60 * ms, Rows: 1,
			Callers: []Caller{at(30, 3), at(20, 1)}, Repeated: true, Slow: true},
		{Text: "UPDATE x", Op: inspect.SQLExec, Calls: []int{8, 9, 10}, Total: 51 * ms, Slowest: 49 * ms, Rows: -1, Errors: 1},
	}
	if d := cmp.Diff(want, Group(spans)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got := Group(nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestLines(t *testing.T) {
	spans := []inspect.Span{
		span(3, inspect.SQLExec, "INSERT", 20, ms),
		span(1, inspect.SQLQuery, "SELECT", 10, ms),
		span(2, inspect.SQLBegin, "", 20, ms),
		span(4, inspect.SQLExec, "INSERT", 20, 50*ms),
		span(5, inspect.SQLExec, "INSERT", 20, ms),
		span(6, inspect.SQLExec, "INSERT", 99, ms),
		span(7, inspect.SQLRollback, "", 20, ms),
	}
	for _, i := range []int{0, 2, 3, 4, 5, 6} {
		spans[i].SQL.Tx = 8
	}
	lines, groups := Lines(spans)
	var got []string
	for _, l := range lines {
		got = append(got, fmt.Sprintf("%d %s %d repeated=%v slow=%v", l.Span.Seq, l.Bracket, l.Statement, l.Repeated, l.Slow))
	}
	want := []string{
		"1   1 repeated=false slow=false",
		"2 ┌ -1 repeated=false slow=false",
		"3 │ 0 repeated=true slow=false",
		"4 │ 0 repeated=true slow=true",
		"5 │ 0 repeated=true slow=false",
		"6 │ 0 repeated=false slow=false",
		"7 └ -1 repeated=false slow=false",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if len(groups) != 2 {
		t.Errorf("%d groups", len(groups))
	}
}
