package tui

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// scripted is a Source whose feed is what a test sends.
type scripted struct {
	Source
	feeds chan chan inspect.Event // one for each subscription
	err   error
}

func (s *scripted) Subscribe(ctx context.Context) (<-chan inspect.Event, error) {
	if s.err != nil {
		return nil, s.err
	}
	return <-s.feeds, nil
}

// TestFeedPace checks that 5,000 events a second wake the UI at most 20 times a
// second, and that none is forgotten.
func TestFeedPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		events := make(chan inspect.Event)
		src := &scripted{feeds: make(chan chan inspect.Event, 1)}
		src.feeds <- events
		f := newFeed(src)
		go f.run(ctx)
		go func() {
			defer close(events)
			for i := range 10000 {
				time.Sleep(200 * time.Microsecond) // virtual time
				events <- inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{Seq: int64(i + 1)}}}
			}
			cancel()
		}()
		start := time.Now()
		wakes, last := 0, int64(0)
		for last < 10000 {
			msg, ok := f.next(context.Background())().(feedMsg)
			if !ok {
				t.Fatal("the feed ended early")
			}
			wakes++
			last = max(last, msg.dirt.lastSeq)
		}
		took := time.Since(start)
		if most := steadyFrames + int(took/steadyFrame) + 2; wakes > most {
			t.Errorf("%d wakes in %v, want at most %d", wakes, took, most)
		}
		if took > 2*time.Second+2*steadyFrame {
			t.Errorf("the last event was told of %v after the first, want within a frame of 2s", took)
		}
	})
}

// TestFeedPause checks that after a pause a single event is told of within a frame.
func TestFeedPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed(nil)
		for range 5 * steadyFrames {
			f.take(inspect.StateChanged{})
			f.next(t.Context())()
		}
		time.Sleep(2 * steadyFrame) // virtual time
		start := time.Now()
		f.take(inspect.StateChanged{})
		f.next(t.Context())()
		if took := time.Since(start); took > frame {
			t.Errorf("the event was told of after %v, want within a frame of %v", took, frame)
		}
	})
}

// TestFeedBreaks checks that a feed that ends or cannot be had is told of and tried
// again, and that all is out of date afterwards.
func TestFeedBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		src := &scripted{feeds: make(chan chan inspect.Event, 2)}
		first, second := make(chan inspect.Event), make(chan inspect.Event)
		src.feeds <- first
		src.feeds <- second
		f := newFeed(src)
		done := make(chan struct{})
		go func() { f.run(ctx); close(done) }()
		next := func() dirt { return f.next(ctx)().(feedMsg).dirt }
		if d := next(); !d.exchanges || !d.output || !d.builds || !d.status || d.broken != nil {
			t.Errorf("after subscribing: %+v, want all out of date", d)
		}
		close(first)
		if d := next(); !errors.Is(d.broken, ErrFeedEnded) {
			t.Errorf("after the end: broken = %v, want %v", d.broken, ErrFeedEnded)
		}
		if d := next(); d.broken != nil || !d.exchanges {
			t.Errorf("after the retry: %+v, want up and out of date", d)
		}
		second <- inspect.HistoryCleared{}
		if d := next(); !d.cleared || d.lastSeq != 0 {
			t.Errorf("after a clear: %+v", d)
		}
		second <- inspect.StateChanged{State: inspect.StateFailed}
		if d := next(); !d.status || d.exchanges {
			t.Errorf("after a state: %+v, want the status only", d)
		}
		cancel()
		close(second)
		<-done
	})
}

// TestFeedInside: an update and a failure name the exchange that they are of, and a
// flood of them is bounded.
func TestFeedInside(t *testing.T) {
	f := newFeed(nil)
	f.take(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: fakeID(1)}}})
	f.take(inspect.ExchangeUpdated{})
	f.take(inspect.TraceRecorded{Trace: &inspect.Trace{ID: 4, Exchange: fakeID(2)}})
	d := f.next(t.Context())().(feedMsg).dirt
	if !d.exchanges || !d.traces || d.failure == nil || d.failure.ID != 4 || !d.updated[fakeID(1)] || !d.updated[fakeID(2)] {
		t.Errorf("heard %+v", d)
	}
	for i := range int64(3 * maxUpdated) {
		f.take(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: fakeID(i)}}})
	}
	if d := f.next(t.Context())().(feedMsg).dirt; len(d.updated) != maxUpdated || d.traces {
		t.Errorf("%d updates are kept, want %d (traces %v)", len(d.updated), maxUpdated, d.traces)
	}
}

// TestFeedProfiles: of the words about a profile the newest counts.
func TestFeedProfiles(t *testing.T) {
	f := newFeed(nil)
	for i := range 3 {
		f.take(inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Exchange: fakeID(1), Samples: int64(i)}})
	}
	f.take(inspect.ProfileRecorded{})
	if d := f.dirty; !d.profiles || d.progress == nil || d.progress.Samples != 2 {
		t.Errorf("the feed holds %+v", d)
	}
}
