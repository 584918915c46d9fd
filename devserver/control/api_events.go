package control

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
)

// Bounds of the event streams.
const (
	maxStreams    = 64               // open ones; each holds a subscription
	heartbeat     = 15 * time.Second // a comment, so that both sides notice a dead peer
	streamTimeout = 30 * time.Second // for one write; a client stuck longer is let go and comes back
	maxResume     = 500              // exchanges, output lines and traces each that Last-Event-ID brings back
	maxEventTrace = 1 << 20          // of JSON; a larger trace is sent as its outline
	retryHint     = 1000             // ms that a browser waits before it connects again
	startStreams  = "event: hello\n" // opens every stream, so that a client knows it is subscribed
	streamType    = "text/event-stream"
)

// stream writes server-sent events.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type stream struct {
	ctx  context.Context // of the request and the server
	w    http.ResponseWriter
	rc   *http.ResponseController
	mark mark
}

// newStream begins a stream that lasts until ctx ends; a write that is stuck then, at a
// client that does not read, ends with it. stop must be called.
func newStream(ctx context.Context, w http.ResponseWriter) (s *stream, stop func() bool) {
	w.Header().Set("Content-Type", streamType)
	s = &stream{ctx: ctx, w: w, rc: http.NewResponseController(w)}
	return s, context.AfterFunc(ctx, func() { _ = s.rc.SetWriteDeadline(time.Now()) })
}

// mark is how far a stream has come: the greatest Seq of each kind that was sent.
type mark struct{ exchange, output, trace int64 }

func (m mark) String() string { return fmt.Sprintf("%d.%d.%d", m.exchange, m.output, m.trace) }

func parseMark(s string) (m mark, ok bool) {
	parts := strings.Split(s, ".")
	to := []*int64{&m.exchange, &m.output, &m.trace}
	if len(parts) != len(to) {
		return mark{}, false
	}
	for i, p := range parts {
		n, err := strconv.ParseInt(p, 10, 64)
		if err != nil || n < 0 {
			return mark{}, false
		}
		*to[i] = n
	}
	return m, true
}

// write sends one block and flushes it, or fails once the stream's context has ended.
func (s *stream) write(block string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(streamTimeout)); err != nil {
		return err
	}
	if err := s.ctx.Err(); err != nil { // looked at after the deadline is set: see newStream
		return err
	}
	if _, err := s.w.Write([]byte(block)); err != nil {
		return err
	}
	return s.rc.Flush()
}

// send sends one event. JSON has no line ends in it.
func (s *stream) send(kind string, data []byte) error {
	return s.write("id: " + s.mark.String() + "\nevent: " + kind + "\ndata: " + string(data) + "\n\n")
}

func (s *stream) event(e inspect.Event) error {
	switch e := e.(type) {
	case inspect.ExchangeFinished:
		s.mark.exchange = max(s.mark.exchange, e.Exchange.Seq)
	case inspect.OutputWritten:
		s.mark.output = max(s.mark.output, e.Output.Seq)
	case inspect.TraceRecorded:
		s.mark.trace = max(s.mark.trace, e.Trace.ID)
	}
	data, err := EncodeEvent(e)
	if t, ok := e.(inspect.TraceRecorded); ok && len(data) > maxEventTrace {
		data, err = EncodeEvent(inspect.TraceRecorded{Trace: store.Outline(t.Trace)})
	}
	if err != nil {
		return err
	}
	return s.send(e.EventKind(), data)
}

// events serves the feed until the client goes, the server closes, or the store ends
// the subscription because the client is too slow (it may come back with its
// Last-Event-ID).
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	view := r.URL.Query().Get("view")
	if view != "" && view != "digest" {
		writeProblem(w, newProblem(http.StatusBadRequest, fmt.Sprintf("the parameter view is %q", view), "leave it out, or give digest"))
		return
	}
	match, err := a.svc.matcher(r.URL.Query().Get("q"))
	if err != nil {
		writeError(w, err)
		return
	}
	if a.streams.Add(1) > maxStreams {
		a.streams.Add(-1)
		writeProblem(w, newProblem(http.StatusServiceUnavailable, fmt.Sprintf("%d event streams are open already", maxStreams), "close some inspector pages"))
		return
	}
	defer a.streams.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // ends the subscription, whose goroutine ends with it

	s, stop := newStream(ctx, w)
	defer stop()
	if view == "digest" {
		d := newDigester(a.svc, match)
		feed := a.svc.opt.Store.Subscribe(ctx)
		if s.write(fmt.Sprintf("retry: %d\n%sdata: {}\n\n", retryHint, startStreams)) == nil {
			_ = d.run(ctx, s, feed) // the client is gone, or will come back
		}
		return
	}
	feed, err := a.svc.Subscribe(ctx)
	if err != nil {
		writeError(w, err)
		return
	}
	if s.write(fmt.Sprintf("retry: %d\n%sdata: {}\n\n", retryHint, startStreams)) != nil {
		return
	}
	if a.resume(ctx, s, r.Header.Get("Last-Event-ID")) == nil {
		_ = s.follow(ctx, feed) // as above
	}
}

// follow sends what the feed brings.
func (s *stream) follow(ctx context.Context, feed <-chan inspect.Event) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case e, ok := <-feed:
			if !ok {
				return nil
			}
			if err := s.event(e); err != nil {
				return err
			}
		case <-beat.C:
			if err := s.write(": still here\n\n"); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// resume sends what the history still knows of the time since the client's last
// event. The subscription runs already, so that some may come twice, none between.
func (a *api) resume(ctx context.Context, s *stream, last string) error {
	m, ok := parseMark(last)
	if !ok {
		return nil
	}
	s.mark = m
	if m.exchange > 0 {
		list, err := a.svc.Exchanges(ctx, inspect.ListRequest{After: m.exchange, Limit: maxResume})
		if err != nil {
			return err
		}
		for i := len(list.Items) - 1; i >= 0; i-- {
			if list.Items[i].InFlight {
				continue
			}
			ex, err := a.svc.Exchange(ctx, list.Items[i].ID, false)
			if err != nil {
				continue // removed meanwhile
			}
			if err := s.event(inspect.ExchangeFinished{Exchange: outline(ex)}); err != nil {
				return err
			}
		}
	}
	if err := a.resumeTraces(ctx, s, m.trace); err != nil || m.output == 0 {
		return err
	}
	lines, err := a.svc.Outputs(ctx, m.output, maxResume)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := s.event(inspect.OutputWritten{Output: line}); err != nil {
			return err
		}
	}
	return nil
}

// resumeTraces sends the traces that came after the one with this ID, oldest first.
func (a *api) resumeTraces(ctx context.Context, s *stream, last int64) error {
	if last == 0 {
		return nil
	}
	list, err := a.svc.Traces(ctx, maxResume)
	if err != nil {
		return err
	}
	for _, o := range slices.Backward(list) {
		if o.ID <= last {
			continue
		}
		t, err := a.svc.Trace(ctx, strconv.FormatInt(o.ID, 10), false)
		if err != nil {
			continue // removed meanwhile
		}
		if err := s.event(inspect.TraceRecorded{Trace: t}); err != nil {
			return err
		}
	}
	return nil
}
