// Package gather brings together the two halves of what is known of an exchange:
// the proxy's record of what went over the wire, and the agent's reports of what
// happened inside the target meanwhile. They come over different sockets and in
// no fixed order.
//
// Put [New]'s Gatherer between the proxy and the store: it is a recorder itself.
//
// It never blocks the proxy and never loses an exchange: one whose second half does
// not come in time is passed on without it, and what comes later becomes an
// [inspect.ExchangeUpdated].
//
// Its Paste ancestor is the WSGI environ, in which filters left notes for each other.
package gather

import (
	"slices"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// The bounds of what is held.
const (
	// doneWait is how long a finished exchange waits for the agent's last word. The
	// agent sends it before the target's last byte in all but a few answers, so this
	// is only met when the machine is busy or the agent has lost the exchange.
	doneWait = 250 * time.Millisecond
	// updateWait gathers what comes after the end into one update.
	updateWait = 100 * time.Millisecond
	// maxOpen exchanges are followed at once; beyond it the oldest are let go.
	maxOpen = 4096
	// maxEnded of them may have ended, and wait for goroutines that go on.
	maxEnded = 256
	// maxLogs and maxSpans bound one exchange. The agent sends fewer, 5,000 and 500; this
	// is for goroutines that go on for ever.
	maxLogs  = 6000
	maxSpans = 1000
	maxLine  = 64 << 10 // bytes of a line that is put together
	// maxNamed bounds what InFlight names.
	maxNamed = 8
)

// Recorder takes events. Publish must not block.
type Recorder interface {
	Publish(inspect.Event)
}

// Gatherer completes exchanges. It is safe for concurrent use.
type Gatherer struct {
	next  Recorder
	agent bool

	mu    sync.Mutex
	open  map[inspect.ID]*entry
	order []*entry                // of open by arrival, oldest first; may hold entries that are gone
	ended []*entry                // of open, those that were sent, oldest first
	going map[inspect.ID]struct{} // started and not finished, as the proxy tells
	out   []inspect.Event         // to be published by those who put them there
	trees bool                    // the agent has call trees, so it speaks of every exchange
	held  int                     // nodes of the call trees in open

	publishing sync.Mutex // never taken with mu held: a recorder may take its time
}

// entry is one exchange.
type entry struct {
	id     inspect.ID
	logs   []inspect.Output
	spans  []inspect.Span
	traces []int64
	tree   *inspect.CallTree // the last one given, until it went on
	nodes  int               // of the last tree
	sums   inspect.Sums      // without Nodes
	done   bool              // the agent has said its last word on the handler
	guess  bool              // nothing was heard of it, but of others there are call trees

	ex    *inspect.Exchange // set once the proxy is done
	sent  bool              // ex went on; what follows is an update
	timer *time.Timer       // runs doneWait or updateWait; nil when neither is under way
}

// New returns a gatherer in front of next. agent says that there is one, whose last
// word on an exchange is worth waiting for.
func New(next Recorder, agent bool) *Gatherer {
	return &Gatherer{next: next, agent: agent, open: make(map[inspect.ID]*entry), going: make(map[inspect.ID]struct{})}
}

// InFlight returns exchanges that have begun and not ended, some of them when there
// are many.
func (g *Gatherer) InFlight() []inspect.ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ids []inspect.ID
	for id := range g.going {
		if ids = append(ids, id); len(ids) == maxNamed {
			break
		}
	}
	slices.Sort(ids)
	return ids
}

// Expect says that the agent has this exchange in hand, so that its end is worth
// waiting for.
func (g *Gatherer) Expect(id inspect.ID) {
	g.mu.Lock()
	defer g.release()
	g.entry(id)
}

// Output adds a line that the exchange printed or logged.
func (g *Gatherer) Output(o inspect.Output) {
	g.add(o.Exchange, func(e *entry) {
		if n := len(e.logs); n > 0 && goesOn(e.logs[n-1], o) {
			e.logs[n-1].Text += o.Text
			e.logs[n-1].Partial = o.Partial
			return
		}
		e.sums.Logs++
		if len(e.logs) < maxLogs {
			e.logs = append(e.logs, o)
		}
	})
}

