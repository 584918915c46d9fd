package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func ids(t *testing.T, s *Store) (list []int64) {
	t.Helper()
	traces, err := s.Traces(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range traces {
		list = append(list, tr.ID)
	}
	return list
}

func TestTracesAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	for n := range maxTraces {
		s.PutTrace(inspect.Trace{Code: fmt.Sprint("E-", n), Time: time.Now()})
		if n%(pendingTraces/2) == 0 {
			flushed(t, s)
		}
	}
	for range 10 { // repeats of one replace each other, not those of others
		s.PutTrace(inspect.Trace{Code: "E-loop", Time: time.Now()})
	}
	check := func() {
		t.Helper()
		got := ids(t, s)
		if len(got) != maxTraces || got[0] != maxTraces+10 || got[1] != maxTraces || got[len(got)-1] != 2 {
			t.Errorf("%d kept: newest %v, oldest %v", len(got), got[:3], got[len(got)-2:])
		}
		if tr, err := s.Trace(t.Context(), "E-loop"); err != nil || tr.Count != 10 {
			t.Errorf("the one that repeats: %+v, %v", tr, err)
		}
	}
	check()
	s.Close()
	s = open(t, Options{Path: path})
	check()
}

func TestTracesAreBoundedInBytes(t *testing.T) {
	s := open(t, Options{MaxBytes: 400_000}) // a quarter of it for traces
	big := inspect.Trace{Time: time.Now(), Raw: string(noise(30_000, 1))}
	for n := range 20 {
		big.Code = fmt.Sprint("E-", n)
		s.PutTrace(big)
		flushed(t, s)
	}
	if got := ids(t, s); len(got) == 0 || len(got) > 5 || got[0] != 20 {
		t.Errorf("kept %v of 20 traces with 30 kB each in 100 kB", got)
	}
}

func TestTooManyTracesAtOnce(t *testing.T) {
	s := open(t, Options{})
	s.mu.Lock() // keeps the writer from emptying the queue in between
	for n := range pendingTraces + 1 {
		s.putTrace(failure("E-aaaaa", n))
	}
	s.mu.Unlock()
	for _, when := range []string{"waiting", "written"} {
		first, err1 := s.Trace(t.Context(), "1")
		last, err2 := s.Trace(t.Context(), fmt.Sprint(pendingTraces+1))
		if err1 != nil || err2 != nil || len(first.Frames) != 2 || len(last.Frames) != 1 || last.NoLocals == "" || last.Headline == "" {
			t.Errorf("%s: %+v %v, %+v %v", when, first, err1, last, err2)
		}
		flushed(t, s)
	}
}

func TestLargeTraceLosesVariablesFirst(t *testing.T) {
	big := failure("E-aaaaa", 1)
	big.ID = 1
	for range 60 {
		big.Frames[1].Locals = append(big.Frames[1].Locals, inspect.Variable{Name: "x", Value: strings.Repeat("v", 100_000)})
	}
	huge := big
	huge.Raw = strings.Repeat("r", maxTrace)
	for _, tt := range []struct {
		trace  inspect.Trace
		source bool
	}{{big, true}, {huge, false}} {
		b, err := encodeTrace(&tt.trace)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeTrace(b)
		if err != nil {
			t.Fatal(err)
		}
		f := got.Frames[len(got.Frames)-1]
		if f.Line != 42 || f.Locals != nil || (f.Source != nil) != tt.source || got.NoLocals == "" || got.Headline == "" {
			t.Errorf("kept: %+v", got)
		}
		if js, _ := json.Marshal(got); len(js) > maxTrace {
			t.Errorf("%d bytes", len(js))
		}
		if len(tt.trace.Frames[1].Locals) < 60 {
			t.Error("the trace that was given was changed")
		}
	}
}

func TestClearForgetsTraces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	kept := s.PutTrace(failure("E-aaaaa", 1))
	flushed(t, s)
	s.PutTrace(failure("E-bbbbb", 1)) // waits for the writer
	finish(s, 1)
	s.Publish(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: idOf(1)}}})
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	events := s.Subscribe(t.Context())
	s.PutTrace(kept) // its variables were read meanwhile
	next := s.PutTrace(failure("E-aaaaa", 2))
	if ev := (<-events).(inspect.TraceRecorded); ev.Trace.ID != next.ID || next.ID != 3 || next.Count != 1 {
		t.Errorf("after Clear: event of %d, next is %d with count %d", ev.Trace.ID, next.ID, next.Count)
	}
	s.Close()
	s = open(t, Options{Path: path})
	if got := ids(t, s); !cmp.Equal(got, []int64{3}) {
		t.Errorf("after Clear and reopening: %v", got)
	}
}

func TestTracesExpire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	old := failure("E-old", 1)
	old.Time = time.Now().Add(-2 * time.Hour)
	s.PutTrace(old)
	s.PutTrace(failure("E-new", 1))
	s.Close()
	s = open(t, Options{Path: path, MaxAge: time.Hour})
	flushed(t, s)
	if got := ids(t, s); !cmp.Equal(got, []int64{2}) {
		t.Errorf("kept %v", got)
	}
}

