package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader/link"
)

// shelf is a traceStore in memory.
type shelf struct {
	mu     sync.Mutex
	traces []inspect.Trace
}

func (s *shelf) PutTrace(t inspect.Trace) inspect.Trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == 0 {
		s.traces = append(s.traces, inspect.Trace{})
		t.ID = int64(len(s.traces))
	}
	s.traces[t.ID-1] = t
	return t
}

// slowFreezer freezes at once and reads in a second.
type slowFreezer struct {
	err       error
	mu        sync.Mutex
	kept      []int64
	discarded []*frozen
}

func (f *slowFreezer) freeze(context.Context, link.Panicked) (*frozen, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &frozen{pause: 7}, nil
}

func (f *slowFreezer) read(ctx context.Context, _ *frozen, t *inspect.Trace) (string, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	t.Frames = []inspect.Frame{{Location: inspect.Location{Function: "main.handler"}, Locals: []inspect.Variable{{Name: "u", Value: "nil"}}}}
	return "u is nil", nil
}

func (f *slowFreezer) keep(_ *frozen, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept, id)
}

func (f *slowFreezer) discard(shot *frozen) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.discarded = append(f.discarded, shot)
}

const someExchange = inspect.ID("0af7651916cd43dd8448eb211c80319c")

func newFailures(f freezer) (*failures, *shelf, map[inspect.ID][]int64) {
	s, attached := &shelf{}, map[inspect.ID][]int64{}
	var mu sync.Mutex
	life, end := context.WithCancel(context.Background())
	return &failures{
		store: s, freezer: f, life: life, end: end,
		attach: func(id inspect.ID, trace int64) {
			mu.Lock()
			defer mu.Unlock()
			attached[id] = append(attached[id], trace)
		},
		changed: func(int) []inspect.ChangedLines { return nil },
	}, s, attached
}

func nilPanic(id int64) link.Panicked {
	return link.Panicked{ID: id, Hold: new(link.Hold), Trace: inspect.Trace{
		Kind: inspect.TracePanic, Language: "go", Exchange: someExchange, Goroutine: 9,
		Type: "runtime.errorString", Message: "runtime error: invalid memory address or nil pointer dereference",
		Frames: []inspect.Frame{{Location: inspect.Location{Function: "main.handler", File: "main.go"}}},
	}}
}

// What becomes of a panic is decided by how its exchange ends.
func TestPanicIsJudged(t *testing.T) {
	tests := []struct {
		name string
		end  func(*failures, *process)
		want []inspect.Trace // Kind and Recovered
	}{
		{"left the handler", func(fs *failures, p *process) { fs.handled(p, link.Done{Exchange: someExchange, Panic: 1}) },
			[]inspect.Trace{{Kind: inspect.TracePanic}}},
		{"recovered, answered 500", func(fs *failures, p *process) { fs.handled(p, link.Done{Exchange: someExchange, Status: 500}) },
			[]inspect.Trace{{Kind: inspect.TracePanic, Recovered: true}}},
		{"recovered, answered 200", func(fs *failures, p *process) { fs.handled(p, link.Done{Exchange: someExchange, Status: 200}) }, nil},
		{"another exchange failed", func(fs *failures, p *process) { fs.handled(p, link.Done{Exchange: inspect.NewID(), Status: 500}) }, nil},
		{"ended the process", func(fs *failures, p *process) { fs.ended(p, link.Fatal{ID: 1}) }, []inspect.Trace{{Kind: inspect.TraceCrash}}},
		{"nothing was heard", func(*failures, *process) {}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fs, s, attached := newFailures(&slowFreezer{})
				p := &process{build: 3}
				fs.panicked(p, withoutHold(nilPanic(1)))
				test.end(fs, p)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				var got []inspect.Trace
				for _, tr := range s.traces {
					got = append(got, inspect.Trace{Kind: tr.Kind, Recovered: tr.Recovered})
					if tr.Build != 3 || tr.Headline == "" || tr.Code == "" {
						t.Errorf("incomplete: %+v", tr)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				if len(test.want) > 0 && len(attached[someExchange]) == 0 {
					t.Error("the exchange was not told")
				}
			})
		})
	}
}

