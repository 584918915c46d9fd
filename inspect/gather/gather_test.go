package gather_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/gather"
)

// log records what goes on to the store, in words.
type log struct {
	mu     sync.Mutex
	events []inspect.Event
}

func (l *log) Publish(e inspect.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// kinds returns the names of the events so far and the last exchange among them.
func (l *log) kinds() (names []string, last *inspect.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		names = append(names, e.EventKind())
		switch e := e.(type) {
		case inspect.ExchangeFinished:
			last = e.Exchange
		case inspect.ExchangeUpdated:
			last = e.Exchange
		}
	}
	return names, last
}

func (l *log) want(t *testing.T, names ...string) *inspect.Exchange {
	t.Helper()
	got, last := l.kinds()
	if diff := cmp.Diff(names, got); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	return last
}

var id = inspect.NewID()

func finished() inspect.ExchangeFinished {
	return inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: id, Status: 200}}}
}

func line(text string) inspect.Output { return inspect.Output{Exchange: id, Text: text} }

func query(seq int64, d time.Duration) inspect.Span {
	return inspect.Span{Seq: seq, Kind: inspect.SpanSQL, Duration: inspect.Millis(d), SQL: &inspect.SQL{}}
}

func TestWithoutAgent(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	g.Publish(inspect.ExchangeStarted{})
	g.Publish(finished())
	l.want(t, "exchange_started", "exchange_finished")
}

func TestAgentFirst(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	g.Span(id, query(2, time.Millisecond))
	g.Span(id, query(1, time.Millisecond))
	g.Output(line("hello"))
	g.Trace(id, 7)
	g.Trace(id, 7)
	g.Done(id, inspect.Sums{Logs: 900, SQL: 2, SQLTime: inspect.Millis(2 * time.Millisecond)})
	l.want(t)
	g.Publish(finished())
	ex := l.want(t, "exchange_finished")
	want := &inspect.Exchange{
		Summary: inspect.Summary{ID: id, Status: 200, Sums: inspect.Sums{Logs: 900, SQL: 2, SQLTime: inspect.Millis(2 * time.Millisecond), Errors: 1}},
		Logs:    []inspect.Output{line("hello")},
		Spans:   []inspect.Span{query(1, time.Millisecond), query(2, time.Millisecond)},
		Traces:  []int64{7},
	}
	if diff := cmp.Diff(want, ex); diff != "" {
		t.Error(diff)
	}
}

func TestProxyFirst(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	g.Expect(id)
	g.Publish(finished())
	l.want(t)
	g.Output(line("hello"))
	l.want(t)
	g.Done(id, inspect.Sums{Logs: 1})
	if ex := l.want(t, "exchange_finished"); len(ex.Logs) != 1 || ex.Sums.Logs != 1 {
		t.Errorf("got %+v", ex)
	}
}

func TestAgentSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		g.Expect(id)
		g.Publish(finished())
		time.Sleep(time.Second)
		l.want(t, "exchange_finished")
		g.Done(id, inspect.Sums{SQL: 3})
		time.Sleep(time.Second)
		if ex := l.want(t, "exchange_finished", "exchange_updated"); ex.Sums.SQL != 3 {
			t.Errorf("got %+v", ex.Sums)
		}
	})
}

// What a goroutine does after the end comes in updates, gathered, and is never put
// into an exchange that was published already.
func TestAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		g.Done(id, inspect.Sums{})
		g.Publish(finished())
		first := l.want(t, "exchange_finished")
		for range 10 {
			g.Output(line("later"))
		}
		g.Span(id, query(1, time.Millisecond))
		g.Span(id, query(1, 2*time.Millisecond))
		time.Sleep(time.Second)
		ex := l.want(t, "exchange_finished", "exchange_updated")
		if len(ex.Logs) != 10 || ex.Sums.Logs != 10 || len(ex.Spans) != 1 || ex.Spans[0].Duration != inspect.Millis(2*time.Millisecond) {
			t.Errorf("got %+v", ex)
		}
		if len(first.Logs) != 0 || first.Sums.Logs != 0 {
			t.Errorf("the published exchange was changed: %+v", first)
		}
	})
}

