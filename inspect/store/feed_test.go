package store

import (
	"context"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

func TestSlowSubscriberLosesChatterOnly(t *testing.T) {
	s := open(t, Options{})
	events := s.Subscribe(t.Context())
	const n = 3 * chatterQueue
	for i := range n {
		s.Publish(inspect.OutputWritten{})
		s.Publish(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: idOf(i)}})
		s.Publish(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: idOf(i)}}})
	}
	s.Publish(inspect.BuildChanged{Build: inspect.Build{Number: 1}})
	s.Publish(inspect.BuildChanged{Build: inspect.Build{Number: 1, Result: inspect.BuildFailed}})
	s.Publish(inspect.AssetsChanged{})
	s.Publish(inspect.StateChanged{State: inspect.StateStopped})
	finished, chatter, builds, assets, last := 0, 0, 0, 0, int64(0)
	for ev := range events {
		switch ev := ev.(type) {
		case inspect.ExchangeFinished:
			if ev.Exchange.Seq <= last {
				t.Fatal("out of order")
			}
			last = ev.Exchange.Seq
			finished++
		case inspect.BuildChanged:
			builds++
		case inspect.AssetsChanged:
			assets++
		case inspect.OutputWritten, inspect.ExchangeStarted:
			chatter++
		case inspect.StateChanged:
			if finished != n || builds != 1 || assets != 1 || chatter == 0 || chatter >= 2*n {
				t.Errorf("finished %d of %d, builds %d, assets %d, chatter %d", finished, n, builds, assets, chatter)
			}
			return
		}
	}
	t.Error("closed")
}

func TestSubscriberTooFarBehindIsClosed(t *testing.T) {
	for name, ex := range map[string]*inspect.Exchange{
		"by count": {Summary: inspect.Summary{ID: idOf(1)}},
		"by bytes": {Summary: inspect.Summary{ID: idOf(1)}, Request: inspect.Message{Body: inspect.Body{Data: make([]byte, maxQueueBytes/8)}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, Options{})
			stuck, other := s.Subscribe(t.Context()), s.Subscribe(t.Context())
			sent := maxQueue + 10
			if len(ex.Request.Body.Data) > 0 {
				sent = 20
			}
			for range sent {
				s.Publish(inspect.ExchangeFinished{Exchange: ex})
				<-other
			}
			got := 0
			for range stuck { // ends, since the channel is closed
				got++
			}
			if got == 0 || got >= sent {
				t.Errorf("%d of %d", got, sent)
			}
			s.Publish(inspect.HistoryCleared{})
			if _, ok := (<-other).(inspect.HistoryCleared); !ok {
				t.Error("the other subscriber suffered")
			}
		})
	}
}

func TestSubscriptionEnds(t *testing.T) {
	s := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	events, stuck := s.Subscribe(ctx), s.Subscribe(t.Context())
	s.Publish(inspect.HistoryCleared{})
	cancel()
	for range events {
	}
	if err := s.Close(); err != nil { // does not wait for the one who does not read
		t.Fatal(err)
	}
	for range stuck {
	}
	if _, open := <-s.Subscribe(t.Context()); open {
		t.Error("subscribed to a closed store")
	}
	s.Publish(inspect.HistoryCleared{})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Clear(t.Context()); err == nil {
		t.Error("cleared a closed store")
	}
}

// An update that a slow subscriber has no room for is left out; a trace is not.
func TestUpdatesAreChatterAndTracesAreNot(t *testing.T) {
	s := &subscription{wake: make(chan struct{}, 1)}
	ex := &inspect.Exchange{Logs: []inspect.Output{{Text: string(noise(1<<20, 1))}}}
	for _, ev := range []inspect.Event{inspect.ExchangeUpdated{Exchange: ex}, inspect.TraceRecorded{Trace: &inspect.Trace{Raw: string(noise(1<<20, 2))}}} {
		if size, _ := weigh(ev); size < 1<<20 {
			t.Errorf("%s weighs %d", ev.EventKind(), size)
		}
	}
	for range 2 * maxQueueBytes >> 20 {
		ev := inspect.ExchangeUpdated{Exchange: ex}
		size, must := weigh(ev)
		s.push(ev, size, must)
	}
	if s.ended || s.bytes > maxQueueBytes || len(s.queue) < 10 {
		t.Errorf("after updates: ended %v, %d events with %d bytes", s.ended, len(s.queue), s.bytes)
	}
	n := len(s.queue)
	s.push(inspect.TraceRecorded{Trace: &inspect.Trace{}}, 0, true)
	if len(s.queue) != n+1 {
		t.Error("the trace was left out")
	}
}
