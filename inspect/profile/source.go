package profile

import (
	"context"
	"errors"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// Source is a program that can be profiled. [Instrumented] and [Foreign] make one.
type Source interface {
	// Start begins to record and returns when that has begun, as far as can be known. The
	// recording lasts until it is stopped, at most about limit; a source may keep on until
	// limit has passed all the same. ctx is for beginning and recording alike: when it
	// ends, so does the recording in the target.
	Start(ctx context.Context, kind inspect.ProfileKind, limit time.Duration) (Recording, error)
	// Labels says whether the program labels its samples with [LabelExchange] by itself.
	Labels() bool
}

// Recording is a profile that is being recorded. Stop ends it and returns it; it must be
// called, once, also after a failure, and leaves nothing running in the target.
type Recording interface {
	Stop(ctx context.Context) (Data, error)
}

// Continuing is a recording that can be read without an end. Continue returns what was
// recorded since the last time; what begins meanwhile is labelled. After an error it has
// ended.
type Continuing interface {
	Recording
	Continue(ctx context.Context) (Data, error)
}

// Data is what was recorded: Profile, or for the kind trace an execution Trace.
type Data struct {
	Profile *pb.Profile
	Trace   []byte
	Note    string // what the program says about it, empty mostly
}

// Flight is a source whose flight recorder may be running: it keeps the last seconds of an
// execution trace in memory all the time.
type Flight interface {
	Snapshot(ctx context.Context) ([]byte, error) // what it has now
}

// ErrBusy is returned when the processor profile or the execution trace that is asked for
// cannot begin, because another is recorded: a program can have one at a time.
var ErrBusy = errors.New("another profile is being recorded")

// ErrUnsupported is returned when a source has no profiles of a kind.
var ErrUnsupported = errors.New("the program has no such profile")

// stopFunc is a recording that is ended by a function.
type stopFunc func(ctx context.Context) (Data, error)

func (f stopFunc) Stop(ctx context.Context) (Data, error) { return f(ctx) }
