package reloader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Times and bounds of the supervisor.
const (
	quietAfter     = time.Second            // a program that has not listened by then may never do so
	drainRequests  = time.Second            // for BeforeStop
	progressEvery  = 100 * time.Millisecond // between two reports of a build's progress
	keepBuilds     = 3                      // build folders; the one that runs is among the newest
	coldPackages   = 12                     // packages of others to compile before an instrumented build counts as cold
	maxHookRounds  = 3                      // runs of the on-change command in a row for what it writes itself
	maxHookOutput  = maxBuildOutput         // bytes kept of what it prints
	jobQueue       = 64                     // news on its way to the loop; senders wait when full
	panicLinesSeen = 50                     // lines searched for the reason of a crash
)

// Supervisor keeps the target built, running and current. Make one with [New] and
// call Run once. Its other methods are safe for concurrent use.
type Supervisor struct {
	o       Options
	feed    *outputFeed
	spawner *spawner
	jobs    chan func() // run by the loop, one at a time
	over    chan struct{}
	group   sync.WaitGroup // goroutines that Run waits for
	restart chan struct{}

	pubMu       sync.Mutex // held while callbacks run, which keeps them in order
	mu          sync.Mutex // guards what follows
	queue       []func()   // callbacks to be made
	m           machine
	dirty       int // edits seen, whose Change has not come
	last        StateChange
	end         string // how the process ended, for the state's detail
	note        string // more of the running state: instrumenting
	again       string // more of the state after a crash: the delay to the next try
	build       inspect.Build
	cur         *process // nil when none runs
	side        *process // the next one, while it starts beside cur
	lost        []lostFeature
	code        int
	leaving     bool // the target was sent a signal that asks for its end
	lane        lane
	number      int       // of the newest build
	reported    time.Time // its progress, last
	provisional bool      // its diagnostics are our own parser's
	cols        uint16
	rows        uint16
	debugs      map[int]*DebugProgram // by build
	starts      int                   // of processes
	leading     int                   // the start that the addresses are for; 0 for none
	handed      sync.Cond             // on mu: cur has changed, or nothing is handed on any more
	quit        bool                  // the loop is over

	// The loop's own.
	ctx      context.Context
	live     map[*process]bool
	sideNext bool // start a process beside cur when side is gone
	program  program
	work     *work
	back     *work      // the instrumented build beside a plain program
	debug    *debugLink // the newest; nil before the first
	retry    *time.Timer
	backoff  backoff
	listened bool // some process of this run has
	ending   bool
	replaced *process      // by the one that has been beside it, until it is asked to end
	ran      time.Duration // how long the process that crashed had lived
	vacated  []string      // addresses that the plain program had, until the swap
	kind     event         // how far the next work goes
	cause    []string      // files since the last good build
	reload   []string      // files for browsers that nobody has been told of
}

// program is a built program, or the command.
type program struct {
	path         string
	build        int
	instrumented bool
	ins          Instrumentation // when instrumented
}

// lostFeature is a feature that is off and why.
type lostFeature struct{ name, why string }

// New returns a supervisor. It starts nothing.
func New(o Options) (*Supervisor, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.fill(); err != nil {
		return nil, fmt.Errorf("supervise %s: %w", o.Target, err)
	}
	s := &Supervisor{
		o: o, jobs: make(chan func(), jobQueue), over: make(chan struct{}),
		restart: make(chan struct{}, 1),
		debugs:  map[int]*DebugProgram{},
		live:    map[*process]bool{}, number: o.FirstBuild, cols: o.Cols, rows: o.Rows,
	}
	s.handed.L = &s.mu
	s.feed = newOutputFeed(func(line inspect.Output) { s.o.Notify(inspect.OutputWritten{Output: line}) })
	if o.Target.Kind == TargetNone {
		s.m.proc = procRunning
	}
	s.last = StateChange{State: s.m.shown(), Since: time.Now(), Open: s.m.open(s.policy()), Recording: s.recording()}
	return s, nil
}

// Run builds and starts the target and keeps it current until ctx ends. It returns
// when every process, goroutine and callback is over; nil unless it could not begin.
func (s *Supervisor) Run(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(s.o.StateDir, "builds"), 0o700); err != nil {
		return fmt.Errorf("supervise %s: %w", s.o.Target, err)
	}
	s.spawner = newSpawner()
	if s.o.Builder == nil {
		s.o.Builder = GoBuilder{Start: s.spawner.start}
	}
	go s.feed.run()
	defer s.feed.close()
	defer s.spawner.close()
	pump, err := s.openStdin()
	if err != nil {
		return fmt.Errorf("supervise %s: read the terminal: %w", s.o.Target, err)
	}
	defer pump.close()
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.ctx = background
	s.loop(ctx)
	cancel()
	s.endInput()
	close(s.over)
	s.group.Wait()
	return nil
}

func (s *Supervisor) openStdin() (*stdinPump, error) {
	if !isTerminal(s.o.Stdin) {
		return nil, nil
	}
	return newStdinPump(s.o.Stdin, s.typed)
}