// The last tree given goes on with the exchange, one that is late with an update, and
// none twice.
func TestCallTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		tree := func(nodes int) *inspect.CallTree { return &inspect.CallTree{Nodes: make([]inspect.CallNode, nodes)} }
		last := tree(3)
		g.CallTree(id, tree(2))
		g.CallTree(id, last)
		g.CallTree(id, nil)
		g.Publish(finished())
		g.Done(id, inspect.Sums{SQL: 1})
		ex := l.want(t, "exchange_finished")
		if ex.CallTree != last || ex.Sums != (inspect.Sums{SQL: 1, Nodes: 3}) {
			t.Errorf("got %v, %+v", ex.CallTree, ex.Sums)
		}
		g.Output(line("later"))
		time.Sleep(time.Second)
		ex = l.want(t, "exchange_finished", "exchange_updated")
		if ex.CallTree != nil || ex.Sums.Nodes != 3 {
			t.Errorf("an update about something else: %v, %+v", ex.CallTree, ex.Sums)
		}
		last = tree(5)
		g.CallTree(id, tree(4))
		g.CallTree(id, last)
		time.Sleep(time.Second)
		ex = l.want(t, "exchange_finished", "exchange_updated", "exchange_updated")
		if ex.CallTree != last || ex.Sums.Nodes != 5 {
			t.Errorf("got %v, %+v", ex.CallTree, ex.Sums)
		}
	})
}

// Trees of exchanges that nobody finishes do not fill memory, and are let go with them.
func TestCallTreesAreBounded(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	tree := &inspect.CallTree{Nodes: make([]inspect.CallNode, 1<<20)}
	for range 10 {
		g.CallTree(inspect.NewID(), tree)
	}
	finish := func() *inspect.Exchange {
		id := inspect.NewID()
		g.CallTree(id, tree)
		g.Done(id, inspect.Sums{})
		g.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: id}}})
		_, ex := l.kinds()
		return ex
	}
	if ex := finish(); ex.CallTree != nil || ex.Sums.Nodes != 0 {
		t.Error("there is room for any number")
	}
	for range 10_000 { // they push the others out
		g.Expect(inspect.NewID())
	}
	for range 10 { // those that go on make room
		if ex := finish(); ex.CallTree == nil || ex.Sums.Nodes == 0 {
			t.Fatal("there is no room again")
		}
	}
}

// Once an exchange had a call tree, others are waited for until one had nothing.
func TestCallTreesAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		publish := func(from inspect.Origin) inspect.ID {
			id := inspect.NewID()
			ex := &inspect.Exchange{Summary: inspect.Summary{ID: id, Kind: inspect.KindHTTP}, ResponseFrom: from}
			g.Publish(inspect.ExchangeFinished{Exchange: ex})
			return id
		}
		want := func(when string, events, nodes int) {
			t.Helper()
			synctest.Wait()
			if names, last := l.kinds(); len(names) != events || last.Sums.Nodes != nodes {
				t.Errorf("%s: %v with %d nodes, want %d with %d", when, names, last.Sums.Nodes, events, nodes)
			}
		}
		tree := &inspect.CallTree{Nodes: make([]inspect.CallNode, 3)}
		publish(inspect.FromTarget)
		want("before any tree", 1, 0)
		id := inspect.NewID()
		g.CallTree(id, tree)
		g.Done(id, inspect.Sums{})
		id = publish(inspect.FromTarget)
		want("after a tree", 1, 0)
		g.CallTree(id, tree)
		want("its tree is there", 1, 0)
		g.Done(id, inspect.Sums{})
		want("its tree is whole", 2, 3)
		publish(inspect.FromPastedev)
		want("our own answer", 3, 0)

		publish(inspect.FromTarget)
		want("call trees were turned off", 3, 0)
		time.Sleep(time.Second)
		want("nothing came", 4, 0)
		publish(inspect.FromTarget)
		want("nothing will come", 5, 0)
		g.Close()
	})
}

func TestLostAndClose(t *testing.T) {
	for name, end := range map[string]func(*gather.Gatherer){
		"lost":  (*gather.Gatherer).Lost,
		"close": (*gather.Gatherer).Close,
	} {
		t.Run(name, func(t *testing.T) {
			var l log
			g := gather.New(&l, true)
			g.Output(line("last words"))
			g.Publish(finished())
			l.want(t)
			end(g)
			if ex := l.want(t, "exchange_finished"); len(ex.Logs) != 1 {
				t.Errorf("got %+v", ex)
			}
		})
	}
}

