package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/snapshot"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/link"
)

const (
	keepCores = 5       // of them the newest, as evaluating needs them
	coreBytes = 2 << 30 // on disk, all together
	// evalIdle is how long the helper of the last question stays, with the debug data
	// that it has read.
	evalIdle = time.Minute
	// evalPatience bounds one question, the wait for debug data included.
	evalPatience = 30 * time.Second
)

// snapshots freezes the target and reads what was frozen, in helper processes: this
// program again, with the hidden command snapshotCommand.
type snapshots struct {
	root  string   // of the module
	dir   string   // of the cores
	argv  []string // of the helper
	debug func(build int) *reloader.DebugProgram
	life  context.Context // of the session

	mu    sync.Mutex        // not held while anything is read
	cores map[int64]*frozen // by trace

	asking sync.Mutex // one question at a time
	eval   *evaluator // of the last question, nil when idle
}

// frozen is one snapshot.
type frozen struct {
	core      string
	pause     inspect.Millis
	goroutine int64
	build     int
	message   string
	helper    *snapshot.Session // that took it, until read
	stack     *snapshot.Stack   // read already, as there is no core
}

// evaluator is a helper that has a core open.
type evaluator struct {
	session *snapshot.Session
	kill    context.CancelFunc
	timer   *time.Timer
}

func (s *snapshots) freeze(ctx context.Context, p link.Panicked) (*frozen, error) {
	h, err := snapshot.Start(ctx, s.argv)
	if err != nil {
		return nil, err
	}
	f := &frozen{
		core:      filepath.Join(s.dir, fmt.Sprintf("%s-%d%s", time.Now().Format("20060102-150405.000"), p.ID, snapshot.Suffix)),
		goroutine: p.Trace.Goroutine, build: p.Trace.Build, message: p.Trace.Message, helper: h,
	}
	if err := s.take(ctx, f, p); err != nil {
		h.Close()
		return nil, err
	}
	return f, nil
}

// take writes the core. Of a program too large for one it reads the frames at once,
// while the goroutine waits.
func (s *snapshots) take(ctx context.Context, f *frozen, p link.Panicked) error {
	const patience = 10 * time.Second // as long as the goroutine waits
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.Hold.Allow(wait, f.helper.PID()); err != nil {
		return fmt.Errorf("locals are off: %w", err)
	}
	a, err := f.helper.Do(snapshot.Request{Take: &snapshot.TakeOptions{PID: p.PID, Path: f.core}})
	if err == nil {
		f.pause = a.Info.Pause
		return nil
	}
	twin := s.debug(f.build)
	select {
	case <-twin.Done():
	default:
		return err // the reader would have to wait for it
	}
	exe, missing := twin.Wait(wait)
	if snapshot.KindOf(err) != snapshot.KindTooLarge || missing != nil {
		return err
	}
	began := time.Now()
	f.stack, err = s.ask(f, snapshot.Source{PID: p.PID, Exe: exe, Config: snapshot.LoadConfig{Root: s.root}})
	f.core, f.pause = "", inspect.Millis(time.Since(began))
	return err
}

func (s *snapshots) read(ctx context.Context, f *frozen, t *inspect.Trace) (string, error) {
	defer f.helper.Close()                            // it has nothing more to say
	defer snapshot.Prune(s.dir, keepCores, coreBytes) // what stays too long is only disk
	if f.stack == nil {
		exe, err := s.debug(f.build).Wait(ctx)
		if err != nil {
			return "", fmt.Errorf("locals are off: %w", err)
		}
		if f.stack, err = s.ask(f, s.source(f, exe)); err != nil {
			return "", err
		}
	}
	stack := f.stack
	f.stack = nil // the trace has it
	t.Frames = stack.Frames
	return stack.Why, nil
}

// source is the core of f and how it is read.
func (s *snapshots) source(f *frozen, exe string) snapshot.Source {
	return snapshot.Source{Core: f.core, Exe: exe, Config: snapshot.LoadConfig{Root: s.root}}
}