// A history from before there were traces is taken as it is.
func TestHistoryWithoutTraces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	history(t, path)
	execSQL(t, path, "DROP TABLE traces")
	s := open(t, Options{Path: path})
	before := s.Stats().Exchanges
	if before == 0 || len(ids(t, s)) != 0 {
		t.Fatalf("%d exchanges", before)
	}
	want := s.PutTrace(failure("E-aaaaa", 1))
	s.Close()
	s = open(t, Options{Path: path})
	got, err := s.Trace(t.Context(), "1")
	if d := cmp.Diff(&want, got); err != nil || d != "" || s.Stats().Exchanges != before {
		t.Errorf("%v, %d exchanges\n%s", err, s.Stats().Exchanges, d)
	}
}

func TestDamagedTraceIsLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	for n := range 3 {
		s.PutTrace(failure(fmt.Sprint("E-", n), n))
	}
	finish(s, 1)
	s.Close()
	execSQL(t, path, "UPDATE traces SET outline = x'ff00' WHERE id = 1; UPDATE traces SET data = x'ff00' WHERE id = 2")
	var said notices
	s = open(t, Options{Path: path, Notify: said.add})
	if got := ids(t, s); !cmp.Equal(got, []int64{3, 2}) || s.Stats().Exchanges != 1 {
		t.Errorf("kept %v, %d exchanges", got, s.Stats().Exchanges)
	}
	if said.String() != "history: 1 damaged errors left out" {
		t.Errorf("notices: %q", said.String())
	}
	if _, err := s.Trace(t.Context(), "2"); err == nil || errors.Is(err, inspect.ErrNotFound) {
		t.Errorf("damaged data: %v", err)
	}
	if _, err := s.Trace(t.Context(), "3"); err != nil {
		t.Errorf("the one beside it: %v", err)
	}
	s.Close()
	s = open(t, Options{Path: path}) // the damaged row is gone for good
	if got := s.PutTrace(failure("E-9", 9)); got.ID != 4 {
		t.Errorf("ID %d", got.ID)
	}
}

func TestTracesWithoutDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	var said notices
	s := open(t, Options{Path: path, Notify: said.add})
	first := s.PutTrace(failure("E-aaaaa", 1))
	flushed(t, s)
	s.file.db.SetMaxOpenConns(1)
	if _, err := s.file.db.Exec("PRAGMA max_page_count = 1"); err != nil { // as it is, but no larger
		t.Fatal(err)
	}
	second := failure("E-bbbbb", 2)
	second.Raw = string(noise(100_000, 1))
	second.Raw = fmt.Sprintf("%x", second.Raw)
	second = s.PutTrace(second)
	first.Headline = "changed"
	first = s.PutTrace(first)
	flushed(t, s)
	if !strings.Contains(said.String(), "kept in memory from now on") {
		t.Errorf("notices: %q", said.String())
	}
	for ref, want := range map[string]inspect.Trace{"1": first, "2": second} {
		got, err := s.Trace(t.Context(), ref)
		if d := cmp.Diff(&want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", ref, err, d)
		}
	}
}

// Readers see each trace and each exchange whole while others put, update and clear.
func TestConcurrentTraces(t *testing.T) {
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db"), Notify: func(string) {}})
	ctx, cancel := context.WithCancel(t.Context())
	var writers, readers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 60 {
				tr := s.PutTrace(failure(fmt.Sprint("E-x", n%7), n)) // a code of digits alone would be taken for an ID that is gone
				tr.Frames[1].Locals = append(tr.Frames[1].Locals, inspect.Variable{Name: "late"})
				s.PutTrace(tr)
				finish(s, w*1000+n)
				ex := &inspect.Exchange{Summary: inspect.Summary{ID: idOf(w*1000 + n), Sums: inspect.Sums{Errors: 1}}, Traces: []int64{tr.ID}}
				s.Publish(inspect.ExchangeUpdated{Exchange: ex})
				if n == 30 && w == 0 {
					if err := s.Clear(ctx); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				list, err := s.Traces(context.Background(), 10)
				if err != nil {
					t.Error(err)
				}
				for _, o := range list {
					if tr, err := s.Trace(context.Background(), fmt.Sprint(o.ID)); err == nil && tr.ID != o.ID {
						t.Errorf("asked for %d, got %d", o.ID, tr.ID)
					} else if err != nil && !errors.Is(err, inspect.ErrNotFound) {
						t.Error(err)
					}
				}
			}
		})
	}
	writers.Wait()
	cancel()
	readers.Wait()
	flushed(t, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.updates) != 0 {
		t.Errorf("%d updates were never written", len(s.updates))
	}
}

func FuzzDecodeTrace(f *testing.F) {
	tr := failure("E-aaaaa", 1)
	b, _ := encodeTrace(&tr)
	f.Add(b)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{2, 4, '{', '}'})
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := decodeTrace(b)
		if err != nil {
			return
		}
		again, err := encodeTrace(tr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeTrace(again); err != nil {
			t.Errorf("not stable: %v", err)
		}
	})
}