// However many exchanges come, each is passed on once.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		const n = 5_000
		for range n {
			id := inspect.NewID()
			g.Expect(id)
			g.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: id}}})
		}
		for range 3 * n {
			g.Output(inspect.Output{Exchange: id})
		}
		g.Publish(finished())
		time.Sleep(time.Second)
		g.Close()
		if len(l.events) != n+1 {
			t.Errorf("%d events, want %d", len(l.events), n+1)
		}
		i := slices.IndexFunc(l.events, func(e inspect.Event) bool { return e.(inspect.ExchangeFinished).Exchange.ID == id })
		ex := l.events[i].(inspect.ExchangeFinished).Exchange
		if len(ex.Logs) >= 3*n || ex.Sums.Logs != 3*n {
			t.Errorf("%d lines kept of %d counted", len(ex.Logs), ex.Sums.Logs)
		}
	})
}

func TestPartialLinesJoin(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	put := func(goroutine int64, text string, partial bool) {
		g.Output(inspect.Output{Exchange: id, Goroutine: goroutine, Text: text, Partial: partial})
	}
	put(1, "a", true)
	put(1, "b", true)
	put(2, "other", false)
	put(1, "c", false)
	put(1, "d", false)
	g.Done(id, inspect.Sums{Logs: 3})
	g.Publish(finished())
	var got []string
	for _, o := range l.want(t, "exchange_finished").Logs {
		got = append(got, o.Text)
	}
	if diff := cmp.Diff([]string{"ab", "other", "c", "d"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRows(t *testing.T) {
	var l log
	g := gather.New(&l, true)
	g.Span(id, query(1, 0))
	g.Rows(id, 1, 42)
	g.Rows(id, 2, 1)
	g.Done(id, inspect.Sums{})
	g.Publish(finished())
	ex := l.want(t, "exchange_finished")
	if ex.Spans[0].SQL.Rows != 42 {
		t.Errorf("rows %d", ex.Spans[0].SQL.Rows)
	}
	g.Rows(id, 1, 43)
	if ex.Spans[0].SQL.Rows != 42 {
		t.Error("a published span was changed")
	}
	g.Close()
}

// Without an agent nobody is waited for, and who is under way is known.
func TestWithoutAgentLines(t *testing.T) {
	var l log
	g := gather.New(&l, false)
	other := inspect.NewID()
	g.Publish(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: id}})
	if diff := cmp.Diff([]inspect.ID{id}, g.InFlight()); diff != "" {
		t.Error(diff)
	}
	g.Publish(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: other}})
	if n := len(g.InFlight()); n != 2 {
		t.Errorf("%d in flight", n)
	}
	g.Output(line("hello"))
	g.Publish(finished())
	if ex := l.want(t, "exchange_started", "exchange_started", "exchange_finished"); len(ex.Logs) != 1 {
		t.Errorf("got %+v", ex)
	}
	if diff := cmp.Diff([]inspect.ID{other}, g.InFlight()); diff != "" {
		t.Error(diff)
	}
}

// slow is a recorder that takes its time over exchanges.
type slow struct {
	log
	entered, leave chan struct{}
}

func (s *slow) Publish(e inspect.Event) {
	if _, ok := e.(inspect.ExchangeFinished); ok {
		close(s.entered)
		<-s.leave
	}
	s.log.Publish(e)
}

// A recorder that reads files does not keep those waiting who have nothing for it, and
// what is said of an exchange meanwhile comes after it.
func TestSlowRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &slow{entered: make(chan struct{}), leave: make(chan struct{})}
		g := gather.New(to, true)
		g.Expect(id)
		g.Done(id, inspect.Sums{})
		go g.Publish(finished())
		<-to.entered
		g.Expect(inspect.NewID())
		g.Output(line("late"))
		if logs, _ := g.Inside(id); len(logs) != 1 {
			t.Errorf("inside: %v", logs)
		}
		close(to.leave)
		time.Sleep(time.Minute)
		to.want(t, "exchange_finished", "exchange_updated")
	})
}
