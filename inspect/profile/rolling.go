package profile

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// What a [Rolling] profile does unless told otherwise.
const (
	RollingWindow = 10 * time.Second // each time one ends, some 0.1 s may be lost
	RollingKeep   = 6                // windows: a minute, some 100 kB each

	rollingRetry = time.Second      // after a failure, doubled up to
	rollingCalm  = 15 * time.Second // this
	rollingTold  = 3                // failures in a row that are no restart any more
	flushTimeout = 3 * time.Second  // for the samples of this moment; then those before must do
)

// RollingOptions of a Rolling profile. Source must be set.
type RollingOptions struct {
	Source func() Source // as in [Options]
	Window time.Duration // 0: RollingWindow
	Keep   int           // windows; 0: RollingKeep
	Notice func(string)  // is told once when it goes on failing, until it has worked again; nil: nobody is
}

// Rolling records the processor profile of the target all the time and keeps the last
// minute of it. Only its method Run does any work; the others are safe for concurrent use.
type Rolling struct {
	o        RollingOptions
	commands chan rollingCommand

	mu      sync.Mutex
	windows []rollingWindow // oldest first
}

type rollingWindow struct {
	began time.Time
	p     *pb.Profile
	ours  int64 // samples of pastedev's own work, that are not in p
}

// rollingCommand ends the current window. With resume the next one does not begin before
// that is closed.
type rollingCommand struct {
	ended  chan struct{} // closed when the window has been kept
	resume chan struct{} // nil: go on at once
}

// NewRolling returns a Rolling that begins when its Run is called.
func NewRolling(o RollingOptions) *Rolling {
	o.Window = cmp.Or(max(o.Window, 0), RollingWindow)
	o.Keep = cmp.Or(max(o.Keep, 0), RollingKeep)
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	return &Rolling{o: o, commands: make(chan rollingCommand)}
}

// Run records until ctx ends; then nothing runs in the target any more. A target that is
// restarted or not there is waited for.
func (r *Rolling) Run(ctx context.Context) {
	failures := 0
	var rec Recording // goes on; nil: one must begin
	for ctx.Err() == nil {
		var command *rollingCommand
		var err error
		if rec == nil {
			rec, err = r.start(ctx)
		}
		if err == nil {
			rec, command, err = r.window(ctx, rec)
		} else if ctx.Err() == nil {
			command = r.wait(ctx, min(rollingRetry<<min(failures, 8), rollingCalm))
		}
		switch {
		case err == nil:
			failures = 0
		case !errors.Is(err, errNoTarget) && ctx.Err() == nil:
			if failures++; failures == rollingTold {
				r.o.Notice("rolling profile: " + firstLine(err))
			}
		}
		if command != nil {
			r.obey(ctx, *command)
		}
	}
}

var errNoTarget = errors.New("the program is not running")

func (r *Rolling) start(ctx context.Context) (Recording, error) {
	src := r.o.Source()
	if src == nil {
		return nil, errNoTarget
	}
	return src.Start(ctx, inspect.ProfileCPU, r.o.Window)
}

// window keeps what rec records until a command or the time ends it. It returns rec when
// that goes on, and the command.
func (r *Rolling) window(ctx context.Context, rec Recording) (Recording, *rollingCommand, error) {
	began := time.Now()
	command := r.wait(ctx, r.o.Window)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.o.Window+fetchTimeout)
	defer cancel()
	var d Data
	var err error
	goesOn, ok := rec.(Continuing)
	if ok && ctx.Err() == nil && (command == nil || command.resume == nil) {
		if d, err = goesOn.Continue(end); err != nil {
			rec = nil
		}
	} else {
		d, err = rec.Stop(end)
		rec = nil
	}
	if err == nil && d.Profile != nil {
		p, ours := withoutOwn(d.Profile)
		r.add(rollingWindow{began, p, ours})
	}
	return rec, command, err
}

func (r *Rolling) add(w rollingWindow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A window that was ended early goes on in the next: asking must not shorten what is kept.
	if last := len(r.windows) - 1; last >= 0 && w.began.Sub(r.windows[last].began) < r.o.Window {
		if sum, err := Merge(r.windows[last].p, w.p); err == nil {
			r.windows = append(r.windows[:last:last], rollingWindow{r.windows[last].began, sum, r.windows[last].ours + w.ours})
			return
		}
	}
	r.windows = append(r.windows, w)
	if n := len(r.windows) - r.o.Keep; n > 0 {
		r.windows = append([]rollingWindow(nil), r.windows[n:]...)
	}
}

// wait returns the command that came within d; nil when none did or ctx ended.
func (r *Rolling) wait(ctx context.Context, d time.Duration) *rollingCommand {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case c := <-r.commands:
		return &c
	case <-t.C:
	case <-ctx.Done():
	}
	return nil
}

// obey answers a command whose window has ended, and rests if it says so.
func (r *Rolling) obey(ctx context.Context, c rollingCommand) {
	close(c.ended)
	for c.resume != nil {
		select {
		case <-c.resume:
			return
		case <-ctx.Done():
			return
		case other := <-r.commands:
			r.obey(ctx, other)
		}
	}
}

// send has Run end the current window and waits for that. False: there is no Run, or it
// took too long.
func (r *Rolling) send(ctx context.Context, c rollingCommand) bool {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	select {
	case r.commands <- c:
	case <-ctx.Done():
		return false
	}
	select {
	case <-c.ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// Pause ends the current window and begins no other until resume is called, which must be
// done once. Without a Run there is nothing to pause.
func (r *Rolling) Pause(ctx context.Context) (resume func(), err error) {
	c := rollingCommand{ended: make(chan struct{}), resume: make(chan struct{})}
	r.send(ctx, c)
	if err := ctx.Err(); err != nil {
		close(c.resume)
		return nil, err
	}
	return func() { close(c.resume) }, nil
}

// Cut returns the samples of the kept windows and of the current one up to now whose
// exchange keep wants, how many these are, how many are left out, and when the kept part
// began. mine is nil when nothing has been recorded yet. See [Cut].
func (r *Rolling) Cut(ctx context.Context, keep func(inspect.ID) bool) (mine *pb.Profile, samples, others int64, since time.Time) {
	r.send(ctx, rollingCommand{ended: make(chan struct{})}) // else the windows before must do
	r.mu.Lock()
	windows := r.windows
	r.mu.Unlock()
	for i, w := range windows {
		p, s, o := Cut(w.p, keep)
		sum, err := Merge(mine, p)
		if err != nil {
			continue // another program's, with other values
		}
		if i == 0 {
			since = w.began
		}
		mine, samples, others = sum, samples+s, others+o+w.ours
	}
	return mine, samples, others, since
}
