package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
)

// Why a session ends, beside the user's leaving the UI.
var (
	errInterrupted = errors.New("interrupted by a signal")
	errFinished    = errors.New("the target has finished")
	errCrashed     = errors.New("the target has crashed, or could not be started")
	errUnread      = errors.New("nobody reads the output any more")
)

// exitPipe is what a shell calls the end of a command by SIGPIPE.
const exitPipe = 128 + 13

// signalQueue is how many signals may wait: the first ends the programs, the second cuts
// that short, and more of them say nothing new.
const signalQueue = 4

// runOpened opens a session and runs it. The signals that end it are its own from before it
// is opened: none of them ends pastedev with parts left open.
func runOpened(ctx context.Context, open func() (*session, error)) error {
	signals := make(chan os.Signal, signalQueue)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	pipes := make(chan os.Signal, 1) // of the same kind for each broken connection: one is as good as all
	notifyPipe(pipes)
	defer signal.Stop(pipes)
	s, err := open()
	if err != nil {
		return err
	}
	s.pipes = pipes
	return s.over(s.run(ctx, signals))
}

// over closes a session that has ended by err, and tells what went wrong at that: there is no
// history any more that could hold it.
func (s *session) over(err error) error {
	lost := s.close()
	if lost == nil {
		return err
	}
	fmt.Fprintf(s.std.err, "pastedev: %v\n", lost)
	if err == nil {
		err = exitError(exitFailure)
	}
	return err
}

// run carries the session until the user, a signal or --exit ends it. Then the programs end
// first, within their grace; then the session closes, which ends the feed and with it the
// line log; and all goroutines of run have ended when it returns.
func (s *session) run(ctx context.Context, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() { s.panel.Run(ctx) })
	wg.Go(func() { s.runProfiling(ctx) })
	over := make(chan struct{}) // nothing of the target is left
	wg.Go(func() { s.followSize(ctx) })
	wg.Go(func() { s.watchSignals(ctx, signals, over, cancel) })
	if s.config.Exit {
		wg.Go(func() {
			switch s.state.wait(ctx, hasEnded) {
			case inspect.StateStopped:
				cancel(errFinished)
			case inspect.StateBackoff:
				cancel(errCrashed)
			}
		})
	}
	superDone := make(chan error, 1)
	wg.Go(func() {
		var mounts sync.WaitGroup
		mounts.Go(func() { s.serving.run(ctx) })
		err := s.super.Run(ctx)
		cancel(err)
		mounts.Wait()
		close(over)
		superDone <- err
	})
	shown := s.show(ctx)
	if s.tui {
		cancel(shown.wait()) // the user has left
	}
	<-ctx.Done()
	err := <-superDone
	_ = s.close() // ends the feed, and so the line log, after its last lines; runOpened tells its error
	err = errors.Join(err, shown.wait())
	wg.Wait()
	if err != nil {
		return err
	}
	return s.exitCode(context.Cause(ctx))
}

// watchSignals hands the first signal to the target, which then has its grace. A
// signal while it, or whatever else, is ending cuts that short. Output that nobody reads any
// more, of `pastedev run | head`, is like a SIGTERM.
func (s *session) watchSignals(ctx context.Context, signals <-chan os.Signal, over <-chan struct{}, cancel context.CancelCauseFunc) {
	for watching := true; watching; {
		watching = false
		select {
		case <-ctx.Done():
		case sig := <-signals:
			s.endBy(ctx, sig, signals)
			cancel(errInterrupted)
		case <-s.pipes:
			if watching = !unread(s.std.out) && !unread(s.std.err); !watching {
				s.endBy(ctx, syscall.SIGTERM, signals)
				cancel(errUnread)
			}
		}
	}
	select {
	case <-signals:
		for _, p := range s.programs() {
			p.super.Kill()
		}
	case <-over:
	}
}

// endBy returns when all programs have ended by sig, or have been told to end at once:
// when their grace is over, or at another signal.
func (s *session) endBy(ctx context.Context, sig os.Signal, signals <-chan os.Signal) {
	grace, stop := context.WithTimeout(ctx, time.Duration(s.config.Grace))
	defer stop()
	var ends sync.WaitGroup
	for _, p := range s.programs() {
		if p.super.Signal(sig) == nil { // else it does not run
			ends.Go(func() {
				if !p.ends(grace) {
					p.super.Kill()
				}
			})
		}
	}
	gone := make(chan struct{})
	go func() { // ends with the grace
		ends.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-signals:
		for _, p := range s.programs() {
			p.super.Kill()
		}
		stop()
		<-gone
	}
}

// ends waits for the end of a program that has been told to, and reports whether it came
// before ctx's.
func (s *session) ends(ctx context.Context) bool {
	over := func(st inspect.State) bool { return hasEnded(st) || s.super.Status().PID == 0 }
	return hasEnded(s.state.wait(ctx, over)) || s.super.Status().PID == 0
}

// exitCode turns the way a session ended into that of the program.
func (s *session) exitCode(cause error) error {
	code := 0
	for _, p := range s.programs() { // the first that failed
		code = cmp.Or(code, p.super.ExitCode())
	}
	switch {
	case errors.Is(cause, errUnread):
		return exitError(exitPipe)
	case errors.Is(cause, errCrashed):
		return exitError(max(code, exitFailure)) // 0 when it could not even be started
	case errors.Is(cause, errInterrupted), errors.Is(cause, errFinished):
		if code != exitOK && s.target.Kind != reloader.TargetNone {
			return exitError(code)
		}
	}
	return nil // the user left the UI
}

// hasEnded reports whether st is one in which no program runs or is being made.
func hasEnded(st inspect.State) bool {
	return st == inspect.StateBackoff || st == inspect.StateStopped
}

// hasFailed reports whether st is one in which no program runs and none is about to.
func hasFailed(st inspect.State) bool { return st == inspect.StateFailed || hasEnded(st) }

// stateCell holds the target's state for those who wait for one. Its zero value is
// a state of "".
type stateCell struct {
	mu      sync.Mutex
	state   inspect.State
	changed chan struct{} // closed at the next change; nil while nobody waits
}

func (c *stateCell) set(st inspect.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = st
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// wait returns the first state that ok holds for, "" when ctx ends first.
func (c *stateCell) wait(ctx context.Context, ok func(inspect.State) bool) inspect.State {
	for {
		c.mu.Lock()
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		state, changed := c.state, c.changed
		c.mu.Unlock()
		if ok(state) {
			return state
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ""
		}
	}
}
