package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestInsidePrints looks at what requests print, in every way and all at once.
func TestInsidePrints(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	in := startPanics(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance)
	}{
		{"ways", stepWays},
		{"worker", stepWorker},
		{"crowd", stepCrowd},
		{"private fields", stepPrivate},
	} {
		t.Run(step.name, func(t *testing.T) {
			in.tb = t
			step.run(t, in)
		})
	}
	in.tb = t
}

// stepWays: each way to print leaves its line, with level and attributes where it has
// them.
func stepWays(t *testing.T, in *instance) {
	a := in.ask("/print")
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return ex.Sums.Logs >= 8 })
	type line struct {
		Stream      inspect.Stream
		Level, Text string
		Attrs       []inspect.Note
		Partial     bool
	}
	var got []line
	for _, o := range ex.Logs {
		got = append(got, line{o.Stream, o.Level, logTime.ReplaceAllString(o.Text, ""), o.Attrs, o.Partial})
		if o.Exchange != a.id || o.Goroutine == 0 {
			t.Errorf("line %+v belongs to no exchange or goroutine", o)
		}
	}
	want := []line{
		{Stream: inspect.Stdout, Text: "to stdout"},
		{Stream: inspect.Stderr, Text: "to stderr"},
		{Stream: inspect.Stderr, Level: "LOG", Text: "logged 1"},
		{Stream: inspect.Stderr, Level: "INFO", Text: "INFO slogged user=ann cart.items=3 cart.total=12.5", Attrs: []inspect.Note{{Key: "user", Value: "ann"}, {Key: "cart.items", Value: "3"}, {Key: "cart.total", Value: "12.5"}}},
		{Stream: inspect.Stderr, Level: "WARN", Text: "WARN low left=2", Attrs: []inspect.Note{{Key: "left", Value: "2"}}},
		{Stream: inspect.Stdout, Text: "in two parts"},
		{Stream: inspect.Stdout, Text: "\x1b[31mred\x1b[0m and �� binary"},
		{Stream: inspect.Stdout, Text: "no line end", Partial: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s\n%s", d, describe(ex))
	}
	if got := timing(a.header, "logs"); got != `desc="8 lines"` && got != `desc="9 lines"` { // the head goes out in the middle of the last line or after it
		t.Errorf("Server-Timing says of logs: %q", got)
	}
}

// logTime is what package log puts before a line.
var logTime = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d `)

// stepWorker: a goroutine that no request has started prints for itself.
func stepWorker(t *testing.T, in *instance) {
	a := in.ask("/worker?tag=mine")
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return ex.Sums.Logs > 0 })
	if d := cmp.Diff([]string{"handler: mine"}, texts(ex.Logs)); d != "" {
		t.Error(d)
	}
	outputs, err := in.client().Outputs(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(outputs, func(o inspect.Output) bool { return o.Text == "worker: mine" })
	if i < 0 {
		t.Fatalf("the worker's line is nowhere: %q", texts(outputs))
	}
	if o := outputs[i]; o.Exchange != "" || len(o.Shared) > 0 {
		t.Errorf("the worker's line belongs to %s, shared by %v", o.Exchange, o.Shared)
	}
}

// stepCrowd: 100 requests at once with 1,000 lines each, from four goroutines each. No
// line is with another's request, all are counted, and those that were too many to read
// are told of.
func stepCrowd(t *testing.T, in *instance) {
	const requests, lines = 100, 1000
	answers := make([]answer, requests)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = in.ask(fmt.Sprintf("/prints?n=%d&tag=t%d", lines, i)) })
	}
	wg.Wait()
	kept := 0
	for i, a := range answers {
		if a.status != 200 {
			t.Fatalf("request %d: %+v", i, a)
		}
		ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return ex.Sums.Logs >= lines })
		if ex.Sums.Logs != lines {
			t.Errorf("request %d: %d lines counted", i, ex.Sums.Logs)
		}
		seen := make([]bool, lines)
		for _, o := range ex.Logs {
			var n int
			if _, err := fmt.Sscanf(o.Text, fmt.Sprintf("t%d %%d", i), &n); err != nil || n < 0 || n >= lines || seen[n] {
				t.Fatalf("request %d holds the line %q", i, o.Text)
			}
			seen[n] = true
		}
		kept += len(ex.Logs)
	}
	lost := in.lost(requests*lines - kept)
	t.Logf("%d of %d lines kept, each with its request; %d reports lost", kept, requests*lines, lost)
}

// lost waits until so many reports or more were told of as lost.
func (in *instance) lost(atLeast int) (total int) {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), inTime)
	defer cancel()
	for {
		outputs, err := c.Outputs(ctx, 0, 1000)
		if err != nil {
			in.tb.Fatal(err)
		}
		total = 0
		for _, o := range outputs {
			if m := lostReports.FindStringSubmatch(o.Text); m != nil && o.Stream == inspect.Pastedev {
				n, _ := strconv.Atoi(m[1])
				total += n
			}
		}
		if total >= atLeast {
			return total
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("%d reports are told of as lost, want %d", total, atLeast)
		case <-time.After(20 * time.Millisecond): // they are counted until there is room to say so
		}
	}
}

var lostReports = regexp.MustCompile(`^(\d+) reports of the program were lost`)

// stepPrivate: what we tell the agent and it tells us is seen by neither side.
func stepPrivate(t *testing.T, in *instance) {
	a := in.ask("/headers", "Pastedev-Exchange: 0123456789abcdef0123456789abcdef")
	for name := range a.header {
		if strings.Contains(name, "Pastedev") {
			t.Errorf("the client got %s: %s", name, a.header[name])
		}
	}
	if !strings.Contains(a.body, "Traceparent: ") || strings.Contains(strings.ToLower(a.body), "pastedev") {
		t.Errorf("the app saw\n%s", a.body)
	}
	if ex := in.exchange(a.id, nil); strings.Contains(fmt.Sprint(ex.Response.Header), "Pastedev-Sums") {
		t.Errorf("the record holds %v", ex.Response.Header)
	}
}
