package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// What a [Recorder] does when a request leaves it open, and its limits.
const (
	defaultLimit   = 10 * time.Second
	defaultTrace   = 3 * time.Second  // an execution trace grows by some MB a second
	maxLimit       = 60 * time.Second // also for what a request asks for: nobody waits for longer
	defaultSamples = 200              // shares of 5 % are then told from 10 %
	maxReplays     = 20_000           // what a target that has nothing else to do takes in ten seconds
	progressEvery  = 200 * time.Millisecond
	stopTimeout    = 5 * time.Second // for switching off what is of no use any more
)

// Options of a Recorder. Source, Archive and Publish must be set.
type Options struct {
	// Source returns the program to profile; nil when none is running.
	Source func() Source
	// Archive keeps what is recorded.
	Archive *Archive
	// Publish is told of progress and results. It must not block.
	Publish func(inspect.Event)
	// Replay sends the request of an exchange again and returns the ID of the new one when
	// its answer is complete. An error means that nothing was sent. nil: no replays.
	Replay func(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error)
	// Finished returns what is known of an exchange that has ended. nil: the time of a
	// replay is that of its call.
	Finished func(inspect.ID) (inspect.Summary, bool)
	// Route returns the route of an exchange, also of one under way; "" when it is not
	// known. nil: none is.
	Route func(inspect.ID) string
	// Mount is that of the program, among several; "" where there is one.
	Mount string
	// Build returns the number of the running build. nil: 0.
	Build func() int
	// Rolling is the profile that runs all the time, if one does. It answers at once for an
	// exchange or a route, and rests while another processor profile is recorded.
	Rolling *Rolling
	// Summarize reads an execution trace. nil: traces have no summary.
	Summarize func(trace io.Reader, id inspect.ID) (inspect.TraceSummary, error)
}

// Recorder records profiles of the target, one at a time. It is safe for concurrent use.
type Recorder struct {
	o Options

	mu      sync.Mutex
	current string    // what is being recorded, in words; "" when nothing is
	since   time.Time // of current

	slow flightLimit
}

// New returns a Recorder. It has no goroutine unless Record runs.
func New(o Options) *Recorder {
	if o.Finished == nil {
		o.Finished = func(inspect.ID) (inspect.Summary, bool) { return inspect.Summary{}, false }
	}
	if o.Route == nil {
		o.Route = func(inspect.ID) string { return "" }
	}
	if o.Build == nil {
		o.Build = func() int { return 0 }
	}
	return &Recorder{o: o}
}

// Record records a profile, keeps it, and publishes [inspect.ProfileProgressed] meanwhile
// and [inspect.ProfileRecorded] at its end. ex is the exchange that the request names; nil
// without one.
//
// With Replay the exchange's request is sent again, one after the other, until as many
// samples of its replays are there as were asked for or the time is over; samples of
// others are left out. A method that is not safe needs Confirmed; else the error is
// [inspect.ErrConfirm]. Without Replay it is a profile of what the target does of itself,
// cut to the request's route or to that of ex; with neither it is the whole target.
//
// While one is recorded another call fails at once with [ErrBusy]. When ctx ends the profile
// in the target is ended too, and nothing is kept.
func (r *Recorder) Record(ctx context.Context, req inspect.ProfileRequest, ex *inspect.Exchange) (inspect.Profile, error) {
	x, err := r.plan(req, ex)
	if err != nil {
		return inspect.Profile{}, err
	}
	if err := r.acquire(x.what()); err != nil {
		return inspect.Profile{}, err
	}
	defer r.release()
	p, err := x.run(ctx)
	x.finished(err)
	if err != nil {
		return inspect.Profile{}, fmt.Errorf("profile: %w", err)
	}
	r.o.Publish(inspect.ProfileRecorded{Profile: p})
	return p, nil
}

func (r *Recorder) acquire(what string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != "" {
		return fmt.Errorf("%w: %s, for %s now\nhint: wait for its end, or end it, and try again",
			ErrBusy, r.current, time.Since(r.since).Round(time.Second))
	}
	r.current, r.since = what, time.Now()
	return nil
}

func (r *Recorder) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = ""
}

// plan checks a request and fills in what it leaves open.
func (r *Recorder) plan(req inspect.ProfileRequest, ex *inspect.Exchange) (*run, error) {
	if req.Kind == "" {
		req.Kind = inspect.ProfileCPU
	}
	x := &run{r: r, req: req, ex: ex, limit: defaultLimit, wanted: int64(req.Samples), ids: map[inspect.ID]bool{}}
	switch req.Kind {
	case inspect.ProfileCPU, inspect.ProfileWall:
		if x.sampled = true; x.wanted == 0 && (ex != nil || req.Route != "") {
			x.wanted = defaultSamples
		}
	case inspect.ProfileHeap, inspect.ProfileMutex, inspect.ProfileBlock:
	case inspect.ProfileTrace:
		x.limit = defaultTrace
	case inspect.ProfileGoroutine:
		if req.Replay || ex != nil {
			return nil, errors.New("profile: the stacks of a moment belong to the whole program\nhint: pastedev goroutines ID shows those of an exchange that is under way")
		}
		x.limit = 0
	default:
		return nil, fmt.Errorf("profile: no kind %q\nhint: cpu, wall, heap, mutex, block, goroutine or trace", req.Kind)
	}
	if err := x.bounds(); err != nil {
		return nil, err
	}
	if req.Replay {
		if err := r.mayReplay(req, ex); err != nil {
			return nil, err
		}
	}
	if x.route = req.Route; x.route == "" && ex != nil {
		x.route = r.o.Route(ex.ID)
	}
	return x, nil
}

func (x *run) bounds() error {
	switch s := x.req.Seconds; {
	case s < 0 || math.IsNaN(s) || s > maxLimit.Seconds():
		return fmt.Errorf("profile: %v seconds are not between 0 and %v", s, maxLimit.Seconds())
	case s > 0 && x.limit > 0:
		x.limit = time.Duration(s * float64(time.Second))
	}
	if x.wanted < 0 {
		return fmt.Errorf("profile: %d samples are less than none", x.wanted)
	}
	return nil
}

func (r *Recorder) mayReplay(req inspect.ProfileRequest, ex *inspect.Exchange) error {
	switch {
	case ex == nil:
		return errors.New("profile: there is no exchange to replay")
	case ex.Kind != inspect.KindHTTP:
		return fmt.Errorf("profile: only requests can be replayed, and this is a %s connection", ex.Kind)
	case r.o.Replay == nil:
		return errors.New("profile: nothing can be replayed here")
	case !safe(ex.Method) && !req.Confirmed:
		return fmt.Errorf("replay %s %s: %w", ex.Method, ex.Path, inspect.ErrConfirm)
	}
	return nil
}

// safe says whether a method changes nothing (RFC 9110, 9.2.1).
func safe(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}

// summarize reads what a trace has of an exchange, when somebody can and there is one.
func (r *Recorder) summarize(trace []byte, id inspect.ID) (*inspect.TraceSummary, error) {
	if r.o.Summarize == nil || id == "" {
		return nil, nil
	}
	s, err := r.o.Summarize(bytes.NewReader(trace), id)
	if err != nil {
		return nil, err
	}
	return &s, nil
}
