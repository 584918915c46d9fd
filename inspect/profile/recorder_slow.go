package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// slowPerMinute is how many traces of slow exchanges are kept in a minute: when all are
// slow, the first of them tell why, and the archive is not filled with them.
const slowPerMinute = 10

// flightLimit lets one snapshot at a time pass, and slowPerMinute in a minute.
type flightLimit struct {
	mu     sync.Mutex
	taking bool
	taken  []time.Time // of the last minute, oldest first
}

func (l *flightLimit) begin(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.taken) > 0 && now.Sub(l.taken[0]) >= time.Minute {
		l.taken = l.taken[1:]
	}
	switch {
	case l.taking:
		return fmt.Errorf("%w: the trace of another slow exchange", ErrBusy)
	case len(l.taken) >= slowPerMinute:
		return fmt.Errorf("%w: %d traces of slow exchanges in the last minute are enough", ErrBusy, slowPerMinute)
	}
	l.taking = true
	l.taken = append(l.taken, now)
	return nil
}

func (l *flightLimit) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taking = false
}

// Slow keeps what the target's flight recorder has, as the execution trace of an exchange
// that has just ended. It takes one at a time and ten a minute; for the others it returns
// [ErrBusy] at once. It runs beside [Recorder.Record].
func (r *Recorder) Slow(ctx context.Context, ex *inspect.Exchange) (inspect.Profile, error) {
	var p inspect.Profile
	flight, ok := r.o.Source().(Flight)
	if !ok {
		return p, fmt.Errorf("trace of a slow exchange: %w: it has no flight recorder", ErrUnsupported)
	}
	if err := r.slow.begin(time.Now()); err != nil {
		return p, fmt.Errorf("trace of a slow exchange: %w", err)
	}
	defer r.slow.end()
	trace, err := flight.Snapshot(ctx)
	if err == nil && len(trace) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return p, fmt.Errorf("trace of a slow exchange: %w", err)
	}
	p = inspect.Profile{
		Kind: inspect.ProfileTrace, Time: ex.Start, Duration: ex.Duration,
		Exchange: ex.ID, Route: r.o.Route(ex.ID), Mount: r.o.Mount, Build: ex.Build,
	}
	notes := []string{}
	if p.Trace, err = r.summarize(trace, ex.ID); err != nil {
		notes = append(notes, "it has no summary: "+firstLine(err))
	}
	p.Note = strings.Join(append(notes, "the last seconds up to the end of a slow request"), "; ")
	if p, err = r.o.Archive.Put(p, trace); err != nil {
		return inspect.Profile{}, err
	}
	r.o.Publish(inspect.ProfileRecorded{Profile: p})
	return p, nil
}
