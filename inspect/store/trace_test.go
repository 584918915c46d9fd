package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// failure is a trace with all that one can have.
func failure(code string, n int) inspect.Trace {
	vars := []inspect.Variable{{Name: "u", Type: "*main.User", Value: "nil"},
		{Name: "n", Type: "int", Value: fmt.Sprint(n), Children: []inspect.Variable{{Name: "part", Value: "1"}}}}
	frame := func(fn string, line int, origin inspect.FrameOrigin) inspect.Frame {
		return inspect.Frame{Location: inspect.Location{Function: fn, File: "main.go", Path: "/src/main.go", Line: line},
			Origin: origin, Source: []inspect.SourceLine{{Number: line, Text: "\treturn u.Name"}}, Args: vars[:1], Locals: vars}
	}
	created := frame("net/http.(*Server).Serve", 3000, inspect.FrameStandard)
	return inspect.Trace{Code: code, Kind: inspect.TracePanic, Language: "go", Time: time.Now().Round(0), Exchange: idOf(n), Build: 3,
		Headline: "nil pointer dereference: u is nil", Message: "invalid memory address", Type: "runtime.errorString",
		Causes: []inspect.Cause{{Type: "*fs.PathError", Message: "no file"}}, Hints: []string{"u was not set."},
		Goroutine: 7, Raw: "panic: ...", NoLocals: "", CreatedBy: &created,
		Frames:  []inspect.Frame{frame("runtime.panicmem", 1, inspect.FrameStandard), frame("main.handler", 42, inspect.FrameApp)},
		Changed: []inspect.ChangedLines{{File: "main.go", Lines: []inspect.SourceLine{{Number: 42, Text: "return u.Name"}}}}}
}

func TestTraceLife(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "history.db")} {
		ctx := t.Context()
		s := open(t, Options{Path: path})
		events := s.Subscribe(ctx)
		first := s.PutTrace(failure("E-aaaaa", 1))
		other := s.PutTrace(failure("E-bbbbb", 2))
		second := s.PutTrace(failure("E-aaaaa", 3))
		for i, got := range []inspect.Trace{first, other, second} {
			if want := []int{1, 1, 2}[i]; got.ID != int64(i+1) || got.Count != want {
				t.Errorf("trace %d: ID %d, count %d, want count %d", i+1, got.ID, got.Count, want)
			}
			ev := (<-events).(inspect.TraceRecorded)
			if diff := cmp.Diff(got, *ev.Trace); diff != "" {
				t.Errorf("event %d differs (-returned +got):\n%s", i, diff)
			}
		}
		check := func(when string) {
			t.Helper()
			list, err := s.Traces(ctx, 2)
			if err != nil || len(list) != 2 || list[0].ID != 3 || list[1].ID != 2 {
				t.Fatalf("%s: list is %v, %v", when, list, err)
			}
			if f := list[0].Frames; len(f) != 1 || f[0].Line != 42 || f[0].Source != nil || f[0].Locals != nil || f[0].Args != nil {
				t.Errorf("%s: outline has the frames %+v", when, f)
			}
			for ref, want := range map[string]inspect.Trace{"1": first, "E-aaaaa": second, "e-BBBBB": other, "bbbbb": other} {
				got, err := s.Trace(ctx, ref)
				if err != nil {
					t.Fatalf("%s: trace %q: %v", when, ref, err)
				}
				if diff := cmp.Diff(&want, got); diff != "" {
					t.Errorf("%s: trace %q differs (-want +got):\n%s", when, ref, diff)
				}
			}
			for _, ref := range []string{"", "4", "-1", "E-ccccc", "99999999999999999999"} {
				if _, err := s.Trace(ctx, ref); !errors.Is(err, inspect.ErrNotFound) {
					t.Errorf("%s: trace %q: %v, want not found", when, ref, err)
				}
			}
		}
		check("at once")
		flushed(t, s)
		check("written")
		again := second
		again.Count, again.Headline = 99, "with locals now"
		again.Frames[1].Locals = append(again.Frames[1].Locals, inspect.Variable{Name: "late", Value: "1"})
		second = s.PutTrace(again)
		if second.Count != 2 {
			t.Errorf("the count of a replaced trace is %d, want 2", second.Count)
		}
		check("replaced")
		flushed(t, s)
		check("replaced and written")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if path == "" {
			continue
		}
		s = open(t, Options{Path: path})
		check("reopened")
		if got := s.PutTrace(failure("E-aaaaa", 1)); got.ID != 4 || got.Count != 3 {
			t.Errorf("after reopening: ID %d, count %d, want 4 and 3", got.ID, got.Count)
		}
	}
}

func TestExchangeUpdated(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "history.db")} {
		ctx := t.Context()
		s := open(t, Options{Path: path})
		ex := sample(1)
		ex.ID, ex.Start = idOf(1), time.Now().Round(0)
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
		want := *ex
		want.Seq = 1
		update := func(n int) {
			want.Logs = []inspect.Output{{Seq: 1, Text: fmt.Sprint("line ", n), Stream: inspect.Stdout}}
			want.Spans = []inspect.Span{{Seq: 1, Kind: inspect.SpanSQL, SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "select 1"}}}
			want.Traces = []int64{int64(n)}
			want.Sums = inspect.Sums{Logs: n, SQL: 1, Errors: 1}
			sent := want
			sent.Seq = 0
			sent.Request, sent.Response = inspect.Message{}, inspect.Message{} // not looked at
			s.Publish(inspect.ExchangeUpdated{Exchange: &sent})
		}
		check := func(when string) {
			t.Helper()
			got, err := s.Exchange(ctx, ex.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("%s (path %q) differs (-want +got):\n%s", when, path, diff)
			}
			list, err := s.Exchanges(ctx, inspect.ListRequest{}, nil)
			if err != nil || len(list.Items) != 1 || list.Items[0].Sums != want.Sums {
				t.Errorf("%s: list is %v, %v", when, list.Items, err)
			}
		}
		update(1)
		check("while it waits")
		flushed(t, s)
		check("written")
		update(2)
		check("updated after it was written")
		flushed(t, s)
		check("update written")
		s.Publish(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: idOf(9)}}})
		s.Close()
		if path != "" {
			s = open(t, Options{Path: path})
			check("reopened")
		}
	}
}
