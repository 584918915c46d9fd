package profile

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// flightTarget has a flight recorder.
type flightTarget struct {
	fakeTarget
	snapshot func(context.Context) ([]byte, error)
}

func (f *flightTarget) Snapshot(ctx context.Context) ([]byte, error) { return f.snapshot(ctx) }

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		target := &flightTarget{snapshot: func(context.Context) ([]byte, error) { <-release; return []byte("flight"), nil }}
		r := newRig(t, &target.fakeTarget, func(o *Options) { o.Source = func() Source { return target } })
		ex := get("/slow")
		ex.Build, ex.Start = 7, time.Now()
		first := make(chan inspect.Profile)
		go func() {
			p, err := r.Slow(t.Context(), ex)
			if err != nil {
				t.Error(err)
			}
			first <- p
		}()
		synctest.Wait()
		if _, err := r.Slow(t.Context(), ex); !errors.Is(err, ErrBusy) {
			t.Errorf("a second at the same time: %v", err)
		}
		close(release)
		p := <-first
		if p.Kind != inspect.ProfileTrace || p.Exchange != idA || p.Build != 7 || p.Size != 6 || p.Note == "" {
			t.Errorf("profile = %+v", p)
		}
		if _, recorded := r.progress(); len(recorded) != 1 {
			t.Errorf("%d were published", len(recorded))
		}
		for range slowPerMinute - 1 {
			if _, err := r.Slow(t.Context(), ex); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.Slow(t.Context(), ex); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "last minute") {
			t.Errorf("one too many: %v", err)
		}
		time.Sleep(time.Minute) // of the bubble's clock
		if _, err := r.Slow(t.Context(), ex); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		target.snapshot = func(context.Context) ([]byte, error) { return nil, errors.New("it is off") }
		if _, err := r.Slow(t.Context(), ex); err == nil || !strings.Contains(err.Error(), "trace of a slow exchange: it is off") {
			t.Errorf("without a flight recorder: %v", err)
		}
	})
	r := newRig(t, &fakeTarget{}, nil)
	if _, err := r.Slow(t.Context(), get("/")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a target without one: %v", err)
	}
}