// withoutHold is a panic that does not wait.
func withoutHold(p link.Panicked) link.Panicked {
	p.Hold, p.Count = nil, 9
	return p
}

// The trace is there at once and gets its variables later; a page can wait for them.
func TestTraceGetsItsLocals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &slowFreezer{}
		fs, s, _ := newFailures(f)
		p := &process{}
		go fs.panicked(p, held(nilPanic(1)))
		synctest.Wait()
		fs.handled(p, link.Done{Exchange: someExchange, Panic: 1})
		if len(s.traces) != 1 || s.traces[0].Frames[0].Locals != nil {
			t.Fatalf("at first: %+v", s.traces)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if tr, ok := fs.of(soon, someExchange); !ok || tr.Frames[0].Locals != nil {
			t.Errorf("soon: %v %+v", ok, tr)
		}
		tr, ok := fs.of(t.Context(), someExchange)
		if !ok || tr.ID != 1 || tr.Pause != 7 || len(tr.Frames[0].Locals) != 1 || tr.NoLocals != "" {
			t.Errorf("in the end: %v %+v", ok, tr)
		}
		synctest.Wait()
		if len(s.traces) != 1 || len(s.traces[0].Frames[0].Locals) != 1 {
			t.Errorf("stored: %+v", s.traces)
		}
		if diff := cmp.Diff([]int64{1}, f.kept); diff != "" {
			t.Errorf("kept: %s", diff)
		}
	})
}

// held is a panic whose goroutine waits, of a program that is gone by then.
func held(p link.Panicked) link.Panicked {
	p.Count = 1
	return p
}

func TestNoLocalsSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs, s, _ := newFailures(&slowFreezer{err: errors.New("locals are off: ptrace is not permitted")})
		p := &process{}
		fs.panicked(p, held(nilPanic(1)))
		fs.handled(p, link.Done{Exchange: someExchange, Panic: 1})
		synctest.Wait()
		if got := s.traces[0].NoLocals; got != "locals are off: ptrace is not permitted" {
			t.Errorf("got %q", got)
		}
	})
}

// An answer of 500 without a panic has a trace of its own, and only then.
func TestBadAnswer(t *testing.T) {
	exchange := func(status int, from inspect.Origin, body string, traces ...int64) *inspect.Exchange {
		return &inspect.Exchange{
			Summary:      inspect.Summary{ID: someExchange, Status: status, Method: "GET", Path: "/cart", ContentType: "text/plain"},
			ResponseFrom: from, Traces: traces,
			Response: inspect.Message{Body: inspect.Body{Data: []byte(body), Size: int64(len(body))}},
		}
	}
	const python = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    1/0\nZeroDivisionError: division by zero\n"
	tests := []struct {
		name string
		ex   *inspect.Exchange
		kind inspect.TraceKind // "" for none
	}{
		{"500", exchange(500, inspect.FromTarget, "oops"), inspect.TraceError},
		{"with a traceback", exchange(500, inspect.FromTarget, python), inspect.TraceText},
		{"404", exchange(404, inspect.FromTarget, ""), ""},
		{"ours", exchange(502, inspect.FromPastedev, ""), ""},
		{"known", exchange(500, inspect.FromTarget, "", 4), ""},
	}
	for _, test := range tests {
		fs, s, _ := newFailures(nil)
		got := fs.answered(test.ex)
		if test.kind == "" {
			if got != test.ex || len(s.traces) > 0 {
				t.Errorf("%s: made %+v", test.name, s.traces)
			}
			continue
		}
		if len(s.traces) != 1 || s.traces[0].Kind != test.kind || len(got.Traces) != 1 || got.Sums.Errors != 1 || len(test.ex.Traces) != 0 {
			t.Errorf("%s: exchange %+v traces %+v", test.name, got, s.traces)
		}
	}
}

