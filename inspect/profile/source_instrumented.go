package profile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// flightMB is how much of an execution trace the target keeps in memory while one is
// recorded on demand: a busy program writes some MB a second.
const flightMB = 32

// headerNote carries what the target says about a profile.
const headerNote = "Pastedev-Note"

// Do sends a request of pastedev's own to a program that pastedev has built. An answer is
// a 200; anything else is an error, which may have a method HTTPStatus.
type Do func(ctx context.Context, method, path string) (*http.Response, error)

// InstrumentedSource profiles a program that pastedev has built. It keeps no state, and is
// safe for concurrent use.
type InstrumentedSource struct {
	do Do
	// KeepFlight says that the target's flight recorder runs all the time. False: it is
	// switched on for each trace and off again.
	KeepFlight bool
}

// Instrumented returns the source of a program that pastedev has built. Its processor and
// wall-clock samples have labels.
func Instrumented(do Do) *InstrumentedSource { return &InstrumentedSource{do: do} }

// Labels is true.
func (s *InstrumentedSource) Labels() bool { return true }

// Start begins a profile of any kind. See [Source].
func (s *InstrumentedSource) Start(ctx context.Context, kind inspect.ProfileKind, _ time.Duration) (Recording, error) {
	switch kind {
	case inspect.ProfileCPU, inspect.ProfileWall:
		return s.sampled(ctx, "/"+string(kind))
	case inspect.ProfileMutex, inspect.ProfileBlock, inspect.ProfileHeap:
		return s.counted(ctx, "/"+string(kind))
	case inspect.ProfileGoroutine:
		return stopFunc(s.goroutines), nil
	case inspect.ProfileTrace:
		return s.trace(ctx)
	}
	return nil, fmt.Errorf("%w: %q", ErrUnsupported, kind)
}

// sampled is a profile that the target collects from its beginning to its end.
func (s *InstrumentedSource) sampled(ctx context.Context, path string) (Recording, error) {
	if _, err := s.send(ctx, http.MethodPost, path+"?on=1"); err != nil {
		return nil, err
	}
	rec := &sampledRecording{s, path}
	if path == "/cpu" {
		return &cpuRecording{rec}, nil
	}
	return rec, nil
}

type sampledRecording struct {
	source *InstrumentedSource
	path   string
}

// Stop fetches the profile.
func (r *sampledRecording) Stop(ctx context.Context) (Data, error) {
	d, err := r.fetch(ctx, "")
	if errors.Is(err, ErrBusy) { // it knows of no profile
		err = errAnew
	}
	return d, err
}

// errAnew is what becomes of a profile when its program ends.
var errAnew = errors.New("the program was started anew meanwhile")

func (r *sampledRecording) fetch(ctx context.Context, query string) (Data, error) {
	d, err := r.source.profile(ctx, http.MethodGet, r.path+query)
	if err != nil {
		r.source.off(ctx, r.path)
	}
	return d, err
}

// cpuRecording can go on.
type cpuRecording struct{ *sampledRecording }

// Continue fetches the profile while the next one begins.
func (r *cpuRecording) Continue(ctx context.Context) (Data, error) { return r.fetch(ctx, "?again=1") }

// counted is a profile that counts from the program's start, and more finely while it is
// switched on. What is in use was counted by both rates, and is left out.
func (s *InstrumentedSource) counted(ctx context.Context, path string) (Recording, error) {
	before, err := s.profile(ctx, http.MethodPost, path+"?on=1")
	if err != nil {
		s.off(ctx, path)
		return nil, err
	}
	return stopFunc(func(ctx context.Context) (Data, error) {
		after, err := s.profile(ctx, http.MethodGet, path)
		if err != nil {
			s.off(ctx, path)
			return Data{}, err
		}
		if Count(after.Profile) < Count(before.Profile) { // what it counts never gets less
			return Data{}, errAnew
		}
		if after.Profile, err = Delta(before.Profile, after.Profile); err == nil {
			after.Profile = withoutInUse(after.Profile)
		}
		return after, err
	}), nil
}

func (s *InstrumentedSource) trace(ctx context.Context) (Recording, error) {
	if !s.KeepFlight {
		if _, err := s.send(ctx, http.MethodPost, "/flight?on=1&mb="+strconv.Itoa(flightMB)); err != nil {
			return nil, err
		}
	}
	return stopFunc(func(ctx context.Context) (Data, error) {
		b, err := s.Snapshot(ctx)
		if !s.KeepFlight {
			s.off(ctx, "/flight")
		}
		return Data{Trace: b}, err
	}), nil
}

// Snapshot returns what the target's flight recorder has. It errs when that is not on.
func (s *InstrumentedSource) Snapshot(ctx context.Context) ([]byte, error) {
	a, err := s.send(ctx, http.MethodGet, "/flight")
	return a.data, err
}

func (s *InstrumentedSource) goroutines(ctx context.Context) (Data, error) {
	a, err := s.send(ctx, http.MethodGet, "/goroutines")
	if err != nil {
		return Data{}, err
	}
	p, err := ParseGoroutines(a.data)
	return Data{Profile: p}, err
}

// off ends what is of no use any more, whatever ended it, without waiting for long.
func (s *InstrumentedSource) off(ctx context.Context, path string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	_, _ = s.send(ctx, http.MethodPost, path+"?on=0") // a target that does not answer has ended it itself
}

func (s *InstrumentedSource) profile(ctx context.Context, method, path string) (Data, error) {
	a, err := s.send(ctx, method, path)
	if err != nil {
		return Data{}, err
	}
	p, err := Parse(a.data)
	if err != nil {
		return Data{}, err
	}
	if p.TimeNanos == 0 {
		p.TimeNanos = time.Now().UnixNano()
	}
	return Data{Profile: p, Note: a.note}, nil
}

func (s *InstrumentedSource) send(ctx context.Context, method, path string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	resp, err := s.do(ctx, method, path)
	if err != nil {
		var status interface{ HTTPStatus() int }
		if errors.As(err, &status) && status.HTTPStatus() == http.StatusConflict {
			err = fmt.Errorf("%w: %w", ErrBusy, err)
		}
		return answer{}, err
	}
	data, err := readAnswer(resp)
	return answer{data: data, note: resp.Header.Get(headerNote)}, err
}
