package reloader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// lane says which kind of build comes first. An instrumented build is warm when std
// and the dependencies were compiled with the hooks before; a cold one takes minutes
// on a large app, so the plain program runs first. Whether it is cold shows as it
// runs, by the packages that it begins to compile: what they took is not lost.
type lane struct {
	cold   bool // the last instrumented build turned out to be
	broken bool // it fails where the plain one works
	strict bool // it fails with Instrumentation.Debug
}

// errCold ends an instrumented build that would take long.
var errCold = errors.New("packages of others have to be compiled with the hooks first")

// setLane changes the lane.
func (s *Supervisor) setLane(f func(*lane)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.lane)
}

// compile builds the newest source, instrumented when that is quick, else plain, and
// returns what the loop does with it.
func (s *Supervisor) compile(ctx context.Context, w *work) (finish func()) {
	number := w.number
	refreshed := s.refreshBeside(ctx, w)
	parsed := make(chan struct{})
	parseCtx, stopParse := context.WithCancel(ctx)
	go func() {
		defer close(parsed)
		early := syntaxErrors(parseCtx, s.o.Target.Package.ModuleRoot, w.cause)
		if len(early) > 0 && parseCtx.Err() == nil {
			s.post(func() { s.found(w, early, true) })
		}
	}()
	out, prog, err := s.buildEither(ctx, w)
	stopParse()
	<-parsed
	stale := <-refreshed
	if stale != nil && out.OK && ctx.Err() == nil { // else the build says it
		s.notice("watching what was watched before: " + stale.Error())
	}
	return func() { s.compiled(number, out, prog, err) }
}

// buildEither tries the instrumented build and falls back to the plain one.
func (s *Supervisor) buildEither(ctx context.Context, w *work) (BuildOutcome, program, error) {
	plain := func() (BuildOutcome, program, error) {
		out, err := s.runBuild(ctx, w, nil, false)
		return out, program{path: out.Program, build: w.number}, err
	}
	s.mu.Lock()
	first := s.lane
	s.mu.Unlock()
	if s.o.Instrument == nil || first.cold || first.broken {
		return plain()
	}
	ins, err := s.o.Instrument(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.giveUpAgent(err.Error())
		}
		return plain()
	}
	s.lose("instrumentation", strings.Join(ins.Lost, "; "))
	out, err := s.buildInstrumented(ctx, w, &ins, !s.o.Patient)
	switch {
	case errors.Is(err, errCold):
		s.setLane(func(l *lane) { l.cold = true })
		return plain()
	case err != nil || out.OK:
		return out, program{path: out.Program, build: w.number, instrumented: true, ins: ins}, err
	case s.allOwn(out.Diagnostics):
		return out, program{}, nil
	}
	plainOut, prog, err := plain()
	if err == nil && plainOut.OK {
		s.giveUpAgent("the build fails with it: " + firstError(out.Diagnostics))
	}
	return plainOut, prog, err
}

// allOwn reports whether every error lies in the user's own source, which means that
// the instrumentation is not to blame.
func (s *Supervisor) allOwn(list []inspect.Diagnostic) bool {
	return !slices.ContainsFunc(list, func(d inspect.Diagnostic) bool { return !s.own(d) })
}

func (s *Supervisor) own(d inspect.Diagnostic) bool {
	if d.Path == "" || strings.Contains(d.Message, "Pastedev") { // what the overlay's text in the user's files calls
		return false
	}
	if rel, err := filepath.Rel(s.o.StateDir, d.Path); err == nil && filepath.IsLocal(rel) {
		return false
	}
	return s.o.Target.Package.isOwnFile(d.Path)
}

func firstError(list []inspect.Diagnostic) string {
	for _, d := range list {
		if d.Severity == inspect.SeverityError {
			text, _, _ := strings.Cut(d.Message, "\n")
			if d.File != "" {
				text = fmt.Sprintf("%s:%d: %s", d.File, d.Line, text)
			}
			return text
		}
	}
	return "no reason given"
}

// giveUpAgent goes on with plain builds until the dependencies change.
func (s *Supervisor) giveUpAgent(why string) {
	s.setLane(func(l *lane) { l.broken = true })
	s.lose("recording", why)
	s.notice("recording is off: " + why)
}