// Crash text of a panic that the agent has told of is the same failure.
func TestCrashTextIsNotTwice(t *testing.T) {
	fs, s, _ := newFailures(nil)
	p := &process{}
	known := nilPanic(1)
	fs.panicked(p, withoutHold(known))
	fs.text(inspect.Trace{Kind: inspect.TraceText, Language: "go", Message: known.Trace.Message}, 1)
	fs.text(inspect.Trace{Kind: inspect.TraceCrash, Language: "go", Message: "panic", Goroutine: 9}, 1)
	if len(s.traces) != 0 {
		t.Errorf("got %+v", s.traces)
	}
	fs.recent[0].told = fs.recent[0].told.Add(-textPatience)
	fs.text(inspect.Trace{Kind: inspect.TraceCrash, Language: "go", Message: "concurrent map writes", Goroutine: 9}, 1)
	if len(s.traces) != 1 {
		t.Errorf("another run's goroutine 9: %d traces", len(s.traces))
	}
	fs.text(inspect.Trace{Kind: inspect.TraceCrash, Language: "go", Message: "all goroutines are asleep - deadlock!"}, 1)
	if len(s.traces) != 2 {
		t.Errorf("%d traces", len(s.traces))
	}
	if !fs.hit(t.Context(), someExchange) || fs.hit(t.Context(), inspect.NewID()) {
		t.Error("hit")
	}
}

func TestSplitLines(t *testing.T) {
	type line struct {
		Text    string
		Partial bool
	}
	for in, want := range map[string][]line{
		"a\nb\n":           {{"a", false}, {"b", false}},
		"a\nb":             {{"a", false}, {"b", true}},
		"\n":               {{"", false}},
		"\x1b[2Jx\xff\r\n": {{`x\xff`, false}},
	} {
		var got []line
		for _, o := range splitLines(inspect.Output{Text: in}) {
			got = append(got, line{o.Text, o.Partial})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
	record := splitLines(inspect.Output{Text: "INFO a\nb", Level: "INFO"})
	want := []inspect.Output{{Text: "INFO a", Level: "INFO"}, {Text: "b"}}
	if diff := cmp.Diff(want, record); diff != "" {
		t.Errorf("record: %s", diff)
	}
}

// Whoever asks about a broken exchange may be quicker than the agent's word.
func TestBrokenExchangeWaitsForItsPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs, _, _ := newFailures(nil)
		p := &process{}
		go func() {
			time.Sleep(tellPatience / 2)
			fs.panicked(p, withoutHold(nilPanic(1)))
			time.Sleep(10 * tellPatience)
			fs.handled(p, link.Done{Exchange: someExchange, Panic: 1})
		}()
		if tr, ok := fs.of(t.Context(), someExchange); !ok || tr.Headline == "" {
			t.Errorf("got %v %+v", ok, tr)
		}
		began := time.Now()
		if _, ok := fs.of(t.Context(), inspect.NewID()); ok || time.Since(began) != tellPatience {
			t.Errorf("another exchange: %v after %v", ok, time.Since(began))
		}
	})
}

// A traceback that a program without an agent printed is what its error page shows,
// each time anew.
func TestTextIsTheErrorPages(t *testing.T) {
	fs, s, attached := newFailures(nil)
	boom := inspect.Trace{Kind: inspect.TraceText, Language: "python", Message: "'cup'", Type: "KeyError", Exchange: someExchange}
	fs.text(boom, 1)
	fs.text(boom, 1)
	if tr, ok := fs.of(t.Context(), someExchange); !ok || tr.ID != 2 || len(s.traces) != 2 || len(attached[someExchange]) != 2 {
		t.Errorf("got %v %+v of %d", ok, tr, len(s.traces))
	}
}
