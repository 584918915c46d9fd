package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// framesPerSecond is how often the feed may wake the UI. 20 frames look live;
	// more would only cost the app its processor.
	framesPerSecond = 20
	frame           = time.Second / framesPerSecond
	// After steadyFrames in a row with something new in each, rows go by faster than they
	// are read: half as many are drawn, for half the work, until there is a pause.
	steadyFrames = framesPerSecond / 2
	steadyFrame  = 2 * frame
	// retryFeed is how long a broken feed rests before it is subscribed to again.
	retryFeed = time.Second
)

// maxUpdated bounds the updated exchanges that are told apart between two frames;
// what is open in the detail is found among them but for a flood.
const maxUpdated = 1000

// dirt says what is out of date.
type dirt struct {
	exchanges, output, builds, status bool
	cleared                           bool // the history was emptied
	traces                            bool
	lastSeq                           int64                    // greatest Seq of an exchange heard of; 0 none
	updated                           map[inspect.ID]bool      // exchanges that got more after their end, at most maxUpdated
	failure                           *inspect.Trace           // the newest one heard of
	mistake                           string                   // the newest heard of from pastedev itself
	profiles                          bool                     // one was recorded
	progress                          *inspect.ProfileProgress // the newest heard of
	broken                            error                    // why the feed is down; nil when it is up
}

// feed turns the events of a Source into [feedMsg]s: it drains the subscription as
// fast as it comes, however slow the drawing is, and keeps only what is out of date.
type feed struct {
	src  Source
	wake chan struct{} // holds one token while dirt waits

	mu    sync.Mutex // guards dirt
	dirty dirt

	// Of next, of which one at a time runs: when it answered last, and how many answers
	// came without a pause.
	told   time.Time
	steady int
}

func newFeed(src Source) *feed {
	return &feed{src: src, wake: make(chan struct{}, 1)}
}

// run drains subscriptions until ctx ends. Its caller owns the goroutine.
func (f *feed) run(ctx context.Context) {
	for ctx.Err() == nil {
		ch, err := f.src.Subscribe(ctx)
		if err == nil {
			// Whatever happened before the subscription is out of date too.
			f.mark(func(d *dirt) {
				d.exchanges, d.output, d.builds, d.status, d.traces = true, true, true, true, true
				d.broken = nil
			})
			for ev := range ch {
				f.take(ev)
			}
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = ErrFeedEnded
		}
		f.mark(func(d *dirt) { d.status = true; d.broken = err })
		select {
		case <-ctx.Done():
		case <-time.After(retryFeed):
		}
	}
}

func (f *feed) take(ev inspect.Event) {
	f.mark(func(d *dirt) {
		switch ev := ev.(type) {
		case inspect.ExchangeStarted:
			d.exchanges = true
			d.lastSeq = max(d.lastSeq, ev.Exchange.Seq)
		case inspect.ExchangeFinished:
			d.exchanges = true
			if ev.Exchange != nil {
				d.lastSeq = max(d.lastSeq, ev.Exchange.Seq)
			}
		case inspect.ExchangeUpdated:
			d.exchanges = true
			if ev.Exchange != nil {
				d.update(ev.Exchange.ID)
			}
		case inspect.HTMLChecked:
			d.exchanges = true
			d.update(ev.Exchange.ID)
		case inspect.TraceRecorded:
			d.traces, d.failure = true, ev.Trace
			if ev.Trace != nil { // its variables come later than its exchange
				d.update(ev.Trace.Exchange)
			}
		case inspect.ProfileRecorded:
			d.profiles = true
		case inspect.ProfileProgressed:
			d.progress = &ev.Progress
		case inspect.OutputWritten:
			d.output = true
			if o := ev.Output; o.Stream == inspect.Pastedev && o.Level == errorLevel {
				d.mistake = o.Text
			}
		case inspect.BuildChanged:
			d.builds, d.status = true, true
		case inspect.StateChanged:
			d.status = true
		case inspect.HistoryCleared:
			d.exchanges, d.cleared, d.lastSeq = true, true, 0
		}
	})
}

// update notes an exchange that has got more.
func (d *dirt) update(id inspect.ID) {
	if d.updated == nil {
		d.updated = map[inspect.ID]bool{}
	}
	if len(d.updated) < maxUpdated {
		d.updated[id] = true
	}
}

func (f *feed) mark(set func(*dirt)) {
	f.mu.Lock()
	set(&f.dirty)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// feedMsg tells the UI what has become out of date since the last one.
type feedMsg struct{ dirt dirt }

// next is the command that waits for dirt. Each answer is at least a frame after the
// one before; the UI asks again with the next call.
func (f *feed) next(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
		}
		// The frame is waited for after the first event and not before the next, so
		// that a burst costs one query and a single event is at most a frame late.
		wait := frame
		if f.steady++; time.Since(f.told) > frame {
			f.steady = 0
		} else if f.steady > steadyFrames {
			wait = steadyFrame
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		select { // events of the wait are taken below
		case <-f.wake:
		default:
		}
		f.mu.Lock()
		d := f.dirty
		f.dirty = dirt{broken: d.broken}
		f.mu.Unlock()
		f.told = time.Now()
		return feedMsg{d}
	}
}
