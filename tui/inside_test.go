package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
)

func TestJoined(t *testing.T) {
	out := func(s inspect.Stream, g int64, text string, partial bool) inspect.Output {
		return inspect.Output{Stream: s, Goroutine: g, Text: text, Partial: partial}
	}
	tests := []struct {
		name string
		in   []inspect.Output
		want []string
	}{
		{"whole lines", []inspect.Output{out("stdout", 1, "a", false), out("stdout", 1, "b", false)}, []string{"a", "b"}},
		{"parts", []inspect.Output{out("stdout", 1, "a", true), out("stdout", 1, "b", true), out("stdout", 1, "c", false), out("stdout", 1, "d", false)}, []string{"abc", "d"}},
		{"another stream between", []inspect.Output{out("stdout", 1, "a", true), out("stderr", 1, "x", false), out("stdout", 1, "b", false)}, []string{"ab", "x"}},
		{"another goroutine between", []inspect.Output{out("stdout", 1, "a", true), out("stdout", 2, "x", false), out("stdout", 1, "b", false)}, []string{"a", "x", "b"}},
		{"an end without a line end", []inspect.Output{out("stdout", 1, "a", true)}, []string{"a"}},
	}
	for _, tt := range tests {
		var got []string
		for _, l := range joined(tt.in) {
			got = append(got, l.Text)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// TestLogLines checks the colours of a program: they are kept, end with their line and
// go on in the next part of a folded one.
func TestLogLines(t *testing.T) {
	th := theme.New(true, colorprofile.TrueColor, false)
	ex := &inspect.Exchange{Summary: inspect.Summary{Start: epoch}, Logs: []inspect.Output{
		{Time: epoch.Add(1500 * time.Microsecond), Stream: inspect.Stdout, Text: "\x1b[31mred " + strings.Repeat("word ", 20) + "\x1b[0m\x1b]0;owned\x07\x1b[2J"},
		{Time: epoch.Add(time.Second), Stream: inspect.Logged, Level: "ERROR", Text: "lost", Attrs: []inspect.Note{{Key: "sku", Value: "A\n-1"}}},
	}}
	lines := logLines(th, ex, 60)
	if len(lines) < 3 {
		t.Fatalf("%d lines, want the first folded", len(lines))
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > 60 {
			t.Errorf("line %d is %d cells wide", i, w)
		}
		if strings.Contains(l, "\x1b]") || strings.Contains(l, "\x1b[2J") {
			t.Errorf("line %d obeys the program: %q", i, l)
		}
		if i < len(lines)-1 && !strings.Contains(l, "\x1b[31m") {
			t.Errorf("line %d has lost its colour: %q", i, l)
		}
	}
	last := ansi.Strip(lines[len(lines)-1])
	for _, want := range []string{"+1.00 s", "ERROR", "lost", "sku=A -1"} {
		if !strings.Contains(last, want) {
			t.Errorf("%q is not in %q", want, last)
		}
	}
}

func TestSQLGroups(t *testing.T) {
	at := func(line int) *inspect.Location { return &inspect.Location{File: "a.go", Line: line} }
	var seq int64
	span := func(op inspect.SQLOp, text string, tx int64, line int, took time.Duration) inspect.Span {
		seq++
		return inspect.Span{Seq: seq, Kind: inspect.SpanSQL, Duration: inspect.Millis(took), Caller: at(line), SQL: &inspect.SQL{Op: op, Statement: text, Tx: tx}}
	}
	q := inspect.SQLQuery
	ex := &inspect.Exchange{Spans: []inspect.Span{
		span(q, "SELECT 1", 0, 1, time.Millisecond), span(inspect.SQLBegin, "", 5, 2, 0), span(q, "SELECT  1", 5, 1, time.Millisecond), span(inspect.SQLCommit, "", 5, 3, 0),
		span(q, "SELECT\n1", 0, 1, 80*time.Millisecond), {Kind: inspect.SpanCall, Call: &inspect.Call{}}, span(q, "SELECT 2", 0, 1, 0), span(q, "SELECT 2", 0, 9, 0),
	}}
	var got []string
	for _, g := range sqlGroups(ex) {
		text := g.bracket.String() + g.text
		if g.repeated {
			text += " N+1"
		}
		if g.slow > 0 {
			text += " slow"
		}
		got = append(got, text+strings.Repeat("*", len(g.spans)))
	}
	want := []string{" SELECT 1 N+1 slow**", "┌*", "│SELECT 1 N+1*", "└*", " SELECT 2**"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestTabs: a tab without content is left out, and stays while it is looked at.
func TestTabs(t *testing.T) {
	r := newRig(t, newFake(120), 120, 40)
	r.keys("k", "enter")
	r.wantText("Overview   Request   Response   Timing")
	r.keys("]")
	r.wantText("Overview   Request   Response   Logs 2   SQL 5   Calls 2   Profile   Timing")
	r.keys("tab", "tab", "tab")
	r.wantText("order placed  order=4711  total=59.80")
	r.keys("[")
	r.wantText("Response   Logs   Timing", "Nothing was printed")
	r.keys("tab")
	r.wantText("Response   Timing")
}

// TestUpdatedExchange: what a goroutine adds after the end is shown without a key.
func TestUpdatedExchange(t *testing.T) {
	f := newFake(9)
	r := newRig(t, f, 120, 40)
	r.keys("enter")
	r.wantNoText("Calls")
	f.mu.Lock()
	f.rows[8].Sums = inspect.Sums{Calls: 3}
	id := f.rows[8].ID
	f.mu.Unlock()
	r.heard(dirt{exchanges: true, updated: map[inspect.ID]bool{fakeID(1): true}})
	r.wantNoText("Calls 3")
	r.heard(dirt{exchanges: true, updated: map[inspect.ID]bool{id: true}})
	r.wantText("Calls 3")
}

func TestSQLTabFolds(t *testing.T) {
	r := newRig(t, newFake(120), 120, 40)
	r.keys(inProduct("tab", "tab", "tab")...)
	r.wantText("14 statements in 71.2 ms   ▲ 1 N+1   ▲ 1 slow", "13x ▲ N+1 SELECT stars, text FROM reviews", "handlers/product.go:33")
	r.keys("j", "enter")
	r.wantText("+63.0 ms", "0 rows  100", "3 rows  103")
	r.keys("enter")
	r.wantNoText("3 rows  103")
	r.keys("/", "text:reviews", "enter")
	r.wantText("/ reviews", "1 of 1")
}

func TestShortFunc(t *testing.T) {
	for in, want := range map[string]string{
		"main.main": "main.main", "net/http.(*conn).serve": "http.(*conn).serve", "github.com/go-chi/chi/v5.(*Mux).ServeHTTP": "chi.(*Mux).ServeHTTP",
		"example.com/v2x.F": "v2x.F", "v2.F": "v2.F", "": "", "<module>": "<module>",
	} {
		if got := shortFunc(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
