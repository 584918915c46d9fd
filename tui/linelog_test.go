package tui

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
)

// logFeed is a Source whose feed holds events and then ends.
type logFeed struct {
	Source
	events []inspect.Event
	st     inspect.Status
	before []inspect.Output
}

func (s logFeed) Outputs(context.Context, int64, int) ([]inspect.Output, error) { return s.before, nil }

func (s logFeed) Subscribe(context.Context) (<-chan inspect.Event, error) {
	ch := make(chan inspect.Event, len(s.events))
	for _, e := range s.events {
		ch <- e
	}
	close(ch)
	return ch, nil
}

func (s logFeed) Status(context.Context) (inspect.Status, error) { return s.st, nil }

func logEvents() logFeed {
	get, del := fakeSummary(4, epoch), fakeSummary(8, epoch)
	del.Verdict = "+38 ms in loadCart, 12 more SELECTs"
	evil := fakeSummary(9, epoch)
	evil.Path, evil.URL = "/\x1b]0;owned\x07x\n", "http://h/\x1b]0;owned\x07x\n"
	bad := failedBuild(13)
	half := bad
	half.Result = inspect.BuildUnfinished
	good := inspect.Build{Number: 14, Start: epoch, Duration: inspect.Millis(840 * time.Millisecond), Result: inspect.BuildOK}
	return logFeed{st: inspect.Status{Listeners: []string{"http://localhost:8080"}}, events: []inspect.Event{
		inspect.StateChanged{State: inspect.StateBuilding},
		inspect.StateChanged{State: inspect.StateBuilding, Detail: "3 of 4"},
		inspect.BuildChanged{Build: half},
		inspect.BuildChanged{Build: bad},
		inspect.BuildChanged{Build: bad},
		inspect.StateChanged{State: inspect.StateFailed},
		inspect.BuildChanged{Build: good},
		inspect.StateChanged{State: inspect.StateRunning, Build: 14},
		inspect.ExchangeStarted{Exchange: get},
		inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: get}},
		inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: del}},
		inspect.OutputWritten{Output: inspect.Output{Text: "not repeated"}},
		inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: evil}},
		inspect.StateChanged{State: inspect.StateBackoff, Detail: "exit status 3"},
	}}
}

func TestLogLinesHuman(t *testing.T) {
	var b strings.Builder
	if err := LogLines(t.Context(), logEvents(), &b, "human", false); !errors.Is(err, ErrFeedEnded) {
		t.Fatalf("LogLines = %v, want %v", err, ErrFeedEnded)
	}
	got := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{3} `).ReplaceAllString(b.String(), "")
	want := `○ building
✗ build 13 failed in 310 ms  handlers/cart.go:42:9: undefined: totl
             handlers/cart.go:41:2: declared and not used: total
✗ failed
● build 14 ok in 840 ms
● running at http://localhost:8080
● 200 GET    /api/products/4?expand=reviews,prices&lang=de  2.0 ms  32.2 kB
✗ err DELETE /api/cart/3  3.4 ms  0 B  the app closed the connection before it answered  +38 ms in loadCart, 12 more SELECTs
● 200 GET    /x   3.7 ms  71.8 kB
▲ backoff  exit status 3
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if strings.ContainsRune(b.String(), '\x1b') {
		t.Error("there are escape sequences without colour asked for")
	}
	b.Reset()
	_ = LogLines(t.Context(), logEvents(), &b, "", true) // ends as above
	checkSafe(t, b.String())
	if !strings.Contains(b.String(), "\x1b[32m● 200") {
		t.Errorf("no colour in %q", b.String())
	}
}

