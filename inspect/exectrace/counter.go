package exectrace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"golang.org/x/exp/trace"
)

const (
	// maxReasons bounds the reasons to block; the runtime knows some twenty.
	maxReasons = 64
	other      = "other"
	// unknown is the reason of goroutines that were blocked when the trace began.
	unknown = "unknown: since before the trace"
	marking = "GC concurrent mark phase"
	stopped = "stop-the-world ("
)

// counter adds up what the goroutines of windows did in them.
type counter struct {
	windows    []window
	next       int        // the first window that has not begun
	last       trace.Time // when all have ended
	goroutines map[trace.GoID]*goroutine
	ranges     map[span]trace.Time // that are open, by their begin
	sum        inspect.TraceSummary
	blocked    map[string]*inspect.TraceReason
}

// goroutine is one that belongs to a window.
type goroutine struct {
	window int
	state  trace.GoState
	since  trace.Time
	reason string
}

// span names a range that is open: only one of a name can be within a scope.
type span struct {
	name  string
	scope trace.ResourceID
}

func newCounter(windows []window) *counter {
	c := &counter{windows: windows, goroutines: map[trace.GoID]*goroutine{}, ranges: map[span]trace.Time{}, blocked: map[string]*inspect.TraceReason{}}
	slices.SortStableFunc(c.windows, func(a, b window) int { return cmp.Compare(a.begin, b.begin) })
	for _, w := range windows {
		c.last = max(c.last, w.end)
	}
	return c
}

func (c *counter) event(e *trace.Event) error {
	for c.next < len(c.windows) && e.Time() >= c.windows[c.next].begin {
		w := c.windows[c.next]
		if g := c.goroutines[w.goroutine]; g != nil { // it belongs to an earlier window that it outlived
			c.leave(g, w.begin)
		} else if w.begin == e.Time() && e.Kind() == trace.EventSync { // the trace begins: the state comes
			c.goroutines[w.goroutine] = &goroutine{state: trace.GoUndetermined, since: w.begin}
			c.sum.Goroutines++
		}
		if c.goroutines[w.goroutine] == nil { // it logged its begin, so it runs
			c.goroutines[w.goroutine] = &goroutine{state: trace.GoRunning, since: w.begin}
			c.sum.Goroutines++
		}
		c.goroutines[w.goroutine].window = c.next
		c.next++
	}
	if e.Time() > c.last {
		return errDone
	}
	switch e.Kind() {
	case trace.EventStateTransition:
		return c.transition(e)
	case trace.EventRangeBegin, trace.EventRangeActive:
		r := e.Range()
		if k := (span{r.Name, r.Scope}); r.Name == marking || strings.HasPrefix(r.Name, stopped) {
			if _, open := c.ranges[k]; !open {
				c.ranges[k] = e.Time()
			}
		}
	case trace.EventRangeEnd:
		r := e.Range()
		k := span{r.Name, r.Scope}
		if begin, open := c.ranges[k]; open {
			c.ended(k.name, begin, e.Time())
			delete(c.ranges, k)
		}
	}
	return nil
}

// transition takes in that a goroutine begins, ends or changes its state.
func (c *counter) transition(e *trace.Event) error {
	t := e.StateTransition()
	if t.Resource.Kind != trace.ResourceGoroutine {
		return nil
	}
	id := t.Resource.Goroutine()
	from, to := t.Goroutine()
	g := c.goroutines[id]
	if g == nil {
		creator := c.goroutines[e.Goroutine()]
		if from != trace.GoNotExist || creator == nil || e.Time() > c.windows[creator.window].end {
			return nil
		}
		if len(c.goroutines) == maxGoroutines {
			return fmt.Errorf("read execution trace: the exchange has more than %d goroutines", maxGoroutines)
		}
		c.sum.Goroutines++
		c.goroutines[id] = &goroutine{window: creator.window, state: to, since: e.Time()}
		return nil
	}
	if from == to && g.state == to { // said again at a new generation
		return nil
	}
	if g.state != trace.GoUndetermined || from != trace.GoUndetermined { // else it was so all the time, and this is the first word of it
		c.leave(g, e.Time())
	}
	g.state, g.reason = to, t.Reason
	if to == trace.GoWaiting {
		if from == trace.GoUndetermined || g.reason == "" {
			g.reason = unknown
		}
		if e.Time() <= c.windows[g.window].end {
			c.reason(g.reason).Count++
		}
	}
	if to == trace.GoNotExist {
		delete(c.goroutines, id)
	}
	return nil
}

// leave adds the time that g was in its state, until now or its window's end.
func (c *counter) leave(g *goroutine, now trace.Time) {
	d := inspect.Millis(min(now, c.windows[g.window].end) - g.since)
	g.since = now
	if d <= 0 {
		return
	}
	switch g.state {
	case trace.GoRunning:
		c.sum.Running += d
	case trace.GoRunnable:
		c.sum.Runnable += d
	case trace.GoSyscall:
		c.sum.Syscall += d
	case trace.GoWaiting:
		c.reason(g.reason).Time += d
	}
}

func (c *counter) reason(name string) *inspect.TraceReason {
	if c.blocked[name] == nil && len(c.blocked) >= maxReasons {
		name = other
	}
	r := c.blocked[name]
	if r == nil {
		r = &inspect.TraceReason{Reason: name}
		c.blocked[name] = r
	}
	return r
}

// ended adds what of a range was within windows.
func (c *counter) ended(name string, begin, end trace.Time) {
	for _, w := range c.windows {
		d := inspect.Millis(max(0, min(end, w.end)-max(begin, w.begin)))
		if name == marking {
			c.sum.GC += d
		} else {
			c.sum.STW += d
		}
	}
}

// summary ends what goes on and returns the sums.
func (c *counter) summary() inspect.TraceSummary {
	for _, g := range c.goroutines {
		c.leave(g, c.last)
	}
	for k, begin := range c.ranges {
		c.ended(k.name, begin, c.last)
	}
	for _, r := range c.blocked {
		c.sum.Blocked = append(c.sum.Blocked, *r)
	}
	slices.SortFunc(c.sum.Blocked, func(a, b inspect.TraceReason) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Reason, b.Reason))
	})
	return c.sum
}