// runBuild runs one build of w, plain without ins. With checkCold it ends with errCold
// when packages that are not the user's have to be compiled.
func (s *Supervisor) runBuild(ctx context.Context, w *work, ins *Instrumentation, checkCold bool) (BuildOutcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := s.o.Target.Package
	name := strconv.Itoa(w.number)
	req := BuildRequest{Package: p, Flags: s.o.BuildFlags, Env: s.o.Env, Low: w.low}
	if ins != nil {
		name += "-instrumented"
		req.Flags = append(slices.Clone(req.Flags), ins.flags()...)
		req.Env = joinEnv(req.Env, ins.Env...)
		req.Go = ins.Go
	}
	req.Dir = filepath.Join(s.o.StateDir, "builds", name)
	var foreign atomic.Int64
	req.Compiling = func(pkg string) {
		if checkCold && !p.isOwn(pkg) && foreign.Add(1) >= coldPackages {
			cancel(errCold)
		}
	}
	req.Diagnostic = func(d inspect.Diagnostic) {
		if !w.low && (ins == nil || s.own(d)) {
			s.post(func() { s.found(w, []inspect.Diagnostic{d}, false) })
		}
	}
	req.Progress = func(done, total int) { s.progress(w.number, done, total) }
	s.updateBuild(w.number, true, func(b *inspect.Build) { b.Instrumented = ins != nil })
	out, err := s.o.Builder.Build(ctx, req)
	if err != nil && context.Cause(ctx) != nil {
		return out, context.Cause(ctx)
	}
	return out, err
}

// newBuild begins the record of a build and returns its number. One that has not
// ended was canceled.
func (s *Supervisor) newBuild(cause []string, instrumented bool) int {
	s.mu.Lock()
	if s.build.Number > 0 && s.build.Result == inspect.BuildUnfinished {
		s.finishRecord(inspect.BuildCanceled)
	}
	s.number++
	if s.o.NextBuild != nil {
		s.number = s.o.NextBuild()
	}
	s.build = inspect.Build{Number: s.number, Start: time.Now(), Cause: cause, Instrumented: instrumented}
	s.provisional, s.reported = false, time.Time{}
	number := s.number
	s.announceBuild()
	s.enter() // the state is about this build from here on
	s.mu.Unlock()
	s.publish()
	return number
}

// finishRecord gives the newest build its result. The caller holds mu.
func (s *Supervisor) finishRecord(result inspect.BuildResult) {
	s.build.Result = result
	s.build.Duration = inspect.Millis(time.Since(s.build.Start))
	if s.onlyStarts() {
		s.build.Duration = 0
	}
	s.announceBuild()
}

// onlyStarts reports whether the target has no build step: then the number of a build only
// counts the starts.
func (s *Supervisor) onlyStarts() bool {
	return s.o.Target.Kind == TargetCommand && s.o.OnChange == ""
}

// announceBuild queues the news of the record, unless the target has no build step. The
// caller holds mu.
func (s *Supervisor) announceBuild() {
	if s.onlyStarts() {
		return
	}
	b := *s.buildCopy()
	s.queue = append(s.queue, func() { s.o.Notify(inspect.BuildChanged{Build: b}) })
}

// updateBuild changes the record of the newest build if it has this number.
func (s *Supervisor) updateBuild(number int, announce bool, f func(*inspect.Build)) {
	s.mu.Lock()
	if s.build.Number != number {
		s.mu.Unlock()
		return
	}
	f(&s.build)
	if announce {
		s.announceBuild()
	}
	s.mu.Unlock()
	s.publish()
}

// progress notes how far a build is, and tells it now and then.
func (s *Supervisor) progress(number, done, total int) {
	s.mu.Lock()
	tell := time.Since(s.reported) >= progressEvery
	if tell {
		s.reported = time.Now()
	}
	s.mu.Unlock()
	s.updateBuild(number, tell, func(b *inspect.Build) { b.Done, b.Total = done, total })
}

// found shows diagnostics while the build still runs. Early ones come from our own
// parser and make room for the compiler's.
func (s *Supervisor) found(w *work, list []inspect.Diagnostic, early bool) {
	if s.work != w {
		return
	}
	if !w.watched {
		w.held = append(w.held, func() { s.found(w, list, early) })
		return
	}
	s.mu.Lock()
	if early && len(s.build.Diagnostics) > 0 {
		s.mu.Unlock()
		return
	}
	if s.provisional && !early {
		s.build.Diagnostics = nil
	}
	s.provisional = early
	s.build.Diagnostics = append(s.build.Diagnostics, list...)
	s.announceBuild()
	s.mu.Unlock()
	if hasError(list) {
		s.step(evBuildFailed)
		return
	}
	s.publish()
}