// Span adds timed work, or replaces the span of that Seq, which has gone on since.
func (g *Gatherer) Span(id inspect.ID, s inspect.Span) {
	g.add(id, func(e *entry) {
		if i := slices.IndexFunc(e.spans, func(old inspect.Span) bool { return old.Seq == s.Seq }); i >= 0 {
			e.spans[i] = s
			return
		}
		e.count(s)
		if len(e.spans) < maxSpans {
			e.spans = append(e.spans, s)
		}
	})
}

func (e *entry) count(s inspect.Span) {
	switch s.Kind {
	case inspect.SpanSQL:
		e.sums.SQL++
		e.sums.SQLTime += s.Duration
	case inspect.SpanCall:
		e.sums.Calls++
		e.sums.CallTime += s.Duration
	}
}

// goesOn reports whether o is the rest of the line that last began.
func goesOn(last, o inspect.Output) bool {
	return last.Partial && last.Stream == o.Stream && last.Goroutine == o.Goroutine &&
		last.Level == "" && o.Level == "" && len(last.Text)+len(o.Text) <= maxLine
}

// Rows says how many rows were read of an earlier query.
func (g *Gatherer) Rows(id inspect.ID, seq, rows int64) {
	g.add(id, func(e *entry) {
		i := slices.IndexFunc(e.spans, func(s inspect.Span) bool { return s.Seq == seq && s.SQL != nil })
		if i < 0 {
			return
		}
		sql := *e.spans[i].SQL // the old one may be published
		sql.Rows = rows
		e.spans[i].SQL = &sql
	})
}

// Trace adds a failure that was captured in the exchange.
func (g *Gatherer) Trace(id inspect.ID, trace int64) {
	g.add(id, func(e *entry) {
		if !slices.Contains(e.traces, trace) {
			e.traces = append(e.traces, trace)
			e.sums.Errors++
		}
	})
}

// Done says that the handler has returned, and what the agent counted until then,
// which may be more than it sent. What comes later is added.
func (g *Gatherer) Done(id inspect.ID, sums inspect.Sums) {
	g.add(id, func(e *entry) {
		sums.Errors = e.sums.Errors
		e.sums, e.done = sums, true
	})
}

// Over says, as Done does, that nothing more is to come, and keeps what was counted here:
// for those who have told all by Output and Span, of which there may be several.
func (g *Gatherer) Over(id inspect.ID) {
	g.add(id, func(e *entry) { e.done = true })
}

// Inside returns what is known so far of an exchange that is still held here. It is
// what an error page shows beside the failure.
func (g *Gatherer) Inside(id inspect.ID) (logs []inspect.Output, spans []inspect.Span) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e := g.open[id]; e != nil {
		return slices.Clone(e.logs), sorted(e.spans)
	}
	return nil, nil
}

// Publish passes every event on. A finished exchange that the agent has in hand
// waits for its end.
func (g *Gatherer) Publish(ev inspect.Event) {
	if s, ok := ev.(inspect.ExchangeStarted); ok {
		g.mu.Lock()
		g.going[s.Exchange.ID] = struct{}{}
		g.mu.Unlock()
	}
	f, ok := ev.(inspect.ExchangeFinished)
	if !ok {
		g.next.Publish(ev)
		return
	}
	g.mu.Lock()
	defer g.release()
	delete(g.going, f.Exchange.ID)
	e := g.open[f.Exchange.ID]
	if e == nil && !g.agent {
		g.out = append(g.out, ev)
		return
	}
	if e == nil { // the agent may have something to say yet, but is it worth a wait?
		e = g.entry(f.Exchange.ID)
		e.guess = g.trees && f.Exchange.ResponseFrom == inspect.FromTarget && f.Exchange.Kind == inspect.KindHTTP
		e.done = !e.guess
	}
	e.ex = f.Exchange
	if e.done || !g.agent {
		g.send(e)
		return
	}
	e.timer = time.AfterFunc(doneWait, func() { g.fire(e) })
}

// Lost forgets the exchanges that wait for an agent that is gone: they are passed on
// with what there is.
func (g *Gatherer) Lost() {
	g.mu.Lock()
	defer g.release()
	for _, e := range g.open {
		if e.ex != nil && !e.sent {
			g.send(e)
		}
	}
}

