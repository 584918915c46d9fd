//go:build linux || darwin || freebsd

package link

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// observer is a script that passes on what it observes.
type observer struct {
	script
	reports chan Report
}

func (o *observer) Observe(_ context.Context, r Report) { o.reports <- r }

func TestReports(t *testing.T) {
	const id = "0af7651916cd43dd8448eb211c80319c"
	const at = 1_700_000_000_123_456
	when := time.UnixMicro(at)
	frame := "12\t4096\texample.com/shop%2ev2.(*Cart).Add\t/src/shop/cart.go"
	location := inspect.Location{Function: "example.com/shop%2ev2.(*Cart).Add", File: "/src/shop/cart.go", Path: "/src/shop/cart.go", Line: 12}
	shown := inspect.Frame{Location: location, Package: "example.com/shop.v2", PC: 4096}
	tests := []struct {
		name string
		in   agent.Message
		want Report
	}{
		{"output", agent.Message{Type: "output", Exchange: id, Goroutine: 9, Time: at, Stream: "log", Text: "hi\n", Level: "INFO", Attrs: []string{"k", "v", "odd"}},
			Printed{inspect.Output{Exchange: id, Goroutine: 9, Time: when, Stream: inspect.Logged, Text: "hi\n", Level: "INFO", Attrs: []inspect.Note{{Key: "k", Value: "v"}}}}},
		{"sql", agent.Message{Type: "span", Exchange: id, Seq: 2, Kind: "sql", Time: at, Duration: 1500, Op: "query", Text: "select 1", Args: []string{"1"}, Rows: -1, Tx: 3, Frames: []string{frame}},
			Spanned{id, inspect.Span{Seq: 2, Kind: inspect.SpanSQL, Start: when, Duration: inspect.Millis(1500 * time.Microsecond),
				SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "select 1", Args: []string{"1"}, Rows: -1, Tx: 3}}, []inspect.Frame{shown}}},
		{"call", agent.Message{Type: "span", Exchange: id, Seq: 1, Kind: "call", Time: at, Method: "GET", Text: "http://x/", Status: 204, Error: "late", Frames: []string{"broken"}},
			Spanned{id, inspect.Span{Seq: 1, Kind: inspect.SpanCall, Start: when, Error: "late", Call: &inspect.Call{Method: "GET", URL: "http://x/", Status: 204}}, nil}},
		{"rows", agent.Message{Type: "rows", Exchange: id, Seq: 2, Rows: 7}, RowsRead{id, 2, 7}},
		{"done", agent.Message{Type: "done", Exchange: id, Status: 500, Count: 4, Panic: 1, Logs: 2, SQL: 3, SQLTime: 9, Calls: 1, CallTime: 8},
			Done{Exchange: id, Status: 500, Left: 4, Panic: 1, Sums: inspect.Sums{Logs: 2, SQL: 3, SQLTime: inspect.Millis(9 * time.Microsecond), Calls: 1, CallTime: inspect.Millis(8 * time.Microsecond)}}},
		{"panic", agent.Message{Type: "panic", ID: 5, Goroutine: 9, Thread: 77, Time: at, ValueType: "*errors.joinError", Text: "a\nb", Count: 2, Frames: []string{frame}, Created: frame,
			Causes: []string{"1\ta.A\ta", "2\tb.B\tinner", "1\tc.C\tc"}},
			Panicked{ID: 5, Thread: 77, Count: 2, Trace: inspect.Trace{Kind: inspect.TracePanic, Language: "go", Time: when, Type: "*errors.joinError", Message: "a\nb", Goroutine: 9,
				Frames: []inspect.Frame{shown}, CreatedBy: &shown,
				Causes: []inspect.Cause{{Type: "a.A", Message: "a", Causes: []inspect.Cause{{Type: "b.B", Message: "inner"}}}, {Type: "c.C", Message: "c"}}}}},
		{"fatal", agent.Message{Type: "fatal", ID: 5}, Fatal{ID: 5}},
		{"dropped", agent.Message{Type: "dropped", Count: 12}, Dropped{12}},
	}
	o := &observer{reports: make(chan Report, 1)}
	g, _ := open(t, t.Context(), o)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g.send(test.in)
			if diff := cmp.Diff(test.want, <-o.reports, cmpopts.IgnoreUnexported(Hold{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHold(t *testing.T) {
	o := &observer{reports: make(chan Report, 1)}
	g, _ := open(t, t.Context(), o)
	for id := range int64(40) { // that nobody takes a snapshot of
		g.send(agent.Message{Type: agent.TypePanic, ID: 100 + id, Wait: 1})
		<-o.reports
	}
	g.send(agent.Message{Type: agent.TypePanic, ID: 5, Wait: 1})
	hold := (<-o.reports).(Panicked).Hold
	if hold == nil {
		t.Fatal("no hold")
	}
	allowed := make(chan error, 1)
	go func() { allowed <- hold.Allow(t.Context(), 99) }()
	if diff := cmp.Diff(agent.Message{Type: agent.TypeTrace, ID: 5, PID: 99}, g.receive()); diff != "" {
		t.Error(diff)
	}
	g.send(agent.Message{Type: agent.TypeTraceable, ID: 5})
	if err := <-allowed; err != nil {
		t.Errorf("allow: %v", err)
	}
	if err := hold.Release(); err != nil {
		t.Errorf("release: %v", err)
	}
	if diff := cmp.Diff(agent.Message{Type: agent.TypeGo, ID: 5}, g.receive()); diff != "" {
		t.Error(diff)
	}
}

// A target that does not answer is no reason to wait, and one whose Handler does
// not observe must not wait either.
func TestHoldEnds(t *testing.T) {
	o := &observer{reports: make(chan Report, 1)}
	g, _ := open(t, t.Context(), o)
	g.send(agent.Message{Type: agent.TypePanic, ID: 5, Wait: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (<-o.reports).(Panicked).Hold.Allow(ctx, 99); err == nil {
		t.Error("allowed by nobody")
	}

	g, _ = open(t, t.Context(), &script{})
	g.send(agent.Message{Type: agent.TypePanic, ID: 6, Wait: 1})
	if diff := cmp.Diff(agent.Message{Type: agent.TypeGo, ID: 6}, g.receive()); diff != "" {
		t.Error(diff)
	}
}