// ask reads the frames of the goroutine that panicked.
func (s *snapshots) ask(f *frozen, from snapshot.Source) (*snapshot.Stack, error) {
	a, err := f.helper.Do(snapshot.Request{Read: &snapshot.ReadRequest{
		Source: from, Goroutines: []int64{f.goroutine}, Message: f.message,
	}})
	switch {
	case err != nil:
		return nil, err
	case len(a.Stacks) == 0:
		return nil, errors.New("the snapshot holds no goroutine")
	case a.Stacks[0].Error != nil:
		return nil, a.Stacks[0].Error
	}
	return &a.Stacks[0], nil
}

func (s *snapshots) keep(f *frozen, id int64) {
	if f.core == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cores == nil {
		s.cores = make(map[int64]*frozen)
	}
	s.cores[id] = f
	for len(s.cores) > keepCores {
		oldest := id
		for other := range s.cores {
			oldest = min(oldest, other)
		}
		delete(s.cores, oldest)
	}
}

// discard removes a snapshot whose panic does not matter, so that it does not take the
// place of one that does.
func (s *snapshots) discard(f *frozen) {
	if f.core != "" {
		_ = os.Remove(f.core) // pruned already, or it will be
	}
}

// clear removes all snapshots: they hold the memory of a program, secrets and all, and
// without their traces nobody asks about them.
func (s *snapshots) clear() {
	entries, _ := os.ReadDir(s.dir) // a folder that does not exist holds none
	for _, e := range entries {
		if strings.HasSuffix(strings.TrimSuffix(e.Name(), ".part"), snapshot.Suffix) {
			_ = os.Remove(filepath.Join(s.dir, e.Name())) // the next run tries again
		}
	}
}

// errNoSnapshot says that a trace cannot be asked about.
var errNoSnapshot = errors.New("no snapshot of this trace is kept: only the newest five are, and only of panics with locals")

// evaluate answers what an expression is worth in a frame of a trace.
func (s *snapshots) evaluate(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
	ctx, cancel := context.WithTimeout(ctx, evalPatience)
	defer cancel()
	s.mu.Lock()
	f := s.cores[trace]
	s.mu.Unlock()
	if f == nil {
		return inspect.Variable{}, errNoSnapshot
	}
	exe, err := s.debug(f.build).Wait(ctx)
	if err != nil {
		return inspect.Variable{}, err
	}
	s.asking.Lock()
	defer s.asking.Unlock()
	if err := ctx.Err(); err != nil {
		return inspect.Variable{}, err
	}
	if s.eval == nil {
		life, kill := context.WithCancel(s.life) // beyond ctx, until evalIdle
		h, err := snapshot.Start(life, s.argv)
		if err != nil {
			kill()
			return inspect.Variable{}, err
		}
		e := &evaluator{session: h, kill: kill}
		e.timer = time.AfterFunc(evalIdle, func() { s.endEval(e) })
		s.eval = e
	}
	s.eval.timer.Reset(evalIdle)
	defer context.AfterFunc(ctx, s.eval.kill)()
	a, err := s.eval.session.Do(snapshot.Request{Eval: &snapshot.EvalRequest{
		Source: s.source(f, exe), Goroutine: f.goroutine, Frame: frame, Expr: expr,
	}})
	if snapshot.KindOf(err) == snapshot.KindFailed && err != nil {
		s.stopEval()
	}
	if err != nil {
		return inspect.Variable{}, whereIn(expr, err)
	}
	return *a.Variable, nil
}

// whereIn adds the place of a wrong expression's fault.
func whereIn(expr string, err error) error {
	wrong, ok := errors.AsType[*snapshot.Error](err)
	if !ok || wrong.Column < 1 || wrong.Column > len(expr)+1 {
		return err
	}
	return fmt.Errorf("%w\nhint: at column %d of %s", err, wrong.Column, expr)
}

// endEval ends e if it is still the one in use.
func (s *snapshots) endEval(e *evaluator) {
	s.asking.Lock()
	defer s.asking.Unlock()
	if s.eval == e {
		s.stopEval()
	}
}

// stopEval ends the helper. The caller holds asking.
func (s *snapshots) stopEval() {
	if s.eval != nil {
		s.eval.timer.Stop()
		_ = s.eval.session.Close() // it has been killed or has nothing to say
		s.eval.kill()
		s.eval = nil
	}
}

// close ends what is being asked, and removes the snapshots. The session's life must be
// over.
func (s *snapshots) close() {
	s.asking.Lock()
	defer s.asking.Unlock()
	s.stopEval()
	s.clear()
}