func TestLogLinesJSON(t *testing.T) {
	var b strings.Builder
	_ = LogLines(t.Context(), logEvents(), &b, FormatJSON, false)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 9 {
		t.Fatalf("%d lines, want 9:\n%s", len(lines), b.String())
	}
	var got map[string]any
	for _, l := range lines {
		got = nil
		if err := json.Unmarshal([]byte(l), &got); err != nil {
			t.Errorf("%v in %s", err, l)
		}
	}
	if err := json.Unmarshal([]byte(lines[5]), &got); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{"event": "exchange", "method": "GET", "status": 200.0, "duration_ms": 2.048, "path": "/api/products/4"} {
		if got[k] != want {
			t.Errorf("%s = %v, want %v", k, got[k], want)
		}
	}
}

func TestLogLinesLogfmt(t *testing.T) {
	var b strings.Builder
	_ = LogLines(t.Context(), logEvents(), &b, FormatLogfmt, false)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	want := `time=2026-11-23T09:54:00.31Z event=build duration_ms=310 build=13 result=failed errors=2 error="handlers/cart.go:42:9: undefined: totl"`
	if diff := cmp.Diff(want, lines[1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	checkSafe(t, b.String())
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errFake }

func TestLogLinesErrors(t *testing.T) {
	if err := LogLines(t.Context(), logEvents(), brokenWriter{}, "json", false); !errors.Is(err, errFake) {
		t.Errorf("a writer that fails gives %v, want %v", err, errFake)
	}
	err := LogLines(t.Context(), logEvents(), brokenWriter{}, "xml", false)
	if err == nil || !strings.Contains(err.Error(), "hint: one of human, json, logfmt") {
		t.Errorf("an unknown format gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := LogLines(ctx, logFeed{}, &strings.Builder{}, "", false); err != nil {
		t.Errorf("after the end of ctx: %v, want nil", err)
	}
}

func TestLogTrace(t *testing.T) {
	f := newFake(120)
	tr := f.traces[0]
	again := tr
	again.NoLocals = "changed"
	tests := []struct {
		format string
		want   []string
		once   string
	}{
		{FormatHuman, []string{"✗ nil pointer dereference: u is nil  seen 13 times\n", "handlers/checkout.go:65  handlers.(*Server).Checkout\n", "pastedev errors show E-k7m2x\n"}, "errors show"},
		{FormatLogfmt, []string{"event=error", "code=E-k7m2x", `headline="nil pointer dereference: u is nil"`, "place=handlers/checkout.go:65"}, "event=error"},
		{FormatJSON, []string{`"event":"error"`, `"code":"E-k7m2x"`, `"count":13`, `"place":"handlers/checkout.go:65"`, `"function":"example.com/shop/handlers.(*Server).Checkout"`}, `"event":"error"`},
	}
	for _, tt := range tests {
		var b strings.Builder
		l := lineLog{src: f, w: &b, th: theme.New(true, colorprofile.ANSI, false)}
		l.write = map[string]func(logLine) error{FormatHuman: l.human, FormatLogfmt: l.logfmt, FormatJSON: l.json}[tt.format]
		for _, ev := range []inspect.Event{inspect.TraceRecorded{Trace: &tr}, inspect.TraceRecorded{Trace: &again}, inspect.TraceRecorded{}} {
			if err := l.take(t.Context(), ev); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range tt.want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: %q is not in\n%s", tt.format, w, b.String())
			}
		}
		if n := strings.Count(b.String(), tt.once); n != 1 {
			t.Errorf("%s: told %d times\n%s", tt.format, n, b.String())
		}
	}
}

// TestLogNotices: what was told before the log began comes first, and nothing twice.
func TestLogNotices(t *testing.T) {
	ours := func(seq int64, text string) inspect.Output {
		return inspect.Output{Seq: seq, Time: epoch, Stream: inspect.Pastedev, Text: text}
	}
	feed := logFeed{
		before: []inspect.Output{ours(1, "the history was set aside"), {Seq: 2, Stream: inspect.Stdout, Text: "of the app"}, ours(3, "TLS by a certificate")},
		events: []inspect.Event{
			inspect.OutputWritten{Output: ours(3, "TLS by a certificate")},
			inspect.OutputWritten{Output: ours(4, "no checker")},
			inspect.OutputWritten{Output: inspect.Output{Seq: 5, Stream: inspect.Stderr, Text: "of the app"}},
			inspect.OutputWritten{Output: ours(6, "no checker")},
		},
	}
	got := logged(t, feed)
	want := "▲ the history was set aside\n▲ TLS by a certificate\n▲ no checker\n▲ no checker\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// logged is the human line log of a feed, without times.
func logged(t *testing.T, feed logFeed) string {
	t.Helper()
	var b strings.Builder
	if err := LogLines(t.Context(), feed, &b, FormatHuman, false); !errors.Is(err, ErrFeedEnded) {
		t.Fatalf("LogLines = %v, want %v", err, ErrFeedEnded)
	}
	return regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{3} `).ReplaceAllString(b.String(), "")
}

// TestLogMounts: the builds of mounts say whose they are, each end once.
func TestLogMounts(t *testing.T) {
	build := func(mount string, n int) inspect.Event {
		return inspect.BuildChanged{Build: inspect.Build{Number: n, Mount: mount, Start: epoch, Duration: inspect.Millis(time.Second), Result: inspect.BuildOK}}
	}
	got := logged(t, logFeed{events: []inspect.Event{build("/gin", 3), build("/chi", 4), build("/gin", 3), build("", 5)}})
	want := "● /gin: build 3 ok in 1.00 s\n● /chi: build 4 ok in 1.00 s\n● build 5 ok in 1.00 s\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestLogStanding: what runs already is told of, and not again.
func TestLogStanding(t *testing.T) {
	feed := logFeed{
		st:     inspect.Status{State: inspect.StateRunning, Listeners: []string{"http://127.0.0.1:4711"}},
		events: []inspect.Event{inspect.StateChanged{State: inspect.StateRunning}, inspect.StateChanged{State: inspect.StateStopped}},
	}
	if got, want := logged(t, feed), "● running at http://127.0.0.1:4711\n· stopped\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLogHTML: a page with errors is told of once for each build.
func TestLogHTML(t *testing.T) {
	page := func(id, path string, build, errs, warnings int) inspect.Event {
		return inspect.HTMLChecked{
			Exchange: inspect.Summary{ID: inspect.ID(id), Host: "h", Path: path, Build: build},
			HTML:     &inspect.HTMLCheck{Errors: errs, Warnings: warnings},
		}
	}
	got := logged(t, logFeed{events: []inspect.Event{
		page("0123456789abcdef", "/invalid", 1, 11, 3),
		page("1", "/invalid", 1, 11, 3),
		page("2", "/fine", 1, 0, 3),
		page("3", "/\x1b[31mred", 1, 1, 0),
		page("4", "/invalid", 2, 1, 0),
		page("5", "/invalid", 1, 11, 3), // the old program's last answer
		page("6", "/invalid", 3, 0, 0),
		inspect.HTMLChecked{},
	}})
	want := `▲ HTML  /invalid  11 errors, 3 warnings  pastedev show 01234567
▲ HTML  /red  1 error  pastedev show 3
▲ HTML  /invalid  1 error  pastedev show 4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestLogSubRequest: a sub-request stands a step in; its mount is not repeated.
func TestLogSubRequest(t *testing.T) {
	sub := fakeSummary(4, epoch)
	sub.Parent, sub.Mount, sub.URL = "p1", "/api", ""
	feed := logFeed{events: []inspect.Event{inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: sub}}}}
	if got, want := logged(t, feed), "  ↳ ● 200 GET    /api/products/4  2.0 ms  32.2 kB\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var b strings.Builder
	_ = LogLines(t.Context(), feed, &b, FormatLogfmt, false)
	if !strings.Contains(b.String(), " parent=p1 ") || !strings.Contains(b.String(), " mount=/api ") {
		t.Errorf("no parent and mount in %s", b.String())
	}
}
