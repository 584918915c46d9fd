package reloader

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// work is what leads from a change to a program that is ready to start: the on-change
// command and the build. It runs on a goroutine of its own; a newer change cancels it.
type work struct {
	kind   event // evRebuild, evRestart or evReload: how far it goes
	cause  []string
	number int             // of its build; 0 when it makes none
	low    bool            // beside a running program, at low priority
	ins    Instrumentation // of a low one; read after done
	cancel context.CancelCauseFunc
	done   chan struct{}

	// The loop's, while what the build reads is not watched yet.
	watched bool
	held    []func() // findings that came too early to be published

	// The loop's, while the on-change command runs.
	hook   bool
	ended  bool // it has, but not all it wrote has been heard of
	during Change
	rounds int
	resume chan struct{} // gets one value when the work may go on after the command
	again  bool          // run the command again; read after resume
}

// change handles one Change.
func (s *Supervisor) change(c Change) {
	s.mu.Lock()
	s.dirty = max(0, s.dirty-1)
	s.mu.Unlock()
	if w := s.work; w != nil && w.hook {
		// Likely written by the command; the work goes on from there.
		w.during = mergeChange(w.during, c)
		s.stepWith(evSame, nil)
		s.hookSettled(w)
		return
	}
	s.take(c)
	s.settleDebug()
}

// take makes an event of a Change.
func (s *Supervisor) take(c Change) {
	kind := changeKind(c)
	if kind == evSame {
		s.step(evSame)
		return
	}
	s.stopRetry()
	s.backoff.reset()
	if slices.ContainsFunc(c.Rebuild, isModuleFile) {
		s.setLane(func(l *lane) { l.broken = false }) // other dependencies: worth another try
	}
	s.pending(kind, c)
	s.step(kind)
}

// changeKind is how far a Change goes.
func changeKind(c Change) event {
	switch {
	case len(c.Rebuild) > 0:
		return evRebuild
	case len(c.Restart) > 0:
		return evRestart
	case len(c.Reload) > 0:
		return evReload
	}
	return evSame
}

func isModuleFile(name string) bool {
	switch path.Base(name) {
	case "go.mod", "go.sum", "go.work", "go.work.sum":
		return true
	}
	return false
}

func mergeChange(a, b Change) Change {
	return Change{
		Rebuild: mergeNames(a.Rebuild, b.Rebuild),
		Restart: mergeNames(a.Restart, b.Restart),
		Reload:  mergeNames(a.Reload, b.Reload),
	}
}

