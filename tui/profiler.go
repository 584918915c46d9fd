package tui

import (
	"context"

	"github.com/pastedev/pastedev/inspect"
)

// Profiler is the part of a [Source] that says where the time of an exchange went.
type Profiler interface {
	// CallTree returns the calls that an exchange made; an error that wraps
	// [inspect.ErrNotFound] when none were recorded.
	CallTree(ctx context.Context, id inspect.ID) (*inspect.CallTree, error)
	// Profile records a profile and returns when it is done; the end of ctx ends it. Its
	// error wraps [inspect.ErrConfirm] when a request would be sent again that may change
	// something, and the request for the profile does not say that this is meant.
	Profile(ctx context.Context, r inspect.ProfileRequest) (inspect.Profile, error)
	// Profiles returns the newest profiles, newest first.
	Profiles(ctx context.Context, limit int) ([]inspect.Profile, error)
	// ProfileTop returns the n functions of a profile that have the most, the most first.
	ProfileTop(ctx context.Context, id int64, n int) ([]inspect.ProfileRow, error)
	// Compare says how an exchange differs from one before it.
	Compare(ctx context.Context, before, after inspect.ID) (inspect.Comparison, error)
	// CompareRoute says how a route differs from what it was in the build before.
	CompareRoute(ctx context.Context, route string) (inspect.Comparison, error)
	// Goroutines returns the stacks of the goroutines that work for an exchange.
	Goroutines(ctx context.Context, id inspect.ID) (string, error)
	// Cancel ends an exchange that is under way.
	Cancel(ctx context.Context, id inspect.ID) error
	// SetCallTree switches the recording of calls on or off.
	SetCallTree(ctx context.Context, on bool) error
}
