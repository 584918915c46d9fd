package reloader

import (
	"context"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// DebugProgram is the program of one build, linked once more with its DWARF data: for
// a debugger that reads a core of the one that runs. Both have the same text and the
// same symbols at the same addresses; the build ID and the recorded -ldflags differ.
// Its methods are safe for concurrent use.
type DebugProgram struct {
	Build int

	program program
	begun   bool // the loop's
	done    chan struct{}
	path    string
	err     error
}

// Done is closed when it is known whether there will be such a program.
func (d *DebugProgram) Done() <-chan struct{} { return d.done }

// Wait returns the absolute path of the program file, as soon as it is linked, or
// why there is none: the user's flags leave DWARF out, a newer change came first, it
// is switched off. The file stays as long as the build is among the newest or runs.
func (d *DebugProgram) Wait(ctx context.Context) (string, error) {
	select {
	case <-d.done:
		return d.path, d.err
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the debug data of build %d: %w", d.Build, ctx.Err())
	}
}

// Debug returns the program with DWARF of a build, which may still have to be linked.
// It is never nil; for a build that is not good, or older than those that are kept,
// Wait says so.
func (s *Supervisor) Debug(build int) *DebugProgram {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.debugs[build]; d != nil {
		return d
	}
	d := &DebugProgram{Build: build, done: make(chan struct{}), err: fmt.Errorf("debug data of build %d: it is not kept", build)}
	close(d.done)
	return d
}

// debugLink is the linking of one.
type debugLink struct {
	of     *DebugProgram
	ctx    context.Context
	cancel context.CancelCauseFunc
	linked bool // the loop's: it has ended, and counts if no edit was on its way
	path   string
	err    error
}

// newDebug notes that prog may be linked with DWARF once it has been started.
func (s *Supervisor) newDebug(prog program) {
	d := &DebugProgram{Build: prog.build, program: prog, done: make(chan struct{})}
	if s.o.NoDebug {
		d.begun, d.err = true, fmt.Errorf("debug data of build %d: it is switched off", d.Build)
		close(d.done)
	}
	s.dropDebugs(errSuperseded)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.debugs[d.Build] = d
}

// dropDebugs gives up those that have not been begun.
func (s *Supervisor) dropDebugs(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.debugs {
		if !d.begun {
			d.begun, d.err = true, fmt.Errorf("debug data of build %d: %w", d.Build, why)
			close(d.done)
		}
	}
}

func (s *Supervisor) forgetDebug(build int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.debugs, build)
}

// linkDebug links the program of this build with DWARF, once and at low priority,
// when nothing newer is being made.
func (s *Supervisor) linkDebug(build int) {
	s.mu.Lock()
	d := s.debugs[build]
	s.mu.Unlock()
	if d == nil || d.begun || s.work != nil || s.back != nil || s.ending {
		return
	}
	d.begun = true
	ctx, cancel := context.WithCancelCause(s.ctx)
	l := &debugLink{of: d, ctx: ctx, cancel: cancel}
	s.debug = l
	s.group.Go(func() {
		path, err := s.buildDebug(ctx, d.program)
		if err == nil {
			err = s.Sync(ctx) // an edit that it may have read has been through Dirty
		}
		s.post(func() {
			l.linked, l.path, l.err = true, path, err
			s.settleDebug()
		})
	})
}

// buildDebug returns the path of the program with DWARF.
func (s *Supervisor) buildDebug(ctx context.Context, prog program) (string, error) {
	p := s.o.Target.Package
	if value := decidesDWARF(p.GoFlags, s.o.BuildFlags); value != "" {
		if hasDWARF(prog.path) {
			return prog.path, nil
		}
		return "", fmt.Errorf("the build flag -ldflags=%q leaves it out", value)
	}
	req := BuildRequest{
		Package: p, Dir: filepath.Join(filepath.Dir(prog.path), "debug"), Low: true, DWARF: true,
		Go: prog.ins.Go, Env: joinEnv(s.o.Env, prog.ins.Env...), Flags: append(s.o.BuildFlags[:len(s.o.BuildFlags):len(s.o.BuildFlags)], prog.ins.flags()...),
	}
	out, err := s.o.Builder.Build(ctx, req)
	switch {
	case context.Cause(ctx) != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", err
	case !out.OK:
		return "", errors.New(firstError(out.Diagnostics))
	}
	return out.Program, nil
}

// settleDebug takes the result of the linking when all edits up to its end are
// understood. One of the source has canceled it by then.
func (s *Supervisor) settleDebug() {
	l := s.debug
	s.mu.Lock()
	dirty := s.dirty
	s.mu.Unlock()
	if l == nil || !l.linked || dirty > 0 {
		return
	}
	if cause := context.Cause(l.ctx); cause != nil {
		l.err = cause
	}
	s.finishDebug(l)
}

func (s *Supervisor) cancelDebug(why error) {
	s.dropDebugs(why)
	l := s.debug
	if l == nil {
		return
	}
	l.cancel(why)
	l.err = why
	s.finishDebug(l)
}

// finishDebug tells those who wait.
func (s *Supervisor) finishDebug(l *debugLink) {
	s.debug = nil
	l.cancel(nil)
	d := l.of
	if d.path = l.path; l.err != nil {
		d.path, d.err = "", fmt.Errorf("debug data of build %d: %w", d.Build, l.err)
	}
	close(d.done)
	s.updateBuild(d.Build, false, func(b *inspect.Build) { b.Debug = d.path })
	if s.o.OnDebug != nil {
		s.o.OnDebug(d)
	}
}

// hasDWARF reports whether the program file holds debug data.
func hasDWARF(path string) bool {
	var names []string
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		for _, s := range f.Sections {
			names = append(names, s.Name)
		}
	} else if f, err := macho.Open(path); err == nil {
		defer f.Close()
		for _, s := range f.Sections {
			names = append(names, s.Name)
		}
	} else if f, err := pe.Open(path); err == nil {
		defer f.Close()
		for _, s := range f.Sections {
			names = append(names, s.Name)
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, "debug_info") {
			return true
		}
	}
	return false
}

// buildInstrumented builds with the hooks. A build that may have failed for its
// Instrumentation.Debug alone is made once more without; if that helps, ins is so from
// then on. Else the first outcome stands.
func (s *Supervisor) buildInstrumented(ctx context.Context, w *work, ins *Instrumentation, checkCold bool) (BuildOutcome, error) {
	s.mu.Lock()
	strict := s.lane.strict
	s.mu.Unlock()
	if strict {
		ins.Debug = nil
	}
	failed, err := s.runBuild(ctx, w, ins, checkCold)
	if err != nil || failed.OK || len(ins.Debug) == 0 || !s.blamesDebug(failed.Diagnostics) {
		return failed, err
	}
	optimized := *ins
	optimized.Debug = nil
	out, err := s.runBuild(ctx, w, &optimized, checkCold)
	if err != nil || !out.OK {
		return failed, err
	}
	*ins = optimized
	s.setLane(func(l *lane) { l.strict = true })
	why := "the build fails without optimization: " + firstError(failed.Diagnostics)
	s.lose("some variables of panics", why)
	s.notice("some variables of panics are off: " + why)
	return out, nil
}

// blamesDebug reports whether a build may have failed for its Instrumentation.Debug
// alone: what is not optimized needs larger stack frames, and more of them.
func (s *Supervisor) blamesDebug(list []inspect.Diagnostic) bool {
	return !s.allOwn(list) || slices.ContainsFunc(list, func(d inspect.Diagnostic) bool {
		return strings.Contains(d.Message, "stack frame too large") || strings.Contains(d.Message, "nosplit")
	})
}