// compiled takes the result of the newest build.
func (s *Supervisor) compiled(number int, out BuildOutcome, prog program, err error) {
	if err != nil {
		out.Diagnostics = append(out.Diagnostics, inspect.Diagnostic{
			Severity: inspect.SeverityError, Code: codeList, Message: err.Error(),
		})
		out.OK = false
	}
	if !out.OK {
		s.buildFailed(out)
		return
	}
	s.program = prog
	s.cause = nil
	s.newDebug(prog)
	s.recordOutcome(inspect.BuildOK, out, prog.instrumented)
	s.pruneBuilds()
	s.step(evBuilt)
	s.mu.Lock()
	broken := s.lane.broken
	s.mu.Unlock()
	if !prog.instrumented && s.o.Instrument != nil && !broken {
		s.startBack()
	}
}

// recordOutcome ends the record of the newest build.
func (s *Supervisor) recordOutcome(result inspect.BuildResult, out BuildOutcome, instrumented bool) {
	s.mu.Lock()
	s.build.Diagnostics, s.build.Output = out.Diagnostics, out.Output
	s.build.Done, s.build.Total = out.Done, out.Total
	s.build.Instrumented = instrumented
	s.provisional = false
	s.finishRecord(result)
	s.mu.Unlock()
	s.publish()
}

// buildFailed ends the newest build as failed.
func (s *Supervisor) buildFailed(out BuildOutcome) {
	s.mu.Lock()
	instrumented := s.build.Instrumented
	s.mu.Unlock()
	s.recordOutcome(inspect.BuildFailed, out, instrumented)
	s.step(evBuildFailed)
}

// startBack makes the instrumented build beside the plain program.
func (s *Supervisor) startBack() {
	ctx, cancel := context.WithCancelCause(s.ctx)
	b := &work{kind: evRebuild, low: true, cancel: cancel, done: make(chan struct{})}
	b.number = s.newBuild(nil, true)
	s.back = b
	s.setNote(&s.note, "recording starts when the program is built with the hooks, once")
	s.group.Go(func() {
		defer cancel(nil)
		var out BuildOutcome
		ins, err := s.o.Instrument(ctx)
		if err == nil {
			s.lose("instrumentation", strings.Join(ins.Lost, "; "))
			out, err = s.buildInstrumented(ctx, b, &ins, false)
			b.ins = ins
		}
		canceled := ctx.Err() != nil
		close(b.done)
		s.post(func() { s.backDone(b, out, err, canceled) })
	})
}

// backDone puts the instrumented program in the place of the plain one.
func (s *Supervisor) backDone(b *work, out BuildOutcome, err error, canceled bool) {
	if s.back != b {
		return
	}
	s.back = nil
	s.setNote(&s.note, "")
	switch {
	case canceled:
		return
	case err != nil:
		s.recordOutcome(inspect.BuildFailed, out, true)
		s.giveUpAgent(err.Error())
		s.linkDebug(s.program.build)
		return
	case !out.OK:
		s.recordOutcome(inspect.BuildFailed, out, true)
		s.giveUpAgent("the build fails with it: " + firstError(out.Diagnostics))
		s.linkDebug(s.program.build)
		return
	}
	s.setLane(func(l *lane) { l.cold = false })
	s.recordOutcome(inspect.BuildOK, out, true)
	s.program = program{path: out.Program, build: b.number, instrumented: true, ins: b.ins}
	s.newDebug(s.program)
	s.pruneBuilds()
	s.step(evBuilt)
}

// setNote changes what the state's detail says besides (s.note or s.again), and tells
// it.
func (s *Supervisor) setNote(which *string, note string) {
	s.mu.Lock()
	*which = note
	s.enter()
	s.mu.Unlock()
	s.publish()
}

// pruneBuilds removes the folders of all but the newest builds and the one that runs.
func (s *Supervisor) pruneBuilds() {
	dir := filepath.Join(s.o.StateDir, "builds")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	running := map[string]bool{filepath.Dir(s.program.path): true}
	for p := range s.live {
		running[filepath.Dir(p.cmd.Path)] = true
	}
	for _, e := range entries {
		digits, _, _ := strings.Cut(e.Name(), "-")
		n, err := strconv.Atoi(digits)
		path := filepath.Join(dir, e.Name())
		if err == nil && n <= s.number-keepBuilds && !running[path] {
			_ = os.RemoveAll(path) // tried again after the next build
			s.forgetDebug(n)
		}
	}
}
