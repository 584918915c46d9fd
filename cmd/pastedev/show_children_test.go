package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// kin are a page with parts, newest first, and between them an exchange of another client.
func kin() []inspect.Summary {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)
	one := func(seq int64, path string, parent inspect.ID, via inspect.Via) inspect.Summary {
		id := inspect.ID("0000000" + string(rune('0'+seq)) + "0000000000000000")
		return inspect.Summary{ID: id, Seq: seq, Start: at, Method: "GET", Status: 200, Duration: inspect.Millis(time.Millisecond), ResponseSize: 5,
			URL: "http://localhost:8080" + path, Path: path, Parent: parent, Via: via}
	}
	page := one(1, "/page", "", "")
	page.Subs = 2
	head := one(2, "/head", page.ID, inspect.ViaInclude)
	gone := one(7, "/e", "ffffffff00000000", inspect.ViaError)
	gone.Error = "too late"
	return []inspect.Summary{gone, one(6, "/last", "", ""), one(5, "/deep", head.ID, inspect.ViaForward), one(4, "/foot", page.ID, inspect.ViaInclude), one(3, "/other", "", ""), head, page}
}

func TestPrintNested(t *testing.T) {
	for _, tt := range []struct {
		width int
		want  string
	}{
		{100, `00000007  15:04:05  200  GET  1.0 ms  5 B  ↳ /e  error page  too late
00000006  15:04:05  200  GET  1.0 ms  5 B  /last
00000003  15:04:05  200  GET  1.0 ms  5 B  /other
00000001  15:04:05  200  GET  1.0 ms  5 B  /page
00000002  15:04:05  200  GET  1.0 ms  5 B  ↳ /head  included
00000005  15:04:05  200  GET  1.0 ms  5 B    ↳ /deep  forwarded
00000004  15:04:05  200  GET  1.0 ms  5 B  ↳ /foot  included
`},
		{0, `00000007  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/e  error page in ffffffff  too late
00000006  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/last
00000003  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/other
00000001  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/page
00000002  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/head  included in 00000001
00000005  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/deep  forwarded in 00000002
00000004  15:04:05  200  GET  1.0 ms  5 B  http://localhost:8080/foot  included in 00000001
`},
	} {
		var b bytes.Buffer
		if err := printTable(&b, kin(), tt.width); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, b.String()); d != "" {
			t.Errorf("width %d: -want +got\n%s", tt.width, d)
		}
	}
}

func TestShowFamily(t *testing.T) {
	list := kin()
	page, head, deep := list[6], list[5], list[2]
	ex := &inspect.Exchange{Summary: head, Children: []inspect.Summary{deep}}
	ex.Subs, ex.Mount = 3, "/parts"
	ex.Spans = []inspect.Span{
		{Kind: inspect.SpanProcess, Duration: inspect.Millis(12 * time.Millisecond), Process: &inspect.Process{Program: "/srv/cgi/a.pl", Dir: "/srv/cgi", PID: 7, Input: 3, Output: 2000,
			Env: []inspect.Note{{Key: "PATH_INFO", Value: "/\x1b[31mx"}, {Key: "HTTP_HOST", Value: "localhost"}}}},
		{Kind: inspect.SpanProcess, Error: "no header", Process: &inspect.Process{Program: "/srv/cgi/b.pl", PID: 8, Exit: -1, Signal: "killed"}},
		{Kind: inspect.SpanProcess, Process: &inspect.Process{Program: "/srv/cgi/c.pl", Exit: -1}},
	}
	ex.Timing.ReusedConn = true
	want := `GET http://localhost:8080/head
200 OK in 1.0 ms, 5 B

id        000000020000000000000000
part of   00000001  GET /page, included
at        2026-01-02 15:04:05.000
mount     /parts
timing    connection kept

-- programs --
  12.0 ms  a.pl  exit 0  3 B in, 2.0 kB out, pid 7
           /srv/cgi/a.pl in /srv/cgi
           PATH_INFO  /x
           HTTP_HOST  localhost
           b.pl  killed  0 B in, 0 B out, pid 8
           failed: no header
           /srv/cgi/b.pl
           c.pl  did not start
           /srv/cgi/c.pl

-- 3 sub-requests --
  00000005  200   1.0 ms  forwarded   GET /deep
  2 more: pastedev requests parent:00000002

-- request --

-- response --
`
	var b bytes.Buffer
	if err := printExchange(&b, ex, exchangeView{parent: &page, all: true}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// What is long and seldom looked for is folded, and an error is told once.
func TestShowFolds(t *testing.T) {
	start := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	ex := &inspect.Exchange{Summary: inspect.Summary{ID: "00000009", Kind: inspect.KindHTTP, Start: start, Error: "/srv/a.pl: it printed nothing"}, ResponseFrom: inspect.FromPastedev}
	ex.Spans = []inspect.Span{{Kind: inspect.SpanProcess, Error: ex.Error, Process: &inspect.Process{Program: "/srv/a.pl", PID: 7, Exit: 3, Env: []inspect.Note{{Key: "PATH_INFO", Value: "/x"}, {Key: "HOME", Value: "/"}}}}}
	for i := range 200 {
		ex.Logs = append(ex.Logs, inspect.Output{Time: start, Stream: inspect.Stdout, Text: fmt.Sprintf("line %d", i)})
	}
	page := []byte("<!DOCTYPE html><title>It printed nothing</title>")
	ex.Response = inspect.Message{Header: inspect.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: inspect.Body{Size: int64(len(page)), Data: page}}
	seldom := []string{"PATH_INFO", "line 40\n", "line 159\n", "<title>"}
	often := []string{"line 39\n", "line 160\n", "line 199\n", "a.pl  exit 3"}
	folds := []string{"2 variables of its environment: --all\n", "  … 120 more lines: --all\n", "(48 B: the page that pastedev made of it; --all prints it)\n"}
	for _, c := range []struct {
		name      string
		all       bool
		with, not []string
	}{
		{"folded", false, slices.Concat(often, folds), seldom},
		{"all", true, slices.Concat(often, seldom), folds},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := printExchange(&b, ex, exchangeView{all: c.all}); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			for _, s := range c.with {
				if !strings.Contains(text, s) {
					t.Errorf("%q is not shown", s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(text, s) {
					t.Errorf("%q is shown", s)
				}
			}
			if n := strings.Count(text, ex.Error); n != 1 {
				t.Errorf("the error is told %d times", n)
			}
			b.Reset()
			trace := inspect.Trace{Code: "E-abcde", Message: ex.Error, Headline: ex.Error}
			if err := printExchange(&b, ex, exchangeView{all: c.all, traces: []inspect.Trace{trace}}); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(b.String(), ex.Error); n != 1 || !strings.Contains(b.String(), "E-abcde  "+ex.Error) {
				t.Errorf("the error with a code is told %d times", n)
			}
		})
	}
}