// loop is the one place that acts on events.
func (s *Supervisor) loop(ctx context.Context) {
	var changes <-chan Change
	if s.o.Watcher != nil {
		changes = s.o.Watcher.Changes()
	}
	s.publishState()
	s.begin()
	done := ctx.Done()
	for {
		select {
		case <-done:
			done, changes = nil, nil
			s.ending = true
			s.step(evOver)
		case c, ok := <-changes:
			if !ok {
				changes = nil
				continue
			}
			s.change(c)
		case job := <-s.jobs:
			job()
		case <-s.restart:
			s.restarted()
		}
		if done == nil && len(s.live) == 0 && s.work == nil && s.back == nil {
			return
		}
	}
}

// begin starts the first build, or the command.
func (s *Supervisor) begin() {
	if s.o.Target.Kind != TargetNone {
		s.step(evRebuild)
	}
}

// post hands a job to the loop. After the loop's end it is dropped.
func (s *Supervisor) post(job func()) {
	select {
	case s.jobs <- job:
	case <-s.over:
	}
}

// Restart ends the process and starts the newest program, building it first if the
// last build failed.
func (s *Supervisor) Restart() {
	select {
	case s.restart <- struct{}{}:
	default: // one is asked for already
	}
}

// restarted does what Restart asks for.
func (s *Supervisor) restarted() {
	s.stopRetry()
	s.backoff.reset()
	s.setLane(func(l *lane) { l.broken = false })
	s.step(evKey)
}

// Listening says that the process of this start accepts connections. Its agent's
// link calls it. Of a process that is gone, or is being replaced, it means nothing.
func (s *Supervisor) Listening(start int) {
	s.post(func() {
		if p := s.newest(); p != nil && p.number == start {
			s.heard(p)
		}
	})
}

// Leads reports whether the addresses that the process of this start asks for are
// the target's: false once a later one has been started, unless that has ended
// before it took over.
func (s *Supervisor) Leads(start int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leading == start
}

// Dirty says that an edit was seen whose meaning is not known yet. The gate is closed
// when it returns. The watcher calls it on the goroutine that reads its events.
func (s *Supervisor) Dirty(string) {
	if s.o.Target.Kind == TargetNone {
		return
	}
	s.mu.Lock()
	s.dirty++
	s.m, _ = next(s.m, evDirty, s.policy())
	s.enter()
	s.mu.Unlock()
	s.publish()
}

// Sync returns when every edit finished before the call has closed the gate, if it
// has to.
func (s *Supervisor) Sync(ctx context.Context) error {
	if s.o.Watcher == nil {
		return nil
	}
	return s.o.Watcher.Sync(ctx)
}

// Signal sends a signal that asks for the end to the target's process group. What ends
// by it has not crashed.
func (s *Supervisor) Signal(sig os.Signal) error {
	s.mu.Lock()
	p := s.cur
	s.leaving = p != nil
	s.mu.Unlock()
	if p == nil {
		return errors.New("signal the program: it does not run")
	}
	return p.group.signal(sig)
}

// Kill ends all processes of the target at once, whatever of their grace is left.
func (s *Supervisor) Kill() {
	s.post(func() {
		for p := range s.live {
			p.asked = true
			p.hurry()
		}
	})
}

// Resize sets the size of the target's terminals.
func (s *Supervisor) Resize(cols, rows uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cols, s.rows = cols, rows
	for _, p := range []*process{s.cur, s.side} {
		if p == nil {
			continue
		}
		for _, f := range p.streams.ptys {
			p.streams.resize(f, cols, rows)
		}
	}
}

// LastOutput returns up to n of the newest output lines, oldest first. At most 200
// are kept.
func (s *Supervisor) LastOutput(n int) []inspect.Output {
	return s.feed.last(n)
}

// ExitCode returns the exit code of the last process that ended, as a shell shows it
// (128 and the signal's number), or 0 when none has.
func (s *Supervisor) ExitCode() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}

// Snapshot is the supervisor's part of [inspect.Status].
type Snapshot struct {
	State     inspect.State
	Detail    string
	Since     time.Time
	PID       int            // of the target; 0 when none runs
	Build     *inspect.Build // the newest, finished or not
	Recording bool
	Lost      []string
}

// Status returns how things stand.
func (s *Supervisor) Status() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	detail := s.detail(s.last.State)
	if b := s.build; b.Result == inspect.BuildUnfinished && b.Total > 0 {
		detail = joinDetail(detail, fmt.Sprintf("%d of %d packages", b.Done, b.Total))
	}
	snap := Snapshot{
		State: s.last.State, Since: s.last.Since, Detail: detail,
		Recording: s.recording(), Build: s.buildCopy(),
	}
	if s.cur != nil {
		snap.PID = s.cur.group.pid
	}
	for _, l := range s.lost {
		snap.Lost = append(snap.Lost, l.name+": "+l.why)
	}
	return snap
}
