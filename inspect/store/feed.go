package store

import (
	"context"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

// The bounds of one subscription. See the package comment for what happens at them.
const (
	chatterQueue  = 512      // a screen redrawn at 10 Hz catches up with this many at once
	maxQueue      = 32768    // six seconds of 5,000 exchanges/s
	maxQueueBytes = 64 << 20 // recorded bodies, logs and traces that one stuck subscriber may keep alive
)

// feed hands events to subscribers. It is safe for concurrent use.
type feed struct {
	mu     sync.Mutex
	subs   map[*subscription]struct{}
	closed bool
	wg     sync.WaitGroup
}

// subscription is one subscriber's queue, emptied by one goroutine.
type subscription struct {
	out    chan inspect.Event
	cancel context.CancelFunc
	wake   chan struct{} // capacity 1
	mu     sync.Mutex
	queue  []queued
	bytes  int64
	ended  bool // nothing more comes; the pump ends after the queue
}

type queued struct {
	ev   inspect.Event
	size int64
}

func (f *feed) subscribe(ctx context.Context) <-chan inspect.Event {
	ctx, cancel := context.WithCancel(ctx)
	s := &subscription{out: make(chan inspect.Event), cancel: cancel, wake: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		cancel()
		close(s.out)
		return s.out
	}
	if f.subs == nil {
		f.subs = map[*subscription]struct{}{}
	}
	f.subs[s] = struct{}{}
	f.wg.Go(func() {
		defer close(s.out)
		defer cancel()
		s.pump(ctx)
		f.mu.Lock()
		delete(f.subs, s)
		f.mu.Unlock()
	})
	return s.out
}

// send queues ev for every subscriber. It does not block. Callers that need an order
// among events hold a lock of their own around it.
func (f *feed) send(ev inspect.Event) {
	size, must := weigh(ev)
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		s.push(ev, size, must)
	}
}

// close ends all subscriptions, with what they had queued, and waits for their
// goroutines.
func (f *feed) close() {
	f.mu.Lock()
	f.closed = true
	for s := range f.subs {
		s.cancel()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// weigh returns the bytes that ev keeps alive and whether it must be delivered.
func weigh(ev inspect.Event) (size int64, must bool) {
	switch ev := ev.(type) {
	case inspect.ExchangeStarted, inspect.OutputWritten:
		return 0, false
	case inspect.BuildChanged:
		return 0, ev.Build.Result != inspect.BuildUnfinished
	case inspect.ExchangeFinished:
		return exchangeBytes(ev.Exchange), true
	case inspect.ExchangeUpdated:
		return exchangeBytes(ev.Exchange), false
	case inspect.HTMLChecked:
		return htmlBytes(ev.HTML), true
	case inspect.TraceRecorded:
		return traceWeight(ev.Trace), true
	}
	return 0, true
}

func (s *subscription) push(ev inspect.Event, size int64, must bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || !must && (len(s.queue) >= chatterQueue || s.bytes+size > maxQueueBytes) {
		return
	}
	if len(s.queue) >= maxQueue || s.bytes+size > maxQueueBytes && len(s.queue) > 0 {
		s.ended = true
	} else {
		s.queue = append(s.queue, queued{ev, size})
		s.bytes += size
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// pop returns the next event. ok is false when none waits; ended then says that none
// will come.
func (s *subscription) pop() (ev inspect.Event, ok, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil // the array goes when the subscriber has caught up
		return nil, false, s.ended
	}
	q := s.queue[0]
	s.queue[0] = queued{}
	s.queue = s.queue[1:]
	s.bytes -= q.size
	return q.ev, true, false
}

// pump moves events from the queue to the channel until ctx or the subscription ends.
func (s *subscription) pump(ctx context.Context) {
	for {
		ev, ok, ended := s.pop()
		if ended {
			return
		}
		if !ok {
			select {
			case <-s.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case s.out <- ev:
		case <-ctx.Done():
			return
		}
	}
}