func mergeNames(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// pending notes what the next work is about: the change, and what the work that it
// cancels was about.
func (s *Supervisor) pending(kind event, c Change) {
	s.reload = mergeNames(s.reload, c.Reload)
	s.cause = mergeNames(s.cause, append(slices.Clone(c.Rebuild), c.Restart...))
	s.mu.Lock()
	failed := s.m.build == buildFailed
	s.mu.Unlock()
	if kind == evRebuild || failed || s.work != nil && s.work.kind == evRebuild {
		kind = evRebuild
	} else if s.work != nil && s.work.kind == evRestart {
		kind = evRestart
	}
	s.kind = kind
}

// startWork cancels what runs and starts anew.
func (s *Supervisor) startWork(kind event) {
	var before chan struct{}
	if s.work != nil {
		s.work.cancel(errSuperseded)
		before = s.work.done
	}
	if s.back != nil {
		s.back.cancel(errSuperseded)
	}
	if kind == evRebuild {
		s.cancelDebug(errSuperseded)
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	w := &work{
		kind: kind, cause: s.cause,
		cancel: cancel, done: make(chan struct{}), resume: make(chan struct{}, 1),
	}
	s.work = w
	w.hook = s.o.OnChange != ""
	counted := kind == evRebuild || kind == evRestart && s.o.Target.Kind == TargetCommand
	if counted {
		w.number = s.newBuild(w.cause, false)
	}
	back := s.back
	s.group.Go(func() {
		defer cancel(nil)
		if before != nil {
			<-before
		}
		if back != nil {
			<-back.done
		}
		finish := s.runWork(ctx, w)
		close(w.done)
		s.post(func() {
			if s.work == w {
				s.work = nil
				if finish != nil && !s.ending {
					finish()
				}
			}
		})
	})
}

// runWork does the work and returns what the loop has to do afterwards, if this is
// still the newest work then.
func (s *Supervisor) runWork(ctx context.Context, w *work) (finish func()) {
	for run := w.hook; run; {
		if out, err := s.runHook(ctx); err != nil {
			return s.hookFailed(ctx, w, out, err)
		}
		_ = s.Sync(ctx) // what it wrote has been seen then; on error it comes later, as a change
		s.post(func() {
			w.ended = true
			s.hookSettled(w)
		})
		select {
		case <-w.resume:
			run = w.again
		case <-ctx.Done():
			return nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case w.kind == evReload:
		return func() { s.step(evReloaded) }
	case w.kind == evRebuild && s.o.Target.Kind == TargetPackage:
		return s.compile(ctx, w)
	case s.o.Target.Kind == TargetCommand:
		return func() { s.commandReady(w.number) }
	}
	return func() { s.cause = nil; s.step(evBuilt) }
}

// commandReady makes a counted step of a command that needs no build.
func (s *Supervisor) commandReady(number int) {
	s.program = program{build: number}
	s.cause = nil
	s.recordOutcome(inspect.BuildOK, BuildOutcome{}, false)
	s.step(evBuilt)
}

// hookSettled lets the work go on once the command has ended and all edits up to then
// have come as Changes.
func (s *Supervisor) hookSettled(w *work) {
	s.mu.Lock()
	dirty := s.dirty
	s.mu.Unlock()
	if s.work != w || !w.hook || !w.ended || dirty > 0 {
		return
	}
	c := w.during
	w.during, w.ended = Change{}, false
	w.again = false
	if !c.Empty() {
		s.pending(changeKind(c), c)
		w.cause = s.cause
		w.kind = s.kind
		w.rounds++
		w.again = w.rounds < maxHookRounds
		if !w.again {
			s.notice(fmt.Sprintf("the on-change command changes watched files each time it runs (%s); going on without another run",
				clip(strings.Join(append(append(c.Rebuild, c.Restart...), c.Reload...), ", "), 200)))
		}
	}
	w.hook = w.again
	w.resume <- struct{}{}
}

// runHook runs the on-change command and returns what it printed.
func (s *Supervisor) runHook(ctx context.Context) (string, error) {
	name, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		name, flag = "cmd", "/C"
	}
	cmd := exec.Command(name, flag, s.o.OnChange)
	cmd.Dir, cmd.Env = s.o.Dir, s.o.Env
	cmd.WaitDelay = drainWait // it may leave a process behind that holds the pipe
	var out limitedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	group, err := startGroup(cmd, s.spawner.start, false)
	if err != nil {
		return "", err
	}
	stop := group.killOnDone(ctx)
	err = cmd.Wait()
	stop()
	return out.String(), err
}

// hookFailed shows a failed on-change command as a failed build.
func (s *Supervisor) hookFailed(ctx context.Context, w *work, out string, err error) func() {
	if ctx.Err() != nil {
		return nil
	}
	return func() {
		if w.number == 0 {
			s.newBuild(s.cause, false)
		}
		s.buildFailed(BuildOutcome{Output: out, Diagnostics: []inspect.Diagnostic{{
			Severity: inspect.SeverityError, Code: codeHook,
			Message: fmt.Sprintf("the on-change command failed: %v\n%s\n%s", err, s.o.OnChange, strings.TrimSpace(clip(out, maxDiagnosticLen))),
		}}})
	}
}

func (s *Supervisor) stopRetry() {
	if s.retry != nil {
		s.retry.Stop()
	}
	s.mu.Lock()
	s.again = "" // told with the change of state that follows
	s.mu.Unlock()
}

// retryLater sets the timer for another try after a crash.
func (s *Supervisor) retryLater(ran time.Duration) {
	delay := s.backoff.next(ran)
	s.setNote(&s.again, "again in "+delay.String())
	s.retry = time.AfterFunc(delay, func() { s.post(func() { s.step(evRetry) }) })
}