// Close passes on what is held, and returns when all has been passed on. Nothing may be
// added after it.
func (g *Gatherer) Close() {
	g.mu.Lock()
	for _, e := range g.open {
		if e.ex != nil && (!e.sent || e.timer != nil) {
			g.send(e)
		}
		e.stop()
	}
	clear(g.open)
	g.order, g.held = nil, 0
	g.mu.Unlock()
	g.publish() // also when another is at it
}

// add changes the entry of id and does what follows from it.
func (g *Gatherer) add(id inspect.ID, change func(*entry)) {
	if id == "" {
		return
	}
	g.mu.Lock()
	defer g.release()
	e := g.entry(id)
	e.guess = false
	change(e)
	switch {
	case e.sent && e.timer == nil:
		e.timer = time.AfterFunc(updateWait, func() { g.fire(e) })
	case e.ex != nil && !e.sent && e.done:
		g.send(e)
	}
}

// fire ends a wait.
func (g *Gatherer) fire(e *entry) {
	g.mu.Lock()
	defer g.release()
	if g.open[e.id] == e && e.timer != nil {
		if e.guess { // call trees are off: nobody else waits in vain
			g.trees = false
		}
		g.send(e)
	}
}

// release gives the lock back and publishes what its holder had to say, in the order in
// which that was said. Who has nothing to say does not wait for those who have.
func (g *Gatherer) release() {
	waiting := len(g.out) > 0
	g.mu.Unlock()
	if waiting {
		g.publish()
	}
}

func (g *Gatherer) publish() {
	g.publishing.Lock()
	defer g.publishing.Unlock()
	g.mu.Lock()
	out := g.out // empty when another has taken it along
	g.out = nil
	g.mu.Unlock()
	for _, ev := range out {
		g.next.Publish(ev)
	}
}

// send passes e on as it is now. The caller holds the lock, and gives it back with
// release.
func (g *Gatherer) send(e *entry) {
	e.stop()
	ex := *e.ex // what was published belongs to its readers
	ex.Logs, ex.Spans, ex.Traces = slices.Clone(e.logs), sorted(e.spans), slices.Clone(e.traces)
	ex.CallTree, ex.Sums, ex.Sums.Nodes = e.tree, e.sums, e.nodes
	g.hold(e, nil)
	if e.sent {
		g.out = append(g.out, inspect.ExchangeUpdated{Exchange: &ex})
		return
	}
	e.sent = true
	g.out = append(g.out, inspect.ExchangeFinished{Exchange: &ex})
	rest := *e.ex // for updates, which are not about bodies
	rest.Request.Body.Data, rest.Response.Body.Data = nil, nil
	e.ex = &rest
	g.ended = append(g.ended, e)
	if len(g.ended) > maxEnded {
		g.forget(g.ended[0])
		g.ended = slices.Delete(g.ended, 0, 1)
	}
}

func (e *entry) stop() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// entry returns the entry of id and makes it when there is none.
func (g *Gatherer) entry(id inspect.ID) *entry {
	if e := g.open[id]; e != nil {
		return e
	}
	e := &entry{id: id}
	g.open[id] = e
	g.order = append(g.order, e)
	if len(g.order) > maxOpen {
		g.order = slices.DeleteFunc(g.order, func(e *entry) bool { return g.open[e.id] != e || e.sent })
		if len(g.order) > maxOpen { // many at once, so that this is rare
			for _, old := range g.order[:maxOpen/4] {
				g.forget(old)
			}
		}
	}
	return e
}

// forget lets go of e, and passes on first what of it was not.
func (g *Gatherer) forget(e *entry) {
	if g.open[e.id] != e {
		return
	}
	delete(g.open, e.id)
	waiting := e.timer != nil
	e.stop()
	if waiting {
		g.send(e)
	}
	g.hold(e, nil)
	e.logs, e.spans = nil, nil // order may hold e for long
}

// sorted returns a copy in the order of the beginnings.
func sorted(spans []inspect.Span) []inspect.Span {
	s := slices.Clone(spans)
	slices.SortStableFunc(s, func(a, b inspect.Span) int { return int(a.Seq - b.Seq) })
	return s
}
